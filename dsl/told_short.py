"""What is said without repeating what is asked: `claim.pain == moderate or severe`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from dsl import syntax as s


def told_short(parts: Sequence[Any], bare: Callable[[Any, Any], bool]) -> Iterator[tuple[Any, list[Any]]]:
    """The comparisons among joined conditions, each with the bare values behind it. `bare` says of a
    comparison and a part whether this is one.
    """
    asked: Any = None
    values: list[Any] = []
    for part in (*parts, None):
        if asked is not None and part is not None and bare(asked, part):
            values.append(part)
            continue
        if values:
            yield asked, values
        asked, values = (part if isinstance(part, s.Comparison | s.Membership) else None), []


def repeated(asked: s.Comparison | s.Membership, values: Sequence[s.Node], either: bool) -> str:
    """What to write instead, where it stands in one set, or with what is asked of each value."""
    subject, said = asked.subject.span.text, [value.span.text for value in values]
    operator = asked.operator if isinstance(asked, s.Comparison) else "in"
    first = (asked.value if isinstance(asked, s.Comparison) else asked.within).span.text
    in_set = all(isinstance(value, s.Path | s.Holds | s.Literal | s.Text) for value in values)
    if in_set and (operator in ("==", "in") if either else operator == "!="):
        within = f"{subject} in {{ {', '.join([first.strip('{ }'), *said])} }}"
        return f"write `{within}`" if either else f"write `not {within}`"
    whole = f" {'or' if either else 'and'} ".join(f"{subject} {operator} {each}" for each in [first, *said])
    return f"say of each value what it is asked of: `{whole}`"
