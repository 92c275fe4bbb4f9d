"""Wordings of reasons: one file of sentences with placeholders, which a plan may adapt or translate."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache, reduce
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any, NamedTuple

_FREE = "facts"
"""The table whose entries are the plan's own."""


class WordingError(Exception):
    """A file of wordings that lacks something, or has something that nothing knows; the message names it."""


class Wordings(NamedTuple):
    """Texts by table and name."""

    texts: dict[str, dict[str, str]]

    def say(self, table: str, name: str, **given: object) -> str:
        """A text with its placeholders filled."""
        return self.texts[table][name].format(**given)

    def part(self, name: str, **given: object) -> str:
        """A part of a sentence."""
        return self.say("parts", name, **given)

    def join(self, how: str, items: list[str]) -> str:
        """Several texts as one; a list has commas, and the word before its last item."""
        if how in ("and", "or") and len(items) > 2:
            items = [self.join("comma", items[:-1]), items[-1]]
        return reduce(lambda first, last: self.say("lists", how, first=first, last=last), items)

    def day(self, text: str) -> str:
        """A date as people write it."""
        day = date.fromisoformat(text)
        months = self.texts["values"]["months"].split()
        return self.say("values", "date", year=day.year, month=months[day.month - 1], day=day.day)

    def fact(self, path: str) -> str:
        """The name of a fact."""
        return self.texts[_FREE].get(path) or path.rpartition(".")[2].replace("_", " ")


@cache
def shipped() -> Wordings:
    """The wordings that come with policyc."""
    return Wordings(
        tomllib.loads(files("policyc.words").joinpath("wordings.toml").read_text(encoding="utf-8"))
    )


def read_wordings(path: Path) -> Wordings:
    """The wordings of a file. Raises WordingError, or OSError where it cannot be read."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WordingError(f"it is no TOML: {error}") from None
    wanted = shipped().texts
    for table, texts in found.items():
        if table not in wanted or not isinstance(texts, dict):
            raise WordingError(f"nothing knows `{table}`")
        for name, text in texts.items():
            if table != _FREE and name not in wanted[table]:
                raise WordingError(f"nothing knows `{table}.{name}`")
            if not isinstance(text, str):
                raise WordingError(f"`{table}.{name}` is no text")
    for table, texts in wanted.items():
        for name, text in texts.items() if table != _FREE else ():
            if name not in found.get(table, {}):
                raise WordingError(f"`{table}.{name}` is missing")
            _check(f"{table}.{name}", found[table][name], text)
    if len(found["values"]["months"].split()) != len(wanted["values"]["months"].split()):
        raise WordingError("`values.months` names other than twelve months")
    return Wordings({_FREE: {}, **found})


def _check(name: str, text: str, wanted: str) -> None:
    """A text has the placeholders of the shipped one, and nothing else in braces."""
    has, needs = _placeholders(name, text), _placeholders(name, wanted)
    for placeholder in sorted(has - needs):
        raise WordingError(f"`{name}` has the placeholder `{{{placeholder}}}`, which nothing fills")
    for placeholder in sorted(needs - has):
        raise WordingError(f"`{name}` lacks the placeholder `{{{placeholder}}}`")


def _placeholders(name: str, text: str) -> set[str]:
    try:
        parts: list[Any] = list(Formatter().parse(text))
    except ValueError as error:
        raise WordingError(f"`{name}` cannot be read: {error}") from None
    if any(spec or conversion for _, _, spec, conversion in parts):
        raise WordingError(f"`{name}` has more than a name in its braces")
    return {field for _, field, _, _ in parts if field is not None}
