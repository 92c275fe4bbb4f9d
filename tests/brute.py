"""What the language says of a line, by trying every completion: no cells, no diagram, no lowered criteria.

The oracle reads the consolidated text and evaluates it on real values; of the compiler it takes the
consolidation and the derivation of facts, which have tests of their own.
"""

from datetime import date, timedelta
from itertools import combinations, product

import oracle
from attrs import define, field, frozen
from world import Asked, World, world_of

from compiler import model as m
from compiler.binding import amendments as a
from compiler.runtime.derive import derive

MOST_COMPLETIONS = 5_000
MOST_ASKED = 500
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@frozen
class Answer:
    """What is compared of a decision; `asks`: what is asked of one that is open, if it is not too large."""

    determination: str
    rules: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    missing: tuple[tuple[str, ...], ...] = ()
    completions: int = 0
    asks: oracle.Answer | None = field(default=None, eq=False)


def answer(program, claim, line, known_on=None):
    """The answer for one line of a claim that was read."""
    policy = program.consolidated.policy
    day = line.day
    visible = [r for r in policy.revisions if known_on is None or r.id.posted <= known_on]
    applied = [r for r in visible if r.id.effective <= day]
    retired = any(isinstance(x, a.Retire) for r in applied for x in r.amendments)
    if not applied or retired:
        return Answer("not_in_force")
    text = program.consolidated.at(day, known_on)
    ever = line.code in {code for r in visible for x in r.amendments for code in _listed_by(x)}
    table = text.table
    stating = table.stating if table is not None and table.open else ()
    if not ever and not (stating and all(p in line.stated or p in line.unclear for p in stating)):
        return Answer("not_applicable")
    world = world_of(program, day, known_on)
    if ever and not world.valid(("cpt", "hcpcs"), line.code):
        return Answer("code_not_valid")
    if table is None or (not table.open and line.code not in {row.code for row in table.rows}):
        return Answer("not_applicable")
    facts = derive(program, program.version(day, known_on), claim, line, day, known_on)
    return Completing(world, claim, line, facts).answer()


def _listed_by(amendment):
    rows = ()
    if isinstance(amendment, a.PutTable):
        rows = amendment.table.rows
    elif isinstance(amendment, a.PutCodes):
        rows = amendment.added
    return [row.code for row in rows]


