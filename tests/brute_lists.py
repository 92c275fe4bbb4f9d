"""What policies on records, dates and numbers say, by trying values; of the compiler only the answer is used.

A condition is a text of the language with its meaning in plain Python beside it. The oracle puts values for
all that is unknown, from domains that its caller knows to suffice, and looks at what comes out.
"""

import os
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, product
from math import comb
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from attrs import define
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

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

MOST_COMPLETIONS = 16_000

EI, MN, NC = "experimental_investigational", "medically_necessary", "not_covered"

HEAD = """package planted

policy "planted" { payer "p" source "s" }

codes hcpcs { J1000 "a" }
"""


class TooMany(Exception):
    """More completions than a test has time for."""


class Says(NamedTuple):
    """A condition (or a value): how it is written, and what it comes to."""

    text: str
    of: Callable


class Domain(NamedTuple):
    """Values that a fact can have, and those of them that may be taken to settle something: one at the edge
    of a stretch that was tried may settle only because none was tried behind it.
    """

    values: tuple
    chosen: frozenset


def domain(values, chosen=None):
    values = tuple(values)
    return Domain(values, frozenset(range(len(values)) if chosen is None else chosen))


# ---- conditions -------------------------------------------------------------------------------------------

OPERATORS = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def value(facts, path):
    """A fact, or a field of an element in hand."""
    if path in facts:
        return facts[path]
    head, _, field = path.partition(".")
    return facts[head][field]


def fact(path):
    return Says(path, lambda facts: value(facts, path))


def constant(text, meaning):
    return Says(text, lambda _: meaning)


def compared(one, operator, other):
    hold = OPERATORS[operator]
    return Says(f"{one.text} {operator} {other.text}", lambda f: hold(one.of(f), other.of(f)))


def negated(inner):
    return Says(f"not ({inner.text})", lambda f: not inner.of(f))


def both(one, other):
    return Says(f"({one.text} and {other.text})", lambda f: one.of(f) and other.of(f))


def either(one, other):
    return Says(f"({one.text} or {other.text})", lambda f: one.of(f) or other.of(f))


def body(*lines):
    """Lines in braces, all of which hold."""
    return Says("{ " + "\n".join(line.text for line in lines) + " }", lambda f: all(i.of(f) for i in lines))


def counted(word, number, count):
    """Whether so many are as many as a quantity wants."""
    match word:
        case "some" | "any of":
            return count >= 1
        case "no" | "none of":
            return count == 0
        case "at least":
            return count >= number
        case "at most":
            return count <= number
        case _:
            return count == number


def group(word, number, *inner):
    quantity = word if " of" in word else f"{word} {number} of"
    lines = "\n".join(line.text for line in inner)
    return Says(
        f"{quantity} {{ {lines} }}", lambda f: counted(word, number, sum(bool(i.of(f)) for i in inner))
    )


# ---- lists ------------------------------------------------------------------------------------------------


def those(facts, element, path, where):
    """The records that meet a condition."""
    return [record for record in facts[path] if where is None or where.of({**facts, element: record})]


def quantified(word, number, element, path, where, different=None, run=None):
    """`run` is a number of days and a date field."""
    text = word if word in ("some", "every", "no") else f"{word} {number}"
    text += f" {element} in {path}"
    text += f" with different {different}" if different else ""
    text += f" within {run[0]} consecutive days of {run[1]}" if run else ""

    def of(facts):
        found = those(facts, element, path, where)
        if word == "every":
            return len(found) == len(facts[path])
        return counted(word, number, most(found, different, run))

    return Says(f"{text} {where.text if where else ''}", of)


def most(found, different, run):
    """How many records count: as many as lie within one run, those alike only once."""
    if run is None:
        return len({record[different] for record in found}) if different else len(found)
    starts = [record[run[1]].toordinal() for record in found]
    within = [[r for r in found if start <= r[run[1]].toordinal() < start + run[0]] for start in starts]
    return max((most(some, different, None) for some in within), default=0)


def count_of(element, path, where):
    return Says(
        f"count of {element} in {path} {where.text if where else ''}",
        lambda f: len(those(f, element, path, where)),
    )


