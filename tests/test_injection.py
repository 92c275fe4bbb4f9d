"""Text of a policy never becomes code: hostile words in every place where an author can write one."""

import ast
import builtins
import json
import keyword
import tokenize
from io import StringIO

import pytest
from backends import LONG, run_alone, three_ways
from test_backends import IV

from compiler.emit.layout import layout
from compiler.emit.literals import literal, printable
from compiler.emit.python import RUN_TIME_NAMES, emit
from compiler.emit.standalone import standalone
from policyc import PolicyError, cache, load

TEXTS = [
    "'",
    '"',
    "'''",
    '"""',
    '"""); canary(); ("""',
    '"""\r\ncanary()\r\n"""',
    "'); canary(); ('",
    "\r",
    "a\rcanary()\r# b",
    "a\x0bcanary()",
    "a\x0ccanary()",
    "a\x85canary()",
    "a\u2028canary()",
    "a\u2029canary()",
    "a\x1ccanary()\x1d\x1e\x1f",
    "\t canary()",
    "\\",
    "\\\\",
    '\\"',
    "ends with \\",
    "\\n canary()",
    "\\x22); canary(); (\\x22",
    "\\N{QUOTATION MARK}); canary(); (",
    "\\u0022",
    "\\ud800",
    "{canary()}",
    "{0.__class__} %s %(x)s ${canary()}",
    "f'{canary()}'",
    "# canary()",
    "#\rcanary()",
    "# type: ignore",
    "# -*- coding: utf-7 -*- +AGMAYQBuAGEAcgB5-()",
    "coding: utf-7",
    "__import__('builtins').canary()",
    "x.__class__.__mro__[-1].__subclasses__()",
    "; canary()",
    "\nif True: canary()\n".strip("\n"),
    "\u202e)(yranac\u202c",
    "\u2066canary()\u2069",
    "\u200b\ufeff\u00ad",
    "\U0010ffff\U000f0000\ue000",
    "\ufffe\uffff",
    "\x00\x01\x1b[31m\x7f",
    "\u017f K é ﬁ 漢字 \U0001f600",
    "canary() " * 2_000,
    '"' * 500,
    "",
    " ",
]

NAMES = [
    *(word for word in keyword.kwlist + keyword.softkwlist if word.islower()),
    *(word for names in RUN_TIME_NAMES.values() for word in names if word[0].islower()),
    *("eval", "exec", "open", "print", "list", "str", "frozenset", "canary", "decide", "run_command", "main"),
    *("facts", "policy_", "held_", "built_in", "version_1", "codes_x", "section_a", "each_x", "x__class__"),
    *("x" * 3_000, "x_", "x__", "x_2"),
]

TEMPLATE = """package made.hostile

policy {title} {{ payer {payer} source {source} subject to {subject} cites {place} }}

codes hcpcs {{ J1000 {label} J1001 {label} gives line.{fact} := {member} J1002 {label} }}
codes icd10cm {{ A10 {label} }}

facts {{
    line.{fact} open {{ {member} also {alias}, plain also {alias2} }}
        absent means plain assume {why0} {reason}
    line.{flag} boolean
}}

judgement claim.{judged} {question}

concept {concept} of icd10cm {about} assume {why} {reason} {{ A10 {inside} {about} {{ A11 }} }}

evidence line.{fact} from other lines of the day assume {why2} {reason}

{defined} if {{ {label1}: line.{fact} == {member} cites {place} assume {why3} {reason} }}

revision 2020-01-01 {titled} cites {place} {{
    section {section} {heading} cites {place} reconstructed assume {why4} {reason} {{
        for {concept} open names {inside}
        experimental_investigational if {{
            {label2}: {defined}
            {label3}: some {element} in claim.diagnoses {{ {element} in {concept} }}
            claim.{judged}
        }}
    }}
    section {other} {heading} {{
        manual_review if {{ contract.payer == {value} }} except if {{ line.{flag} }}
    }}
    {section} overrides {other}
    codes open to lines stating line.{fact} cites {place} {{
        J1000 though ended {reason} assume {why5} {reason}
        J1001 needs (J1000 assume {why6} {reason})
    }}
}}

revision 2021-01-01 {titled} {{ retire {reason} }}
"""

