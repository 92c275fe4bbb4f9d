"""What the compiler makes of policies, compared with what the oracle says of them."""

import os
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import define
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from oracle import DAY, TooMany, answer

from compiler.emit.python import code
from compiler.emit.standalone import standalone
from compiler.pipeline import compile_paths
from compiler.runtime.adjudicate import decide_claim
from compiler.runtime.compiled import run as running
from compiler.runtime.reader import read_claim
from dsl.diagnostics import Report
from policyc import PolicyError

EXAMPLES = int(os.environ.get("BRUTE_EXAMPLES", "0"))
"""How many examples a long run takes; by default few, and always the same."""


def exhaustively(few):
    return settings(
        max_examples=EXAMPLES or few,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )


def load(text):
    """A policy as the interpreter and as generated Python runs it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "planted.pol"
        path.write_text(text)
        report = Report()
        programs = compile_paths([path], (), report)
    if not programs:
        raise PolicyError(report.diagnostics)
    return programs[0], running(code(programs[0]))


ASKS = ("missing_for", "missing_for_complete", "relevant", "ask_first")


def unexplained(line):
    """The decision of a line that was asked for with its explanation, without it."""
    return {
        key: line[key] for key in line if key not in ("explanation", "reason", "without_assumption", *ASKS)
    }


def stated(known):
    """A value as a claim states it."""
    match known:
        case date():
            return known.isoformat()
        case Fraction():
            return Decimal(known.numerator) / known.denominator
        case list():
            return [stated(each) for each in known]
        case dict():
            return {key: stated(each) for key, each in known.items()}
        case _:
            return known


def decided(loaded, facts, alone=False):
    """The one line of a claim that states some facts, as both ways of running the policy decide it; `alone`:
    and as the module does that the policy is built into.
    """
    program, generated = loaded
    line = {"line": 1, "procedure": "J1000", "service_date": DAY.isoformat()}
    claim = {"claim_id": "C", "lines": [line]}
    for path, known in facts.items():
        room, _, name = path.partition(".")
        place = {"claim": claim, "line": line, "member": claim.setdefault("member", {})}[room]
        place[name] = stated(known)
    read = read_claim(claim, program.schema)
    made = decide_claim(program, read, None, True)
    assert made == decide_claim(generated, read, None, True), claim
    plain = [unexplained(line) for line in made["lines"]]
    assert decide_claim(program, read, None)["lines"] == plain, claim
    if alone:
        module = {"__name__": "built"}
        exec(compile(standalone(program), "built.py", "exec"), module)
        assert made == module["decide"](claim, explain=True), claim
    return made["lines"][0]


def agree(policy, loaded, claim, facts, unknown, counts, exact=False):
    """A line is decided as the oracle says; `exact`: and nothing less will do."""
    try:
        wanted = answer(policy, {**facts, "line.service_date": DAY}, unknown)
    except TooMany:
        counts["too many"] += 1
        return
    made = decided(loaded, claim)
    counts["completions"] += wanted.completions
    about = f"{claim}\nmade {made}\nwanted {wanted}\n{policy.text}"
    if "exact" in made or "missing_complete" in made:
        counts["inexact"] += 1
        assert not exact, about
        assert made["determination"] == "needs_information", about
        return
    counts[wanted.determination] += 1
    assert made["determination"] == wanted.determination, about
    assert sets_of(made["missing"]) == wanted.missing, about
    assert (not wanted.missing) is set(ASKS).isdisjoint(made), about
    if wanted.missing:
        # Dates that are compared with each other leave another question each day.
        dates = sum(isinstance(domain.values[0], date) for domain in unknown.values())
        asks_agree(made, wanted, about, dates < 2)
        counts["asked first"] += dates < 2


def asks_agree(made, wanted, about, first=True):
    """What is asked of an open line; `first`: and the fact of which an answer leaves the fewest relevant."""
    assert {key: sets_of(sets) for key, sets in made["missing_for"].items()} == wanted.missing_for, about
    assert "missing_for_complete" not in made, about
    assert sorted(made["relevant"]) == sorted(wanted.left), about
    if first:
        fewest = min(wanted.left.values())
        best = [fact for fact in made["relevant"] if wanted.left[fact] == fewest]
        assert made["ask_first"] == best[0], about


def sets_of(sets):
    found = {frozenset(facts) for facts in sets}
    assert len(found) == len(sets), sets
    return found


def compare(policy, drawn, allowed, counts, claims=4):
    """A policy against claims that are drawn: of each what it states, what is known, the domains of what is
    not, and whether nothing but the exact answer will do. `allowed` are errors that such a policy may have.
    """
    try:
        loaded = load(policy.text)
    except PolicyError as error:
        codes = {d.code for d in error.diagnostics if d.severity == "error"}
        assert codes <= allowed, f"{error}\n{policy.text}"
        counts["not compiled"] += 1
        return
    counts["policies"] += 1
    for _ in range(claims):
        try:
            claim, facts, unknown, exact = drawn()
        except TooMany:
            counts["too many"] += 1
            continue
        agree(policy, loaded, claim, facts, unknown, counts, exact)


@define
class Author:
    """Draws conditions."""

    draw: st.DrawFn

    def one(self, *items):
        return self.draw(st.sampled_from(items))

    def many(self, least, most):
        return self.draw(st.integers(least, most))

    def chance(self, of):
        """True once in so many times; shrinks to False."""
        return self.draw(st.integers(1, of)) == of
