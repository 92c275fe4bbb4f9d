"""Whatever a .pol file holds: diagnostics, never an exception, and an end after work in measure."""

import cProfile
import os
import random
import re
from pathlib import Path

import pytest

from compiler.pipeline import compile_paths
from dsl.diagnostics import Report, Severity

SHIPPED = Path("policies")
FILES = {p.relative_to(SHIPPED).as_posix(): p.read_bytes() for p in sorted(SHIPPED.rglob("*.pol"))}
POLICY = "bcbsks/iv_anesthetics.pol"
MUTATIONS = int(os.environ.get("POLICYC_MUTATIONS", "250"))
SEED = int(os.environ.get("POLICYC_SEED", "20241001"))
HEAD = "package a.b\n\n"
CALLS = 100
"""So many functions of Python may be called for each character."""


def compiled(folder, changed):
    """The programs and diagnostics of the shipped files with some of them changed."""
    for name, content in {**FILES, **changed}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    report = Report()
    programs = compile_paths([folder / name for name in (POLICY, *changed)], [], report)
    return programs, report


def alone(folder, content):
    """What the compiler says of one file."""
    path = folder / "a" / "b.pol"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    report = Report()
    programs = compile_paths([path], [], report)
    assert report.has_errors is False or programs == ()
    return report


@pytest.fixture(autouse=True, scope="module")
def _parser(tmp_path_factory):
    """What is made once, for all files, is made before."""
    compiled(tmp_path_factory.mktemp("before"), {})


def work(run):
    """How many functions of Python something calls, and what it gives."""
    profile = cProfile.Profile(builtins=False)
    given = profile.runcall(run)
    return sum(entry.callcount for entry in profile.getstats()), given


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"package a.b\n\xff\xfe\n", "unreadable-file"),
        (b"package a.b\n# \xe9\n", "unreadable-file"),
        ("package a.b\0\n", "hidden-character"),
        ("", "unreadable-file"),
        (" \n\t\n", "unreadable-file"),
        ("# only a comment\n", "unexpected-word"),
        (b"\xef\xbb\xbf", "unreadable-file"),
        (HEAD + "{" * 200_000, "nested-too-deeply"),
        (HEAD + "a if " + "{ b if " * 100_000, "nested-too-deeply"),
        (HEAD + "a if {" + "(" * 200_000 + "b" + ")" * 200_000 + "}", "nested-too-deeply"),
        (HEAD + "}" * 200_000, "unopened-brace"),
        (HEAD + "a if {" + " not" * 100_000 + " b }", "nested-too-deeply"),
        (HEAD + "a if {" + " not (" * 29 + "b" + ")" * 29 + "}", "unknown-name"),
        (HEAD + "a if { " + "any of { " * 29 + "b" + " }" * 29 + "}", "unknown-name"),
        (HEAD + "a if {" + " b or" * 5_000 + " b }", "unknown-name"),
        (HEAD + "a" * 1_000_000 + " if { b }", "unknown-name"),
        (HEAD + "a if { " + "b." * 50_000 + "c }", "unknown-name"),
        (HEAD + "a if { line.x == " + "9" * 100_000 + " }", "unknown-name"),
        (HEAD + "a if { at least " + "9" * 5_000 + " of { b } }", "invalid-count"),
        (HEAD + "codes cpt { 96365 per " + "9" * 5_000 + " mg per 0 mg }", "said-twice"),
        (HEAD + 'judgement line.x "' + "x" * 1_000_000, "open-text"),
        (HEAD + '"\n' * 20_000, "open-text"),
        (HEAD + "\\" * 100_000, "unexpected-character"),
        (HEAD + "\u202e" * 20_000, "hidden-character"),
        (HEAD + "\u0430 if { b }\n" * 20_000, "look-alike-letter"),
        (HEAD + "x" * 10_000_000, "unreadable-file"),
        (HEAD + "codes cpt {\n" + "    96365 form 2024-01-01\n" * 6_000 + "}\n", "unexpected-word"),
        (HEAD + "a if { b = c }\n" * 6_000, "unexpected-character"),
        (HEAD + "a if { b }\n" * 6_000, "duplicate-name"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "",
)
def test_strange_files_are_told(tmp_path, content, code):
    calls, report = work(lambda: alone(tmp_path, content))
    assert code in {diagnostic.code for diagnostic in report.diagnostics}
    assert report.has_errors
    assert calls < 5_000 + CALLS * len(content)


@pytest.mark.parametrize("change", [lambda t: b"\xef\xbb\xbf" + t, lambda t: t.replace(b"\n", b"\r\n")])
def test_a_bom_and_crlf_are_fine(tmp_path, change):
    programs, report = compiled(tmp_path, {name: change(content) for name, content in FILES.items()})
    assert len(programs) == 3
    assert not report.has_errors


def test_ten_thousand_errors_are_all_counted(tmp_path):
    report = alone(tmp_path, HEAD + "".join(f"a{n} if {{ b = c }}\n" for n in range(10_000)))
    assert len(report.diagnostics) == 10_000


