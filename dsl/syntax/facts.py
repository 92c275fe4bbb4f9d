"""What a policy is, and the facts it asks for."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

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
    """`subject to contract_benefits cites "POLICY"`"""

    name: Name
    cites: Cites | None


PolicyLine: TypeAlias = Payer | SourceDocument | Governed | Subject


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
    """`integer`, `integer 0..27`, `number 0..`"""

    integer: bool
    range: Range | None


@frozen
class CodeType(Node):
    """`code of hcpcs`"""

    system: Name


@frozen
class CodesType(Node):
    """`codes of icd10cm`"""

    system: Name


Type: TypeAlias = Enumeration | Boolean | DateType | CodeType | CodesType | NumberType


@frozen
class Absent(Node):
    """`absent means treatment assume infusion_is_treatment "why"`"""

    value: Name
    assume: Assume | None


@frozen
class Fact(Node):
    """`line.purpose { treatment, other } absent means treatment`"""

    path: Path
    type: Type
    absent: Absent | None


@frozen
class Facts(Node):
    """`facts { ... }`"""

    facts: tuple[Fact, ...]


@frozen
class Judgement(Node):
    """`judgement claim.adequate_trial "Was the trial adequate?"`"""

    path: Path
    question: Text


@frozen
class Evidence(Node):
    """`evidence line.route from other lines of the day with cpt.administration assume ...`"""

    fact: Path
    within: Path | None
    assume: Assume | None
