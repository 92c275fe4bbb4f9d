"""What can be said of a text before the grammar: its letters and its quotes."""

from __future__ import annotations

import re
import unicodedata

from attrs import Factory, define

from dsl import errors
from dsl.diagnostics import Report
from dsl.lookalike import LOOK_ALIKES, look_alike
from dsl.source import Source, Span

_TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*\\?(?:"|(?=\n)|\Z)|#[^\n]*|[{}()]|[^\x00-\x7f]')
_LONGEST_WORD = 200
_ESCAPE = re.compile(r"\\(.)")
_LAST_BRACE = re.compile(r"\s*\{\s*\Z")
_DECEIVING = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb]"
)
_BLANK = re.compile(
    "[\xa0\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u2000-\u200d\u202f\u205f-\u2064"
    "\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)


@define
class Scanned:
    """A text that the grammar can be asked about: of the same length, with what was told mended.

    `brackets` stand outside quotes and comments; `told` are places about which enough was said.
    """

    text: str
    brackets: list[int] = Factory(list)
    told: list[tuple[int, int]] = Factory(list)

    def was_told(self, start: int, end: int) -> bool:
        """Whether something inside a stretch was already complained about."""
        return any(at < end and start < after for at, after in self.told)

    def is_told(self, start: int, end: int) -> bool:
        """Whether a whole stretch was already complained about."""
        return any(at <= start and end <= after for at, after in self.told)


def scan(source: Source, report: Report) -> Scanned:
    """Hidden characters, letters of other scripts and quotes: all of a file's mistakes of these kinds."""
    return _Scanner(source, report, list(source.text)).scan()


@define
class _Scanner:
    source: Source
    report: Report
    mended: list[str]
    told: list[tuple[int, int]] = Factory(list)

    def scan(self) -> Scanned:
        text = self.source.text
        brackets: list[int] = []
        for match in _DECEIVING.finditer(text):
            self.hidden(match.start())
        read_to = 0
        for match in _TOKEN.finditer(text):
            start, end = match.span()
            if start < read_to:
                continue
            first = match[0][0]
            if first == '"':
                read_to = self.quoted(start, end)
                brackets += [at for at in range(read_to, end) if text[at] == "{"]
            elif first in "{}()":
                brackets.append(start)
            elif first == "#":
                pass
            elif _BLANK.match(first):
                self.hidden(start)
            else:
                read_to = self.word(start)
        return Scanned("".join(self.mended), brackets, self.told)

    def span(self, start: int, end: int) -> Span:
        return Span(self.source, start, end)

    def hidden(self, at: int) -> None:
        letter = self.source.text[at]
        name = unicodedata.name(letter, "control character").lower()
        self.report.add(errors.hidden_character(self.span(at, at + 1), f"U+{ord(letter):04X}, {name}"))
        self.mended[at] = " "
        self.told.append((at, at + 1))

    def quoted(self, start: int, end: int) -> int:
        """A text in quotes: closed on its line, with escapes that we know. Gives where it ends."""
        said = self.source.text[start:end]
        closed = len(said) >= 2 and said[-1] == '"' and (len(said) - len(said[:-1].rstrip("\\"))) % 2 == 1
        if not closed:
            return self.open_text(start, end)
        for escape in _ESCAPE.finditer(said):
            if escape[1] not in '"\\':
                at = start + escape.start()
                self.report.add(errors.invalid_escape(self.span(at, at + 2)))
                self.mended[at : at + 2] = "  "
        return end

    def open_text(self, start: int, end: int) -> int:
        """A quote that is not closed: the text goes to the line's end, or to a quote on the next lines."""
        text = self.source.text
        after = None
        at = end
        for _ in range(3):
            following = text.find("\n", at + 1)
            line = text[at : following if following >= 0 else len(text)]
            if not line.strip() or line.lstrip().startswith("#"):
                break
            quote = line.find('"')
            if line.count('"') % 2 == 1:
                if quote > 0 and not line[quote - 1].isspace() and not _LAST_BRACE.search(text[start:end]):
                    after = at + quote + 1
                break
            if following < 0:
                break
            at = following
        several_lines = after is not None
        self.report.add(errors.open_text(self.span(start, end), several_lines))
        if after is None:
            brace = _LAST_BRACE.search(text[start:end])  # hardly meant as part of the text
            after = start + brace.start() if brace else end
        for blanked in range(start, after):
            self.mended[blanked] = "\n" if text[blanked] == "\n" else " "
        if end - start >= 2 and after - start >= 2:
            self.mended[start : start + 2] = '""'
        self.told.append((start, max(after, end)))
        return after

    def word(self, at: int) -> int:
        """A word with letters that are not Latin: told once, then read as it was meant. Gives its end."""
        text = self.source.text
        start, end = at, at + 1
        while start > max(0, at - _LONGEST_WORD) and _in_word(text[start - 1]):
            start -= 1
        while end < min(len(text), at + _LONGEST_WORD) and _in_word(text[end]):
            end += 1
        first = next((place for place in range(start, end) if text[place] in LOOK_ALIKES), None)
        alike = look_alike(text, first) if first is not None else None
        if first is not None and alike is not None:
            span = self.span(first, first + 1)
            self.report.add(errors.look_alike_letter(span, alike.letter, alike.script, alike.word))
            for place in range(start, end):
                self.mended[place] = LOOK_ALIKES.get(text[place], text[place])
        return end


def _in_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"
