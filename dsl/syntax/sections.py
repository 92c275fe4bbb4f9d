"""What stands in a section: rules, limits and decision tables."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from attrs import frozen

from dsl.syntax.codes import From, Until
from dsl.syntax.criteria import Body, Set
from dsl.syntax.values import ParameterValue
from dsl.syntax.words import Assume, Cites, Literal, Measure, Name, Node, Path, Pattern, Range, Text


@frozen
class For(Node):
    """`for pain.chronic_pain open names fibromyalgia, neuropathic_pain`"""

    concept: Path
    open: bool
    names: tuple[Name, ...]


@frozen
class Except(Node):
    """`except if { ... } unless { ... }`"""

    body: Body
    unless: Body | None


@frozen
class Reasons(Node):
    """`reasons carc 96 rarc N130, N115`: the codes that a remittance gives for a denial"""

    carc: Literal
    rarc: tuple[Literal, ...]


@frozen
class Rule(Node):
    """`manual_review "May it count?" to "the plan" if { ... } except if { ... }`, `not_covered otherwise`"""

    determination: Name
    question: Text | None
    addressee: Text | None
    otherwise: bool
    body: Body | None
    exceptions: tuple[Except, ...]
    cites: Cites | None = None
    assume: Assume | None = None
    reasons: Reasons | None = None


class PeriodKind(StrEnum):
    """Whether a period ends with the line's day, or is one of the calendar, or takes in all days."""

    ROLLING = "rolling"
    CALENDAR = "calendar"
    LIFETIME = "lifetime"


@frozen
class Period(Node):
    """`day`, `12 months`, `calendar year`, `2 calendar years`, `lifetime`"""

    kind: PeriodKind
    count: Literal | None = None
    unit: str = ""


@frozen
class Limit(Node):
    """`limit 300 mg per day then not_covered`, `limit 36 units of 90868 per 12 months then not_covered`"""

    amount: Measure | tuple[Literal, Name]
    codes: tuple[Literal, ...]
    per: Period
    determination: Name
    cites: Cites | None
    assume: Assume | None


Cell: TypeAlias = Set | Path | Pattern | Range | Text


@frozen
class ParameterRow(Node):
    """`hands, 18.. then 6` in a parameter by facts; `any` is None"""

    cells: tuple[Cell | None, ...]
    value: Literal | Measure


@frozen
class Parameter(Node):
    """`parameter least_weeks { commercial 12 medicare 6 }`: a value for each variant; or, `by line.body_site,
    member.age`, for each case of some facts
    """

    name: Name
    values: tuple[ParameterValue, ...]
    columns: tuple[Path, ...] = ()
    rows: tuple[ParameterRow, ...] = ()


@frozen
class DecisionRow(Node):
    """`ketamine, { A, B }, 3<..5, any then not_covered from 2024-01-01 cites "..."`; `any` is None"""

    cells: tuple[Cell | None, ...]
    determination: Name
    clauses: tuple[From | Until, ...]
    cites: Cites | None


@frozen
class DecisionTable(Node):
    """`table line.drug, line.route { ... }`"""

    columns: tuple[Path, ...]
    rows: tuple[DecisionRow, ...]


@frozen
class SectionBody(Node):
    """`{ for ... reasons ... rules, limits and tables, in any order }`"""

    names: For | None
    rules: tuple[Rule, ...]
    limits: tuple[Limit, ...] = ()
    tables: tuple[DecisionTable, ...] = ()
    reasons: Reasons | None = None
