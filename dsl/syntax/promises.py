"""What an author states of all claims, for `policyc prove` to prove or refute."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

from dsl.syntax.codes import From, Until
from dsl.syntax.criteria import Body, Set
from dsl.syntax.words import Name, Node, Path, Text


@frozen
class Known(Node):
    """`known claim.nights, member.age`"""

    paths: tuple[Path, ...]


@frozen
class Never(Node):
    """`never medically_necessary unless { member.age >= 18 }`; `unless known claim.nights`"""

    determinations: tuple[Name, ...]
    unless: Body | Known | None


@frozen
class Always(Node):
    """`always not_covered if { member.age < 18 }`; `always { line.lamp == laser } if { line.outpatient }`"""

    says: tuple[Name, ...] | Body
    body: Body


@frozen
class Equal(Node):
    """`equal to prairie.light_therapy on codes X0101, X019x if { member.age >= 18 }`"""

    policy: Path
    codes: Set | None
    body: Body | None


@frozen
class Promise(Node):
    """`claim "nobody below 18 is covered" from 2020-01-01 { never medically_necessary unless { ... } }`"""

    title: Text
    clauses: tuple[From | Until, ...]
    says: Says


Says: TypeAlias = Never | Always | Equal
