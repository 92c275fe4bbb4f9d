"""The codes of concepts as of a day."""

from __future__ import annotations

from datetime import date

from attrs import define

from compiler.model import CodeEntry, ConceptDecl, ConceptEntry
from compiler.runtime.codes import Interval, outermost_first, union, without


@define
class ValueSets:
    """All concepts that a policy can speak of, and the rows of code systems that say when codes are valid."""

    concepts: dict[str, ConceptDecl]
    entries: tuple[CodeEntry, ...]

    def codes_of(self, concept: str, day: date, known_on: date | None) -> tuple[Interval, ...]:
        """The codes of a concept on a day: of its entries then in force, but for what is excepted, those that
        are valid then.
        """
        decl = self.concepts[concept]
        found, out = (self._codes(entries, day, known_on) for entries in (decl.entries, decl.excepted))
        return without(without(found, out), self.invalid(decl.system, day, known_on))

    def _codes(
        self, entries: tuple[ConceptEntry, ...], day: date, known_on: date | None
    ) -> tuple[Interval, ...]:
        found: list[Interval] = []
        for entry in entries:
            if entry.validity.known(known_on) and entry.validity.on(day):
                found += [entry.codes] if entry.codes is not None else []
                found += self.codes_of(entry.uses, day, known_on) if entry.uses is not None else []
        return union(found)

    def invalid(self, system: str, day: date, known_on: date | None) -> tuple[Interval, ...]:
        """The codes of a system that its rows call not valid on a day; the narrowest row decides."""
        valid: dict[Interval, bool] = {}
        for entry in self.entries:
            if entry.system == system and entry.validity.known(known_on):
                valid[entry.codes] = valid.get(entry.codes, False) or entry.validity.on(day)
        out: tuple[Interval, ...] = ()
        for codes in outermost_first(valid):
            out = without(out, (codes,)) if valid[codes] else union([*out, codes])
        return out

    def assumptions_of(self, concept: str) -> tuple[str, ...]:
        """The assumptions behind a concept, and behind the concepts that it takes in or excepts."""
        decl = self.concepts[concept]
        names = [decl.assumption.name] if decl.assumption else []
        for entry in (*decl.entries, *decl.excepted):
            names += self.assumptions_of(entry.uses) if entry.uses else []
        return tuple(dict.fromkeys(names))
