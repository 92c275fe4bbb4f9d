"""The history of a policy as a picture: its lanes as SVG that stands alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from xml.etree import ElementTree as Xml

from attrs import define, frozen

from compiler.program import Program
from policyc.pages.events import Event, Lane, Stretch, lanes

WIDTH, LEFT, RIGHT, ROW, BAR, HEAD = 1000, 372, 24, 26, 14, 46
_LONGEST = 52
_EM = 6.3
"""About the width of a letter, in the units of the picture."""

_STYLE = """
.tl { font: 12px Inter, system-ui, "Segoe UI", "Liberation Sans", sans-serif; }
.tl text { fill: #1f1d1a; } .tl .faint { fill: #5c5850; } .tl .group { font-weight: 600; }
.tl .inside { fill: #ffffff; font-size: 11px; } .tl .name { font-weight: 600; }
.tl .paper { fill: #ffffff; } .tl .grid { stroke: #d9d5cc; }
.tl .cut { stroke: #b9b3a6; stroke-dasharray: 2 3; }
.tl .force, .tl .listed { fill: #0b5a68; } .tl .concept { fill: #5b6f3a; }
.tl .valid { fill: #b9c9cc; } .tl .ended { fill: #ffffff; stroke: #a02a17; stroke-dasharray: 3 2; }
.tl .unknown { fill: url(#tl-hatch); stroke: #0b5a68; } .tl .hatch { stroke: #0b5a68; }
.tl .hatched { fill: #ffffff; } .tl .announced { fill: none; stroke: #0b5a68; stroke-dasharray: 2 3; }
.tl .posted { fill: #b4560b; stroke: #ffffff; }
.tl .changed { fill: #ffffff; stroke: #b4560b; stroke-width: 2.5; }
.tl .retired { stroke: #a02a17; stroke-width: 2.5; }
@media (prefers-color-scheme: dark) { @media not print {
.tl text { fill: #e9e6df; } .tl .faint { fill: #aca79c; } .tl .inside { fill: #0d1416; }
.tl .paper { fill: #1b1c1f; } .tl .grid { stroke: #35363a; } .tl .cut { stroke: #54565c; }
.tl .force, .tl .listed { fill: #7cc5d1; } .tl .concept { fill: #b3c98a; }
.tl .valid { fill: #3d5257; } .tl .ended { fill: #1b1c1f; stroke: #f0a395; }
.tl .unknown, .tl .announced, .tl .hatch { stroke: #7cc5d1; } .tl .hatched { fill: #1b1c1f; }
.tl .posted { fill: #f2a65a; stroke: #1b1c1f; } .tl .changed { fill: #1b1c1f; stroke: #f2a65a; }
.tl .retired { stroke: #f0a395; }
} }
"""

_LEGEND = (
    ("force", "in force; of a code, listed and valid"),
    ("unknown", "in force, but not yet posted"),
    ("posted", "posted"),
    ("changed", "changed"),
    ("valid", "valid, not listed"),
    ("ended", "listed, not valid"),
)


def timeline(program: Program, known_on: date | None) -> str:
    """The picture as SVG, with a title and a description in words, as one draws it who knows what was posted
    by a day: at least one revision.
    """
    groups = {name: found for name, found in lanes(program, known_on).items() if found}
    drawing = _Drawing.of(groups)
    svg = drawing.svg(f"History of {program.consolidated.policy.title}", groups)
    return Xml.tostring(svg, encoding="unicode")


@frozen
class Scale:
    """Days on the picture: the first and the last that it shows."""

    first: date
    last: date

    def x(self, day: date) -> float:
        """Where a day is; days outside are at the edge."""
        share = (min(max(day, self.first), self.last) - self.first) / (self.last - self.first)
        return round(LEFT + share * (WIDTH - RIGHT - LEFT), 1)

    def years(self) -> Iterator[date]:
        """The first days of years that are marked: as many as can be read."""
        span = self.last.year - self.first.year + 1
        step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000) if span / step <= 12)
        for year in range(self.first.year, self.last.year + 1):
            if year % step == 0 and self.first <= date(year, 1, 1):
                yield date(year, 1, 1)


@define
class _Drawing:
    scale: Scale
    cuts: list[date]

    @classmethod
    def of(cls, groups: dict[str, list[Lane]]) -> _Drawing:
        """A drawing that shows all dates of revisions, and all changes behind the first."""
        revisions = groups["Revisions"]
        days = [s.start for lane in revisions for s in lane.stretches if s.start is not None]
        days += [event.on for lane in revisions for event in lane.events]
        later = [event.on for found in groups.values() for lane in found for event in lane.events]
        first, last = min(days), max([*days, *later])
        room = max((last - first) * 0.06, timedelta(days=60))
        cuts = sorted(
            {s.start for lane in revisions for s in lane.stretches if s.kind == "force" and s.start}
        )
        return cls(Scale(_moved(first, -room / 2), _moved(last, room * 2)), cuts)

    def svg(self, title: str, groups: dict[str, list[Lane]]) -> Xml.Element:
        rows = sum(len(found) + 1 for found in groups.values())
        height = HEAD + rows * ROW + 64
        view = f"0 0 {WIDTH} {height}"
        names = {"role": "img", "aria-labelledby": "tl-title tl-desc", "class": "tl"}
        svg = Xml.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": view, **names})
        _put(svg, "title", title, id="tl-title")
        _put(svg, "desc", " ".join(_told(groups)), id="tl-desc")
        _put(svg, "style", _STYLE)
        hatch = _put(
            _put(svg, "defs"), "pattern", id="tl-hatch", width=6, height=6, patternUnits="userSpaceOnUse"
        )
        hatch.set("patternTransform", "rotate(45)")
        _put(hatch, "rect", width=6, height=6, class_="hatched")
        _put(hatch, "path", d="M0 0V6", class_="hatch", stroke_width=3)
        _put(svg, "rect", width=WIDTH, height=height, class_="paper")
        self.axis(svg, HEAD + rows * ROW)
        line = count()
        for name, found in groups.items():
            y = HEAD + next(line) * ROW + ROW / 2
            _put(svg, "text", name, x=16, y=y + 6, class_="group")
            _put(svg, "path", d=f"M16 {y + 12}H{WIDTH - RIGHT}", class_="grid")
            for lane in found:
                self.lane(
                    svg, lane, HEAD + next(line) * ROW + ROW / 2, "concept" if name == "Concepts" else ""
                )
        _legend(svg, HEAD + rows * ROW + 30)
        return svg

    def axis(self, svg: Xml.Element, bottom: float) -> None:
        for year in self.scale.years():
            x = self.scale.x(year)
            _put(svg, "path", d=f"M{x} {HEAD - 12}V{bottom}", class_="grid")
            _put(svg, "text", str(year.year), x=x + 3, y=HEAD - 16, class_="faint")
        for day in self.cuts:
            _put(svg, "path", d=f"M{self.scale.x(day)} {HEAD - 12}V{bottom}", class_="cut")
        _put(svg, "text", "day of service", x=16, y=HEAD - 16, class_="faint")

    def lane(self, svg: Xml.Element, lane: Lane, y: float, kind: str) -> None:
        row = _put(svg, "g")
        _put(row, "title", _lane_told(lane))
        room = _LONGEST - len(lane.name)
        label = _put(row, "text", x=16, y=y + 4)
        if lane.name:
            _put(label, "tspan", lane.name, class_="name").tail = "  "
        _put(label, "tspan", _cut(lane.title, room))
        for stretch in lane.stretches:
            self.bar(row, stretch, y, kind)
        for event in lane.events:
            self.event(row, event, y)

    def bar(self, row: Xml.Element, stretch: Stretch, y: float, kind: str) -> None:
        start = self.scale.x(stretch.start or date.min)
        end = self.scale.x(stretch.end or date.max)
        if end <= start:
            return
        thin = stretch.kind == "valid"
        height = 4 if thin else BAR
        if stretch.kind in ("announced", "past"):
            _put(row, "path", d=f"M{start} {y}H{end}", class_="announced")
            return
        name = kind or stretch.kind
        _put(row, "rect", x=start, y=y - height / 2, width=round(end - start, 1), height=height, class_=name)
        if stretch.end is None and not thin:
            d = f"M{end} {y - height / 2}l{height / 2} {height / 2}l{-height / 2} {height / 2}z"
            _put(row, "path", d=d, class_=name)

    def event(self, row: Xml.Element, event: Event, y: float) -> None:
        x = self.scale.x(event.on)
        match event.kind:
            case "posted":
                _put(row, "path", d=f"M{x} {y - 7}l7 7l-7 7l-7 -7z", class_="posted")
            case "changed":
                _put(row, "circle", cx=x, cy=y, r=5, class_="changed")
            case "retired":
                _put(row, "path", d=f"M{x - 5} {y - 5}l10 10m0 -10l-10 10", class_="retired")
            case _:
                pass
        if event.words:
            self.words(row, event, x, y)

    def words(self, row: Xml.Element, event: Event, x: float, y: float) -> None:
        """What happened, on the bar before its mark; where that is too short, left out: the title says it."""
        most = int((x - LEFT - 24) / _EM)
        if most >= 12:
            words = _cut(event.words, most)
            _put(row, "text", words, x=x - 10, y=y + 4, text_anchor="end", class_="inside")


def _legend(svg: Xml.Element, y: float) -> None:
    x = 16.0
    for kind, words in _LEGEND:
        match kind:
            case "posted":
                _put(svg, "path", d=f"M{x + 9} {y - 7}l7 7l-7 7l-7 -7z", class_=kind)
            case "changed":
                _put(svg, "circle", cx=x + 9, cy=y, r=5, class_=kind)
            case _:
                height = 4 if kind == "valid" else BAR
                _put(svg, "rect", x=x, y=y - height / 2, width=18, height=height, class_=kind)
        _put(svg, "text", words, x=x + 24, y=y + 4)
        x += 24 + len(words) * _EM + 22


def _told(groups: dict[str, list[Lane]]) -> Iterator[str]:
    for name, found in groups.items():
        yield f"{name}: " + "; ".join(_lane_told(lane) for lane in found) + "."


_KINDS = {
    "force": "in force",
    "unknown": "in force but not yet posted",
    "announced": "posted but not yet in force",
    "past": "not yet posted, another being in force,",
    "valid": "valid",
    "listed": "listed",
    "ended": "listed though not valid",
}


def _lane_told(lane: Lane) -> str:
    parts = [f"{_KINDS[each.kind]} {_days(each)}" for each in lane.stretches]
    parts += [f"{event.kind} on {event.on} {event.words}".rstrip() for event in lane.events]
    return f"{lane.name} {lane.title}".strip() + ": " + ", ".join(parts)


def _days(stretch: Stretch) -> str:
    if stretch.start is None and stretch.end is None:
        return "always"
    since = f"from {stretch.start}" if stretch.start is not None else ""
    until = f"through {stretch.end - timedelta(days=1)}" if stretch.end is not None else "on"
    return f"{since} {until}".strip()


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _moved(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        return date.min if by < timedelta(0) else date.max


def _put(parent: Xml.Element, tag: str, text: str = "", **attributes: object) -> Xml.Element:
    """A new last child; `class_` and `stroke_width` stand for names that Python does not allow."""
    said = {key.rstrip("_").replace("_", "-"): str(value) for key, value in attributes.items()}
    child = Xml.SubElement(parent, tag, said)
    child.text = text or None
    return child
