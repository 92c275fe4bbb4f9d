"""Immutable nodes that are equal where their class and fields are.

Not dataclasses: these cannot be made in a module that is run without being entered among the modules.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any, ClassVar, dataclass_transform


@dataclass_transform(eq_default=True, frozen_default=True)
class Tree:
    """A node; its annotated names are its fields, in order. Those in `apart` are no part of its identity."""

    __match_args__: ClassVar[tuple[str, ...]] = ()
    apart: ClassVar[frozenset[str]] = frozenset()
    _identity: ClassVar[Any]
    """Gives of a node what makes it the one that it is."""

    def __init_subclass__(cls) -> None:
        own = [name for name in vars(cls).get("__annotations__", {}) if name != "apart"]
        cls.__match_args__ = (*cls.__match_args__, *own)  # type: ignore[misc]
        cls._identity = attrgetter(*(field for field in cls.__match_args__ if field not in cls.apart))

    def __init__(self, *values: Any, **named: Any) -> None:
        fields = self.__match_args__
        if len(values) == len(fields):
            self.__dict__.update(zip(fields, values, strict=True))
            return
        named |= zip(fields, values, strict=False)
        for field in self.__match_args__:
            object.__setattr__(self, field, named[field] if field in named else getattr(type(self), field))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return type(other) is type(self) and other._identity(other) == self._identity(self)

    def __hash__(self) -> int:
        known: int | None = self.__dict__.get("_hash")
        if known is None:
            known = hash((type(self).__name__, self._identity(self)))
            object.__setattr__(self, "_hash", known)
        return known

    def __repr__(self) -> str:
        fields = (field for field in self.__match_args__ if field not in self.apart)
        return f"{type(self).__name__}({', '.join(repr(getattr(self, field)) for field in fields)})"
