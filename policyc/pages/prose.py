"""The author's words as they are set: names as links, underscores as spaces, comparisons as words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import evolve, field, frozen

from compiler.history.standing import StandingText
from compiler.model import EnumType, FactType, NumberType, RecordsType
from compiler.program import Program

_TOKENS = re.compile(
    r'(?P<text>"(?:\\.|[^"\\])*")'
    r"|(?P<day>\d{4}-\d\d-\d\d)"
    r"|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
    r"|(?P<sign>==|!=|>=|<=)"
    r"|(?P<brace>[{}])"
    r"|(?P<rest>.[^{}A-Za-z_\"0-9=!<>]*)",
    re.DOTALL,
)
_SIGNS = {"==": "is", "!=": "is not", ">=": "≥", "<=": "≤"}
_RANGE = re.compile(r"(?<=[0-9])\.\.(?=[0-9])")


@frozen
class Word:
    """Some words of one kind: plain, value, brace, code, determination; name, which leads to an anchor of its
    page, or target, which is one.

    `state` is `kept`, or `new` or `gone` where a change shows.
    """

    text: str
    kind: str = "plain"
    anchor: str = field(default="", eq=False)
    state: str = field(default="kept", eq=False)


@frozen
class Names:
    """What names of a policy lead to: facts, concepts and definitions; and its enumerated values."""

    anchors: dict[str, str]
    values: frozenset[str]

    @classmethod
    def of(cls, program: Program, text: StandingText) -> Names:
        """The names that the text of a day may use."""
        anchors: dict[str, str] = {}
        for id_ in program.lowering.concepts:
            anchors |= dict.fromkeys(_called(id_), f"concept-{id_}")
        for id_ in program.lowering.definitions:
            anchors |= dict.fromkeys(_called(id_), anchor("definition", id_))
        own = f"{program.package}."
        concepts = (id_ for id_ in program.lowering.concepts if id_.startswith(own))
        anchors |= {id_.removeprefix(own): f"concept-{id_}" for id_ in concepts}
        anchors |= {each.name: anchor("definition", each.name) for each in text.definitions}
        anchors |= {path: f"fact-{path}" for path in program.facts}
        values = (value for fact in program.facts.values() for value in _values(fact.type))
        return cls(anchors, frozenset(values))

    def set(self, words: str) -> tuple[Word, ...]:
        """The author's words, set for people; what they say is unchanged."""
        return tuple(self._words(_RANGE.sub("\N{EN DASH}", words)))

    def _words(self, words: str) -> Iterator[Word]:
        said = ""
        for token in _TOKENS.finditer(words):
            found = token[0]
            if token["name"] and (found in self.anchors or found in self.values):
                if said:
                    yield Word(said)
                said = ""
                kind = "name" if found in self.anchors else "value"
                yield Word(spaced(found), kind, self.anchors.get(found, ""))
            elif token["brace"]:
                if said:
                    yield Word(said)
                said = ""
                yield Word(found, "brace")
            else:
                said += spaced(found) if token["name"] else _SIGNS.get(found, found)
        if said:
            yield Word(said)


def _values(kind: FactType) -> Iterator[str]:
    match kind:
        case EnumType(members=members):
            yield from members
        case NumberType(bands=bands):
            yield from (band.name for band in bands if band.name is not None)
        case RecordsType(record):
            for _, inner in record.fields:
                yield from _values(inner)
        case _:
            pass


SYSTEMS = {"icd10cm": "ICD-10-CM", "hcpcs": "HCPCS", "cpt": "CPT"}
"""Code systems as people call them; others are called by their own name."""


def spaced(name: str) -> str:
    """A name as people write it."""
    return name.replace("_", " ")


def anchor(kind: str, name: str) -> str:
    """The anchor of something with a name."""
    return f"{kind}-{name.replace(' ', '-')}"


def in_state(words: tuple[Word, ...], state: str) -> tuple[Word, ...]:
    """The words, all of them new, gone or kept."""
    return tuple(evolve(word, state=state) for word in words)


def said(words: tuple[Word, ...]) -> str:
    """The words without their marks."""
    return "".join(word.text for word in words)


def _called(id_: str) -> Iterator[str]:
    """How a name of another package is called: by the last word of the package, or the whole."""
    parts = id_.split(".")
    yield from (".".join(parts[at:]) for at in range(len(parts) - 1))
