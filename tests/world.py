"""What codes, concepts and criteria of the consolidated text mean on a day, evaluated on real values."""

from collections import Counter
from datetime import date
from functools import lru_cache

from attrs import Factory, define

from compiler import model as m
from dsl.syntax import GroupKind


@define
class World:
    """What codes, concepts and criteria mean on one day for one who knew what was posted by another."""

    program: object
    text: object
    day: date
    known_on: date | None
    _concepts: dict = Factory(dict)
    definitions: dict = Factory(dict)
    _rows: list = Factory(list)
    _taken: dict = Factory(dict)

    def __attrs_post_init__(self):
        for unit in self.program.consolidated.policy.unit.closure():
            self._concepts |= {concept.id: concept for concept in unit.concepts.values()}
            self.definitions |= {f"{unit.package}.{n}": stands for n, stands in unit.definitions.items()}
            self._rows += unit.codes
        self.definitions |= {stands.name: stands for stands in self.text.definitions}

    def _on(self, validity):
        return (validity.start or date.min) <= self.day and (validity.end is None or self.day < validity.end)

    def valid(self, systems, code):
        """By the rows that speak of the code most narrowly: whether one of them holds on the day."""
        rows = [row for row in self._rows if row.system in systems and _inside(row.codes, code)]
        rows = [row for row in rows if row.validity.known(self.known_on)]
        if not rows:
            return True
        rows = [row for row in rows if not any(_within(other.codes, row.codes) for other in rows)]
        narrowest = max(_narrow(row.codes) for row in rows)
        return any(self._on(row.validity) for row in rows if _narrow(row.codes) == narrowest)

    def takes(self, concept, code):
        """Whether a concept takes a code in."""
        if (concept, code) not in self._taken:
            self._taken[concept, code] = self._takes(self._concepts[concept], code)
        return self._taken[concept, code]

    def _takes(self, found, code):
        if not self.valid((found.system,), code):
            return False
        inside, excepted = (
            any(
                _inside(entry.codes, code) if entry.codes is not None else self.takes(entry.uses, code)
                for entry in entries
                if entry.validity.known(self.known_on) and self._on(entry.validity)
            )
            for entries in (found.entries, found.excepted)
        )
        return inside and not excepted

    def bounds(self):
        """All ends of stretches of codes that anything in view speaks of."""
        stretches = [row.codes for row in self._rows]
        stretches += [
            entry.codes
            for concept in self._concepts.values()
            for entry in (*concept.entries, *concept.excepted)
            if entry.codes is not None
        ]
        return {bound.rstrip("\0\x7f") for stretch in stretches for bound in stretch}


@lru_cache(maxsize=100)
def world_of(program, day, known_on):
    """The world of a day, kept for the claims that share it."""
    return World(program, program.consolidated.at(day, known_on), day, known_on)


def _inside(stretch, code):
    return stretch[0] <= code < stretch[1]


def _within(inner, outer):
    return inner != outer and outer[0] <= inner[0] and inner[1] <= outer[1]


def _narrow(stretch):
    """Where neither of two is inside the other: a single code, then the longest prefix, then a range."""
    low, high = stretch
    return (2 if high == low + "\0" else 1 if high == low + "\x7f" else 0), len(low)


# ---- criteria ---------------------------------------------------------------------------------------


@define
class Asked:
    """Criteria made into functions of complete facts, and what they ask, in order of occurrence."""

    world: World
    sets: dict = Factory(dict)
    values: dict = Factory(dict)
    counts: Counter = Factory(Counter)
    facts: dict = Factory(dict)
    elements: dict = Factory(dict)

    def _ask(self, fact):
        if fact in self.elements:
            return self.elements[fact]
        self.facts.setdefault(fact)
        return fact

    def all_of(self, criteria):
        held = [self.condition(criterion.condition) for criterion in criteria]
        return lambda facts: all(h(facts) for h in held)

    def condition(self, condition):
        match condition:
            case m.ValueIn(fact, values):
                self.values.setdefault(self._ask(fact), set()).update(values)
                return lambda facts: _as_text(facts[fact]) in values
            case m.DayIn(fact, start, end):
                self.values.setdefault(self._ask(fact), set()).update({start, end} - {None})
                return lambda facts: (
                    (start is None or start <= facts[fact]) and (end is None or facts[fact] < end)
                )
            case m.CodeIn():
                return self._codes(condition)
            case m.Negated(inner):
                holds = self.condition(inner)
                return lambda facts: not holds(facts)
            case m.Use(name):
                return self.all_of(self.world.definitions[name].criteria)
            case m.Group(kind, count, criteria):
                held = [self.condition(criterion.condition) for criterion in criteria]
                least = {GroupKind.ALL: len(held), GroupKind.ANY: 1, GroupKind.NONE: 1}.get(kind, count)
                if kind is GroupKind.NONE:
                    return lambda facts: not any(h(facts) for h in held)
                return lambda facts: sum(h(facts) for h in held) >= least
            case m.Quantified():
                return self._quantified(condition)
        raise AssertionError(condition)

    def _codes(self, condition):
        about = self._ask(condition.fact)
        known = {}

        def takes(code):
            if code not in known:
                known[code] = any(_inside(stretch, code) for stretch in condition.codes) or any(
                    self.world.takes(concept, code) for concept in condition.concepts
                )
            return known[code]

        self.sets.setdefault(about, []).append((takes, condition.codes))
        return lambda facts: takes(facts[condition.fact])

    def _quantified(self, condition):
        fact, element, count = self._ask(condition.list), condition.element, condition.count
        self.elements[element] = fact
        self.counts[fact] = max(self.counts[fact], count)
        met = self.all_of(condition.criteria)
        names = sorted(self._names(condition))
        known = {}

        def holds(facts):
            # The same for all completions that agree on what is asked here.
            key = tuple(facts.get(name) for name in names)
            if key not in known:
                meeting = [met(facts | {element: value}) for value in facts[fact]]
                if condition.kind is GroupKind.EVERY:
                    known[key] = all(meeting)
                else:
                    known[key] = sum(meeting) >= (1 if condition.kind is GroupKind.SOME else count)
            return known[key]

        return holds

    def _names(self, condition):
        match condition:
            case m.Quantified(list=fact, criteria=criteria):
                own = {fact}
            case m.Group(criteria=criteria):
                own = set()
            case m.Use(name):
                own, criteria = set(), self.world.definitions[name].criteria
            case _:
                return set(m.facts_of(condition))
        return own.union(*(self._names(criterion.condition) for criterion in criteria))


def _as_text(value):
    return str(value).lower() if isinstance(value, bool) else value