def test_deep_names_that_double_end(tmp_path):
    steps = "".join(f"a{n} if {{ a{n - 1} and a{n - 1} }}\n" for n in range(1, 200))
    sets = "".join(f"concept c{n} of icd10cm {{ c{n - 1} c{n - 1} }}\n" for n in range(1, 200))
    policy = (
        'policy "P" { payer "Q" }\nrevision 2024-01-01 "R" { section A "S" { not_covered if { a199 } } }\n'
    )
    for text in (
        policy + 'a0 if { line.place_of_service == "1" }\n' + steps,
        "concept c0 of icd10cm { A12 }\n" + sets,
    ):
        report = alone(tmp_path, HEAD + text)
        assert "too-much-rests-on" in {diagnostic.code for diagnostic in report.diagnostics}


PLACE = 'line.place_of_service == "12"'
ALLOWED = {
    "groups": "any of { " * 25 + PLACE + " }" * 25,
    "parentheses": "(not " * 25 + PLACE + ")" * 25,
    "not": "not " * 50 + PLACE,
    "lists": "".join(f"some x{n} in line.modifiers {{ " for n in range(25)) + PLACE + " }" * 25,
    "wide": "some x in line.modifiers { " + " or ".join(f"line.f{n} == a" for n in range(25)) + " }",
}


@pytest.mark.parametrize("asked", ALLOWED.values(), ids=ALLOWED)
def test_what_is_deep_and_allowed_compiles(tmp_path, asked):
    facts = "facts {" + "".join(f" line.f{n} {{ a, b }}" for n in range(25)) + " }\n"
    section = 'section A "S" { not_covered if { ' + asked + " } } codes { 96365 }"
    policy = 'policy "P" { payer "Q" }\ncodes cpt { 96365 }\nrevision 2024-01-01 "R" { ' + section + " }\n"
    assert not alone(tmp_path, HEAD + facts + policy).has_errors


def test_a_long_chain_of_imports_ends(tmp_path):
    for number in range(600):
        (tmp_path / f"p{number}.pol").write_text(f"package p{number}\nimport p{number + 1}\n")
    report = Report()
    compile_paths([tmp_path / "p0.pol"], [], report)
    assert {diagnostic.code for diagnostic in report.diagnostics} == {"too-much-rests-on"}


def test_half_files_never_raise(tmp_path):
    told = 0
    for name, content in FILES.items():
        for at in range(0, len(content), 1 + len(content) // 12):
            _, report = compiled(tmp_path, {name: content[:at]})
            told += report.has_errors
    assert told > 40


def test_random_bytes_never_raise(tmp_path):
    chance = random.Random(SEED)
    for _ in range(60):
        length = chance.choice([1, 10, 100, 5_000])
        assert alone(tmp_path, chance.randbytes(length)).has_errors
        letters = "".join(chance.choices('abAB09 .,:{}()"\\#=<>!\n\t-_éа\u200b', k=length))
        assert alone(tmp_path, HEAD + "a if {" + letters).has_errors


TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"|#[^\n]*|[A-Za-z0-9_.-]+|\s+|.', re.DOTALL)


def mutated(chance, content):
    """A text with one thing deleted, doubled, exchanged or replaced."""
    lines = chance.random() < 0.3
    parts = content.splitlines(keepends=True) if lines else TOKEN.findall(content)
    at, other = chance.randrange(len(parts)), chance.randrange(len(parts))
    kind = chance.choice(["delete", "double", "exchange", "copy", "byte", "move"])
    if kind == "delete":
        del parts[at : at + chance.choice([1, 1, 1, 2, 5])]
    elif kind == "double":
        parts.insert(at, parts[at])
    elif kind == "exchange":
        parts[at], parts[other] = parts[other], parts[at]
    elif kind == "copy":
        parts[at] = parts[other]
    elif kind == "move":
        parts.insert(other, parts.pop(at))
    else:
        flat = bytearray(content)
        flat[chance.randrange(len(flat))] = chance.choice([chance.randrange(256), *b'{}"().,09aA#\n'])
        return bytes(flat)
    return b"".join(parts)


def test_mutations_of_the_shipped_files_never_raise(tmp_path):
    chance = random.Random(SEED)
    names = [*FILES, POLICY, POLICY, POLICY]
    refused = 0
    for number in range(MUTATIONS):
        changed = {}
        for _ in range(chance.choice([1, 1, 1, 2, 4])):
            name = chance.choice(names)
            content = changed.get(name, FILES[name])
            if content:
                changed[name] = mutated(chance, content)
        calls = 0
        try:
            if number % 10:
                programs, report = compiled(tmp_path, changed)
            else:
                calls, (programs, report) = work(lambda: compiled(tmp_path, changed))  # noqa: B023
        except Exception as raised:
            kept = Path(os.environ.get("POLICYC_KEEP", tmp_path)) / f"mutant-{SEED}-{number}"
            for name, content in changed.items():
                (kept / name).parent.mkdir(parents=True, exist_ok=True)
                (kept / name).write_bytes(content)
            raise AssertionError(f"mutation {number} of seed {SEED}, kept in {kept}") from raised
        assert calls < CALLS * sum(map(len, FILES.values())), f"mutation {number} of seed {SEED}"
        severe = [d for d in report.diagnostics if d.severity is Severity.ERROR]
        assert bool(programs) is not bool(severe)
        refused += bool(severe)
        for name in changed:
            (tmp_path / name).write_bytes(FILES[name])
    assert refused > MUTATIONS // 3
    print(f"{MUTATIONS} mutations, {refused} refused")
