"""The same policy in other engines, beside policyc: the bare rules, and the whole job.

    pip install -r benchmarks/peers.txt
    npm install --no-package-lock --prefix benchmarks/engines
    python benchmarks/peers.py [ROUNDS]

An engine that is not installed is left out, with a line that says so.
"""

# ruff: noqa: ANN001

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import hosted  # noqa: E402
import plain  # noqa: E402
import report  # noqa: E402
import single  # noqa: E402
from engines import (  # noqa: E402
    Engine,
    Facts,
    cedar,
    cel,
    clingo,
    clips,
    durable,
    elsewhere,
    json_logic,
    openfisca,
    rego,
    zen,
)

from compiler.runtime.adjudicate import find  # noqa: E402
from compiler.runtime.derive import derive  # noqa: E402
from compiler.runtime.reader import read_claim  # noqa: E402
from policyc import Policy, load  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
LINES = 200
DRUGS = ["ketamine", "lidocaine", "esketamine", "propofol"]
ENGINES: dict[str, Callable[[], Engine]] = {
    "ZEN (zen-engine)": zen.engine,
    "CEL in C++ (cel-expr-python)": cel.in_c,
    "CEL in Rust (common-expression-language)": cel.in_rust,
    "Rego (regorus, by gordon-to-regorus)": rego.engine,
    "JsonLogic (panzi-json-logic)": json_logic.engine,
    "CLIPS (clipspy)": clips.engine,
    "durable_rules": durable.engine,
    "Cedar (cedarpy)": cedar.engine,
    "OpenFisca": openfisca.engine,
    "clingo": clingo.engine,
}
ELSEWHERE = {
    "JsonLogic on Node (json-logic-engine)": elsewhere.node,
    "Drools on the JVM": elsewhere.drools,
}
PACKAGES = (ROOT / "benchmarks" / "peers.txt").read_text().split()
WHOLE, RULES = "policyc, whole decision of the raw claim", "policyc, its rules alone"


def a_line(draw: random.Random) -> Facts:
    """A line as the others are handed it."""
    return {
        "day": int(draw.choice(single.DAYS).replace("-", "")),
        "code": draw.choice(single.CODES),
        "drug": draw.choice(DRUGS),
        "route": draw.choice(["intravenous", "intravenous", "oral"]),
        "purpose": draw.choice(["treatment", "treatment", "procedural_anesthesia"]),
        "diagnoses": [
            f"{draw.choice(single.STEMS)}{draw.randrange(10)}".replace(".", "")
            for _ in range(draw.randint(1, 6))
        ],
    }


def as_claim(line: Facts) -> dict[str, Any]:
    """The same line as a claim."""
    day = str(line["day"])
    stated = {key: line[key] for key in ("drug", "route", "purpose")}
    own = {"line": 1, "procedure": line["code"], "service_date": f"{day[:4]}-{day[4:6]}-{day[6:]}", **stated}
    return {"claim_id": "C", "diagnoses": line["diagnoses"], "lines": [own]}


def engines() -> dict[str, Engine]:
    """The engines that are installed."""
    found = {}
    for name, made in ENGINES.items():
        try:
            found[name] = made()
        except ImportError as missing:
            print(f"left out: {name}: {missing}", file=sys.stderr)
    return found


# ---- the bare rules ----------------------------------------------------------------------------------------


def told(policy: Policy, claim: dict[str, Any]) -> str:
    """What an engine has to tell of the line of a claim."""
    (line,) = policy.decide(claim)["lines"]
    stopped = line["determination"] in ("not_in_force", "code_not_valid")
    return line["determination"] if stopped else "".join(line["rules"])


def rules_alone(policy: Policy) -> tuple[Callable[[Any], Any], Callable[[Any], str]]:
    """How policyc reads the line of a claim, and how its compiled rules answer a line that is read."""
    compiled = policy.compiled

    def read(raw: dict[str, Any]) -> Any:
        claim = read_claim(raw, compiled.schema, None)
        (line,) = claim.lines
        version = compiled.version(line.day, None)
        return line, version and derive(compiled, version, claim, line, line.day, None)

    def ask(asked: Any) -> str:
        line, facts = asked
        version = compiled.version(line.day, None)
        if version is None:
            return "not_in_force"
        if line.code in compiled.ever_listed(None) and not compiled.valid(line.code, line.day, None):
            return "code_not_valid"
        return "".join(find(compiled, version, facts, version.held(facts)).rules)

    return read, ask


