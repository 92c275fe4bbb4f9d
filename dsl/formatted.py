"""The one layout of a text. Its words stay, and so do its comments and where its author began new lines.

What is decided here: how lines are indented, what stands between words, where braces stand, that parts of a
block over several lines begin a line each, that blank lines come one at a time, and where one line is not
enough.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import Factory, define

from dsl.concrete import Comment, Part, Phrase, Word, concrete, first, last

WIDTH = 120
_INDENT, _NEW_LINE = "    ", "\n"
_TIGHT = {"path", "element_path", "range", "pattern", "label"}
"""Where no blank stands between words."""

_DEEPER = {"cites", "assume", "gives", "replaced", "needs"}
"""What goes on a level deeper than it began."""

_CLAUSES = {
    "absent",
    "acknowledged",
    "from_day",
    "given_by",
    "per",
    "posted",
    "supersedes",
    "until_day",
    "wording_only",
    *_DEEPER,
}
"""What begins a new line where it does not fit on the one in hand."""

_CHAINS = {"both", "disjunction", "needs"}

_LISTS = {"enumeration", "value_set"}
"""Blocks with commas: as many parts stand in a line as their author likes."""

_BARE = {"concept_codes", "concept_use", "table_row"}
"""Parts of which the same is true where nothing more than a code or name is said of them."""

_WITHIN = {"group", "quantified", "newest", "count", "total", "extreme", *_LISTS}
"""Blocks inside of a sentence: their brace stays on its line."""


def formatted(text: str) -> str:
    """A text that has no mistakes, in its layout."""
    text = text.replace("\r\n", "\n")
    file, comments = concrete(text)
    lines = _Lines(text, list(comments))
    _file(lines, file)
    found = lines.end()
    assert concrete(found) == (file, comments), "the layout would change what is said"
    return found


# ---- lines ------------------------------------------------------------------------------------------------


@define
class _Lines:
    """The lines so far, and the one in hand with its indentation. `continued` says that the statement in
    hand, or what of it follows its last block, takes more than one line.
    """

    text: str
    comments: list[Comment]
    done: list[str] = Factory(list)
    line: str = ""
    indent: int = 0
    continued: bool = False
    read_to: int = 0

    def begin(
        self,
        word: Word,
        indent: int,
        above: int | None = None,
        before: bool = False,
        behind: bool = False,
        apart: bool = False,
    ) -> None:
        """A word on a new line, with the comments before it, at an indentation of their own if `above` is
        given. A blank line is kept at the beginning (`before`) and between comments and word (`behind`), or
        made where there is none (`apart`).
        """
        said: list[Word] = [*self._comments(word), word]
        if "\n" not in self.text[self.read_to : said[0].start] and isinstance(said[0], Comment) and self.line:
            self.line += "  " + said[0].text
            self.read_to = said.pop(0).end
        starts = [self.read_to, *(each.end for each in said)]
        blanks = [self.text.count("\n", at, each.start) > 1 for at, each in zip(starts, said, strict=False)]
        kept = [before, *(True for _ in said[1:])]
        kept[-1] &= behind
        for at, each in enumerate(said):
            blank = (blanks[at] and kept[at]) or (apart and at == 0 and not any(blanks))
            self._new_line(indent if each is word or above is None else above, blank)
            self.line = each.text
            self.read_to = each.end

    def go_on(self, word: Word, glue: str, indent: int, may_break: bool) -> None:
        """A word on the line in hand, or on a new one: where its author did, or by a glue of that kind."""
        if self.commented(word) or glue == _NEW_LINE or (may_break and self.breaks(word)):
            self.begin(word, indent)
            self.continued = True
        else:
            self.line += glue + word.text
            self.read_to = word.end

    def flat(self, text: str, end: int) -> None:
        """Words that were read up to some end, on the line in hand."""
        self.line += text
        self.read_to = end

    def commented(self, word: Word) -> bool:
        """Whether comments stand before a word that is next."""
        return bool(self.comments) and self.comments[0].start < word.start

    def breaks(self, word: Word) -> bool:
        """Whether the author began a line before a word that is next."""
        return "\n" in self.text[self.read_to : word.start]

    def fits(self, letters: int) -> bool:
        """Whether so many letters more fit on the line in hand."""
        return len(_INDENT * self.indent) + len(self.line) + letters <= WIDTH

    def end(self) -> str:
        """The whole text."""
        self.begin(Word("", len(self.text)), 0, before=True, behind=True)
        return "\n".join(self.done).rstrip("\n") + "\n"

    def _new_line(self, indent: int, blank: bool) -> None:
        if self.line:
            self.done.append(_INDENT * self.indent + self.line)
            if blank:
                self.done.append("")
        self.line, self.indent = "", indent

    def _comments(self, word: Word) -> list[Comment]:
        found = []
        while self.commented(word):
            found.append(self.comments.pop(0))
        return found


# ---- what stands on them ----------------------------------------------------------------------------------


def _file(lines: _Lines, file: Phrase) -> None:
    """Declarations stand apart, if one of two takes more than a line."""
    before: Part | None = None
    for part in file.parts:
        heads = {_head(before), _head(part)}
        one_line = all(_one_line(lines, each) for each in (before, part) if each is not None)
        apart = before is not None and (len(heads) > 1 or (heads == {"item"} and not one_line))

        def begin(word: Word, apart: bool = apart) -> None:
            lines.begin(word, 0, before=True, behind=True, apart=apart)

        _Statement(lines, part, 0, begin).write()
        before = part


def _head(part: Part | None) -> str:
    kind = part.kind if isinstance(part, Phrase) else ""
    return kind if kind in ("package", "import_package") else "item"


def _one_line(lines: _Lines, part: Part) -> bool:
    return "\n" not in lines.text[first(part).start : last(part).end] and len(_flat(part)) <= WIDTH


@define
class _Statement:
    """A declaration, or a part of a block: it begins a line, and where it goes on it is indented."""

    lines: _Lines
    part: Part
    indent: int
    begin: Callable[[Word], None]

    def write(self) -> None:
        """Put it on the lines."""
        self.lines.continued = False
        self._part(self.part, "", self.indent + 1, False, False)

    def _part(self, part: Part, glue: str, level: int, may_break: bool, within: bool) -> None:
        if isinstance(part, Word):
            self._word(part, glue, level, may_break)
            return
        within |= part.kind in _WITHIN
        at = 0
        while at < len(part.parts):
            each = part.parts[at]
            if at > 0:
                glue, may_break = _between(part, at)
                together = _together(part, at)
                if together and not self.lines.fits(len(together) + len("  {")):
                    glue = _NEW_LINE
            if isinstance(each, Word) and each.text == "{":
                close = next(i for i, p in enumerate(part.parts) if i > at and first(p).text == "}")
                self._block(part, at, close, within)
                at = close
            else:
                self._part(each, glue, level + (at > 0 and part.kind in _DEEPER), may_break, within)
            at += 1

    def _word(self, word: Word, glue: str, level: int, may_break: bool) -> None:
        if word is first(self.part):
            self.begin(word)
            self.lines.continued = False
        else:
            self.lines.go_on(word, glue, level, may_break)

    def _too_long(self) -> bool:
        """Whether no block stays on its line, since what follows it does not fit there."""
        parts = self.part.parts if isinstance(self.part, Phrase) else ()
        follows = any(isinstance(part, Phrase) and part.kind == "exception" for part in parts)
        return follows and len(_INDENT * self.indent + _flat(self.part)) > WIDTH

    def _block(self, owner: Phrase, opening: int, closing: int, within: bool) -> None:
        lines = self.lines
        opened, closed = owner.parts[opening], owner.parts[closing]
        assert isinstance(opened, Word) and isinstance(closed, Word)
        if not within and (lines.continued or lines.commented(opened)):
            lines.begin(opened, self.indent, above=self.indent + 1)
        else:
            self._word(opened, " ", self.indent + 1, False)
        if "\n" not in lines.text[opened.end : closed.start] and (within or not self._too_long()):
            rest = _flat_block(owner, opening, closing)[1:]
            if lines.fits(len(rest)):
                lines.flat(rest, closed.end)
                return
        base = lines.indent
        before: Part | None = None
        for part in owner.parts[opening + 1 : closing]:
            if isinstance(part, Word) and part.text == ",":
                lines.go_on(part, "", base + 2, False)
                continue
            goes_on = before is not None and _side_by_side(owner, before, part)
            if goes_on and not lines.breaks(first(part)) and lines.fits(len(_flat(part)) + 2):
                begin = _going_on(lines, base + 1)
            else:
                begin = _beginning(lines, base + 1, before is not None)
            _Statement(lines, part, base + 1, begin).write()
            before = part
        lines.begin(closed, base, above=base + 1, before=before is not None)
        lines.continued = False


def _beginning(lines: _Lines, indent: int, blank: bool) -> Callable[[Word], None]:
    return lambda word: lines.begin(word, indent, before=blank, behind=True)


def _going_on(lines: _Lines, indent: int) -> Callable[[Word], None]:
    return lambda word: lines.go_on(word, " ", indent, False)


# ---- what stands between words ----------------------------------------------------------------------------


def _between(phrase: Phrase, at: int) -> tuple[str, bool]:
    """What stands before a part of a phrase, and whether it may begin a line."""
    before, after = last(phrase.parts[at - 1]).text, first(phrase.parts[at]).text
    if phrase.kind in _TIGHT or after in (",", ")") or before == "(":
        return "", False
    if phrase.kind == "extremum" and after == "(":
        return "", False
    return " ", not (before == "}" and after in ("except", "unless"))


def _together(phrase: Phrase, at: int) -> str:
    """What begins a new line, even if its author did not, where it does not fit on the one in hand."""
    part = phrase.parts[at]
    if isinstance(part, Word):
        if part.text in ("and", "or") and phrase.kind in _CHAINS:
            following = _flat(phrase.parts[at + 1])
            return f"{part.text} {following}" if "{" not in following else ""
        return part.text if phrase.kind == "judgement" and part.text[0] == '"' else ""
    return _flat(part) if part.kind in _CLAUSES or last(phrase.parts[at - 1]).text == "," else ""


def _side_by_side(owner: Phrase, one: Part, other: Part) -> bool:
    """Whether parts of a block may stand in a line of several."""
    return owner.kind in _LISTS or (_is_bare(one) and _is_bare(other))


def _is_bare(part: Part) -> bool:
    if isinstance(part, Word):
        return True
    clauses = [
        each for each in part.parts if isinstance(each, Phrase) and each.kind not in ("pattern", "path")
    ]
    return part.kind in _BARE and not clauses


def _flat(part: Part) -> str:
    """A part on one line."""
    if isinstance(part, Word):
        return part.text
    found = ""
    at = 0
    while at < len(part.parts):
        each = part.parts[at]
        found += _between(part, at)[0] if at > 0 else ""
        if isinstance(each, Word) and each.text == "{":
            close = next(i for i, p in enumerate(part.parts) if i > at and first(p).text == "}")
            found += _flat_block(part, at, close)
            at = close
        else:
            found += _flat(each)
        at += 1
    return found


def _flat_block(owner: Phrase, opening: int, closing: int) -> str:
    found = "{"
    before: Part | None = None
    for part in owner.parts[opening + 1 : closing]:
        if isinstance(part, Word) and part.text == ",":
            found += ","
            continue
        found += " " if before is None or _side_by_side(owner, before, part) else "  "
        found += _flat(part)
        before = part
    return found + (" }" if before is not None else "}")