def sum_of(each, element, path, where):
    return Says(
        f"sum of {each.text} for {element} in {path} {where.text if where else ''}",
        lambda f: sum(each.of({**f, element: record}) for record in those(f, element, path, where)),
    )


def extreme(word, each, element, path, where):
    """The value is None where there is none to choose."""
    choose = max if word in ("latest", "greatest") else min

    def of(facts):
        found = [each.of({**facts, element: record}) for record in those(facts, element, path, where)]
        return choose(found, default=None)

    return Says(f"{word} of {each.text} for {element} in {path} {where.text if where else ''}", of)


def where_any(one, test):
    """What is asked of a value that there may not be: of none, nothing holds."""
    return lambda facts: (found := one.of(facts)) is not None and test(found, facts)


def extreme_compared(one, operator, other):
    hold = OPERATORS[operator]
    return Says(f"{one.text} {operator} {other.text}", where_any(one, lambda v, f: hold(v, other.of(f))))


def newest(word, element, by, path, among, has):
    def of(facts):
        found = those(facts, element, path, among)
        days = [record[by] for record in found]
        best = (max if word == "latest" else min)(days, default=None)
        return any(r[by] == best and has.of({**facts, element: r}) for r in found)

    return Says(f"{word} {element} by {by} in {path} {among.text if among else ''} has {has.text}", of)


# ---- dates ------------------------------------------------------------------------------------------------


def moved(day, unit, count):
    """A day so many units later; a month later is the same day of the next month, or its last.

    A day outside the calendar stands before or behind all days.
    """
    if unit in ("day", "week"):
        return day.toordinal() + count * (7 if unit == "week" else 1)
    months = day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        return -10_000 if year < 1 else 10_000_000
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last)).toordinal()
        except ValueError:
            continue
    raise AssertionError(day)


def in_window(kind, count, unit, before, day, anchor):
    """Whether a day lies in a window around another."""
    here, at = day.toordinal(), anchor.toordinal()
    far = moved(anchor, unit, -count if before else count)
    away, beyond = (far - here, at - here) if before else (here - far, here - at)
    match kind:
        case "within":
            return away <= 0 <= beyond
        case "or more":
            return away >= 0
        case "more than":
            return away > 0
        case _:
            return away < 0 <= beyond


def windowed(one, kind, count, unit, before, anchor):
    distance = f"{count} {unit}s or more" if kind == "or more" else f"{kind} {count} {unit}s"
    return Says(
        f"{one.text} {distance} {'before' if before else 'after'} {anchor.text}",
        where_any(one, lambda day, f: in_window(kind, count, unit, before, day, anchor.of(f))),
    )


def elapsed(unit, start, end):
    """Complete units from one day to another, negative backward; a month is complete where its day is
    reached, or, where the month has no such day, on the first of the next.
    """

    def between(first, last):
        if unit in ("day", "week"):
            return (last - first).days // (7 if unit == "week" else 1)
        months = (last.year - first.year) * 12 + last.month - first.month
        months -= last.day < first.day
        return months // (12 if unit == "year" else 1)

    def of(facts):
        first, last = start.of(facts), end.of(facts)
        return between(first, last) if first <= last else -between(last, first)

    return Says(f"{unit}s from {start.text} to {end.text}", of)


def moved_day(count, unit, before, path):
    return Says(
        f"{count} {unit}s {'before' if before else 'after'} {path}",
        lambda f: moved(value(f, path), unit, -count if before else count),
    )


def ordinal(one):
    """A date as the number of its day, as days that were moved are."""
    return Says(one.text, lambda f: one.of(f).toordinal())


# ---- numbers ----------------------------------------------------------------------------------------------


def arithmetic(one, operator, other):
    apply = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: Fraction(a) / Fraction(b),
    }[operator]
    return Says(f"({one.text}) {operator} ({other.text})", lambda f: apply(one.of(f), other.of(f)))


def limit_of(word, *parts):
    choose = {"min": min, "max": max}[word]
    return Says(f"{word}({', '.join(p.text for p in parts)})", lambda f: choose(p.of(f) for p in parts))


