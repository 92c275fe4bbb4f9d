"""Letters of other scripts that look like Latin ones."""

from __future__ import annotations

import re
import unicodedata

from attrs import frozen

_LATIN = dict(
    zip(
        "аеорсухіјѕԁһԛѡѵАВЕКМНОРСТХЅІЈԌԚԜαορνιΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aeopcyxijsdhqwvABEKMHOPCTXSIJGQWaopviABEZHIKMNOPTYX",
        strict=True,
    )
)


@frozen
class Alike:
    """The Latin letter, the script it was taken from, and the word as it was probably meant."""

    letter: str
    script: str
    word: str


def look_alike(text: str, at: int) -> Alike | None:
    """What the letter at an offset looks like, if it is of another script."""
    latin = _LATIN.get(text[at])
    if latin is None:
        return None
    script = unicodedata.name(text[at]).split()[0].capitalize()
    before = re.search(r"\w*\Z", text[:at])
    after = re.match(r"\w*", text[at:])
    word = (before[0] if before else "") + (after[0] if after else "")
    return Alike(latin, script, "".join(_LATIN.get(letter, letter) for letter in word))
