"""What a project says of policyc in its `pyproject.toml`, found upwards from a file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from attrs import frozen

from dsl.near import near

FILE = "pyproject.toml"


class SettingsError(Exception):
    """A setting that means nothing, and where."""


@frozen
class Settings:
    """`off` are the codes of warnings and notes of which `policyc lint` says nothing."""

    off: frozenset[str] = frozenset()


def settings_for(path: Path, codes: frozenset[str]) -> Settings:
    """The settings for a file: those of the nearest `pyproject.toml` above it with a table `tool.policyc`.

    Raises SettingsError where a setting is not known; OSError where the file cannot be read.
    """
    for folder in path.resolve().parents:
        place = folder / FILE
        if place.is_file():
            try:
                tool = tomllib.loads(place.read_text(encoding="utf-8")).get("tool", {})
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise SettingsError(f"`{place}`: {error}") from None
            if isinstance(tool, dict) and "policyc" in tool:
                return _settings(tool["policyc"], place, codes)
    return Settings()


def _settings(table: Any, place: Path, codes: frozenset[str]) -> Settings:
    where = f"`{place}`, [tool.policyc]"
    if not isinstance(table, dict) or table.keys() - {"lint"} or not isinstance(table.get("lint", {}), dict):
        raise SettingsError(f"{where}: what is known is the table `lint`")
    rules = table.get("lint", {})
    for code, on in rules.items():
        if code not in codes:
            close = near(code, codes)
            hint = f"; did you mean `{close}`?" if close else ""
            raise SettingsError(f"{where}: there is no rule `{code}`{hint}")
        if not isinstance(on, bool):
            raise SettingsError(f"{where}: `{code}` is neither true nor false")
    return Settings(frozenset(code for code, on in rules.items() if not on))
