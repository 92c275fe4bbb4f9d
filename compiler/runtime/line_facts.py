"""What is known of a line: values by path, where each comes from, and the list elements in hand."""

from __future__ import annotations

import re
from collections.abc import Mapping

from compiler.runtime.claim_values import FactSpec, Record, Scalar, Unclear, Value

_PLACE = re.compile(r"(.+)\[[0-9]+\](?:\.(.+))?")


class LineFacts:
    """Values by path, with where each comes from; what is not here is unknown.

    A list element in hand has its values here under its name, `trial.agent`, as long as it is in hand;
    `real` says under which path the claim knows them. `given` is what codes say, also where other is stated.
    """

    __slots__ = (
        "_hands",
        "_hidden",
        "assumptions",
        "given",
        "origins",
        "own_diagnoses",
        "specs",
        "unclear",
        "values",
    )

    def __init__(
        self, unclear: dict[str, Unclear], own_diagnoses: bool, specs: Mapping[str, FactSpec]
    ) -> None:
        self.values: dict[str, Value | None] = {}
        self.origins: dict[str, str] = {}
        self.assumptions: dict[str, str] = {}
        self.given: dict[str, Scalar] = {}
        self.unclear = unclear
        self.own_diagnoses = own_diagnoses
        self.specs = specs
        self._hands: dict[str, str] = {}
        self._hidden: list[tuple[str | None, dict[str, Value | None]]] = []

    def put(self, path: str, value: Value, origin: str, assumption: str | None = None) -> None:
        """A value and its origin (stated, given, evidence), with the assumption behind it, if one is."""
        self.values[path] = value
        self.origins[path] = origin
        if assumption is not None:
            self.assumptions[path] = assumption

    def take(self, element: str, place: str, value: Record | str | None) -> None:
        """An element in hand: the one at a place of the claim, or (None) one of which nothing is known.

        One of the same name is out of sight until this is dropped.
        """
        hidden: dict[str, Value | None] = {}
        if element in self._hands:
            names = [name for name in self.values if name == element or name.startswith(f"{element}.")]
            hidden = {name: self.values.pop(name) for name in names}
        self._hidden.append((self._hands.get(element), hidden))
        self._hands[element] = place
        if isinstance(value, Record):
            for field, stated in value.items():
                self.values[f"{element}.{field}"] = stated
        else:
            self.values[element] = value

    def drop(self, element: str, value: Record | str | None) -> None:
        """The element is no longer in hand."""
        for name in [f"{element}.{field}" for field in value] if isinstance(value, Record) else [element]:
            del self.values[name]
        place, hidden = self._hidden.pop()
        del self._hands[element]
        if place is not None:
            self._hands[element] = place
            self.values |= hidden

    def strange(self) -> str:
        """A name for an element of a list that is not stated, apart from those in hand."""
        depth = sum(1 for place in self._hands.values() if place.startswith(EACH))
        return f"{EACH}{depth + 1}"

    def real(self, path: str) -> str:
        """The path under which the claim knows a fact."""
        if not self._hands:
            return path
        head, dot, field = path.partition(".")
        place = self._hands.get(head)
        return path if place is None else place + dot + field

    def shown_path(self, path: str) -> str:
        """The name by which the claim knows a fact: a line's own diagnoses are the line's, an age is known by
        the date of birth, an unknown code by its list.
        """
        if path == "member.age":
            return "member.birth_date"
        return "line.diagnoses" if path == "claim.diagnoses" and self.own_diagnoses else path


ASSUMPTION = "assumption."
"""Before the name of an assumption that is not made: what rests on it is asked for by this name."""

EACH = "*"
"""Names of elements of lists that are not stated begin so, as no name of an author does."""


def spec_of(path: str, specs: Mapping[str, FactSpec]) -> FactSpec:
    """What is declared of a fact, or of a field of a list element: `claim.trials[0].agent`."""
    found = specs.get(path)
    if found is not None:
        return found
    match = _PLACE.fullmatch(path)
    assert match is not None, path
    listed = specs[match[1]]
    return listed.element() if match[2] is None else listed.field(match[2])


def asked_as(path: str) -> str:
    """The fact that is asked for to know another: the list of an unknown code or text in it."""
    match = _PLACE.fullmatch(path)
    return match[1] if match is not None and match[2] is None else path
