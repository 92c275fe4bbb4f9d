"""A file: its package, its imports, its declarations."""

from __future__ import annotations

from typing import TypeAlias

from attrs import field, frozen

from dsl.source import Source
from dsl.syntax.codes import CodeSystem, Concept
from dsl.syntax.criteria import Definition, Variant
from dsl.syntax.facts import Evidence, Facts, Judgement, Policy, Record, Scale
from dsl.syntax.promises import Promise
from dsl.syntax.revisions import Revision
from dsl.syntax.sections import Parameter
from dsl.syntax.values import Register, ValueDefinition
from dsl.syntax.words import Node, Path


@frozen
class Package(Node):
    """`package bcbsks.iv_anesthetics`"""

    path: Path


@frozen
class Import(Node):
    """`import codes.hcpcs`"""

    path: Path


@frozen
class Comment(Node):
    """`# to the end of the line`"""

    text: str


@frozen
class File(Node):
    """`package ...`, imports, then declarations; comments stand beside, in order"""

    package: Package
    imports: tuple[Import, ...]
    items: tuple[Item, ...]
    comments: tuple[Comment, ...] = field(eq=False, repr=False)
    source: Source = field(eq=False, repr=False)


Item: TypeAlias = (
    Policy
    | Facts
    | Record
    | Scale
    | Judgement
    | Evidence
    | Definition
    | ValueDefinition
    | Variant
    | Parameter
    | Register
    | CodeSystem
    | Concept
    | Revision
    | Promise
)
