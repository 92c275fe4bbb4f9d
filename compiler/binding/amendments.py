"""What a revision may do to the text that stood before it, with every name bound."""

from __future__ import annotations

from typing import TypeAlias

from attrs import field, frozen

from compiler.model import (
    Assumption,
    Citation,
    CodeTable,
    Criterion,
    Definition,
    ListedCode,
    ListedName,
    Located,
    Override,
    ReasonCodes,
    RevisionId,
    Section,
)
from dsl.source import Span

ElementPath: TypeAlias = tuple[str, ...]


@frozen
class PutSection(Located):
    """A new section, or one that replaces the section of its name."""

    section: Section
    replaces: bool


@frozen
class RemoveSection(Located):
    """A section leaves the text."""

    name: str


@frozen
class AddNames(Located):
    """A section names more; a citation given here stands for the section from now on."""

    section: str
    names: tuple[ListedName, ...]
    citation: Citation | None


@frozen
class PutReasons(Located):
    """A section gives other reason codes for what it denies."""

    section: str
    reasons: ReasonCodes


@frozen
class PutTable(Located):
    """The code table, new or in place of the one that stood."""

    table: CodeTable
    replaces: bool


@frozen
class PutCodes(Located):
    """Codes leave the table and others come."""

    removed: tuple[str, ...]
    added: tuple[ListedCode, ...]


@frozen
class PutDefinition(Located):
    """A new definition."""

    definition: Definition


@frozen
class ReplaceElement(Located):
    """A labelled criterion, or a definition, gets another body."""

    path: ElementPath
    criteria: tuple[Criterion, ...]


@frozen
class AddTo(Located):
    """A section's rule, a labelled group or a definition gets more criteria."""

    path: ElementPath
    criteria: tuple[Criterion, ...]


@frozen
class RemoveElement(Located):
    """A labelled criterion, or a definition, leaves the text."""

    path: ElementPath


@frozen
class PutVersion(Located):
    """A named value or a parameter gets another version, by its number."""

    name: str
    version: int


@frozen
class PutOverride(Located):
    """An order of two sections, stated or taken back."""

    override: Override
    removes: bool


@frozen
class PutAssumption(Located):
    """An assumption under every decision that the rules give."""

    assumption: Assumption


@frozen
class RemoveAssumption(Located):
    """An assumption that is no longer needed."""

    name: str


@frozen
class Retire(Located):
    """From here on no text is in force."""

    reason: str


Amendment: TypeAlias = (
    PutSection
    | RemoveSection
    | AddNames
    | PutReasons
    | PutTable
    | PutCodes
    | PutDefinition
    | ReplaceElement
    | AddTo
    | RemoveElement
    | PutVersion
    | PutOverride
    | PutAssumption
    | RemoveAssumption
    | Retire
)


@frozen
class Revision(Located):
    """One row of the revision history; `wording_only` is where its author says that no decision changes."""

    id: RevisionId
    title: str
    citation: Citation | None
    supersedes: tuple[tuple[RevisionId, Located], ...]
    amendments: tuple[Amendment, ...]
    wording_only: Span | None = field(default=None, eq=False, repr=False, kw_only=True)


def listed_codes(revisions: tuple[Revision, ...]) -> tuple[str, ...]:
    """The codes that some revisions list, each once."""
    rows: list[ListedCode] = []
    for revision in revisions:
        for amendment in revision.amendments:
            if isinstance(amendment, PutTable):
                rows += amendment.table.rows
            elif isinstance(amendment, PutCodes):
                rows += amendment.added
    return tuple(dict.fromkeys(row.code for row in rows))


def written_sections(revision: Revision) -> tuple[str, ...]:
    """The sections that a revision writes, by name."""
    return tuple(each.section.name for each in revision.amendments if isinstance(each, PutSection))
