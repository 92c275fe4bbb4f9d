"""Libraries: code systems and concepts."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

from dsl.syntax.words import Assume, Day, Literal, Measure, Name, Node, Path, Pattern, Text


@frozen
class From(Node):
    """`from 2024-10-01`"""

    day: Day


@frozen
class Until(Node):
    """`until 2024-10-01`: the first day on which it is over"""

    day: Day


@frozen
class Posted(Node):
    """`posted 2024-03-15`: known since"""

    day: Day


@frozen
class Per(Node):
    """`per 10 mg`: what one billed unit stands for"""

    amount: Literal
    unit: Name


@frozen
class Gift(Node):
    """`line.drug := lidocaine`, `line.strength := 500 mg`, `line.approved := 2024-10-01`"""

    fact: Path
    value: Name | Literal | Measure | Text | Day


@frozen
class Gives(Node):
    """`gives line.drug := lidocaine, line.route := intravenous`"""

    gifts: tuple[Gift, ...]


@frozen
class Replaced(Node):
    """`replaced by J2002, J2003`"""

    codes: tuple[Literal, ...]


CodeClause: TypeAlias = Text | From | Until | Posted | Per | Gives | Replaced


@frozen
class CodeRow(Node):
    """`J2001 "label" from 2004-01-01 until 2024-10-01 per 10 mg gives ... replaced by J2002`"""

    pattern: Pattern
    clauses: tuple[CodeClause, ...]


@frozen
class CodeSystem(Node):
    """`codes hcpcs { ... }` in a library"""

    name: Name
    rows: tuple[CodeRow, ...]


@frozen
class ConceptCodes(Node):
    """`G43.Ex from 2023-10-01` in a concept"""

    pattern: Pattern
    clauses: tuple[From | Until | Posted, ...]


@frozen
class ConceptUse(Node):
    """`pain.neuropathic`: all codes of another concept"""

    path: Path


@frozen
class Excepted(Node):
    """`except { G50.0  pain.acute }` behind the braces of a concept or member: what is not of it"""

    elements: tuple[ConceptCodes | ConceptUse, ...]


@frozen
class ConceptMember(Node):
    """`fibromyalgia { M79.7 }`, `treatment_resistant_depression without codes`"""

    name: Name
    label: Text | None
    assume: Assume | None
    elements: tuple[ConceptElement, ...]
    excepted: Excepted | None


ConceptElement: TypeAlias = ConceptCodes | ConceptUse | ConceptMember


@frozen
class Concept(Node):
    """`concept chronic_pain of icd10cm "label" assume ... { ... }`"""

    name: Name
    system: Name
    label: Text | None
    assume: Assume | None
    elements: tuple[ConceptElement, ...]
    excepted: Excepted | None
