"""What an author could have written for a name: another fact, field, member or concept of the same kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from attrs import evolve, frozen

from dsl import syntax as s
from dsl.source import Span
from dsl.syntax.walk import inside

SPEAKING = (
    *(s.Comparison, s.Membership, s.Window, s.Between, s.Holds, s.Moved, s.Elapsed, s.Arithmetic, s.Extremum),
    *(s.PercentChange, s.Total, s.Extreme, s.DecisionRow, s.Gift, s.Absent, s.RegisterColumn),
)
"""What speaks by names. Where another name does not fit, the compiler refuses it."""

Groups = tuple[tuple[str, ...], ...]


@frozen
class Words:
    """Names that can stand for each other: whole paths, the fields of a record, and the members of a list."""

    paths: Groups
    fields: Groups
    members: Groups

    @classmethod
    def of(cls, files: Iterable[s.File]) -> Words:
        """The names that some files declare."""
        paths, fields = defaultdict[object, list[str]](list), defaultdict[object, list[str]](list)
        members: list[tuple[str, ...]] = [("true", "false")]
        for file in files:
            for fact in inside(file, s.Fact):
                paths[_kind(fact.type)].append(fact.path.text)
            for record in inside(file, s.Record):
                for field in record.fields:
                    fields[record.name.text, _kind(field.type)].append(field.name.text)
            for concept in inside(file, s.Concept):
                package = file.package.path.parts[-1].text
                paths[concept.system.text].append(f"{package}.{concept.name.text}")
            for named in inside(file, s.Enumeration):
                members.append(tuple(member.name.text for member in named.members))
            for scale in inside(file, s.Scale):
                members.append(tuple(band.name.text for band in scale.bands if band.name is not None))
        return cls(_groups(paths), _groups(fields), tuple(members))

    def others(self, word: s.Name | s.Path) -> Iterator[s.Name | s.Path]:
        """The next name of each group that a name is in."""
        match word:
            case s.Name(text=text):
                yield from (evolve(word, text=other) for other in _next(text, self.members))
            case s.Path(parts=(name,)):
                yield from (_path(word.span, other) for other in _next(name.text, self.members))
            case s.Path(parts=(*most, last)):
                yield from (_path(word.span, other) for other in _next(word.text, self.paths))
                for other in _next(last.text, self.fields):
                    yield _path(word.span, *(name.text for name in most), other)

    def missing(self, names: s.Set) -> Iterator[s.Path]:
        """The members that a set of members leaves out."""
        said = [item.text for item in names.items if isinstance(item, s.Path)]
        for group in self.members:
            if len(said) == len(names.items) and set(said) < set(group):
                yield from (_path(names.span, other) for other in group if other not in said)


def _kind(kind: s.Type) -> object:
    """What types have in common whose facts can stand for each other."""
    return ("number", kind.unit) if isinstance(kind, s.NumberType) else kind


def _groups(by_kind: dict[object, list[str]]) -> Groups:
    return tuple(tuple(names) for names in by_kind.values())


def _next(text: str, groups: Groups) -> dict[str, None]:
    """The names behind a name, the first behind the last."""
    found = (group[(group.index(text) + 1) % len(group)] for group in groups if text in group)
    return dict.fromkeys(other for other in found if other != text)


def _path(span: Span, *parts: str) -> s.Path:
    return s.Path(tuple(s.Name(name, span=span) for part in parts for name in part.split(".")), span=span)
