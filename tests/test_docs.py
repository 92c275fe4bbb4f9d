"""The documentation: its examples compile, its decisions are decided, its paths and links lead somewhere."""

import json
import re
import textwrap
from pathlib import Path

import pytest
from attrs import fields_dict, frozen

from compiler.binding.sections import DETERMINATIONS
from compiler.model.units import unit
from compiler.pipeline import compile_paths
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.parse import parse
from dsl.source import Source
from dsl.units import units
from policyc import load

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "language.md"
PAGES = [page for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))] if page.exists()]
PROSE = {page: page.read_text() for page in PAGES}

BLOCK = re.compile(r"^```(.*)\n((?:.*\n)*?)```$", re.MULTILINE)


@frozen
class Block:
    """A fenced block of the page.

    ```pol                       a whole file: its package is its place; all other blocks may import a library
    ```pol facts                 what all other blocks but whole files may ask for
    ```pol part                  items of a file that imports all libraries and has the facts
    ```pol criteria              the criteria of a definition in such a file
    ```pol revision              what stands at the end of the page's policy, the last of its whole files
    ```pol amendments            a revision's amendments, at the end of the page's policy
    ```pol wrong <code> <kind>   the same, and gives this error
    ```pol from <path>           words of a file of the project
    ```csv approvals.csv         a register, beside every file
    ```json claim                a claim; the decisions behind it are those of its lines
    ```json decision [known-on <day>] [by <path or package>]     by default, of the policy with a history
    """

    line: int
    words: tuple[str, ...]
    text: str

    @property
    def kind(self):
        return self.words[2:] if self.words[:1] == ("wrong",) else self.words


def blocks(language):
    text = PROSE[PAGE]
    return [
        Block(text.count("\n", 0, match.start()) + 1, tuple(match[1].split()[1:]), match[2])
        for match in BLOCK.finditer(text)
        if match[1].split()[:1] == [language]
    ]


def named(block):
    return f"{'-'.join(block.words) or 'file'}-line-{block.line}"


POL, JSON, CSV = blocks("pol"), blocks("json"), blocks("csv")
FILES = {re.search(r"package (\S+)", block.text)[1]: block.text for block in POL if not block.words}
POLICY = "prairie.light_therapy"
FACTS = "".join(block.text for block in POL if block.words == ("facts",))
LIBRARIES = [name for name, text in FILES.items() if "\npolicy " not in text]
IMPORTS = "".join(f"import {name}\n" for name in LIBRARIES)


def wrapped(block):
    """The package and the text of the file that a block stands for."""
    match block.kind:
        case ():
            return re.search(r"package (\S+)", block.text)[1], block.text
        case ("facts",):
            return "page.made", f"package page.made\n{IMPORTS}{block.text}"
        case ("part",):
            return "page.made", f"package page.made\n{IMPORTS}{FACTS}{block.text}"
        case ("criteria",):
            return "page.made", f"package page.made\n{IMPORTS}{FACTS}made if {{\n{block.text}}}\n"
        case ("revision",):
            return POLICY, FILES[POLICY] + FACTS + block.text
        case ("amendments",):
            return POLICY, f'{FILES[POLICY]}{FACTS}revision 2030-01-01 "made" {{\n{block.text}}}\n'
    raise AssertionError(f"line {block.line}: what is a block of kind `{' '.join(block.words)}`?")


