"""Every mistake is named: one code, one function, one page, one case."""

import inspect
import re
from pathlib import Path

import pytest
from diagnosing import diagnose, drawn, lint_of

import compiler.errors
import compiler.errors.lint
import dsl.errors
from dsl.diagnostics import Severity

CASES = sorted(Path("tests/cases/errors").glob("*.pol"))
PAGES = sorted(p for p in Path("docs/errors").glob("*.md") if p.stem != "claims")
BLOCK = re.compile(r"^```pol( wrong)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_COMPILED = {
    "unknown-citation",
    "unknown-edition",
    "several-parts",
}  # they need the index of a source document
ONLY_A_CASE = {"too-large", "too-many-revisions"} | NOT_COMPILED
"""Codes whose wrong example would fill a page."""


def functions():
    made = [vars(module)[name] for module in (dsl.errors, compiler.errors) for name in vars(module)]
    return [
        f
        for f in made
        if inspect.isfunction(f)
        and inspect.signature(f).return_annotation == "Diagnostic"
        and f.__name__[0] != "_"
    ]


CODES = {function.__name__.replace("_", "-") for function in functions()}


LINT = {name.replace("_", "-") for name in vars(compiler.errors.lint)} & CODES


def said(code, text):
    """What is said of an example of a code: by the compiler, and by lint if the code is one of its rules."""
    return lint_of(text, goldens=code == "rule-without-golden") if code in LINT else diagnose(text)


def texts(page):
    return [(bool(wrong), text) for wrong, text in BLOCK.findall(page.read_text(encoding="utf-8"))]


def test_a_function_gives_the_code_of_its_name():
    for function in functions():
        source = inspect.getsource(function)
        name = function.__name__.replace("_", "-")
        assert f'"{name}"' in source, f"{function.__name__} gives another code"


def test_functions_pages_and_cases_are_the_same_set():
    assert {page.stem for page in PAGES} == CODES
    assert {case.stem for case in CASES if "--" not in case.stem} | NOT_COMPILED == CODES


def test_the_page_of_the_desk_lists_the_rules_of_lint():
    page = Path("docs/desk.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)) == LINT


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case(case, expect):
    code, _, variant = case.stem.partition("--")
    found = said(code, case.read_bytes().decode("utf-8"))
    if code == "good":
        assert found == []
    else:
        assert code in {diagnostic.code for diagnostic in found}, [drawn(d) for d in found]
    if variant == "acknowledged":
        assert {diagnostic.severity for diagnostic in found} == {Severity.NOTE}
    expect(case.with_suffix(".expect"), "\n\n".join(map(drawn, found)) + ("\n" if found else ""))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page):
    assert page.read_text(encoding="utf-8").startswith(f"# {page.stem}\n")
    blocks = texts(page)
    wanted = {False} if page.stem in ONLY_A_CASE else {True, False}
    assert {wrong for wrong, _ in blocks} == wanted
    for wrong, text in blocks:
        codes = {diagnostic.code for diagnostic in said(page.stem, text)}
        assert codes == ({page.stem} if wrong else set()), text


def test_claim_errors_have_their_lines():
    page = Path("docs/errors/claims.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE))
    places = [*Path("compiler/runtime").glob("*.py"), *Path("policyc").rglob("*.py")]
    given = {
        code
        for place in places
        for code in re.findall(r'ClaimError\(\s*"([a-z-]+)"', place.read_text(encoding="utf-8"))
    }
    assert named == given


@pytest.mark.parametrize("case", [c for c in CASES if not c.stem.startswith("good")], ids=lambda c: c.stem)
def test_words_follow_the_style_page(case):
    for diagnostic in said(case.stem.partition("--")[0], case.read_bytes().decode("utf-8")):
        labels = [label.text for label in diagnostic.labels]
        for words in (diagnostic.message, *labels, *diagnostic.hints):
            plain = re.sub(r"`[^`]*`", "``", words)
            assert not plain.endswith("."), words
            assert not plain[:1].isupper(), words
            assert not re.search(r"\b(token|Path|None|EnumType|CodeType|node|parse|invalid)\b", plain), words
