// Drools on the JVM, by its executable model, to which DRL compiles too. The first line of the input is the lists of
// codes and the lines to decide, answered by what is told of them; each further line asks for a round, answered by its
// microseconds a line.

import static org.drools.model.DSL.declarationOf;
import static org.drools.model.DSL.globalOf;
import static org.drools.model.DSL.on;
import static org.drools.model.PatternDSL.pattern;
import static org.drools.model.PatternDSL.rule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.drools.model.Global;
import org.drools.model.PatternDSL.PatternDef;
import org.drools.model.Rule;
import org.drools.model.Variable;
import org.drools.model.functions.Predicate1;
import org.drools.model.impl.ModelImpl;
import org.drools.modelcompiler.KieBaseBuilder;
import org.kie.api.runtime.KieSession;
import org.kie.api.runtime.rule.FactHandle;

public class Drools {
    static final int BEGUN = 20220108, DIVIDED = 20231001, CHANGE = 20241001;

    public record Line(int day, String code, String drug, String route, String purpose, List<String> diagnoses) {}

    static final ObjectMapper MAPPER = new ObjectMapper();
    static final Global<Set> TOLD = globalOf(Set.class, "iv", "told");
    static List<String> drugs, pain, divided, psychiatric;
    static Set<String> exactly;

    static List<String> texts(JsonNode node) {
        List<String> found = new ArrayList<>();
        node.forEach(each -> found.add(each.asText()));
        return found;
    }

    static boolean begins(String code, List<String> with) {
        for (String each : with) if (code.startsWith(each)) return true;
        return false;
    }

    static boolean notValid(Line line) {
        return line.code().equals("J2001") ? line.day() >= CHANGE
            : (line.code().equals("J2002") || line.code().equals("J2003")) && line.day() < CHANGE;
    }

    static boolean painful(Line line) {
        for (String code : line.diagnoses())
            if (begins(code, pain) || exactly.contains(code) || (line.day() >= DIVIDED && begins(code, divided)))
                return true;
        return false;
    }

    static boolean psychiatric(Line line) {
        for (String code : line.diagnoses()) if (begins(code, psychiatric)) return true;
        return false;
    }

    @SafeVarargs
    static Rule tells(String text, Predicate1<Line>... conditions) {
        Variable<Line> line = declarationOf(Line.class);
        PatternDef<Line> asked = pattern(line);
        int number = 0;
        for (Predicate1<Line> condition : conditions) asked = asked.expr(text + number++, condition);
        return rule("iv", text).build(asked, on(TOLD).execute(told -> told.add(text)));
    }

    static KieSession session() {
        Predicate1<Line> stands = line -> line.day() >= BEGUN;
        Predicate1<Line> valid = line -> !notValid(line);
        Predicate1<Line> drug = line -> drugs.contains(line.drug());
        Predicate1<Line> route = line -> line.route().equals("intravenous");
        Predicate1<Line> purpose = line -> line.purpose().equals("treatment");
        ModelImpl model = new ModelImpl();
        model.addGlobal(TOLD);
        model.addRule(tells("not_in_force", line -> line.day() < BEGUN));
        model.addRule(tells("code_not_valid", stands, Drools::notValid));
        model.addRule(tells("A", stands, valid, drug, route, purpose, Drools::painful));
        model.addRule(tells("B", stands, valid, drug, route, purpose, Drools::psychiatric));
        return KieBaseBuilder.createKieBaseFromModel(model).newKieSession();
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        JsonNode handed = MAPPER.readTree(input.readLine());
        drugs = texts(handed.get("drugs"));
        pain = texts(handed.get("pain"));
        divided = texts(handed.get("divided"));
        exactly = Set.copyOf(texts(handed.get("exactly")));
        psychiatric = texts(handed.get("psychiatric"));
        List<Line> lines = new ArrayList<>();
        for (JsonNode line : handed.get("lines"))
            lines.add(new Line(line.get("day").asInt(), line.get("code").asText(), line.get("drug").asText(),
                line.get("route").asText(), line.get("purpose").asText(), texts(line.get("diagnoses"))));
        KieSession session = session();
        Set<String> told = new TreeSet<>();
        session.setGlobal("told", told);
        List<String> answers = new ArrayList<>();
        for (Line line : lines) answers.add(ask(session, told, line));
        System.out.println(MAPPER.writeValueAsString(answers));
        for (int at = 0; at < handed.get("warm").asInt(); at++) round(session, told, lines);
        while (input.readLine() != null) System.out.println(round(session, told, lines));
    }

    static String ask(KieSession session, Set<String> told, Line line) {
        FactHandle handle = session.insert(line);
        session.fireAllRules();
        session.delete(handle);
        String found = String.join("", told);
        told.clear();
        return found;
    }

    static double round(KieSession session, Set<String> told, List<Line> lines) {
        long start = System.nanoTime();
        for (Line line : lines) ask(session, told, line);
        return (System.nanoTime() - start) / 1000.0 / lines.size();
    }
}
