"""Immutable nodes that are equal where their class and fields are.

Not dataclasses: these cannot be made in a module that is run without being entered among the modules.
"""

from __future__ import annotations

from typing import Any, ClassVar, dataclass_transform


@dataclass_transform(eq_default=True, frozen_default=True)
class Tree:
    """A node; its annotated names are its fields, in order. Those in `apart` are no part of its identity."""

    __match_args__: ClassVar[tuple[str, ...]] = ()
    apart: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        own = [name for name in vars(cls).get("__annotations__", {}) if name != "apart"]
        cls.__match_args__ = (*cls.__match_args__, *own)  # type: ignore[misc]

    def __init__(self, *values: Any, **named: Any) -> None:
        named |= zip(self.__match_args__, values, strict=False)
        for field in self.__match_args__:
            object.__setattr__(self, field, named[field] if field in named else getattr(type(self), field))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes a node the one that it is."""
        return tuple(getattr(self, field) for field in self.__match_args__ if field not in self.apart)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return type(other) is type(self) and other.identity == self.identity

    def __hash__(self) -> int:
        known: int | None = self.__dict__.get("_hash")
        if known is None:
            known = hash((type(self).__name__, self.identity))
            object.__setattr__(self, "_hash", known)
        return known

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.identity))})"
