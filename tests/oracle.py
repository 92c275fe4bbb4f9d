"""What policies on records, dates and numbers say, by trying values.

The oracle puts values for all that is unknown, from domains that its caller knows to suffice, and looks at
what comes out. Nothing of the compiler is used.
"""

from datetime import date
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, product
from math import comb
from typing import NamedTuple

MOST_COMPLETIONS = 16_000

EI, MN, NC = "experimental_investigational", "medically_necessary", "not_covered"

HEAD = """package planted

policy "planted" { payer "p" source "s" }

codes hcpcs { J1000 "a" }
"""

DAY = date(2022, 2, 2)
"""The date of service."""


class TooMany(Exception):
    """More completions than a test has time for."""


class Domain(NamedTuple):
    """Values that a fact can have, and those of them that may be taken to settle something: one at the edge
    of a stretch that was tried may settle only because none was tried behind it.
    """

    values: tuple
    chosen: frozenset


def domain(values, chosen=None):
    values = tuple(values)
    return Domain(values, frozenset(range(len(values)) if chosen is None else chosen))


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
    """`missing_for`: for each determination its minimal sets; `left`: for each relevant fact how many others
    an answer leaves relevant on average.
    """

    determination: str
    completions: int
    missing: frozenset = frozenset()
    missing_for: dict = {}  # noqa: RUF012 - never written to
    left: dict = {}  # noqa: RUF012 - never written to


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
    return answer_of(list(unknown.items()), made)


def answer_of(unknown, made):
    """The answer where facts with their domains come to determinations, by the places of their values."""
    reached = sorted(set(made.values()))
    if len(reached) == 1:
        return Answer(reached[0], len(made))
    return Answer(
        "needs_information",
        len(made),
        frozenset(settling(unknown, made, reached)),
        {wanted: frozenset(settling(unknown, made, [wanted])) for wanted in reached},
        {unknown[n][0]: left(n, unknown, made) for n in relevant(made)},
    )


def settling(unknown, made, wanted):
    """The minimal sets of facts of which some values settle one of some determinations."""
    found = []
    for size in range(1, len(unknown) + 1):
        for subset in combinations(range(len(unknown)), size):
            names = frozenset(unknown[n][0] for n in subset)
            if not any(other <= names for other in found) and settled(subset, unknown, made, wanted):
                found.append(names)
    return found


def settled(subset, unknown, made, wanted):
    kinds = {}
    for at, determination in made.items():
        kinds.setdefault(tuple(at[n] for n in subset), set()).add(determination)
    return any(
        len(kind) == 1
        and kind <= set(wanted)
        and all(n in unknown[f][1].chosen for f, n in zip(subset, given, strict=True))
        for given, kind in kinds.items()
    )


def relevant(made):
    """The places of the facts of which another value alone can make another determination."""
    found = []
    for n in range(len(next(iter(made)))):
        kinds = {}
        for at, determination in made.items():
            kinds.setdefault(at[:n] + at[n + 1 :], set()).add(determination)
        if any(len(kind) > 1 for kind in kinds.values()):
            found.append(n)
    return found


def left(n, unknown, made):
    """How many facts are relevant, on average over the different questions that values of a fact leave."""
    questions = {}
    for at, determination in made.items():
        if at[n] in unknown[n][1].chosen:
            questions.setdefault(at[n], []).append((at[:n] + at[n + 1 :], determination))
    different = {tuple(sorted(question)) for question in questions.values()}
    return Fraction(sum(len(relevant(dict(question))) for question in different), len(different))


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
