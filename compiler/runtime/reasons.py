"""Reason codes by determination and by edit: CARC and RARC by number, never their texts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

Reasons = tuple[str, tuple[str, ...]]
"""A CARC, and the RARCs that go with it."""

_GIVEN: dict[str, Reasons] = {
    "experimental_investigational": ("55", ("N623",)),
    "not_medically_necessary": ("50", ()),
    "not_covered": ("96", ("N130",)),
    "excluded_by_contract": ("204", ()),
    "code_not_valid": ("181", ()),
    "needs_information": ("16", ("N706",)),
    "add_on_without_primary": ("107", ("N122",)),
    "diagnosis_not_valid": ("146", ()),
    "diagnosis_not_specific": ("146", ()),
}

SINCE: dict[str, date] = {
    "16": date(1995, 1, 1),
    "50": date(1995, 1, 1),
    "55": date(1995, 1, 1),
    "96": date(1995, 1, 1),
    "107": date(1995, 1, 1),
    "146": date(2002, 6, 30),
    "181": date(2005, 6, 30),
    "204": date(2007, 2, 28),
    "N122": date(2002, 9, 12),
    "N130": date(2002, 10, 31),
}
"""The first valid day of the codes given here, as in `policies/codes`; of others it is not known. None has
ended.
"""

NEEDS_REMARK = frozenset({"16", "96", "226", "227", "252"})
"""CARCs that say nothing without a RARC."""


def complete(carc: str | None, rarc: Iterable[str | None]) -> Reasons | None:
    """The reason codes that are left where those that are not valid are None; None if they say nothing."""
    left = tuple(code for code in rarc if code is not None)
    return None if carc is None or (carc in NEEDS_REMARK and not left) else (carc, left)


def reason_codes(said: str, day: date, own: Reasons | None = None) -> dict[str, object] | None:
    """The reason codes of a determination or edit as decisions carry them: the section's own, or those that
    are given and valid on a day. None where nothing is adjusted.
    """
    found = own if own is not None or said not in _GIVEN else _given(said, day)
    return {"carc": found[0], "rarc": list(found[1])} if found is not None else None


@lru_cache(maxsize=4096)
def _given(said: str, day: date) -> Reasons | None:
    carc, rarc = _GIVEN[said]
    valid = (code if SINCE.get(code, day) <= day else None for code in (carc, *rarc))
    return complete(next(valid), valid)