def change(word, old, new):
    sign = 1 if word == "rise" else -1
    return Says(
        f"percent {word} from {old.text} to {new.text}",
        lambda f: 100 * sign * (Fraction(new.of(f)) - Fraction(old.of(f))) / Fraction(old.of(f)),
    )


# ---- the oracle -------------------------------------------------------------------------------------------


class Policy(NamedTuple):
    """Sections of which each overrides those behind it; and, perhaps, one for the rest."""

    declared: str
    sections: tuple
    rest: bool = False

    @property
    def text(self):
        written = [
            f'section S{n} "s" {{ {made} if {says.text} }}' for n, (made, says) in enumerate(self.sections)
        ]
        pairs = combinations(range(len(self.sections)), 2)
        written += [f"S{winner} overrides S{loser}" for winner, loser in pairs]
        written += ['section R "s" { not_covered otherwise }'] if self.rest else []
        lines = "\n".join(written)
        return f'{HEAD}\n{self.declared}\nrevision 2020-01-01 "r" {{\n{lines}\ncodes {{ J1000 }}\n}}\n'

    def decides(self, facts):
        """The determination of what is known in full."""
        for made, says in self.sections:
            if says.of(facts):
                return made
        return NC if self.rest else "not_applicable"


class Answer(NamedTuple):
    determination: str
    missing: frozenset
    completions: int


def put(facts, unknown, values):
    """The facts with values for what is unknown: `claim.a`, or `claim.trials[0].day`."""
    found = dict(facts)
    for path, given in zip(unknown, values, strict=True):
        listed, bracket, field = path.partition("[")
        if not bracket:
            found[path] = given
            continue
        at, _, name = field.partition("].")
        records = list(found[listed])
        records[int(at)] = {**records[int(at)], name: given}
        found[listed] = records
    return found


def answer(policy, facts, unknown):
    """What a policy says where of the unknown facts only their domains are known."""
    size = 1
    for each in unknown.values():
        size *= len(each.values)
        if size > MOST_COMPLETIONS:
            raise TooMany
    places = list(product(*(range(len(each.values)) for each in unknown.values())))
    made = {}
    for at in places:
        values = [each.values[n] for each, n in zip(unknown.values(), at, strict=True)]
        made[at] = policy.decides(put(facts, unknown, values))
    reached = set(made.values())
    if len(reached) == 1:
        return Answer(reached.pop(), frozenset(), len(made))
    return Answer("needs_information", frozenset(settling(list(unknown.items()), made)), len(made))


def settling(unknown, made):
    """The minimal sets of facts of which some values settle the determination."""
    found = []
    for size in range(1, len(unknown) + 1):
        for subset in combinations(range(len(unknown)), size):
            names = frozenset(unknown[n][0] for n in subset)
            if not any(other <= names for other in found) and settled(subset, unknown, made):
                found.append(names)
    return found


def settled(subset, unknown, made):
    kinds = {}
    for at, determination in made.items():
        kinds.setdefault(tuple(at[n] for n in subset), set()).add(determination)
    return any(
        len(kind) == 1 and all(n in unknown[f][1].chosen for f, n in zip(subset, given, strict=True))
        for given, kind in kinds.items()
    )


def lists_of(records, longest, key):
    """All lists of so many records, of which those that are alike by a key stand for each other."""
    classes = {}
    for record in records:
        classes.setdefault(key(record), record)
    if comb(len(classes) + longest, longest) > MOST_COMPLETIONS:
        raise TooMany
    return [
        list(found)
        for size in range(longest + 1)
        for found in combinations_with_replacement(classes.values(), size)
    ]


# ---- what the compiler makes of it ------------------------------------------------------------------------

DAY = date(2022, 2, 2)
"""The date of service."""


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
    made = decide_claim(program, read, None)
    assert made == decide_claim(generated, read, None), claim
    if alone:
        module = {"__name__": "built"}
        exec(compile(standalone(program), "built.py", "exec"), module)
        assert made == module["decide"](claim), claim
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
    sets = [frozenset(found) for found in made["missing"]]
    assert len(set(sets)) == len(sets) and set(sets) == wanted.missing, about


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
