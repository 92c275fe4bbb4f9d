"""Values: what is compared, and how it is worked out from facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from dsl.syntax.words import Day, Literal, Measure, Name, Node, Path, Text

if TYPE_CHECKING:
    from dsl.syntax.criteria import Body


@frozen
class Arithmetic(Node):
    """`claim.weight / 2`, `claim.a + claim.b`: one of `+`, `-`, `*`, `/`"""

    operator: str
    left: Value
    right: Value


@frozen
class Extremum(Node):
    """`min(claim.a, 30)`, `max(claim.a, claim.b, 3)`"""

    name: str
    values: tuple[Value, ...]


@frozen
class PercentChange(Node):
    """`percent fall from claim.before to claim.after`, `percent rise from ... to ...`"""

    fall: bool
    old: Value
    new: Value


@frozen
class Elapsed(Node):
    """`days from claim.onset to line.service_date`: completed days, weeks, months or years"""

    unit: str
    start: Value
    end: Value


@frozen
class Moved(Node):
    """`12 months before line.service_date`, `90 days after claim.onset`"""

    count: Literal
    unit: str
    before: bool
    day: Path


@frozen
class Total(Node):
    """`count of trial in claim.trials with different drug { ... }`, `sum of t.weeks for t in a.b { ... }`"""

    value: Value | None
    element: Name
    list: Path
    body: Body | None
    different: Name | None = None


@frozen
class Extreme(Node):
    """`latest of trial.end for trial in claim.trials { ... }`; also `earliest`, `least`, `greatest`"""

    kind: str
    value: Value
    element: Name
    list: Path
    body: Body | None


@frozen
class Outcome(Node):
    """`outcome of light_therapy`: what another policy decides of the line"""

    policy: Path


Value: TypeAlias = (
    Path
    | Literal
    | Measure
    | Text
    | Day
    | Arithmetic
    | Extremum
    | PercentChange
    | Elapsed
    | Moved
    | Total
    | Extreme
    | Outcome
)


@frozen
class ValueDefinition(Node):
    """`body_mass := claim.weight / (claim.height * claim.height)`"""

    name: Name
    value: Value


@frozen
class RegisterColumn(Node):
    """`product line.drug` in a register: the column of the file, and the fact that it is about"""

    name: Name
    fact: Path


@frozen
class Register(Node):
    """`register approvals from "approvals.csv" { product line.drug }`"""

    name: Name
    file: Text
    columns: tuple[RegisterColumn, ...]


@frozen
class ParameterValue(Node):
    """`commercial 12` in a parameter"""

    variant: Name
    value: Value
