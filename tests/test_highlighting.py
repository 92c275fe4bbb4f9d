"""Highlighting says of each word of the shipped policies what the language itself says."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from lark.lexer import PatternStr
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Error, Keyword, Literal, Name, Number, Operator, Punctuation, String

from dsl.parse import _lark
from policyc import pygments_lexer

ROOT = Path(__file__).parents[1]
SHIPPED = sorted((ROOT / "policies").rglob("*.pol"))
EDITOR = ROOT / "editors" / "vscode"
GRAMMAR = EDITOR / "syntaxes" / "pol.tmLanguage.json"
_WORDS = {t.name: t.pattern.value for t in _lark().terminals if isinstance(t.pattern, PatternStr)}


def words(text):
    """Each word of a text, by its place: what the language takes it for."""
    found = {}
    before = []
    for token in _lark().parse_interactive(text).iter_parse():
        kind = token.type
        if kind in _WORDS:
            kind = "word" if str(token).isalpha() else "mark"
        elif kind not in ("NAME", "STRING", "DATE", "LITERAL", "NEGATIVE", "MEASURE"):
            kind = "word" if str(token)[0].isalpha() else "mark"
        if before[-2:-1] == ["per"] and kind == "NAME":
            kind = "word"  # the unit of `per 10 mg`
        before.append(token)
        if token != ".":  # it is a part of the path in which it stands
            found[token.start_pos] = (kind, str(token))
    for comment in re.finditer(r"^\s*(#[^\n]*)", text, re.MULTILINE):
        found[comment.start(1)] = ("comment", comment[1])
    return found


FITS = {
    "word": (Keyword,),
    "NAME": (Name, Keyword.Constant),
    "STRING": (String,),
    "DATE": (Literal.Date,),
    "LITERAL": (Literal, Number, Name.Class),
    "NEGATIVE": (Number,),
    "MEASURE": (Number,),
    "mark": (Operator, Punctuation),
    "comment": (Comment,),
}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_pygments_says_what_the_language_says(path):
    text = path.read_text()
    tokens = {at: (kind, value) for at, kind, value in get_lexer_by_name("pol").get_tokens_unprocessed(text)}
    assert Error not in {kind for kind, _ in tokens.values()}
    wrong = []
    for at, (kind, word) in words(text).items():
        near = max(place for place in tokens if place <= at)
        if not any(tokens[near][0] in fits for fits in FITS[kind]):
            wrong.append((kind, text[max(0, at - 20) : at + len(word) + 10], tokens[near]))
    assert wrong == []


def test_the_lexer_is_found_by_a_file_name():
    assert isinstance(get_lexer_for_filename("x.pol"), pygments_lexer.PolLexer)


SCOPES = {
    "word": ("keyword.", "support.type."),
    "NAME": ("variable.", "entity.name.", "support.constant.", "constant.language."),
    "STRING": ("string.",),
    "DATE": ("constant.other.date.",),
    "LITERAL": ("constant.", "entity.name.section."),
    "NEGATIVE": ("constant.numeric.",),
    "MEASURE": ("constant.numeric.",),
    "mark": ("keyword.operator.", "punctuation."),
    "comment": ("comment.",),
}


@pytest.mark.skipif(
    not (EDITOR / "node_modules").is_dir() or shutil.which("node") is None,
    reason="`npm install --no-package-lock` in editors/vscode brings what runs the grammar",
)
def test_the_editor_says_what_the_language_says():
    asked = [(path.read_text(), words(path.read_text())) for path in SHIPPED]
    told = subprocess.run(
        ["node", EDITOR / "test" / "words.js"],
        input=json.dumps([(text, list(there)) for text, there in asked]),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    wrong = []
    for (text, there), scopes in zip(asked, json.loads(told), strict=True):
        for (at, (kind, word)), scope in zip(there.items(), scopes, strict=True):
            if not scope.startswith(SCOPES[kind]):
                wrong.append((kind, text[max(0, at - 20) : at + len(word) + 10], scope))
    assert wrong == []


def test_the_editor_and_pygments_know_the_same_words():
    rules = [rule["match"] for rule in json.loads(GRAMMAR.read_text())["repository"]["words"]["patterns"]]
    for listed in ("DECLARATIONS", "KEYWORDS", "TYPES", "DETERMINATIONS", "UNIT"):
        assert any(getattr(pygments_lexer, listed) in rule for rule in rules), listed


def test_every_word_of_the_language_is_known():
    listed = "|".join((pygments_lexer.DECLARATIONS, pygments_lexer.KEYWORDS, pygments_lexer.TYPES)).split("|")
    named = {"assume", "concept", "import", "package", "parameter", "record", "register", "scale", "section"}
    units = {"day"}
    known = {*listed, *named, *units, "any", "variant"}
    assert {word for word in _WORDS.values() if word.isalpha()} - known == set()
