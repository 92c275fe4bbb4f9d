"""What changed from one document to the next, marked in place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

from attrs import evolve

from policyc.pages.document import Document
from policyc.pages.prose import Word, in_state, said
from policyc.pages.rows import Block, CodeLine, Row

ALIKE = 0.5
"""Rows that have so much in common are one row, of which some words changed."""

_PIECES = re.compile(r"\w[\w.\N{EN DASH}]*|.", re.DOTALL)
Item = TypeVar("Item", Row, Block, CodeLine)


def marked(before: Document, now: Document) -> Document:
    """The document with what is new in it and, at its place, what is gone."""
    return Document(
        _rows(before.applies, now.applies),
        _blocks(before.sections, now.sections),
        _rows(before.orders, now.orders),
        _keyed(before.codes, now.codes, lambda line: line.code, _code),
        _rows(before.code_note, now.code_note),
        _blocks(before.definitions, now.definitions),
        _blocks(before.concepts, now.concepts),
        _rows(before.rules, now.rules),
        _rows(before.assumptions, now.assumptions),
        _rows(before.facts, now.facts),
        _rows(before.promises, now.promises),
        now.retired,
    )


def changes(document: Document) -> tuple[int, int]:
    """How many places are marked as new and as gone: whole parts once, words inside a row once a row."""
    states = [state for state in _states(document) if state != "kept"]
    return states.count("new"), states.count("gone")


def _states(document: Document) -> Iterator[str]:
    for block in (*document.sections, *document.definitions, *document.concepts):
        yield block.state
        if block.state == "kept":
            yield from _of_rows(block.rows)
    rows = (document.applies, document.orders, document.code_note)
    for each in (*rows, document.rules, document.assumptions, document.facts, document.promises):
        yield from _of_rows(each)
    yield from (line.state for line in document.codes)


def _of_rows(rows: tuple[Row, ...]) -> Iterator[str]:
    for row in rows:
        yield row.state
        if row.state == "kept":
            yield from dict.fromkeys(word.state for word in row.words)


def _keyed(
    before: Sequence[Item],
    now: Sequence[Item],
    key: Callable[[Item], str],
    both: Callable[[Item, Item], Item],
) -> tuple[Item, ...]:
    """Items by their key; what is gone stands behind what it stood behind."""
    old = {key(item): item for item in before}
    matcher = SequenceMatcher(None, list(old), [key(item) for item in now], autojunk=False)
    current = {key(item) for item in now}
    merged: list[Item] = []
    for _, low, high, start, end in matcher.get_opcodes():
        gone = [item for item in before[low:high] if key(item) not in current]
        merged += [evolve(item, state="gone") for item in gone]
        for item in now[start:end]:
            stood = old.get(key(item))
            merged.append(evolve(item, state="new") if stood is None else both(stood, item))
    return tuple(merged)


def _blocks(before: Sequence[Block], now: Sequence[Block]) -> tuple[Block, ...]:
    return _keyed(
        before, now, lambda block: block.anchor, lambda old, new: evolve(new, rows=_rows(old.rows, new.rows))
    )


def _code(old: CodeLine, new: CodeLine) -> CodeLine:
    return new if old == new else evolve(new, state="changed")


def _rows(before: Sequence[Row], now: Sequence[Row]) -> tuple[Row, ...]:
    matcher = SequenceMatcher(None, list(before), list(now), autojunk=False)
    merged: list[Row] = []
    for tag, low, high, start, end in matcher.get_opcodes():
        if tag == "equal":
            merged += now[start:end]
        else:
            merged += _replaced(list(before[low:high]), list(now[start:end]))
    return tuple(merged)


def _replaced(gone: list[Row], new: list[Row]) -> Iterator[Row]:
    """Rows that took the place of others: those that are alike by their words, the rest whole."""
    for row in new:
        match = next((old for old in gone if _alike(old, row)), None)
        if match is None:
            continue
        for old in gone[: gone.index(match)]:
            yield evolve(old, state="gone")
        gone = gone[gone.index(match) + 1 :]
        for whole in new[: new.index(row)]:
            yield evolve(whole, state="new")
        new = new[new.index(row) + 1 :]
        yield evolve(row, words=_words(match.words, row.words))
        yield from _replaced(gone, new)
        return
    yield from (evolve(old, state="gone") for old in gone)
    yield from (evolve(row, state="new") for row in new)


def _alike(old: Row, new: Row) -> bool:
    shape = (old.depth, old.label, old.kind)
    if shape != (new.depth, new.label, new.kind) or (old.assumes != new.assumes):
        return False
    ratio = SequenceMatcher(None, _pieces(said(old.words)), _pieces(said(new.words)), autojunk=False).ratio()
    return ratio >= ALIKE


def _pieces(text: str) -> list[str]:
    return _PIECES.findall(text)


def _words(before: tuple[Word, ...], now: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words of a row, those that changed marked."""
    old = [evolve(word, text=piece) for word in before for piece in _pieces(word.text) or [""]]
    new = [evolve(word, text=piece) for word in now for piece in _pieces(word.text) or [""]]
    matcher = SequenceMatcher(None, [w.text for w in old], [w.text for w in new], autojunk=False)
    merged: list[Word] = []
    for tag, low, high, start, end in matcher.get_opcodes():
        if tag == "equal":
            merged += new[start:end]
        else:
            merged += in_state(tuple(old[low:high]), "gone") + in_state(tuple(new[start:end]), "new")
    return tuple(_unblank(_joined(merged)))


def _unblank(words: Iterable[Word]) -> Iterator[Word]:
    """The words without marks on mere blanks."""
    for word in words:
        if word.state == "kept" or word.text.strip():
            yield word
        elif word.state == "new":
            yield evolve(word, state="kept")


def _joined(words: list[Word]) -> Iterator[Word]:
    """Neighbours of one kind, anchor and state as one word."""
    held: Word | None = None
    for word in words:
        if held is not None and (held.kind, held.anchor, held.state) == (word.kind, word.anchor, word.state):
            held = evolve(held, text=held.text + word.text)
            continue
        if held is not None:
            yield held
        held = word
    if held is not None:
        yield held