def write(folder, files):
    paths = [folder / Path(*name.split(".")).with_suffix(".pol") for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        for block in CSV:
            (path.parent / block.words[0]).write_text(block.text)
    return paths


@pytest.mark.parametrize("block", [b for b in POL if b.words[:1] != ("from",)], ids=named)
def test_a_pol_block_compiles_or_is_wrong_as_it_says(block, tmp_path):
    package, text = wrapped(block)
    report = Report()
    compile_paths(write(tmp_path, {**FILES, package: text}), [], report)
    found = [(d.code, str(d.labels[0].span), d.message) for d in report.diagnostics if d.severity == "error"]
    wanted = {block.words[1]} if block.words[:1] == ("wrong",) else set()
    assert {code for code, _, _ in found} == wanted, found


def test_an_error_that_is_shown_is_named_and_has_a_page():
    errors = {block.words[1] for block in POL if block.words[:1] == ("wrong",)}
    pages = {page.stem for page in (ROOT / "docs" / "errors").glob("*.md")}
    assert errors and errors - pages == set()
    assert {error for error in errors if f"`{error}`" not in prose(PAGE)} == set()


@pytest.mark.parametrize("block", [b for b in POL if b.words[:1] == ("from",)], ids=named)
def test_a_quoted_pol_block_stands_in_its_file(block):
    def lines(text):
        return [line.strip() for line in textwrap.dedent(text).strip().splitlines()]

    assert "\n".join(lines(block.text)) in "\n".join(lines((ROOT / block.words[1]).read_text()))


def claims_with_decisions():
    claim = None
    for block in JSON:
        if block.words == ("claim",):
            claim = block
        else:
            yield pytest.param(claim, block, id=named(block))


@pytest.mark.parametrize(("claim", "block"), [*claims_with_decisions()])
def test_a_decision_is_as_shown(claim, block, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    said = dict(zip(block.words[1::2], block.words[2::2], strict=True))
    assert block.words[0] == "decision" and said.keys() <= {"known-on", "by"}
    place = said.get("by", POLICY)
    path = dict(zip(FILES, write(tmp_path, FILES), strict=True)).get(place, ROOT / place)
    made = load(path).decide(
        json.loads(claim.text), known_on=said.get("known-on"), explain=True, counterfactual=True
    )["lines"]
    shown = json.loads(block.text)
    shown = shown if isinstance(shown, list) else [shown]
    parts = [{key: line.get(key) for key in part} for line, part in zip(made, shown, strict=True)]
    assert parts == shown


# ---- the page has all that the language has --------------------------------------------------------------


def nodes(value):
    if isinstance(value, tuple):
        for inner in value:
            yield from nodes(inner)
    elif isinstance(value, s.Node):
        yield value
        for name in fields_dict(type(value)):
            yield from nodes(getattr(value, name))


def trees():
    for block in POL:
        if block.words[:1] != ("from",) and block.words[:1] != ("wrong",):
            yield parse(Source("page", wrapped(block)[1]), Report())


def test_every_construct_occurs_in_an_example():
    found = {type(node) for tree in trees() for node in nodes(tree)}
    every = {kind for kind in vars(s).values() if isinstance(kind, type) and issubclass(kind, s.Node)}
    assert {kind.__name__ for kind in every - found - {s.Node}} == set()


def test_every_word_and_mark_of_the_grammar_occurs_in_an_example():
    grammar = (ROOT / "dsl" / "grammar.lark").read_text()
    rules = "\n".join(line for line in grammar.splitlines() if not line.startswith(("//", "%")))
    rules = re.sub(r"/(\\.|[^/\n])+/", "", rules.partition("UNIT_ATOM:")[0])
    wanted = set(re.findall(r'"([^"\n]+)"', rules)) - {">=", ">", "<="}
    text = " ".join(re.sub(r'"[^"\n]*"|#.*', "", block.text) for block in POL)
    words = set(re.findall(r"\w+", text))
    missing = {word for word in wanted if (word not in words if word.isalpha() else word not in text)}
    assert missing == set()


def test_every_unit_is_in_the_table():
    table = PROSE[PAGE].partition("| kind | units |")[2].partition("\n\n")[0]
    assert {unit for unit in units() if f"`{unit}`" not in table} == set()


def amendment_forms():
    grammar = (ROOT / "dsl" / "grammar.lark").read_text()
    listed = re.search(r"\?amendment: ((?:.|\n)*?)\n\n", grammar)[1]
    return re.findall(r"\w+", listed)


def test_every_amendment_is_in_the_table():
    beginnings = {
        "section": "`section S",
        "names": "names a, b`",
        "section_reasons": "`section S reasons",
        "code_table": "`codes {",
        "definition": "`name if {",
        "overrides": "`S overrides T",
        "assumption": "`assume name",
        "retire": "`retire",
        "replace_section": "`replace section",
        "replace_table": "`replace codes",
        "replace_element": "`replace S.label with",
        "replace_code": "`replace code X with",
        "replace_value": "`replace parameter P {",
        "add_to": "`add to S",
        "add_codes": "`add codes",
        "remove_section": "`remove section",
        "remove_code": "`remove code",
        "remove_assumption": "`remove assumption",
        "remove_overrides": "`remove S overrides T",
        "remove_element": "`remove S.label",
    }
    assert set(amendment_forms()) == set(beginnings)
    table = PROSE[PAGE].partition("## Amendments")[2].partition("\n```")[0]
    assert {form for form, beginning in beginnings.items() if beginning not in table} == set()


@pytest.mark.parametrize(
    "name",
    [
        *DETERMINATIONS,
        "excluded_by_contract",
        "not_applicable",
        "needs_information",
        "code_not_valid",
        "not_in_force",
    ],
)
def test_every_determination_is_explained(name):
    assert f"`{name}`" in PROSE[PAGE]


def test_every_edit_is_explained():
    edits = (ROOT / "compiler" / "runtime" / "edits.py").read_text()
    kinds = set(re.findall(r'"kind": "(\w+)"', edits))
    assert kinds and {kind for kind in kinds if f"| `{kind}` |" not in PROSE[PAGE]} == set()


# ---- paths and links -------------------------------------------------------------------------------------


def prose(page):
    """A page without its fenced blocks."""
    return BLOCK.sub("", PROSE[page])


def invented():
    return {Path(*name.split(".")).with_suffix(".pol").as_posix() for name in FILES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_in_backticks_exist(page):
    spans = re.findall(r"`([\w.-]+(?:/[\w.-]+)+/?|[\w-]+/|[\w-]+\.(?:md|pol|py|toml|lark))`", prose(page))
    found = [span for span in spans if (ROOT / span).exists() or (page.parent / span).exists() or unit(span)]
    assert set(spans) - set(found) - (invented() if page == PAGE else set()) == set()


def anchors(page):
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_resolve(page):
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, anchor = target.partition("#")
        file = page.parent / place if place else page
        inside = file.suffix == ".md" and anchor
        if not file.exists() or (inside and anchor not in anchors(file.resolve())):
            broken.append(target)
    assert broken == []
