"""What a policy is, and the facts it asks for."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

from dsl.syntax.criteria import Body
from dsl.syntax.words import Assume, Cites, Day, Name, Node, Path, Range, Text


@frozen
class Payer(Node):
    """`payer "Blue Cross and Blue Shield of Kansas"`"""

    name: Text


@frozen
class SourceDocument(Node):
    """`source "iv_anesthetics" edition 2024-12-23`"""

    name: Text
    edition: Day | None


@frozen
class Governed(Node):
    """`governed by line.service_date`"""

    fact: Path


@frozen
class Subject(Node):
    """`subject to contract_benefits cites "POLICY" cites "CODING paragraph 2"`"""

    name: Name
    cites: tuple[Cites, ...]


@frozen
class RenamedFrom(Node):
    """`renamed from bcbsks.iv_anesthetics`"""

    path: Path


@frozen
class Applies(Node):
    """`applies if { contract.line_of_business == "medicare" }`"""

    body: Body


@frozen
class Extent(Node):
    """`"CODING paragraph 2"`, one part of the document; `all of "RATIONALE"`, with all that is in it"""

    place: Text
    whole: bool


@frozen
class OutOfScope(Node):
    """`out of scope all of "RATIONALE", "OBJECTIVE" because "why"`"""

    extents: tuple[Extent, ...]
    because: Text


PolicyLine: TypeAlias = Payer | SourceDocument | Governed | Subject | RenamedFrom | Applies | OutOfScope


@frozen
class Policy(Node):
    """`policy "Title" { payer ... source ... governed by ... subject to ... }`"""

    title: Text
    lines: tuple[PolicyLine, ...]


@frozen
class Member(Node):
    """`ketamine also "ketamine hcl" also "ketamine hydrochloride"`"""

    name: Name
    aliases: tuple[Text, ...]


@frozen
class Enumeration(Node):
    """`{ intravenous, oral }`, `open { ketamine, lidocaine }`"""

    open: bool
    members: tuple[Member, ...]


@frozen
class Boolean(Node):
    """`boolean`"""


@frozen
class DateType(Node):
    """`date`"""


@frozen
class NumberType(Node):
    """`integer`, `integer 0..27`, `number 0.. in kg`; the unit is written as in a measure"""

    integer: bool
    range: Range | None
    unit: Name | None = None


@frozen
class CodeType(Node):
    """`code of hcpcs`"""

    system: Name


@frozen
class CodesType(Node):
    """`codes of icd10cm`"""

    system: Name


@frozen
class ListType(Node):
    """`list of infusion.trial`"""

    record: Path


@frozen
class ScaleType(Node):
    """`scale mood.phq9`"""

    scale: Path


@frozen
class JudgementType(Node):
    """`judgement "Was the trial adequate?"` as the type of a record's field"""

    question: Text


Type: TypeAlias = (
    Enumeration
    | Boolean
    | DateType
    | CodeType
    | CodesType
    | NumberType
    | ListType
    | ScaleType
    | JudgementType
)


@frozen
class Absent(Node):
    """`absent means treatment assume infusion_is_treatment "why"`"""

    value: Name
    assume: Assume | None


@frozen
class Fact(Node):
    """`line.purpose { treatment, other } given by line.diagnosis absent means treatment`"""

    path: Path
    type: Type
    given_by: Path | None
    absent: Absent | None


@frozen
class Facts(Node):
    """`facts { ... }`"""

    facts: tuple[Fact, ...]


@frozen
class Field(Node):
    """`drug { ketamine, lidocaine } given by product` in a record"""

    name: Name
    type: Type
    given_by: Path | None
    absent: Absent | None


@frozen
class Record(Node):
    """`record trial { drug open { ketamine } weeks integer 0.. }`"""

    name: Name
    fields: tuple[Field, ...]


@frozen
class Band(Node):
    """`10..14 moderate "moderate"`; `15 gap "why"` is a band without a name"""

    range: Range
    name: Name | None
    label: Text | None
    cites: Cites | None


@frozen
class Scale(Node):
    """`scale phq9 integer 0..27 "Patient Health Questionnaire" cites "..." { ... }`"""

    name: Name
    integer: bool
    range: Range
    title: Text | None
    cites: Cites | None
    assume: Assume | None
    bands: tuple[Band, ...]


@frozen
class Judgement(Node):
    """`judgement claim.adequate_trial "Was the trial adequate?" cites "POLICY C"`"""

    path: Path
    question: Text
    cites: Cites | None


@frozen
class Evidence(Node):
    """`evidence line.route from other lines of the day with cpt.administration cites "..." assume ...`"""

    fact: Path
    within: Path | None
    cites: Cites | None
    assume: Assume | None
