"""What a line leaves unsaid, and what each version then takes from its code and from the lines beside it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from datetime import date
from itertools import product

from attrs import evolve, field, frozen

from compiler.diff.side import Side, Standing
from compiler.diff.spaces import Apart
from compiler.ir.occurring import This, occurring_in
from compiler.ir.outcomes import PROCEDURE
from compiler.questions.compared import days_compared
from compiler.questions.split import Fixed, splits
from compiler.questions.views import seen
from compiler.runtime.claim_values import FactSpec, Value
from compiler.runtime.codes import contains
from compiler.runtime.diagram import TooLarge
from compiler.runtime.tables import CodeRow, EvidenceRule

_MOST_STATES = 2_000

Beside = tuple[str, tuple[tuple[str, Value], ...]]
"""A line beside: its code, and the facts that it states."""


class Untold(Exception):
    """A fact that the codes of other facts give, or other lines that another date governs, where it matters
    whether the line itself states it; `apart` says so.
    """

    def __init__(self, what: str, fact: str) -> None:
        super().__init__(what, fact)
        self.apart = Apart(what, (fact,))


@frozen
class Circumstance:
    """Facts that a line does not state itself, what each side derives of each (None: it stays open), and the
    lines beside it.
    """

    unstated: tuple[str, ...] = ()
    derived: tuple[tuple[Value | None, ...], ...] = ()
    beside: tuple[Beside, ...] = ()

    def of(self, side: int) -> dict[str, Value | None]:
        """What one side derives of the facts that the line does not state."""
        return dict(zip(self.unstated, self.derived[side], strict=True)) if self.unstated else {}


@frozen(eq=False)
class Place:
    """A line with a procedure code, as each side sees it on its day, that does not state the `unstated` facts
    itself.
    """

    sides: tuple[Side, ...]
    days: tuple[date, ...]
    code: str
    standings: tuple[Standing, ...]
    fixed: Fixed | None = None
    unstated: frozenset[str] = frozenset()
    compared: Fixed | None = None

    def parts(self, specs: Mapping[str, FactSpec], leave: Collection[str] = ()) -> Iterator[Place]:
        """The place itself; where rules are many one for each value of a fact that the line states, and where
        dates are compared with one that it states one for each way in which that can lie. None of those to
        `leave` is such a fact.
        """
        decisions = [standing.decision for standing in self.standings if standing.decision is not None]
        derived = self.derived.union(leave)
        known = self.sides[0].program.governed_by, self.days[0]
        moved = len(set(self.days)) > 1
        days = (None,) if moved else days_compared(decisions, known, specs, derived)
        for fixed, compared in product(splits(decisions, specs, derived), days):
            standings = (standing.within(fixed) for standing in self.standings)
            yield evolve(self, standings=tuple(standings), fixed=fixed, compared=compared)

    @property
    def derived(self) -> set[str]:
        """The facts that a line can come to have, or that mean something, where it does not state them."""
        found: set[str] = set()
        for side, standing in zip(self.sides, self.standings, strict=True):
            program = side.program
            evidence = standing.decision.evidence if standing.decision is not None else ()
            found |= {*program.absent, *standing.stating, *standing.asks_stated}
            found |= {rule.fact for rule in evidence}
            found |= {fact for giver in program.givers for fact in (*giver.gives, giver.list)}
        return found

    @property
    def states_more(self) -> bool:
        """Whether it matters that a line itself states something."""
        return any(standing.stating or standing.asks_stated for standing in self.standings)

    @property
    def stated(self) -> tuple[Fixed, ...]:
        """What the line states here, whatever else it does."""
        return tuple(each for each in (self.fixed, self.compared) if each is not None)

    def asked(self) -> Hashable:
        """What rules ask of lines here, as far as they can tell the day."""
        found = tuple(
            standing.settled
            if standing.settled is not None or standing.decision is None
            else (
                tuple((rule.row, rule.condition) for rule in standing.decision.rules),
                standing.decision.overrides,
                standing.stating,
            )
            for standing in self.standings
        )
        return found, self._beside_rules()

    def same(self) -> Hashable:
        """The same of places that ask the same for the reason that they are of the same texts."""
        found = ((each.settled, each.stating, This(each.decision)) for each in self.standings)
        return tuple(found), self._beside_rules()

    def _beside_rules(self) -> Hashable:
        """What tells lines apart beside what rules ask."""
        decisions = [each.decision for each in self.standings if each.decision is not None]
        asks_code = any(PROCEDURE in occurring_in(decision) for decision in decisions)
        moved = len(set(self.days)) > 1
        day = self.days if moved else seen(decisions, self.sides[0].program.governed_by, self.days[0])
        return self.stated, self.unstated, self.code if asks_code else None, day

    def alike(self, at: int) -> bool:
        """Whether a side asks the same rules as the first, on the same day."""
        if self.days[0] != self.days[at]:
            return False
        one, other = self.standings[0], self.standings[at]
        if (one.settled, one.stating) != (other.settled, other.stating):
            return False
        rules = [
            (each.decision.rules, each.decision.overrides) if each.decision is not None else None
            for each in (one, other)
        ]
        return rules[0] == rules[1]


def circumstances(
    place: Place, codes: Sequence[str], asked: Collection[str], cells: Mapping[str, Sequence[Value]]
) -> Iterator[Circumstance]:
    """One for each way in which the sides can derive different facts, or ask whether a fact is stated; first
    that in which the line states whatever matters.

    `codes` are those of lines beside, `asked` the facts that rules ask, `cells` values of each that show what
    can be told apart of it. Raises TooLarge where the ways are too many, Untold where codes of other facts,
    or other lines on days of their own, tell one of these.
    """
    yield Circumstance()
    deriving = [_Deriving(*each) for each in zip(place.sides, place.days, place.standings, strict=True)]
    telling = sorted(_telling(place, deriving, codes, asked))
    for leaves in product((False, True), repeat=len(telling)):
        unstated = tuple(fact for fact, leave in zip(telling, leaves, strict=True) if leave)
        untold = [fact for fact in unstated for each in deriving if each.given_by_others(fact)]
        if untold:
            raise Untold("given", untold[0])
        if unstated:
            yield from _unstated(place.code, unstated, deriving, codes, cells)
    elsewhere = [fact for fact in telling for each in deriving if each.heard_elsewhere(fact)]
    if elsewhere:
        raise Untold("evidence", elsewhere[0])


@frozen(eq=False)
class _Deriving:
    """One side on its day: what it takes from codes and from other lines."""

    side: Side
    day: date
    standing: Standing
    rules: tuple[EvidenceRule, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        decision = self.standing.decision
        rules = decision.evidence if decision is not None else ()
        own = tuple(EvidenceRule(rule.fact, rule.codes, None) for rule in rules)
        object.__setattr__(self, "rules", own)

    def given(self, code: str) -> dict[str, Value]:
        """What a procedure code says that day, and the codes that it gives."""
        return self.side.given(code, self.day)

    def given_by_others(self, fact: str) -> list[tuple[str, CodeRow]]:
        """The rows of that day by which codes of other facts give one, or give fields in the records of a
        list, each with the fact or field that holds the code.
        """
        program, known_on = self.side.program, self.side.known_on
        rows = [row for row in program.code_rows if row.on(self.day)]
        known = [row for row in rows if known_on is None or row.posted is None or row.posted <= known_on]
        found = []
        for giver in program.givers:
            mine = fact == giver.list or (fact in giver.gives and giver.by != PROCEDURE)
            own = {path for path in giver.gives if mine and fact in (path, giver.list)}
            rows = [row for row in known if own and row.system == giver.system]
            found += [(giver.by, row) for row in rows if any(path in own for path, _ in row.gives)]
        return found

    def takes(self, rule: EvidenceRule, code: str) -> bool:
        """Whether a rule takes a fact from a line with a code."""
        valid = self.side.program.valid(code, self.day, self.side.known_on)
        return valid and (rule.codes is None or contains(rule.codes, code))

    def absent(self, fact: str) -> Value | None:
        """What it means that nothing says a fact."""
        return self.side.program.absent.get(fact, (None, None))[0]

    def heard_elsewhere(self, fact: str) -> list[object]:
        """What is taken from other lines of a fact where each may have a governing day of its own."""
        program = self.side.program
        scope, _, name = program.governed_by.partition(".")
        rules = [rule for rule in self.rules if rule.fact == fact]
        if scope != "line" or name == "service_date" or not rules:
            return []
        return [rules, program.code_rows, self.side.known_on]

    def told(self, fact: str, code: str, codes: Sequence[str]) -> object:
        """All that it derives a fact by, for a line with a code."""
        said, others = self.given(code).get(fact), self.given_by_others(fact)
        if said is not None:
            # What its code gives another fact, by which that gives this one, the line may state otherwise.
            return said, others
        rules = [rule for rule in self.rules if rule.fact == fact]
        taken = [[(self.takes(rule, c), self.given(c).get(fact)) for c in codes] for rule in rules]
        return (
            others,
            self.absent(fact),
            [[pair if pair[0] else False for pair in own] for own in taken],
            self.heard_elsewhere(fact),
        )


def telling(place: Place, codes: Sequence[str]) -> set[str]:
    """The facts, of all that rules can ask, of which it can matter whether the line states them."""
    deriving = [_Deriving(*each) for each in zip(place.sides, place.days, place.standings, strict=True)]
    decisions = [standing.decision for standing in place.standings if standing.decision is not None]
    asked = {fact for decision in decisions for fact in occurring_in(decision)}
    return _telling(place, deriving, codes, asked)


def _telling(
    place: Place, deriving: Sequence[_Deriving], codes: Sequence[str], asked: Collection[str]
) -> set[str]:
    """The facts of which it matters to the sides in different ways whether the line states them."""
    asking = [each for each in deriving if each.standing.decision is not None]
    found: set[str] = set()
    if len({(standing.settled, standing.stating) for standing in place.standings}) > 1:
        found |= {fact for standing in place.standings for fact in standing.stating}
    found |= {fact for standing in place.standings for fact in standing.asks_stated}
    derived: set[str] = set()
    for each in asking:
        program = each.side.program
        derived |= {*program.absent, *(rule.fact for rule in each.rules)}
        derived |= {fact for giver in program.givers for fact in (*giver.gives, giver.list)}
    for fact in derived & set(asked):
        told = [each.told(fact, place.code, codes) for each in asking]
        if any(other != told[0] for other in told):
            found.add(fact)
    return found


# ---- the ways in which other lines can speak --------------------------------------------------------------


class _Many:
    """More than one value: the fact cannot be told."""


_MANY = _Many()
_State = tuple[Value | _Many | None, ...]


def _unstated(
    code: str,
    unstated: tuple[str, ...],
    deriving: Sequence[_Deriving],
    codes: Sequence[str],
    cells: Mapping[str, Sequence[Value]],
) -> Iterator[Circumstance]:
    """The ways to derive some facts that the line does not state: lines are added as long as that tells."""
    rules = [(each, rule) for each in deriving for rule in each.rules if rule.fact in unstated]
    steps: dict[_State, Beside] = {}
    asked = [fact for fact in unstated if any(rule.fact == fact for _, rule in rules)]
    for other in codes if rules else ():
        for stated in product(*((None, *cells.get(fact, ())) for fact in asked)):
            values = {fact: value for fact, value in zip(asked, stated, strict=True) if value is not None}
            said = tuple(
                values.get(rule.fact, each.given(other).get(rule.fact)) if each.takes(rule, other) else None
                for each, rule in rules
            )
            steps.setdefault(said, (other, tuple(values.items())))
    start: _State = (None,) * len(rules)
    states: dict[_State, tuple[Beside, ...]] = {start: ()}
    waiting = [start]
    derived: set[tuple[tuple[Value | None, ...], ...]] = set()
    while waiting:
        state = waiting.pop(0)
        told = dict(zip([(each, rule.fact, at) for at, (each, rule) in enumerate(rules)], state, strict=True))
        now = tuple(tuple(_derived(each, fact, code, told) for fact in unstated) for each in deriving)
        if now not in derived:
            derived.add(now)
            yield Circumstance(unstated, now, states[state])
        for step, line in steps.items():
            following = tuple(_joined(one, other) for one, other in zip(state, step, strict=True))
            if following not in states:
                if len(states) >= _MOST_STATES:
                    raise TooLarge
                states[following] = (*states[state], line)
                waiting.append(following)


def _joined(one: Value | _Many | None, other: Value | _Many | None) -> Value | _Many | None:
    if one is None or other is None:
        return other if one is None else one
    return one if one == other else _MANY


def _derived(
    each: _Deriving, fact: str, code: str, told: Mapping[tuple[_Deriving, str, int], Value | _Many | None]
) -> Value | None:
    """What one side makes of a fact that the line does not state."""
    said = each.given(code).get(fact)
    if said is not None:
        return said
    own = [value for (deriving, about, _), value in told.items() if deriving is each and about == fact]
    for value in own:
        if value is not None and not isinstance(value, _Many):
            return value
    return None if _MANY in own else each.absent(fact)