def bare(policy: Policy, found: dict[str, Engine]) -> list[report.Row]:
    """Which sections hold of facts that are read, normalised and known."""
    draw = random.Random(7)
    lines = [a_line(draw) for _ in range(LINES)]
    claims = [as_claim(line) for line in lines]
    wanted = [told(policy, claim) for claim in claims]
    read, ask = rules_alone(policy)
    in_hand = [read(claim) for claim in claims]
    answers = {RULES: [ask(line) for line in in_hand]}
    ways = {RULES: lambda: single.timed(ask, in_hand), WHOLE: lambda: single.timed(policy.decide, claims)}
    for name, engine in found.items():
        answers[name] = [engine.ask(line) for line in lines]
        ways[name] = lambda engine=engine: single.timed(engine.ask, lines)
    processes = []
    for name, start in ELSEWHERE.items():
        try:
            process = start(lines)
        except ImportError as missing:
            print(f"left out: {name}: {missing}", file=sys.stderr)
            continue
        answers[name] = process.answers
        ways[name] = process.round
        processes.append(process)
    for name, answered in answers.items():
        wrong = [each for each in zip(lines, wanted, answered, strict=True) if each[1] != each[2]]
        if wrong:
            sys.exit(f"{name} differs on {len(wrong)} lines, first {wrong[0]}")
    rows = report.compared(report.interleaved(ways, ROUNDS), RULES, "us a line")
    for process in processes:
        process.close()
    return rows


# ---- the whole job -----------------------------------------------------------------------------------------


def without_assumptions(decide) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Decisions without what they rest on, which no other engine tells."""

    def decided(claim: dict[str, Any]) -> dict[str, Any]:
        made = decide(claim)
        for line in made["lines"]:
            del line["assumptions"]
        return made

    return decided


def whole(policy: Policy, found: dict[str, Engine]) -> tuple[dict[str, list[report.Row]], list[str]]:
    """A table a set of claims, and how often an engine was asked in each."""
    draw = random.Random(20241001)
    hosts = {name: hosted.Hosted(engine) for name, engine in found.items()}
    compared = [single.a_claim(draw, draw.random()) for _ in range(LINES)]
    compared += [single.broken(draw, claim) for claim in compared]
    for name, host in hosts.items():
        print(f"compared: {name}", file=sys.stderr)
        single.same(without_assumptions(policy.decide), without_assumptions(host.decide), compared)
    tables, asked = {}, []
    for name, stated in single.STATED.items():
        for _ in range(single.WARM):
            policy.decide(single.a_claim(draw, stated))
        for host in hosts.values():
            host.asked = 0
        deciders = {"policyc": policy.decide, "by hand, without an engine": plain.decide}
        deciders |= {name: host.decide for name, host in hosts.items()}
        ways = single.fresh(draw, stated, deciders)
        rows = report.compared(report.interleaved(ways, ROUNDS), "policyc", "us a claim")
        tables[f"The same job, {name}"] = rows
        times = max((host.asked for host in hosts.values()), default=0)
        asked.append(f"{times / (ROUNDS * single.CLAIMS):.1f} ({name})")
    return tables, asked


def versions() -> dict[str, str]:
    """Of the engines, and of the runtimes of those that have one of their own."""
    found = report.installed(PACKAGES)
    for name, command in {"node": ["node", "--version"], "java": ["java", "--version"]}.items():
        try:
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        except FileNotFoundError:
            continue
        found[name] = said.splitlines()[0]
    return found


def main() -> None:
    """Compare, measure, and print the tables."""
    policy = load(ROOT / "policies" / "bcbsks" / "iv_anesthetics.pol")
    plain.DIGEST = policy.compiled.digest
    found = engines()
    rows = bare(policy, found)
    tables, asked = whole(policy, found)
    about = (
        "The IV-anesthetics policy in the languages of other engines (`benchmarks/engines/`), answered "
        f"alike; {ROUNDS} interleaved rounds, the time of the processor (JsonLogic on Node and Drools: "
        "the time that passes).\n\n"
        f"The bare rules: {LINES} lines whose facts are read, normalised and known before the clock runs. "
        "Asked is which sections hold; nothing is checked, missing or told beside, though the rules of "
        "policyc tell on what they rest. JsonLogic on Node and Drools measure themselves, in processes of "
        "their own. Cedar and clingo cannot ask how an element of a list begins, and are handed all "
        "beginnings of the codes.\n\n"
        f"The same job: {single.CLAIMS} decoded claims of 1 to 4 lines, new ones each round. The claim is "
        "checked, facts are derived, and determination, sections, missing facts, edits and reasons are told; "
        "by policyc and by hand also the assumptions. What an engine does not do is done around it by hand, "
        "for this policy and no other (`benchmarks/plain.py`); where facts are unknown, it is asked of every "
        f"completion. That makes {', '.join(asked)} questions a claim. policyc had decided {single.WARM} "
        "other claims of their kind."
    )
    report.finished("peers", "Other engines", about, {"The bare rules": rows, **tables}, versions())


if __name__ == "__main__":
    main()
