"""A policy to begin with: a skeleton that checks, the libraries that its codes need, and a golden file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from attrs import frozen

from dsl.formatted import formatted
from policyc import shipped
from policyc.golden.goldens import FOLDER, Golden, revision_of
from policyc.policy import load

NOT_WRITTEN = "section {} is not written yet: what does the document say of this line?"


@frozen
class Section:
    """A part of the document that decides: its mark there, and what it is about."""

    mark: str
    title: str


@frozen
class Code:
    """A procedure code, and what it stands for in the author's own words, if they said so."""

    code: str
    label: str | None

    @property
    def system(self) -> str:
        """HCPCS Level II codes begin with a letter, CPT codes with a digit."""
        return "hcpcs" if self.code[0].isalpha() else "cpt"


@frozen
class Answers:
    """What an author says of a policy before it is written. `imports` are libraries that are wanted too."""

    package: str
    payer: str
    title: str
    source: str
    effective: date
    sections: tuple[Section, ...]
    codes: tuple[Code, ...]
    imports: tuple[str, ...] = ()


class Unlabelled(Exception):
    """Codes that no shipped library knows, and of which nobody said what they are."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


def package_name(*words: str) -> str:
    """A package for a payer and a title: lower case, joined by dots."""
    return ".".join(_name(word) for word in words)


def _name(words: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    return name if name[:1].isalpha() else f"p_{name}".rstrip("_")


def place(package: str) -> Path:
    """Where a package stands under its root."""
    return Path(*package.split(".")).with_suffix(".pol")


def files(answers: Answers) -> dict[Path, str]:
    """The policy's file and those of the libraries that it needs, by their places under the root.

    Raises Unlabelled where a code is in no shipped library and has no label.
    """
    library = shipped.libraries()
    listing = {each: shipped.listing(library, each.system, each.code) for each in answers.codes}
    own = tuple(each for each in answers.codes if listing[each] is None)
    if unlabelled := tuple(each.code for each in own if each.label is None):
        raise Unlabelled(unlabelled)
    wanted = sorted({*answers.imports, *(package for package in listing.values() if package is not None)})
    text = formatted("\n".join(_lines(answers, wanted, own)) + "\n")
    brought = {place(p): file.read_text(encoding="utf-8") for p, file in shipped.closure(library, wanted)}
    return {place(answers.package): text, **brought}


def _lines(answers: Answers, imports: list[str], own: tuple[Code, ...]) -> Iterator[str]:
    yield f"package {answers.package}\n"
    yield from (f"import {package}" for package in imports)
    yield f"\npolicy {_quoted(answers.title)} {{"
    yield f"payer {_quoted(answers.payer)}"
    yield f"source {_quoted(answers.source)} edition {answers.effective}"
    yield "}\n"
    yield "# What a claim may say besides stands here, as in `facts { claim.walks_unaided boolean }`.\n"
    for system in sorted({each.system for each in own}):
        yield f"codes {system} {{"
        yield from (f"{each.code} {_quoted(each.label or '')}" for each in own if each.system == system)
        yield "}\n"
    yield f'revision {answers.effective} "Policy posted" {{'
    for section in answers.sections:
        yield f"\nsection {section.mark} {_quoted(section.title)} cites {_quoted(section.mark)} {{"
        yield "# Until its rules stand here, a person decides."
        yield f"manual_review {_quoted(NOT_WRITTEN.format(section.mark))} otherwise"
        yield "}"
    yield "\ncodes {"
    yield from (each.code for each in answers.codes)
    yield "}\n}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def first_golden(policy: Path, answers: Answers) -> Golden:
    """What the skeleton says of a line of the first day: that a person decides. It is yet to be reviewed.

    Raises PolicyError where the policy does not compile.
    """
    line = {
        "line": 1,
        "procedure": answers.codes[0].code,
        "service_date": answers.effective.isoformat(),
        "units": 1,
    }
    claim = {"claim_id": "first", "diagnoses": [], "lines": [line]}
    golden = Golden(policy, "Nothing is written yet: a person decides", claim, None, {}, reviewed=False)
    decided = golden.decided(load(policy))
    file = policy.with_suffix(FOLDER) / revision_of(decided) / "nothing_is_written_yet.json"
    return Golden(file, golden.about, claim, None, decided, reviewed=False)
