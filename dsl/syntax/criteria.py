"""Criteria: conditions, groups and what is said of list elements."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from attrs import frozen

from dsl.syntax.values import Value
from dsl.syntax.words import Assume, Cites, Literal, Name, Node, Path, Pattern, Range, Text


@frozen
class Set(Node):
    """`{ ketamine, lidocaine }`, `{ J2001, G43.7x }`"""

    items: tuple[Path | Pattern | Text, ...]


@frozen
class Comparison(Node):
    """`line.route == intravenous`, `claim.a + claim.b >= 3`"""

    subject: Value
    operator: str
    value: Value


@frozen
class Membership(Node):
    """`line.drug in { ketamine, lidocaine }`, `diagnosis in pain.chronic_pain`, `claim.score in 3..5`"""

    subject: Value
    within: Set | Path | Range


@frozen
class Between(Node):
    """`claim.last_scan between claim.onset and line.service_date`: both ends count"""

    subject: Value
    low: Value
    high: Value


class DistanceKind(StrEnum):
    """How far a date lies from another, or that one month or year of the calendar has both."""

    WITHIN = "within"
    OR_MORE = "or more"
    MORE_THAN = "more than"
    LESS_THAN = "less than"
    FULL = "full or more"
    SAME = "in the same calendar"


@frozen
class Distance(Node):
    """`within 12 months`, `11 months or more`, `more than 5 years`, `less than 90 days`, `11 full months or
    more`, `in the same calendar year as`
    """

    kind: DistanceKind
    count: Literal | None
    unit: str


@frozen
class Window(Node):
    """`claim.last_scan within 12 months before line.service_date`; it lies in the same month or year as its
    anchor neither before nor after it.
    """

    subject: Value
    distance: Distance
    before: bool
    anchor: Value


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


@frozen
class Evidenced(Node):
    """`claim.failed_trial evidenced by claim.trial_note == seen`: both must hold"""

    condition: Condition
    by: Condition


class GroupKind(StrEnum):
    """The word before `of`, or before the name of an element; `no` is NONE."""

    ALL = "all"
    ANY = "any"
    NONE = "none"
    AT_LEAST = "at least"
    AT_MOST = "at most"
    EXACTLY = "exactly"
    SOME = "some"
    EVERY = "every"


@frozen
class Quantity(Node):
    """`all`, `any`, `none`, `some`, `every`, `no`, `at least 2`, `at most 2`, `exactly 2`"""

    kind: GroupKind
    count: Literal | None


@frozen
class Group(Node):
    """`at least 2 of { ... }`, `all of { ... }`, `any of { ... }`, `none of { ... }`"""

    quantity: Quantity
    body: Body


@frozen
class Run(Node):
    """`within 30 consecutive days of taken_on`"""

    count: Literal
    unit: str
    field: Name


@frozen
class Different(Node):
    """`with different drug`: only different values count; `with at least 2 different drug` among all"""

    least: Literal | None
    field: Name


@frozen
class Quantified(Node):
    """`some trial in claim.trials with different drug within 2 consecutive years of end { ... }`"""

    quantity: Quantity
    element: Name
    list: Path
    different: Different | None
    span_days: Run | None
    body: Body | None


@frozen
class Newest(Node):
    """`latest scan by taken_on in claim.scans { ... } has { ... }`, `earliest ...`"""

    latest: bool
    element: Name
    by: Name
    list: Path
    among: Body | None
    has: Body


Condition: TypeAlias = (
    Comparison
    | Membership
    | Between
    | Window
    | Holds
    | Not
    | And
    | Or
    | Evidenced
    | Group
    | Quantified
    | Newest
)


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
    """`anesthetic_infusion if { ... }`, `adequate of t in claim.trials if { ... }`"""

    name: Name
    element: Name | None
    list: Path | None
    body: Body


@frozen
class Variant(Node):
    """`variant medicare if { ... }`"""

    name: Name
    body: Body
