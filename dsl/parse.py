"""Text to syntax tree; with dsl.build the only place that knows Lark."""

from __future__ import annotations

import gc
import re
from functools import cache
from importlib.resources import files

from attrs import define, evolve, frozen
from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput, UnexpectedToken
from lark.lexer import PatternStr

from dsl import errors
from dsl import syntax as s
from dsl.build import Build
from dsl.diagnostics import Diagnostic, Edit, Fix, Report
from dsl.mistakes import Mistake, plainly, readings
from dsl.nesting import outline
from dsl.pieces import Parts, Piece
from dsl.scan import Scanned, scan
from dsl.source import Source, Span, comments_in

MOST_LETTERS = 1_500_000
MOST_SYNTAX_ERRORS = 10_000
"""Nobody reads so many; how many are shown is the renderer's choice."""

_DEEPEST = 150  # levels of the tree: braces, parentheses and `not` together
_MOST_REPAIRED = 300  # pieces in which a slip is mended to look for the next mistake behind it
_MOST_REPAIRS = 8  # a piece
_LARGEST_REPAIRED = 20_000
_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_PLAIN_NAMES = {
    "NAME": "a name",
    "LITERAL": "a code or number",
    "STRING": "a text in quotes",
    "DATE": "a date",
    "OPERATOR": "a comparison",
    "UNIT": "a unit of time",
    "MONTHS": "`months` or `years`",
    "UNITS": "a unit",
    "$END": "the end of the file",
}


@cache
def _lark() -> Lark:
    grammar = files("dsl").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", start="file", propagate_positions=True, maybe_placeholders=True)


@cache
def _fixed_words() -> dict[str, str]:
    """The words and marks that a terminal of the grammar stands for, where it is one word."""
    return {t.name: t.pattern.value for t in _lark().terminals if isinstance(t.pattern, PatternStr)}


def parse(source: Source, report: Report) -> s.File | None:
    """The tree of a file, or None where the text is not of the language.

    A text with a mistake is read again in parts, so that all of a file's mistakes are told at once; each
    part is read a bounded number of times, so that the work stays in proportion to the text.
    """
    own = Report()
    collects = gc.isenabled()
    gc.disable()  # the tree is one large live object: looking for garbage in it doubles the time
    try:
        tree = _parse(source, own)
    finally:
        if collects:
            gc.enable()
    by_place = sorted(own.diagnostics[:MOST_SYNTAX_ERRORS], key=lambda d: d.labels[0].span.start)
    for diagnostic in by_place:
        report.add(diagnostic)
    return None if own.has_errors else tree


def _parse(source: Source, report: Report) -> s.File | None:
    if not source.text.strip():
        report.add(errors.unreadable_file(Span(source, 0, 0), "it is empty"))
        return None
    if len(source.text) > MOST_LETTERS:
        why = "it is longer than 1.5 million letters; split it into packages"
        report.add(errors.unreadable_file(Span(source, 0, 0), why))
        return None
    scanned = scan(source, report)
    outlined = outline(source, scanned, report)
    if outlined is None:
        return None
    read = None if report.has_errors else _read(scanned.text)
    if isinstance(read, Tree):
        if not _told_too_deep(read, source, 0, report):
            tree: s.File = Build(source, report).transform(read)
            said = comments_in(source.text)
            return evolve(tree, comments=tuple(s.Comment(m[0], span=Span(source, *m.span())) for m in said))
        return None
    parts = Parts.of(scanned.text, outlined)
    recovery = _Recovery(source, report, scanned, parts)
    for piece in parts.of_file():
        recovery.tell(piece)
    if isinstance(read, Mistake) and not report.has_errors:
        recovery.explain(Piece.of_file(scanned.text), read)
    return None


def parse_piece(source: Source, text: str, piece: Piece) -> s.File | None:
    """The tree of a piece of a source, whose `text` was scanned, with what stands around the piece so that it
    can be read alone; None where it has a mistake.
    """
    read, own = _read(piece.read(text)), Report()
    if isinstance(read, Mistake) or _told_too_deep(read, source, piece.shift, own):
        return None
    tree: s.File = Build(source, own, piece.shift).transform(read)
    return None if own.has_errors else tree


def _read(text: str) -> Tree[Token] | Mistake:
    """What the grammar makes of a text: its tree, or the first place where it gives up."""
    try:
        return _lark().parse(text)
    except UnexpectedInput as unexpected:
        at = min(unexpected.pos_in_stream or 0, len(text))
        readable = isinstance(unexpected, UnexpectedToken)
        end = at + 1
        if isinstance(unexpected, UnexpectedToken):
            ends = unexpected.token.type == "$END"
            at = len(text) if ends else at
            end = at if ends else at + len(unexpected.token)
            wanted = unexpected.accepts or unexpected.expected
        else:
            wanted = getattr(unexpected, "allowed", None) or set()
        fixed = _fixed_words()
        words = [fixed[name] for name in wanted if name in fixed]
        others = [_PLAIN_NAMES[name] for name in wanted if name in _PLAIN_NAMES]
        letters = sorted(word for word in words if word.isalpha())
        marks = sorted(word for word in words if not word.isalpha())
        return Mistake(at, end, tuple(letters), tuple(marks), tuple(sorted(others)), readable)


