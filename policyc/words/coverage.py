"""Words: what golden files exercise of a policy, beside its text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from attrs import Factory, define, frozen

from compiler.coverage.coverage import Coverage
from compiler.coverage.items import End, Item, Nearest, Truths
from compiler.runtime.edits import plain
from dsl.source import Source
from policyc.words.render import counted, printable

_THREE_VALUED = {
    "rule": "rules",
    "row": "rows of tables",
    "exception": "exceptions",
    "criterion": "criteria",
}
_MET = {"revision": "revisions", "code": "codes", "override": "orders of sections", "limit": "limits"}


@frozen
class Row:
    """A line of the policy with what was seen of what begins there, and what was not seen.

    `seen` is how often the first item was true, false and open, or how often it was met.
    """

    number: int
    text: str
    seen: tuple[int, ...]
    gaps: tuple[str, ...]
    never_open: tuple[str, ...]

    @property
    def mark(self) -> str:
        """`!` where a side was never seen, `?` where all that was never seen is an open one."""
        return "!" if self.gaps else "?" if self.never_open else " "


@define
class _Line:
    items: list[tuple[Item, Truths]] = Factory(list)
    ends: list[tuple[End, Nearest]] = Factory(list)


def summary(coverage: Coverage) -> Iterator[tuple[str, str]]:
    """Each kind of part with how many were seen."""
    by_kind: dict[str, list[Truths]] = {}
    for item, truths in coverage.seen.truths.items():
        by_kind.setdefault(item.kind, []).append(truths)
    for kind, name in _THREE_VALUED.items():
        found = by_kind.get(kind, ())
        if found:
            held = sum(bool(truths.true) for truths in found)
            failed = sum(bool(truths.false) for truths in found)
            open_ = sum(bool(truths.unknown) for truths in found)
            settled = sum(truths.settled and not truths.unknown for truths in found)
            never = f", {settled} cannot be" if settled else ""
            yield name, f"{len(found)}: {held} held, {failed} did not hold, {open_} were open{never}"
    ends = coverage.seen.ends
    if ends:
        met = sum(nearest.met(end) for end, nearest in ends.items())
        yield "boundaries", f"{len(ends)}: {met} were met on both sides"
    for kind, name in _MET.items():
        found = by_kind.get(kind, ())
        if found:
            true, false = sum(bool(t.true) for t in found), sum(bool(t.false) for t in found)
            said = f"{true} were exceeded, {false} kept" if kind == "limit" else f"{true} were met"
            yield name, f"{len(found)}: {said}"


def annotated(coverage: Coverage) -> Iterator[tuple[str, list[Row]]]:
    """The files with what was seen of each line: the policy whole, of libraries the lines that count."""
    sources: dict[Source, dict[int, _Line]] = {coverage.program.consolidated.policy.span.source: {}}
    for item, truths in coverage.seen.truths.items():
        _line_of(sources, item.span.source, item.span.start).items.append((item, truths))
    for end, nearest in coverage.seen.ends.items():
        _line_of(sources, end.span.source, end.span.start).ends.append((end, nearest))
    for number, (source, lines) in enumerate(sources.items()):
        texts = source.text.split("\n")
        rows = [
            _row(at, text, lines.get(at, _Line()))
            for at, text in enumerate(texts, 1)
            if at in lines or number == 0
        ]
        yield source.name, rows


def _line_of(sources: dict[Source, dict[int, _Line]], source: Source, start: int) -> _Line:
    return sources.setdefault(source, {}).setdefault(source.position(start)[0], _Line())


def _row(number: int, text: str, line: _Line) -> Row:
    # The first of the outermost speaks for the line.
    items = sorted(line.items, key=lambda pair: (pair[0].span.start, -pair[0].span.end))
    seen: tuple[int, ...] = ()
    if items:
        item, truths = items[0]
        seen = (truths.true,)
        if item.kind not in ("revision", "code", "override"):
            seen = (truths.true, truths.false, truths.unknown)
    gaps = [gap for item, truths in items for gap in _gaps(item, truths)]
    gaps += [_apart(end, nearest) for end, nearest in line.ends if not nearest.met(end)]
    never_open = [
        f"`{item.name}` is never open"
        for item, truths in items
        if item.kind in _THREE_VALUED and not (truths.unknown or truths.settled) and truths != Truths()
    ]
    return Row(number, text, seen, tuple(dict.fromkeys(gaps)), tuple(dict.fromkeys(never_open)))


def _gaps(item: Item, truths: Truths) -> Iterator[str]:
    if item.kind in _THREE_VALUED and truths == Truths():
        yield f"`{item.name}` is never asked"
        return
    match item.kind:
        case "revision":
            words = ("decides no line", "")
        case "code":
            words = ("is never billed", "")
        case "override":
            words = ("never both hold", "")
        case "limit":
            words = ("is never exceeded", "is never kept")
        case _:
            words = ("is never true", "is never false")
    for seen, said in zip((truths.true, truths.false), words, strict=True):
        if said and not seen:
            yield f"`{item.name}` {said}"


def _apart(end: End, nearest: Nearest) -> str:
    """Between which values an end lies, of those that were seen."""
    own = "above" if end.above else "below"
    if nearest == Nearest():
        return f"`{end.fact}` has no value around {_end(end)}"
    sides = [
        f"nothing {side}" if distance is None else f"{_at(end, distance)} {side}"
        for side, distance in (("below", nearest.below), ("above", nearest.above))
    ]
    return f"`{end.fact}` around {_end(end)}, which is {own}: nearest {' and '.join(sides)}"


def _end(end: End) -> str:
    if isinstance(end.at, tuple):
        anchor, (months, days, calendar) = end.at
        start = {0: "", 1: "the first of the month of ", 12: "the first of the year of "}[calendar]
        parts = [f"{count:+} {unit}" for count, unit in ((months, "months"), (days, "days")) if count]
        return " ".join([f"{start}`{anchor}`", *parts])
    return _at(end, Fraction(0))


def _at(end: End, distance: Fraction) -> str:
    """The value that lies so far above an end."""
    if isinstance(end.at, date):
        return str(end.at + timedelta(days=int(distance)))
    if isinstance(end.at, tuple):
        return f"{int(distance):+} days"
    exact = Fraction(end.at) + distance
    decimal = Decimal(exact.numerator) / Decimal(exact.denominator)
    return plain(decimal) if Fraction(decimal) == exact else str(exact)


def text(coverage: Coverage, goldens: int) -> Iterator[str]:
    """The coverage of a policy, for people."""
    yield f"{coverage.program.package}: exercised by {counted(goldens, 'golden file')}"
    yield ""
    for name, said in summary(coverage):
        yield f"{name:<20}{said}"
    for name, rows in annotated(coverage):
        yield ""
        yield f"{printable(name)}: how often what begins on a line was true, false and open"
        yield ""
        for row in rows:
            cells = "".join(f"{count:>6}" for count in row.seen)
            yield f"{cells:<18} {row.mark} | {printable(row.text.rstrip())}".rstrip()
            for gap in (*row.gaps, *row.never_open):
                yield f"{'':<18}   |{'':>8}^ {printable(gap)}"


def titled(coverages: Iterable[Coverage]) -> str:
    """What a page of some coverages is called."""
    return "Coverage of " + ", ".join(coverage.program.package for coverage in coverages)
