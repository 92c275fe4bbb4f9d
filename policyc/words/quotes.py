"""The passages of a source document behind the criteria of an explanation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from compiler.binding.library import load
from compiler.checks.citations import cited
from compiler.source.passages import State
from compiler.source.wording import normal
from dsl.diagnostics import Report
from policyc.commands.cite import cited_passage, read
from policyc.words.render import cited_in


class Quotes:
    """The passages of one policy: those that stand in the document as they stood when they were indexed."""

    def __init__(self, policy: Path, source: Path, roots: Sequence[Path]) -> None:
        reading, _ = read(source)
        library = load([policy], roots, Report())
        package = next(name for name, path in library.paths.items() if path == policy)
        file, index = library.files[package], library.indexes.get(package)
        self._shown: dict[str, str] = {}
        for cites in cited(file):
            found = cited_passage(cites, file, index, reading)
            if found.state is State.SHOWN and found.part is not None:
                self._shown[found.place] = normal(found.part.text)

    def add(self, result: dict[str, Any]) -> None:
        """Put the passages into an explained decision, by place; a place whose words have changed since
        they were indexed, or that is not found, is named instead of shown.
        """
        trees = [tree for line in result.get("lines", ()) for tree in line.get("explanation", ())]
        places = list(dict.fromkeys(place for tree in trees for place in cited_in(tree)))
        result["passages"] = {place: self._shown[place] for place in places if place in self._shown}
        stale = [place for place in places if place not in self._shown]
        if stale:
            result["stale_passages"] = stale