def _told_too_deep(tree: Tree[Token], source: Source, shift: int, report: Report) -> bool:
    """Whether a tree is too deep to be walked by functions that call themselves; says so."""
    waiting = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > _DEEPEST:
            start = shift + int(getattr(node.meta, "start_pos", 0))
            report.add(errors.nested_too_deeply(Span(source, start, start + 1)))
            return True
        waiting += [(child, depth + 1) for child in node.children if isinstance(child, Tree)]
    return False


@frozen
class _Change:
    """A change of a text: at a place of the changed text, so many letters more than before."""

    at: int
    more: int


@define
class _Recovery:
    """Tells the mistakes of a text part by part."""

    source: Source
    report: Report
    scanned: Scanned
    parts: Parts
    repaired: int = 0

    def tell(self, piece: Piece) -> bool:
        """Tell the mistakes of a part; whether there was one."""
        if len(self.report.diagnostics) > MOST_SYNTAX_ERRORS:
            return True
        if self.scanned.is_told(piece.start, piece.end):
            return True
        read = _read(piece.read(self.scanned.text))
        if isinstance(read, Tree):
            return self._build(piece, read)
        told = [self.tell(part) for part in self.parts.of_piece(piece)]
        if not any(told):
            self.explain(piece, read)
        return True

    def _build(self, piece: Piece, tree: Tree[Token]) -> bool:
        own = Report()
        if not _told_too_deep(tree, self.source, piece.shift, own):
            Build(self.source, own, piece.shift).transform(tree)
        for diagnostic in own.diagnostics:
            span = diagnostic.labels[0].span
            if not self.scanned.was_told(span.start, span.end):
                self.report.add(diagnostic)
        return own.has_errors

    def explain(self, piece: Piece, mistake: Mistake) -> None:
        """Say what a mistake probably means; where that can be mended, look for the next one behind it."""
        text = piece.read(self.scanned.text)
        changes: list[_Change] = []
        tries = _MOST_REPAIRS if len(text) < _LARGEST_REPAIRED and self.repaired < _MOST_REPAIRED else 1
        self.repaired += 1
        for left in range(tries, 0, -1):
            following = self._explain_one(piece, text, mistake, changes, left > 1)
            if following is None:
                return
            text, mistake = following

    def _explain_one(
        self, piece: Piece, text: str, mistake: Mistake, changes: list[_Change], go_on: bool
    ) -> tuple[str, Mistake] | None:
        """Complain once; gives the mended text and its next mistake, if there is one to speak of."""
        place = self._place(piece, mistake.at, changes)
        there = evolve(mistake, at=place, end=place + mistake.end - mistake.at)
        if place >= piece.end:  # what stands behind the piece is what does not fit
            place = _BLANK.match(self.scanned.text, piece.end).end()  # type: ignore[union-attr]
            there = evolve(mistake, at=place, end=min(place + 1, len(self.scanned.text)))
        if self.scanned.was_told(place, place + 1):
            return None
        if self.repaired > _MOST_REPAIRED:
            self.report.add(plainly(self.source, there))
            return None
        for reading in readings(self.source, self.scanned.text, there):
            if reading.change is None or not go_on:
                if reading.certain:
                    self.report.add(reading.diagnostic)
                    return None
                if reading.change is None or not go_on:
                    continue
            start, end, new = reading.change
            moved = start - place + mistake.at, end - place + mistake.at
            changed = text[: moved[0]] + new + text[moved[1] :]
            more = len(new) - (moved[1] - moved[0])
            again = _read(changed)
            if isinstance(again, Mistake) and again.at <= mistake.at + max(more, 0):
                if reading.certain:
                    self.report.add(reading.diagnostic)
                    return None
                continue
            self.report.add(self._mended(reading.diagnostic, start, end, new))
            if isinstance(again, Tree):
                return None
            changes.append(_Change(moved[0], more))
            return changed, again
        return None

    def _mended(self, diagnostic: Diagnostic, start: int, end: int, new: str) -> Diagnostic:
        """A complaint with the change that mends it."""
        if self.source.text[max(start - 1, 0) : start].isspace():
            new = new.lstrip(" ")
        if self.source.text[end : end + 1].isspace():
            new = new.rstrip(" ")
        edit = Edit(Span(self.source, start, end), new)
        title = f"write `{new.strip()}`" if new.strip() else f"delete `{edit.span.text.strip()}`"
        return evolve(diagnostic, fixes=(Fix(title, (edit,)),))

    def _place(self, piece: Piece, at: int, changes: list[_Change]) -> int:
        """A place of a changed piece in the text itself."""
        for change in reversed(changes):
            at -= change.more if at > change.at else 0
        return at + piece.shift
