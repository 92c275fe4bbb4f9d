"""Letters of other scripts that look like Latin ones."""

from __future__ import annotations

import re
import unicodedata

from attrs import frozen

LOOK_ALIKES = dict(
    zip(
        "агеорсухіјѕԁһԛѡѵАВЕКМНОРСТХЅІЈԌԚԜαορνιΑΒΕΖΗΙΚΜΝΟΡΤΥΧıɡℓ",
        "areopcyxijsdhqwvABEKMHOPCTXSIJGQWaopviABEZHIKMNOPTYXigl",
        strict=True,
    )
)
LOOK_ALIKES |= {chr(0xFF01 + at): chr(0x21 + at) for at in range(94) if chr(0x21 + at).isalnum()}


@frozen
class Alike:
    """The Latin letter, the script it was taken from, and the word as it was probably meant."""

    letter: str
    script: str
    word: str


def look_alike(text: str, at: int) -> Alike | None:
    """What the letter at an offset looks like, if it is of another script."""
    latin = LOOK_ALIKES.get(text[at])
    if latin is None:
        return None
    script = unicodedata.name(text[at]).split()[0].capitalize()
    before = re.search(r"\w*\Z", text[max(0, at - 100) : at])
    after = re.match(r"\w*", text[at : at + 100])
    word = (before[0] if before else "") + (after[0] if after else "")
    return Alike(latin, script, "".join(LOOK_ALIKES.get(letter, letter) for letter in word))