TEXT_PLACES = [
    "title",
    "payer",
    "source",
    "place",
    "label",
    "reason",
    "question",
    "about",
    "titled",
    "heading",
]
NAME_PLACES = [
    "subject",
    "fact",
    "member",
    "flag",
    "judged",
    "concept",
    "inside",
    "defined",
    "section",
    "other",
]
NAME_PLACES += [
    "why",
    "why0",
    "why2",
    "why3",
    "why4",
    "why5",
    "why6",
    "label1",
    "label2",
    "label3",
    "element",
]
USUAL_TEXTS = dict.fromkeys([*TEXT_PLACES, "value"], "plain") | {
    "alias": "one alias",
    "alias2": "another alias",
}
USUAL_NAMES = {name: f"usual_{name}" for name in NAME_PLACES}


class Canary:
    calls = 0

    def __call__(self, *_, **__):
        Canary.calls += 1


@pytest.fixture(scope="module", autouse=True)
def _canary(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builtins, "canary", Canary(), raising=False)
        patch.setattr(cache, "folder", lambda: tmp_path_factory.getbasetemp() / "injection")
        yield
        assert Canary.calls == 0


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def written(folder, texts, names):
    path = folder / "made" / "hostile.pol"
    path.parent.mkdir(exist_ok=True)
    filled = {key: quoted(text) for key, text in (USUAL_TEXTS | texts).items()} | USUAL_NAMES | names
    path.write_text(TEMPLATE.format(**filled), encoding="utf-8", newline="")
    return path


def claims(texts, names):
    named = USUAL_NAMES | names
    spoken = (USUAL_TEXTS | texts)["alias"]
    for drug in (spoken, named["member"], "plain", None):
        line = {"line": 1, "procedure": "J1000", "service_date": "2020-05-05", f"{named['fact']}": drug}
        other = {"line": 2, "procedure": "J1001", "service_date": "2020-05-05", named["flag"]: True}
        for value in ((USUAL_TEXTS | texts)["value"], "other"):
            yield {
                "claim_id": "C",
                "diagnoses": ["A10"],
                named["judged"]: True if drug else None,
                "contract": {"payer": value},
                "lines": [line, other],
            }


KINDS = (ast.Assign, ast.FunctionDef, ast.Return, ast.Expr, ast.Call, ast.Name, ast.Constant, ast.Tuple)
KINDS += (ast.Dict, ast.Set, ast.Lambda, ast.arguments, ast.arg, ast.keyword, ast.Load, ast.Store)


def harmless(statements):
    """Only calls of the run-time, names that the emitter made, and constants."""
    known = {name for names in RUN_TIME_NAMES.values() for name in names} | {"frozenset"}
    for statement in statements:
        assert isinstance(statement, ast.Assign | ast.FunctionDef)
        inside = known | {node.arg for node in ast.walk(statement) if isinstance(node, ast.arg)}
        for node in ast.walk(statement):
            assert isinstance(node, KINDS), ast.dump(node)
            if isinstance(node, ast.Call):
                assert isinstance(node.func, ast.Name)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                assert node.id in inside
            if isinstance(node, ast.Expr):
                assert isinstance(node.value, ast.Constant)
        name = statement.name if isinstance(statement, ast.FunctionDef) else statement.targets[0].id
        assert name not in known
        known.add(name)


@pytest.fixture(scope="module")
def run_time():
    """The statements that every built module has."""
    program = load(IV).program
    own = {ast.dump(statement) for statement in emit(program)}
    return [d for s in ast.parse(standalone(program)).body if (d := ast.dump(s)) not in own]


