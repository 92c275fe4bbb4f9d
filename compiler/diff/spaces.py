"""What claims two versions both read, and what is beyond the analysis."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from compiler.program import Program
from compiler.runtime.cells import Space, Variable
from compiler.runtime.claim_values import FactSpec
from compiler.runtime.diagram import Node


@frozen(order=True)
class Apart:
    """Something that keeps the answer from being exact: `what`, and the facts that it is about.

    `computed`, `listed`: told apart only loosely; `fact`: declared otherwise by the two versions; `given`:
    derived from codes of other facts; `evidence`: taken from lines that other days govern; `limits`,
    `governed`, `too large`, `not reproduced`, `stopped` (before the end); `other`: a policy that was not at
    hand; `exact`: nothing.
    """

    what: str
    facts: tuple[str, ...]

    @classmethod
    def of(cls, variable: Variable) -> Apart:
        """What a variable is: `exact` where its cells are those that claims have."""
        if not variable.loose:
            return cls("exact", ())
        return cls("listed" if variable.enough else "computed", variable.facts)


def loosely(space: Space, path: Iterable[int]) -> set[Apart]:
    """What is told apart only loosely of the variables of some levels."""
    return {Apart.of(space.variables[level]) for level in path} - {Apart("exact", ())}


def for_certain(space: Space, root: Node) -> bool:
    """Whether a diagram of truth is true in cells that claims have, whatever is told apart loosely."""
    diagram = space.diagram
    found: dict[Node, Node] = {}
    # A node is made after all below it.
    for node in sorted(diagram.reachable(root)):
        level = diagram.level(node)
        below = tuple(found[child] for child in diagram.children(node))
        if level is None:
            found[node] = node
        elif space.variables[level].loose:
            found[node] = diagram.conjunction(dict.fromkeys(below))
        else:
            found[node] = diagram.node(level, below)
    return found[root] != diagram.leaf(False)


_NUMBERS = ("integer", "decimal")


def common(one: Program, other: Program) -> tuple[dict[str, FactSpec], list[Apart], frozenset[str]]:
    """The facts that either version declares, those that they declare otherwise, and of these the ones that
    have no values in common: rules that ask for them cannot be looked at together.
    """
    specs = {**one.specs, **other.specs}
    apart, unlike = [], set()
    for path in one.specs.keys() & other.specs.keys():
        if one.specs[path] == other.specs[path]:
            continue
        apart.append(Apart("fact", (path,)))
        both = _both(one.specs[path], other.specs[path])
        if both is None:
            unlike.add(path)
        else:
            specs[path] = both
    return specs, sorted(apart), frozenset(unlike)


def _both(one: FactSpec, other: FactSpec) -> FactSpec | None:
    """What two versions declare of a fact: its values are those of both; None where there are none."""
    if one.kind != other.kind:
        return other if {one.kind, other.kind} <= {*_NUMBERS} else None
    if one.kind == "enum":
        names = {name: member for name, member in one.names.items() if other.names.get(name) == member}
        both = one._replace(names=names, open=one.open and other.open)
        return both if names or both.open else None
    if one.kind == "records":
        fields = {field.path: field for field in one.fields}
        for field in other.fields:
            its = _both(fields.get(field.path, field), field)
            if its is None:
                return None
            fields[field.path] = its
        return other._replace(fields=tuple(fields.values()))
    return other
