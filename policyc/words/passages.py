"""Ink: passages of a source document as text for people, and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from compiler.source.documents import Part
from compiler.source.passages import Passage, Reading, Run, State, compared
from compiler.source.wording import normal
from dsl.source import Span
from policyc.words.render import counted, printable

_WIDTH = 96
_LONGEST = 600
_AROUND = 8
"""Words shown before and after a change."""


def passage_text(one: Passage, where: str, old: Reading | None) -> Iterator[str]:
    """A cited passage; where it is stale, what changed, by the word if an older document is at hand."""
    states = {
        State.SHOWN: "shown",
        State.STALE: "stale: the document's words have changed",
        State.NOT_FOUND: "not found",
    }
    at = f"{place_of(one.part)}; " if one.part is not None else ""
    yield f"{printable(one.place)}: {states[one.state]}   ({at}{where})"
    if one.part is not None:
        yield from _indented(printable(normal(one.part.text), _LONGEST))
    if one.changed:
        yield "    changed or new:"
        for sentence in one.changed:
            yield from _indented(printable(sentence, _LONGEST), 6)
    if one.gone:
        yield f"    no longer there: {counted(one.gone, 'sentence')} of the indexed edition"
    if one.moved:
        places = " and ".join(f"`{printable(place)}`" for place in one.moved)
        yield f"    the indexed words now stand at {places}"
    if old is not None and one.state is State.STALE and one.part is not None:
        before = old.parts.get(one.place)
        if before is None:
            yield "    the older document has no such part"
        else:
            yield "    word by word:"
            yield from _indented(marked(compared(before.text, one.part.text)), 6)


def passage_json(one: Passage, where: Span, old: Reading | None) -> dict[str, Any]:
    """The same for programs; `words` tells the runs of words that were kept, are gone and are new."""
    line, column = where.source.position(where.start)
    told: dict[str, Any] = {
        "place": one.place,
        "state": one.state.value,
        "at": {"file": where.source.name, "line": line, "column": column},
    }
    if one.part is not None:
        told |= {"line": one.part.line, "page": one.part.page, "text": normal(one.part.text)}
    if one.state is not State.SHOWN:
        told |= {"changed": list(one.changed), "gone": one.gone, "moved": list(one.moved)}
    before = old.parts.get(one.place) if old is not None else None
    if one.state is State.STALE and one.part is not None and before is not None:
        told["words"] = [
            {"kind": run.kind, "words": run.words} for run in compared(before.text, one.part.text)
        ]
    return told


def place_of(part: Part) -> str:
    """Where a part stands in its document."""
    return f"page {part.page}" if part.page is not None else f"line {part.line}"


def marked(runs: list[Run]) -> str:
    """The words that changed, with some around them: `[-gone-] {+new+}`."""
    said = []
    for at, run in enumerate(runs):
        words = printable(run.words)
        if run.kind == "kept":
            said.append(_shortened(words.split(), at == 0, at == len(runs) - 1))
        else:
            said.append(f"[-{words}-]" if run.kind == "gone" else f"{{+{words}+}}")
    return " ".join(said)


def _shortened(words: list[str], first: bool, last: bool) -> str:
    before = [] if first else words[:_AROUND]
    after = [] if last else words[-_AROUND:]
    if len(before) + len(after) >= len(words):
        return " ".join(words)
    return " ".join([*before, "\N{HORIZONTAL ELLIPSIS}", *after])


def _indented(text: str, by: int = 4) -> Iterator[str]:
    yield textwrap.indent(textwrap.fill(text, _WIDTH), " " * by)