@define
class Completing:
    """One line, whose unknown facts take every value that the criteria could tell apart, and more."""

    world: World
    claim: object
    line: object
    facts: object

    def answer(self):
        asked = Asked(self.world)
        rules = []
        for section in self.world.text.sections:
            for rule in section.rules:
                criteria = asked.all_of(rule.criteria)
                exceptions = [asked.all_of(exception) for exception in rule.exceptions]
                rules.append((section.name, rule.determination, criteria, exceptions))
        excluded, covered = (
            self._terms(stated, asked) for stated in (self.claim.exclusions, self.claim.riders)
        )
        domains = {fact: self._domain(fact, asked) for fact in asked.facts}
        size = 1
        for domain in domains.values():
            size *= len(domain)
        if size > MOST_COMPLETIONS:
            raise oracle.TooMany
        results = {}
        for chosen in product(*(range(len(domain)) for domain in domains.values())):
            facts = {fact: domain[at] for (fact, domain), at in zip(domains.items(), chosen, strict=True)}
            results[chosen] = self._outcome(rules, excluded, covered, facts)
        return self._answer(results, list(domains), [fact for fact in domains if len(domains[fact]) > 1])

    def _answer(self, results, order, unknown):
        determinations = {made for made, _ in results.values()}
        if len(determinations) > 1:
            missing = self._missing(results, order, unknown)
            asks = self._asks(results, order, unknown) if len(results) <= MOST_ASKED else None
            return Answer("needs_information", missing=missing, completions=len(results), asks=asks)
        names = list(dict.fromkeys(section.name for section in self.world.text.sections))
        certain = [n for n in names if all(n in speaking for _, speaking in results.values())]
        possible = [n for n in names if any(n in speaking for _, speaking in results.values())]
        unsure = tuple(n for n in possible if n not in certain)
        return Answer(determinations.pop(), tuple(certain), unsure, (), len(results))

    def _asks(self, results, order, unknown):
        places = [order.index(fact) for fact in unknown]
        made = {tuple(chosen[p] for p in places): made for chosen, (made, _) in results.items()}
        domains = [oracle.domain(sorted({at[n] for at in made})) for n in range(len(unknown))]
        return oracle.answer_of(list(zip(map(self._shown, unknown), domains, strict=True)), made)

    def _shown(self, fact):
        return "line.diagnoses" if fact == "claim.diagnoses" and self.line.own_diagnoses else fact

    def _missing(self, results, order, unknown):
        found = []
        for size in range(1, len(unknown) + 1):
            for facts in combinations(unknown, size):
                if any(set(smaller) <= set(facts) for smaller in found):
                    continue
                places = [order.index(fact) for fact in facts]
                groups = {}
                for chosen, (made, _) in results.items():
                    groups.setdefault(tuple(chosen[p] for p in places), set()).add(made)
                if any(len(group) == 1 for group in groups.values()):
                    found.append(facts)
        return tuple(tuple(map(self._shown, facts)) for facts in found)

    def _outcome(self, rules, excluded, covered, facts):
        """The determination, and the sections that give it."""
        holding = {}
        for section, determination, criteria, exceptions in rules:
            if criteria(facts) and not any(exception(facts) for exception in exceptions):
                holding.setdefault(section, set()).add(determination)
        orders = [(o.winner, o.loser) for o in self.world.text.overrides]

        def speaks(section):
            return section in holding and not any(
                loser == section and speaks(winner) for winner, loser in orders
            )

        speaking = {section for section in holding if speaks(section)}
        made = {determination for section in speaking for determination in holding[section]}
        if not speaking:
            return "not_applicable", frozenset()
        assert len(made) == 1, f"a conflict that the compiler missed: {holding} with {facts}"
        excludes = any(applies(facts, speaking) for applies in excluded)
        determination = "excluded_by_contract" if excludes else made.pop()
        allows = determination in ("medically_necessary", "manual_review")
        if not allows and any(applies(facts, speaking) for applies in covered):
            return "manual_review", frozenset(speaking)
        return determination, frozenset() if excludes else frozenset(speaking)

    def _terms(self, stated, asked):
        """What exclusions or riders speak of, as functions of the facts and of the sections that speak."""
        day, found = self.world.day, []
        for each in stated:
            if day < each.start or (each.end is not None and day >= each.end):
                continue
            if each.section is not None:
                found.append(lambda _, speaking, each=each: each.section in speaking)
            elif each.procedures:
                found.append(lambda _, __, each=each: self.line.code in each.procedures)
            else:
                asked.facts.setdefault("claim.diagnoses")
                asked.counts["claim.diagnoses"] = max(asked.counts["claim.diagnoses"], 1)
                takes = frozenset(each.diagnoses).__contains__
                stretches = tuple((code, code) for code in each.diagnoses)
                asked.sets.setdefault("claim.diagnoses", []).append((takes, stretches))
                found.append(lambda facts, _, takes=takes: any(map(takes, facts["claim.diagnoses"])))
        return found

    def _domain(self, fact, asked):
        """The values that a fact can take: the one that is known, or real ones of its type."""
        value = self.facts.values.get(fact)
        kind = self.world.program.facts[fact].type
        if isinstance(kind, m.CodesType):
            one_each = self._codes(kind.system, asked.sets.get(fact, []))
            if value is None:
                most = asked.counts[fact]
                numbers = product(range(most + 1), repeat=len(one_each))
                return [
                    tuple(code for code, n in zip(one_each, chosen, strict=True) for _ in range(n))
                    for chosen in numbers
                ]
            filled = product(*(one_each if code is None else [code] for code in value))
            return list(dict.fromkeys(tuple(sorted(codes)) for codes in filled))
        if value is not None:
            return [value]
        match kind:
            case m.BoolType():
                return [True, False]
            case m.EnumType(open_, members):
                return [*members, *(("an undeclared one", "another one") if open_ else ())]
            case m.DayType():
                cuts = asked.values.get(fact, set()) | {date(1999, 9, 9)}
                return sorted({cut + timedelta(days=n) for cut in cuts for n in (-1, 0, 1)})
            case m.CodeType(system):
                return self._codes(system, asked.sets.get(fact, []))
        raise AssertionError(f"no domain for {fact}: {kind}")

    def _codes(self, system, sets):
        """A code for every combination of sets that some code meets."""
        bounds = self.world.bounds() | {
            bound.rstrip("\0\x7f") for _, stretches in sets for stretch in stretches for bound in stretch
        }
        bounds |= {"A00", "M50", "Z99"}
        found = {}
        for bound in sorted(bounds):
            for stem in (bound, bound[:-1], *_neighbours(bound)):
                for code in (stem, stem + "0", stem + "Z", stem + "00", stem + "ZZ"):
                    if _is_diagnosis(code):
                        found.setdefault(tuple(takes(code) for takes, _ in sets), code)
        assert system == "icd10cm"
        return list(found.values())


def _neighbours(code):
    at = LETTERS.find(code[-1:])
    return [code[:-1] + LETTERS[n] for n in (at - 1, at + 1) if code and 0 <= n < len(LETTERS)]


def _is_diagnosis(code):
    return 3 <= len(code) <= 7 and code[0].isalpha() and code[1].isdigit()
