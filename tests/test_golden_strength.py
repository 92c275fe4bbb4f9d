"""What the golden files of two policies notice: an edit of one word of the policy, or of a library that
it uses, makes some golden fail, or stands below with the reason why none can.

Not edited, since a decision does not show them: titles, labels of codes and criteria, citations, the payer
and the source document.
"""

import re
import shutil
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from compiler.pipeline import compile_paths
from dsl.diagnostics import Report
from dsl.parse import parse
from policyc.goldens import collect, read
from policyc.policy import Policy

POLICIES = Path(__file__).parents[1] / "policies"
POLICY = "bcbsks/iv_anesthetics.pol"
CPAP = "cms/ncd_240_4.pol"
TEXTS = {  # each with about how many edits must come of it, lest the test forgets how to edit
    POLICY: {
        POLICY: 80,
        "facts/infusion.pol": 40,
        "codes/cpt.pol": 30,
        "codes/hcpcs.pol": 60,
        "codes/icd10cm.pol": 5,
        "concepts/pain.pol": 120,
        "concepts/psychiatry.pol": 30,
    },
    CPAP: {CPAP: 250, "facts/sleep.pol": 20, "codes/sleep.pol": 2, "concepts/sleep.pol": 3},
}
SILENT = {"package", "import_package", "payer", "source_document", "cites", "label", "code_label"}
DRUGS = ("ketamine", "lidocaine", "esketamine", "lidocaine_epinephrine")
ROUTES = (
    *("intravenous", "intramuscular", "subcutaneous", "oral", "intranasal"),
    *("epidural", "intrathecal", "perineural", "topical", "other"),
)
ALIKE = (
    DRUGS,
    ROUTES,
    ("treatment", "procedural_anesthesia", "other"),
    ("experimental_investigational", "not_medically_necessary", "medically_necessary", "manual_review"),
    ("pain.chronic_pain", "psychiatry.disorders", "pain.chronic_pain.neuropathic_pain"),
    ("line.drug", "line.route", "line.purpose"),
    ("some", "every", "at least 2"),
    ("==", "!="),
    ("mg", "g"),
    ("cpap", "between", "unmet", "first_weeks", "continued", "local_first_weeks", "local_continued"),
    ("first_12_weeks", "after_12_weeks"),
    ("under_5", "from_5_to_14", "at_least_15"),
    ("laboratory", "home_type_2", "home_type_3", "home_type_4"),
    ("mild", "moderate", "severe"),
    ("claim.ahi", "claim.rdi"),
    ("all", "any", "none"),
    (">=", ">"),
    ("<=", "<"),
    ("day", "days", "week"),
    ("months", "days"),
    ("after", "before"),
    ("night.hours", "night.day"),
)
UNGUARDED = {
    POLICY: {
        r"in `for .* names ": "the names that a section lists, and that the list is open, are its wording",
        r"in `section B .* names ": "the same, of the names that a revision adds",
    },
    "codes/hcpcs.pol": {
        r"in `J3490 ": "a code without a row is valid too, and the row's first day precedes the policy",
    },
    "concepts/pain.pol": {
        r'^`"[^"]*"` -> ``': "a label",
        r"^`} \w+ {` -> ``": "two members made one: the concept keeps its codes",
    },
    "concepts/psychiatry.pol": {
        r'^`"[^"]*"` -> ``': "a label",
        r"in `(obsessive|post_traumatic)\w+ ": "codes that F20 to F69 takes in as well",
    },
    CPAP: {
        r"-> `` in `high_index: ": "30 events are 10 as well, and the NCD has asked for the index before",
    },
    "codes/sleep.pol": {
        r" in `(codes cpt|95810|95811|G0398|G0399|G0400) ": "the tests are no question of this policy",
        r" in `E0601 ": "the row's first day precedes the policy",
    },
    "concepts/sleep.pol": {r'^`"[^"]*"` -> ``': "a label"},
}


class Edit(NamedTuple):
    """A stretch of a text replaced by another, and the line where it stands."""

    start: int
    end: int
    new: str

    def of(self, text):
        return text[: self.start] + self.new + text[self.end :]

    def shown(self, text):
        line = text[text.rfind("\n", 0, self.start) + 1 : text.find("\n", self.end)]
        old = text[self.start : self.end]
        return f"`{' '.join(old.split())}` -> `{self.new}` in `{' '.join(line.split())}`"


@cache
def grammar():
    text = files("dsl").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        text,
        parser="lalr",
        start="file",
        propagate_positions=True,
        keep_all_tokens=True,
        maybe_placeholders=False,
    )


def parses(text):
    try:
        return grammar().parse(text)
    except UnexpectedInput:
        return None


def spoken(tree):
    """The tree without what decisions do not show."""
    for child in tree.children:
        if isinstance(child, Token):
            yield child
        elif child.data not in SILENT:
            yield child
            yield from spoken(child)


