"""Criteria: conditions, groups and what is said of list elements."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from attrs import frozen

from dsl.syntax.words import Assume, Cites, Day, Literal, Name, Node, Path, Pattern, Range, Text


@frozen
class Set(Node):
    """`{ ketamine, lidocaine }`, `{ J2001, G43.7x }`"""

    items: tuple[Path | Pattern | Text, ...]


@frozen
class Comparison(Node):
    """`line.route == intravenous`, `claim.onset < 2024-01-01`"""

    subject: Path
    operator: str
    value: Path | Literal | Text | Day


@frozen
class Membership(Node):
    """`line.drug in { ketamine, lidocaine }`, `diagnosis in pain.chronic_pain`"""

    subject: Path
    within: Set | Path | Range


class DistanceKind(StrEnum):
    """How far a date lies from another."""

    WITHIN = "within"
    OR_MORE = "or more"
    MORE_THAN = "more than"
    LESS_THAN = "less than"


@frozen
class Distance(Node):
    """`within 12 months`, `11 months or more`, `more than 5 years`, `less than 90 days`"""

    kind: DistanceKind
    count: Literal
    unit: str


@frozen
class Window(Node):
    """`claim.last_scan within 12 months before line.service_date`"""

    subject: Path
    distance: Distance
    before: bool
    anchor: Path


@frozen
class Holds(Node):
    """`anesthetic_infusion`, `claim.adequate_trial`: a definition or a boolean fact"""

    path: Path


@frozen
class Not(Node):
    """`not claim.adequate_trial`"""

    condition: Condition


@frozen
class And(Node):
    """`a and b`"""

    conditions: tuple[Condition, ...]


@frozen
class Or(Node):
    """`a or b`"""

    conditions: tuple[Condition, ...]


class GroupKind(StrEnum):
    """The word before `of`, or before the name of an element."""

    ALL = "all"
    ANY = "any"
    NONE = "none"
    AT_LEAST = "at least"
    SOME = "some"
    EVERY = "every"


@frozen
class Quantity(Node):
    """`all`, `any`, `none`, `some`, `every`, `at least 2`"""

    kind: GroupKind
    count: Literal | None


@frozen
class Group(Node):
    """`at least 2 of { ... }`, `all of { ... }`, `any of { ... }`, `none of { ... }`"""

    quantity: Quantity
    body: Body


@frozen
class Quantified(Node):
    """`some diagnosis in claim.diagnoses { ... }`, `every ...`, `at least 2 ...`"""

    quantity: Quantity
    element: Name
    list: Path
    body: Body


Condition: TypeAlias = Comparison | Membership | Window | Holds | Not | And | Or | Group | Quantified


@frozen
class Criterion(Node):
    """`indication: some diagnosis in claim.diagnoses { ... } cites "POLICY A"`"""

    label: Name | None
    condition: Condition
    cites: Cites | None
    assume: Assume | None


@frozen
class Body(Node):
    """`{ criterion criterion }`: all of them"""

    criteria: tuple[Criterion, ...]


@frozen
class Definition(Node):
    """`anesthetic_infusion if { ... }`"""

    name: Name
    body: Body
