"""Revisions and the amendments that they make."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

from dsl.syntax.criteria import Body, Definition
from dsl.syntax.sections import Parameter, Reasons, SectionBody
from dsl.syntax.values import ValueDefinition
from dsl.syntax.words import Assume, Cites, Day, Literal, Name, Node, Path, Text


@frozen
class Alternative(Node):
    """`96365`, `(96367 assume other_primary "why")`"""

    code: Literal
    assume: Assume | None


@frozen
class Needs(Node):
    """`needs 96365 or 96367`: an add-on's primary codes"""

    alternatives: tuple[Alternative, ...]


@frozen
class Acknowledged(Node):
    """`though ended "why"`: listed after its last day, and known to be"""

    reason: Text


@frozen
class TableRow(Node):
    """`96366 needs 96365 assume ...` in a policy's code table"""

    code: Literal
    clauses: tuple[Needs | Acknowledged | Assume, ...]


@frozen
class CodeTable(Node):
    """`codes open to lines stating line.drug cites "CODING" { ... }`"""

    open: bool
    stating: tuple[Path, ...]
    cites: Cites | None
    rows: tuple[TableRow, ...]


@frozen
class Section(Node):
    """`section A "Chronic pain" cites "POLICY A" { ... }`"""

    name: Name
    title: Text
    cites: Cites | None
    assume: Assume | None
    body: SectionBody


@frozen
class NamesMore(Node):
    """`section B cites "POLICY B" names post_traumatic_stress_disorder`"""

    section: Name
    cites: Cites | None
    names: tuple[Name, ...]


@frozen
class SectionReasons(Node):
    """`section B reasons carc 50 rarc N115`: other reason codes for what the section denies"""

    section: Name
    reasons: Reasons


@frozen
class Overrides(Node):
    """`A overrides B`"""

    winner: Name
    loser: Name


@frozen
class Assumption(Node):
    """`assume diagnosis_box "why"`: an assumption under every decision until it is removed"""

    assume: Assume


@frozen
class Retire(Node):
    """`retire "why"`: from here on no text is in force"""

    reason: Text


@frozen
class ElementPath(Node):
    """`A.indication`, `anesthetic_infusion`"""

    parts: tuple[Name, ...]

    @property
    def text(self) -> str:
        return ".".join(part.text for part in self.parts)


@frozen
class ReplaceSection(Node):
    """`replace section A "Chronic pain" { ... }`"""

    section: Section


@frozen
class ReplaceTable(Node):
    """`replace codes { ... }`"""

    table: CodeTable


@frozen
class ReplaceElement(Node):
    """`replace A.indication with { ... }`"""

    path: ElementPath
    body: Body


@frozen
class ReplaceValue(Node):
    """`replace least_score := 12`, `replace parameter least_age { commercial 18  medicaid 16 }`"""

    declared: ValueDefinition | Parameter


@frozen
class ReplaceCode(Node):
    """`replace code J2001 with J2002, J2003`"""

    code: Literal
    successors: tuple[Literal, ...]


@frozen
class AddTo(Node):
    """`add to A { purpose: line.purpose == treatment }`"""

    path: ElementPath
    body: Body


@frozen
class AddCodes(Node):
    """`add codes { 96367 }`"""

    rows: tuple[TableRow, ...]


@frozen
class RemoveSection(Node):
    """`remove section A`"""

    section: Name


@frozen
class RemoveCode(Node):
    """`remove code J2001`"""

    codes: tuple[Literal, ...]


@frozen
class RemoveAssumption(Node):
    """`remove assumption diagnosis_box`"""

    name: Name


@frozen
class RemoveOverrides(Node):
    """`remove A overrides B`"""

    winner: Name
    loser: Name


@frozen
class RemoveElement(Node):
    """`remove A.infusion`"""

    path: ElementPath


Amendment: TypeAlias = (
    Section
    | NamesMore
    | SectionReasons
    | CodeTable
    | Definition
    | Overrides
    | Assumption
    | Retire
    | ReplaceSection
    | ReplaceTable
    | ReplaceElement
    | ReplaceCode
    | ReplaceValue
    | AddTo
    | AddCodes
    | RemoveSection
    | RemoveCode
    | RemoveAssumption
    | RemoveOverrides
    | RemoveElement
)


@frozen
class Supersedes(Node):
    """`supersedes 2024-02-01`"""

    effective: Day
    posted: Day | None


@frozen
class WordingOnly(Node):
    """`wording only`"""


@frozen
class Revision(Node):
    """`revision 2024-10-01 posted 2024-10-15 "Coding section updated" cites "..." wording only { ... }`"""

    effective: Day
    posted: Day | None
    title: Text
    supersedes: tuple[Supersedes, ...]
    cites: Cites | None
    wording_only: WordingOnly | None
    amendments: tuple[Amendment, ...]
