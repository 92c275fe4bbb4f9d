"""A file: its package, its imports, its declarations."""

from __future__ import annotations

from typing import TypeAlias

from attrs import field, frozen

from dsl.source import Source
from dsl.syntax.codes import CodeSystem, Concept
from dsl.syntax.criteria import Definition
from dsl.syntax.facts import Evidence, Facts, Judgement, Policy
from dsl.syntax.revisions import Revision
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


Item: TypeAlias = Policy | Facts | Judgement | Evidence | Definition | CodeSystem | Concept | Revision