def edits(text):
    """The edits of a text that leave it a text of the language, each result once."""
    tree = parses(text)
    parts = list(spoken(tree))
    tokens = [part for part in parts if isinstance(part, Token)]
    spans = [(t.start_pos, t.end_pos) for t in tokens]
    wanted = [Edit(a, b, "") for a, b in spans]
    for width in (1, 2):
        wanted += [Edit(a, b, "") for (a, _), (_, b) in zip(spans, spans[width:], strict=False)]
    nodes = [part for part in parts if isinstance(part, Tree) and not part.meta.empty]
    wanted += [Edit(n.meta.start_pos, n.meta.end_pos, "") for n in nodes]
    wanted += [_with_comma(text, edit) for edit in wanted]
    for token in tokens:
        wanted += [Edit(token.start_pos, token.end_pos, new) for new in replacements(token)]
    for node in nodes:
        old = text[node.meta.start_pos : node.meta.end_pos]
        wanted += [Edit(node.meta.start_pos, node.meta.end_pos, new) for new in alike(old)]
        if node.data == "value_set":
            end = node.meta.end_pos - 1
            wanted += [
                Edit(end, end, f", {word}") for word in DRUGS + ROUTES if word not in re.findall(r"\w+", old)
            ]
    for before, token in pairwise(tokens):
        if before == "assume":
            wanted.append(Edit(token.start_pos, token.end_pos, f"{token}_x"))
    seen = {_words(text)}
    for edit in wanted:
        edited = edit.of(text)
        if _words(edited) not in seen and parses(edited) is not None:
            yield edit
        seen.add(_words(edited))


def _words(text):
    return " ".join(text.split())


def _with_comma(text, edit):
    """A dropped element of a list takes the comma behind it along, the last the comma before it."""
    behind = re.compile(r"\s*,").match(text, edit.end)
    if behind:
        return edit._replace(end=behind.end())
    before = text[: edit.start].rstrip()
    return edit._replace(start=len(before) - 1) if before.endswith(",") else edit


def replacements(token):
    if token.type == "DATE":
        day = date.fromisoformat(token)
        return [(day + timedelta(days)).isoformat() for days in (-1, 1)]
    if token.type == "LITERAL":
        return neighbours(token)
    if token.type == "MEASURE":
        number, unit = token.split()
        return [f"{near} {unit}" for near in neighbours(number)]
    return alike(token)


def alike(word):
    return [other for words in ALIKE if word in words for other in words if other != word]


def neighbours(code):
    """The codes before and behind, and where it is a prefix: the shorter prefix, and the bare code."""
    if code.endswith("x"):
        return [code[:-1], f"{code[:-2].rstrip('.')}x"]
    match = re.fullmatch(r"(.*?)(\d+)", code)
    if not match:
        return []
    around = (str(int(match[2]) + step).zfill(len(match[2])) for step in (-1, 1))
    return [match[1] + number for number in around if len(number) == len(match[2])]


@cache
def said(path):
    return path.read_text()


@cache
def goldens(policy):
    return [read(path) for path in collect(POLICIES / policy)]


@pytest.fixture
def copies(policy, tmp_path, monkeypatch):
    """The texts in a folder of their own, each parsed once while it stands as it was."""
    trees = {}

    def remembered(source, report):
        unedited = source.text == originals.get(source.name)
        if not unedited or source.name not in trees:
            trees[source.name] = parse(source, report)
        return trees.pop(source.name) if not unedited else trees[source.name]

    originals = {}
    for name in TEXTS[policy]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(POLICIES / name, tmp_path / name)
        originals[(tmp_path / name).as_posix()] = (tmp_path / name).read_text()
    monkeypatch.setattr("compiler.library.parse", remembered)
    return tmp_path


def compiled(path):
    """A policy as the interpreter runs it: past the cache, which is the user's, and no place for edits."""
    programs = compile_paths([path], [], Report())
    return Policy(programs[0], lambda: programs[0], None) if programs else None


@pytest.mark.parametrize(("policy", "name"), [(policy, name) for policy in TEXTS for name in TEXTS[policy]])
def test_an_edit_is_noticed(policy, name, copies):
    text, cases = (copies / name).read_text(), goldens(policy)
    whole = compiled(copies / policy)
    assert all(golden.difference(golden.decided(whole)) is None for golden in cases)
    unedited, tried, unnoticed = whole.program.digest, 0, []
    for edit in edits(text):
        (copies / name).write_text(edit.of(text))
        changed = compiled(copies / policy)
        if changed is None or changed.program.digest == unedited:
            continue
        tried += 1
        edited = re.findall(r"[A-Z0-9.]{3,}\b", text[edit.start : edit.end] + edit.new)
        near = [golden for golden in cases if any(code in said(golden.path) for code in edited)]
        asked = dict.fromkeys([*near[:8], *cases])
        noticing = next((g for g in asked if g.difference(g.decided(changed)) is not None), None)
        if noticing is None:
            unnoticed.append(edit.shown(text))
        else:
            # What noticed one edit often notices the next.
            cases.remove(noticing)
            cases.insert(0, noticing)
    reasons = UNGUARDED.get(name, {})
    assert [e for e in unnoticed if not any(re.search(known, e) for known in reasons)] == []
    assert [known for known in reasons if not any(re.search(known, e) for e in unnoticed)] == []
    assert tried >= TEXTS[policy][name]
