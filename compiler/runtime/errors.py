"""Why a claim cannot be read: a code, words for people, and where."""

from __future__ import annotations

import re
from decimal import Decimal

_QUOTED_LENGTH = 60
_POINTER_KEY_LENGTH = 200


class ClaimError(Exception):
    """A claim that cannot be read.

    `code` is a kebab-case word for programs, `message` for people, `at` a JSON pointer to the offending value
    or unknown key (to the parent of a missing key), `claim_id` the claim's id if that much could be read.
    """

    def __init__(self, code: str, message: str, at: str = "", claim_id: str | None = None) -> None:
        super().__init__(code, message, at, claim_id)
        self.code = code
        self.message = message
        self.at = at
        self.claim_id = claim_id

    def __str__(self) -> str:
        return f"{self.message} (at {self.at})" if self.at else self.message

    def record(self) -> dict[str, object]:
        """The error record that stands in the claim's place in the output."""
        error = {"code": self.code, "message": self.message, "at": self.at}
        return {"claim_id": self.claim_id, "error": error}


def key_named(pointer: str) -> str:
    """A key as people name it, that of any line: `lines[].colour`."""
    return re.sub(r"/[0-9]+(?=/)", "[]", pointer).lstrip("/").replace("/", ".")


def step(key: str | int) -> str:
    """One step of a JSON pointer.

    A key that is too long to repeat, or no valid text, gives none: the pointer then stays at its parent.
    """
    if isinstance(key, int):
        return f"/{key}"
    if len(key) > _POINTER_KEY_LENGTH or not is_unicode(key):
        return ""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def is_unicode(text: str) -> bool:
    """Whether a text has no lone surrogate, and can be written out again."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def quoted(text: str) -> str:
    """A user's text in backticks, shortened, with nothing in it that a terminal would obey."""
    shown = text if len(text) <= _QUOTED_LENGTH else text[:_QUOTED_LENGTH] + "…"
    return "`" + "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in shown) + "`"


def described(value: object) -> str:
    """A value in an error message: what it is, shortly."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "`true`" if value else "`false`"
    kind = type(value)
    if issubclass(kind, str):
        return quoted(str.__str__(value))
    if issubclass(kind, int | float | Decimal):
        return "a number"
    if issubclass(kind, list):
        return "a list"
    return "an object" if issubclass(kind, dict) else "something that JSON does not have"
