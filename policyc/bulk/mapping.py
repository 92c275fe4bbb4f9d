"""Mapping files: what the columns of a warehouse are called by policies."""

from __future__ import annotations

import tomllib
from pathlib import Path

from attrs import define

from policyc.reading.rows import RowsError


@define
class Mapping:
    """The columns of a warehouse, each with the name that policies know: of its lines, and of its claims."""

    lines: dict[str, str] | None = None
    claims: dict[str, str] | None = None


def mapping_of(path: Path) -> Mapping:
    """What a mapping file says, in TOML: `[lines]` and, if there is a table of them, `[claims]`.

    Raises RowsError where it says nothing of the kind.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RowsError(f"no TOML: {error}") from None
    tables = [told.get("lines"), told.get("claims", {})]
    plain = all(isinstance(t, dict) and all(isinstance(name, str) for name in t.values()) for t in tables)
    if not plain or told.keys() - {"lines", "claims"}:
        raise RowsError('expected `[lines]`, and perhaps `[claims]`, with lines such as `CLM_LN = "line"`')
    return Mapping(told["lines"], told.get("claims"))