def check(path, stated, run_time):
    ways = three_ways(path)
    statements = emit(ways.program)
    harmless(ast.parse(layout(statements)).body)
    own = {ast.dump(statement) for statement in statements}
    assert [d for s in ast.parse(ways.text).body if (d := ast.dump(s)) not in own] == run_time
    head = ways.text.partition("\nfrom __future__")[0]
    assert head.isascii() and all(line.startswith("#") or not line for line in head.split("\n"))
    assert not any(letter != "\n" and not letter.isprintable() for letter in ways.text)
    answers = [ways.agree(claim) for claim in stated]
    assert not any("error" in answer for answer in answers)
    return ways, answers


def test_the_template_is_decided(tmp_path, run_time):
    stated = list(claims({}, {}))
    ways, answers = check(written(tmp_path, {}, {}), stated, run_time)
    found = {line["determination"] for answer in answers for line in answer["lines"]}
    assert {"experimental_investigational", "needs_information", "manual_review"} <= found | {"manual_review"}
    done = run_alone(ways.text, tmp_path, "\n".join(map(json.dumps, stated)).encode())
    assert [json.loads(line) for line in done.stdout.splitlines()] == answers


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_texts(text, tmp_path, run_time):
    """In all places at once; what cannot be seen, or says nothing, is refused before it gets there."""
    texts = dict.fromkeys(USUAL_TEXTS, text) | {"alias": f"{text} 1", "alias2": f"{text} 2"}
    path = written(tmp_path, texts, {})
    if text.strip() and text.isprintable():
        check(path, claims(texts, {}), run_time)
        return
    try:
        check(path, claims(texts, {}), run_time)
    except PolicyError as error:
        assert {d.code for d in error.diagnostics if d.severity == "error"} <= REFUSED, error


REFUSED = {"hidden-character", "empty-text", "open-text", "unexpected-word", "unexpected-character"}


def test_names(tmp_path, run_time):
    """Names in all places at once, each in another place a round; a long run puts each in every place."""
    refused = [name for name in NAMES if not is_taken(tmp_path, dict.fromkeys(["defined"], name))]
    names = [name for name in NAMES if name not in refused]
    assert len(names) > len(NAMES) * 2 / 3, refused
    assert len(names) > len(USUAL_NAMES)
    for start in range(0, len(names), 1 if LONG else 5):
        turned = names[start:] + names[:start]
        chosen = dict(zip(USUAL_NAMES, turned, strict=False))
        while not is_taken(tmp_path, chosen):
            refused_here = [place for place in chosen if not is_taken(tmp_path, {place: chosen[place]})]
            assert refused_here, chosen
            chosen = {place: name for place, name in chosen.items() if place not in refused_here}
        assert len(chosen) > len(USUAL_NAMES) / 2
        check(written(tmp_path, {}, chosen), list(claims({}, chosen))[:4], run_time)


def is_taken(folder, names):
    try:
        load(written(folder, {}, names))
    except PolicyError:
        return False
    return True


def test_constants_give_back_every_text():
    for text in TEXTS:
        assert ast.literal_eval(ast.unparse(literal(text))) == text
        assert (
            ast.literal_eval(ast.unparse(literal({text: (text, frozenset([text]))}).values[0].elts[0]))
            == text
        )
        assert printable(text).isascii() and (printable(text).isprintable() or not text)


def test_comments_end_with_their_line():
    """A statement under any comment is that statement alone."""
    for text in TEXTS:
        statement = ast.parse("x = (1, 2)").body[0]
        statement.comments = statement.value.comments = [text]
        written_down = layout([statement])
        kinds = [token.type for token in tokenize.generate_tokens(StringIO(written_down).readline)]
        assert kinds.count(tokenize.COMMENT) >= 1
        assert ast.dump(ast.parse(written_down)) == ast.dump(ast.parse("x = (1, 2)"))
