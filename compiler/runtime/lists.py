"""What is asked of lists: how many elements meet a condition, which of them is the latest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from compiler.runtime.atoms import ALWAYS, NEVER, Condition, Elements, Newest, Open, facts_of
from compiler.runtime.claim_values import FactSpec, Record, Value
from compiler.runtime.codes import Interval, contains
from compiler.runtime.conditions import (
    Held,
    Kleene,
    Test,
    all_of,
    any_of,
    at_least,
    code_in,
    day_around,
    day_in,
    negated,
    number_in,
    value_in,
)
from compiler.runtime.kept import MOST_KEPT
from compiler.runtime.line_facts import LineFacts, spec_of
from compiler.runtime.numbers import after, before
from compiler.runtime.windows import Offset, Window

_MOST_COMPARED = 60
"""Elements of which it is open which is the latest, above which this is not told apart any further."""

_MOST_WAYS = 100_000
"""Different values times elements, above which it is not told apart which element has which value."""

Each = Record | str | None


def elements(
    facts: LineFacts,
    path: str,
    element: str,
    count: int,
    where: Test,
    assumptions: tuple[str, ...] = (),
    different: str | None = None,
    run: tuple[int, str] | None = None,
    codes: tuple[Interval, ...] | None = None,
) -> Held:
    """At least so many elements of a list meet a condition: so many of different values of a field, or
    within a run of so many consecutive days. Where the condition is no more than that an element is one
    of some codes, these are given too: a list that is all known needs no more.
    """
    values = facts.values.get(path)
    assumption = facts.assumptions.get(path)
    rests = frozenset() if assumption is None else frozenset([assumption])
    if values is None:
        name, (condition,) = strange(facts, element, where)
        node = Elements if codes is None else _of_codes
        open_ = node(facts.real(path), name, count, condition, different, run)
        return Held(None, rests.union(assumptions), NEVER if condition == NEVER else open_)
    if not values:
        return Held(False, rests)
    rests = rests.union(assumptions)
    each = _stated(values)
    if codes is not None and None not in each:
        return Held(_among(codes, each, count), rests)
    met = [in_hand(facts, element, path, at, value, where) for at, value in enumerate(each)]
    if different is None and run is None:
        held = at_least(count, *met)
        return Held(held.holds, rests, held.open)
    records = [value for value in each if isinstance(value, Record)]
    certain = most(_those(records, met, (True,)), different, run, False)
    possible = _those(records, met, (True, None))
    if certain >= count:
        return Held(True, rests)
    if most(possible, different, run, True) < count:
        return Held(False, rests)
    if different is not None and run is None:
        spec = spec_of(f"{path}[0].{different}", facts.specs)
        told = _different(facts, path, spec, possible, [m for m in met if m.holds is not False], count)
        if told is not None:
            return Held(told.holds, rests, told.open)
    about = f"{count} {path} {different} {run} {[m.open if m.holds is None else m.holds for m in met]}"
    return Held(None, rests, Open(about, tuple(_left_open(path, records, met, different, run))))


_of_codes = lru_cache(maxsize=MOST_KEPT)(Elements)


def _among(codes: tuple[Interval, ...], each: tuple[Each, ...], count: int) -> bool:
    """Whether at least so many are some codes."""
    for code in each:
        if count <= 0:
            break
        count -= contains(codes, str(code))
    return count <= 0


def _stated(values: Value) -> tuple[Each, ...]:
    assert isinstance(values, tuple)
    return values


def in_hand(facts: LineFacts, element: str, path: str, at: int, value: Each, test: Test) -> Held:
    """What is found of one element of a stated list."""
    facts.take(element, f"{path}[{at}]", value)
    found = test(facts)
    facts.drop(element, value)
    return found


def strange(facts: LineFacts, element: str, *tests: Test) -> tuple[str, list[Condition]]:
    """What is asked of an element of which nothing is known, and the name that it has there."""
    name = facts.strange()
    facts.take(element, name, None)
    found = [test(facts) for test in tests]
    facts.drop(element, None)
    return name, [held.open if held.holds is None else ALWAYS if held.holds else NEVER for held in found]


Possible = list[tuple[int, Record]]


def _those(records: list[Record], met: list[Held], truths: tuple[Kleene, ...]) -> Possible:
    return [(at, record) for at, record in enumerate(records) if met[at].holds in truths]


def most(records: Possible, different: str | None, run: tuple[int, str] | None, hopeful: bool) -> int:
    """The most that count within one run. Where its date or value is unknown, a record counts alone, or,
    hopefully, beside all others.
    """
    strange_ones = 0
    dated: list[tuple[int, object]] = []
    for at, record in records:
        key: object = at if different is None else record[different]
        day = record[run[1]] if run is not None else date.min
        if key is None or day is None:
            strange_ones += 1
        else:
            assert isinstance(day, date)
            dated.append((day.toordinal(), key))
    dated.sort(key=lambda pair: pair[0])
    length = run[0] if run is not None else 1
    most = start = 0
    seen: Counter[object] = Counter()
    for ordinal, key in dated:
        seen[key] += 1
        while dated[start][0] <= ordinal - length:
            left = dated[start][1]
            seen[left] -= 1
            if not seen[left]:
                del seen[left]
            start += 1
        most = max(most, len(seen))
    return most + strange_ones if hopeful else max(most, min(strange_ones, 1))


def _left_open(
    path: str,
    records: list[Record],
    met: list[Held],
    different: str | None,
    run: tuple[int, str] | None,
) -> Iterator[str]:
    """The unknown facts by which it is open how many elements count."""
    for at, record in enumerate(records):
        if met[at].holds is not False:
            yield from facts_of(met[at].open)
            for field in (different, run[1] if run is not None else None):
                if field is not None and record[field] is None:
                    yield f"{path}[{at}].{field}"


def _different(
    facts: LineFacts, path: str, spec: FactSpec, possible: Possible, met: list[Held], count: int
) -> Held | None:
    """So many different values of a field, some of them unknown; None for too many, and where several are
    unknown of endlessly many.
    """
    known = dict.fromkeys(record[spec.path] for _, record in possible if record[spec.path] is not None)
    unknown = sum(1 for _, record in possible if record[spec.path] is None)
    values = list(known)
    one_more: list[Held] = []
    match spec.kind:
        case "boolean":
            values = [True, False]
        case "enum" | "text":
            members = list(dict.fromkeys(spec.names.values()))
            free = spec.kind == "text" or spec.open
            values = list(
                dict.fromkeys([*known, *members, *([fresh(n) for n in range(unknown)] if free else [])])
            )
        case _ if unknown > 1:
            return None
        case _ if unknown:
            one_more = [_another(facts, path, spec, possible, met, known)]
    if len(values) * len(possible) > _MOST_WAYS:
        return None
    by_value = []
    for value in values:
        ways = []
        for (at, record), held in zip(possible, met, strict=True):
            facts.take("*", f"{path}[{at}]", record)
            ways.append(all_of(held, is_value(facts, f"*.{spec.path}", spec, value)))
            facts.drop("*", record)
        by_value.append(any_of(*ways))
    return at_least(count, *by_value, *one_more)


def _another(
    facts: LineFacts,
    path: str,
    spec: FactSpec,
    possible: Possible,
    met: list[Held],
    known: Iterable[Value | None],
) -> Held:
    """The one element of which the field is unknown counts, with a value that no other has."""
    ((at, record, held),) = (
        (at, record, held)
        for (at, record), held in zip(possible, met, strict=True)
        if record[spec.path] is None
    )
    facts.take("*", f"{path}[{at}]", record)
    new = [negated(is_value(facts, f"*.{spec.path}", spec, value)) for value in known]
    facts.drop("*", record)
    return all_of(held, *new)


def fresh(number: int) -> str:
    """A text that no author declares, and that resembles none."""
    return "z" * 20 + str(number)


def is_value(facts: LineFacts, path: str, spec: FactSpec, value: Value | None) -> Held:
    """A field has a value."""
    match value:
        case Decimal():
            return number_in(facts, path, ((before(value), after(value)),))
        case date():
            return day_in(facts, path, value, value + timedelta(days=1) if value < date.max else None)
        case _ if spec.kind == "code":
            return code_in(facts, path, ((str(value), f"{value}\0"),), spec.system)
        case _:
            return value_in(facts, path, frozenset([str(value).casefold()]))


def newest(
    facts: LineFacts,
    path: str,
    element: str,
    by: str,
    latest: bool,
    among: Test,
    has: Test,
    assumptions: tuple[str, ...] = (),
) -> Held:
    """Of the elements that meet one condition, one with the latest (or earliest) date meets another."""
    values = facts.values.get(path)
    assumption = facts.assumptions.get(path)
    rests = frozenset() if assumption is None else frozenset([assumption])
    if values is None:
        name, (inside, wanted) = strange(facts, element, among, has)
        open_ = Newest(facts.real(path), name, by, latest, inside, wanted)
        return Held(None, rests.union(assumptions), open_)
    if not values:
        return Held(False, rests)
    rests = rests.union(assumptions)
    each = _stated(values)
    inside_ = [in_hand(facts, element, path, at, value, among) for at, value in enumerate(each)]
    wanted_ = [in_hand(facts, element, path, at, value, has) for at, value in enumerate(each)]
    left = [at for at, held in enumerate(inside_) if held.holds is not False]
    days = {at: record[by] for at in left if isinstance(record := each[at], Record)}
    if all(inside_[at].holds and days[at] is not None for at in left):
        best = (max if latest else min)((day for day in days.values() if day is not None), default=None)
        held = any_of(*(wanted_[at] for at in left if days[at] == best))
        return Held(held.holds, rests, held.open)
    if len(left) > _MOST_COMPARED:
        asked = [f"{path}[{at}].{by}" for at in left if days[at] is None]
        for at in left:
            asked += [*facts_of(inside_[at].open), *facts_of(wanted_[at].open)]
        about = f"{path} {element} {by} {inside_} {wanted_}"
        return Held(None, rests, Open(about, tuple(dict.fromkeys(asked))))
    ways = [
        all_of(
            inside_[at],
            wanted_[at],
            *(
                negated(all_of(inside_[other], _later(facts, path, by, latest, at, other, each)))
                for other in left
                if other != at
            ),
        )
        for at in left
    ]
    held = any_of(*ways)
    return Held(held.holds, rests, held.open if held.holds is None else ALWAYS)


def _later(
    facts: LineFacts, path: str, by: str, latest: bool, one: int, other: int, each: tuple[Each, ...]
) -> Held:
    """Whether the other element is later (or earlier) than one."""
    for name, at in (("*one", one), ("*other", other)):
        facts.take(name, f"{path}[{at}]", each[at])
    around = Window(f"*one.{by}", Offset(days=1), None) if latest else Window(f"*one.{by}", None, Offset())
    found = day_around(facts, f"*other.{by}", around)
    for name, at in (("*one", one), ("*other", other)):
        facts.drop(name, each[at])
    return found
