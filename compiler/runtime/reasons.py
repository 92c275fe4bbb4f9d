"""Reason codes by determination and by edit: CARC and RARC by number, never their texts."""

from __future__ import annotations

_BY_DETERMINATION: dict[str, tuple[str, tuple[str, ...]]] = {
    "experimental_investigational": ("55", ("N623",)),
    "not_medically_necessary": ("50", ()),
    "not_covered": ("96", ("N130",)),
    "excluded_by_contract": ("204", ()),
    "code_not_valid": ("181", ()),
    "needs_information": ("16", ("N706",)),
}
ADD_ON_WITHOUT_PRIMARY: tuple[str, tuple[str, ...]] = ("107", ("N122",))


def shown(codes: tuple[str, tuple[str, ...]]) -> dict[str, object]:
    """Reason codes as a decision carries them."""
    return {"carc": codes[0], "rarc": list(codes[1])}


def reason_codes(determination: str) -> dict[str, object] | None:
    """The reason codes of a determination, or None where nothing is adjusted."""
    codes = _BY_DETERMINATION.get(determination)
    return shown(codes) if codes is not None else None
