"""The one layout: it changes no word and no meaning, keeps comments, and laid out again it stays as it is."""

import os
import re
import subprocess
import sys
import tempfile
from bisect import bisect
from pathlib import Path
from random import Random

import pytest
from backends import examples
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import policies
from compiler.pipeline import compile_paths
from dsl.concrete import Phrase, concrete
from dsl.diagnostics import Report
from dsl.formatted import WIDTH, formatted
from dsl.parse import parse
from dsl.source import Source
from policyc.cli import app

ROOT = Path(__file__).parents[1]
SHIPPED = {path: path.read_text() for path in sorted((ROOT / "policies").rglob("*.pol"))}
POLICIES = [path for path, text in SHIPPED.items() if "\npolicy " in text]


def readable(text):
    return bool(text.strip()) and parse(Source("x", text), Report()) is not None


def texts():
    """All files of the project that can be read: shipped, cases, and the blocks of the reference."""
    yield from SHIPPED.values()
    for case in sorted((ROOT / "tests" / "cases" / "errors").glob("*.pol")):
        yield from filter(readable, re.split(r"(?m)^# file: .*\n", case.read_text()))
    page = (ROOT / "docs" / "language.md").read_text()
    yield from filter(readable, re.findall(r"(?ms)^```pol\n(.*?)^```", page))
    around = {
        "facts": ("package a\n", ""),
        "part": ("package a\n", ""),
        "revision": ("package a\n", ""),
        "amendments": ('package a\nrevision 2024-01-01 "r" {\n', "}\n"),
        "criteria": ("package a\nb if {\n", "}\n"),
    }
    for kind, text in re.findall(r"(?ms)^```pol (\w+)\n(.*?)^```", page):
        before, after = around.get(kind, ("", ""))
        yield from filter(readable, [before + text + after])


TEXTS = list(texts())
RANDOM = st.integers(0, 2**32).map(Random)
"""A seed, since every draw of hypothesis' own random numbers would be a choice to shrink."""


def words(part):
    return [word for each in part.parts for word in words(each)] if isinstance(part, Phrase) else [part]


def laid_out_otherwise(text, random, rate=0.3, comments=True):
    """A text with other blanks, lines and comments between its words."""
    said = words(concrete(text)[0])
    made, read_to = "", 0
    for at, word in enumerate(said):
        between = text[read_to : word.start]
        if random.random() < rate and "#" not in between:
            blanks = ["  ", "\n", "\n\n\n", "\n\t ", " \r\n", " " * bool(between)]
            remarks = [f" # remark {at}  \n", f"\n # above {at}\n\n", f"#one {at}\n#two\n\n\n  # three\n"]
            between = random.choice(blanks + remarks * comments)
        made += between + word.text
        read_to = word.end
    return made + text[read_to:]


def comments_of(text):
    """Each comment: how many words stand before it, and whether one of them stands on its line."""
    phrase, comments = concrete(text)
    starts = [word.start for word in words(phrase)]
    lines = [text.rfind("\n", 0, comment.start) + 1 for comment in comments]
    return [
        (comment.text, bisect(starts, comment.start), text[line : comment.start].strip() != "")
        for comment, line in zip(comments, lines, strict=True)
    ]


def check(text):
    """Lay a text out, and what must be true of every layout."""
    found = formatted(text)
    assert concrete(found) == concrete(text)
    assert formatted(found) == found
    assert comments_of(found) == comments_of(text)
    assert not re.search(r"[ \t\r]\n|\n\n\n|\A\n|\n\n\Z|\t", found)
    return found


# ---- what stays ---------------------------------------------------------------------------------------


def test_shipped_files_stand_in_their_layout():
    assert [str(path) for path, text in SHIPPED.items() if check(text) != text] == []


def test_enough_texts():
    kinds = {kind for text in TEXTS for kind in kinds_in(concrete(text)[0])}
    assert len(TEXTS) > 100
    assert {"decision_table", "otherwise", "exception", "limit", "run", "parameter", "register"} <= kinds


def kinds_in(part):
    if isinstance(part, Phrase):
        yield part.kind
        for each in part.parts:
            yield from kinds_in(each)


@examples(400)
@given(st.sampled_from(TEXTS), RANDOM, st.sampled_from([0.02, 0.2, 0.9]))
def test_any_layout(text, random, rate):
    other = laid_out_otherwise(text, random, rate)
    # A few words are other words if a comment stands behind them.
    if readable(other.replace("\r\n", "\n")) and concrete(other)[0] == concrete(text)[0]:
        check(other.replace("\r\n", "\n"))
        assert formatted(other) == formatted(other.replace("\r\n", "\n"))


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_on_one_line(text):
    said = words(concrete(text)[0])
    one_line = " ".join(word.text for word in said)
    if readable(one_line) and concrete(one_line)[0] == concrete(text)[0]:
        longest = max(len(word.text) for word in said)
        for line in check(one_line).split("\n"):
            assert len(line) <= WIDTH or longest > 60 or " within 6 months before" in line, line


@examples(60)
@given(st.data(), RANDOM)
def test_made_policies(data, random):
    made = data.draw(policies.policies())
    for text in (made.policy, made.library):
        if text is not None:
            check(laid_out_otherwise(text, random))


def digests(root, paths):
    report = Report()
    programs = compile_paths([root / path for path in paths], [], report)
    assert len(programs) == len(paths), [d.message for d in report.diagnostics]
    return [program.digest for program in programs]


@examples(6)
@given(RANDOM)
def test_the_meaning_of_shipped_policies_stays(random):
    relative = [path.relative_to(ROOT / "policies") for path in POLICIES]
    with tempfile.TemporaryDirectory() as folder:
        for path, text in SHIPPED.items():
            at = Path(folder) / path.relative_to(ROOT / "policies")
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_text(laid_out_otherwise(text, random))
        done = CliRunner().invoke(app, ["fmt", folder])
        assert done.exit_code == 0, done.stderr
        assert digests(Path(folder), relative) == digests(ROOT / "policies", relative)


@examples(25)
@given(st.data(), RANDOM)
def test_the_meaning_of_made_policies_stays(data, random):
    made = data.draw(policies.policies())
    with tempfile.TemporaryDirectory() as folder:
        path = made.write(Path(folder))
        before = compile_paths([path], [], Report())
        for each in Path(folder).rglob("*.pol"):
            each.write_text(formatted(laid_out_otherwise(each.read_text(), random)))
        after = compile_paths([path], [], Report())
    assert [program.digest for program in after] == [program.digest for program in before]


# ---- what is decided ----------------------------------------------------------------------------------

CASES = sorted((ROOT / "tests" / "cases" / "layout").glob("*.pol"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_layouts(case, expect):
    expect(case.with_suffix(".expect"), check(case.read_text()))


# ---- the command --------------------------------------------------------------------------------------

UGLY, NEAT = b"package x.y\nfacts{line.z boolean}\n", b"package x.y\n\nfacts { line.z boolean }\n"
BROKEN = b"package x.y\nfacts{line.z bolean}\n"


def call(*arguments, stdin=None):
    return CliRunner().invoke(app, ["fmt", *map(str, arguments)], input=stdin)


@pytest.fixture
def folder(tmp_path):
    for name, text in (("a/ugly", UGLY), ("a/neat", NEAT), ("b/broken", BROKEN)):
        path = tmp_path / f"{name}.pol"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text)
    return tmp_path


def test_files_are_laid_out_and_broken_ones_left_alone(folder):
    ugly, neat, broken = (folder / name for name in ("a/ugly.pol", "a/neat.pol", "b/broken.pol"))
    os.utime(neat, (1, 1))
    ugly.chmod(0o640)
    done = call(folder)
    assert done.exit_code == 1
    assert (ugly.read_bytes(), neat.read_bytes(), broken.read_bytes()) == (NEAT, NEAT, BROKEN)
    assert neat.stat().st_mtime == 1 and ugly.stat().st_mode & 0o777 == 0o640
    assert f"--> {broken}:2:14" in done.stderr and "bolean" in done.stderr
    assert done.stderr.endswith("formatted 1 of 3 files\n") and done.stdout == ""
    assert call(folder / "a").exit_code == 0
    assert sorted(path.name for path in (folder / "a").iterdir()) == ["neat.pol", "ugly.pol"]


def test_what_would_change(folder):
    done = call("--check", folder / "a")
    assert (done.exit_code, done.stdout) == (1, f"{folder / 'a' / 'ugly.pol'}\n")
    assert done.stderr == "1 of 2 files would change\n"
    shown = call("--diff", folder / "a")
    assert shown.exit_code == 1
    assert (folder / "a" / "ugly.pol").read_bytes() == UGLY
    name = folder / "a" / "ugly.pol"
    assert shown.stdout == (
        f"--- {name}\n+++ {name}\n@@ -1,2 +1,3 @@\n package x.y\n-facts{{line.z boolean}}\n+\n"
        "+facts { line.z boolean }\n"
    )
    for option in ("--check", "--diff"):
        done = call(option, folder / "a" / "neat.pol")
        assert (done.exit_code, done.stdout, done.stderr) == (0, "", "0 of 1 file would change\n")
        assert call(option, folder / "b").exit_code == 1


def test_standard_input():
    done = call("-", stdin=UGLY)
    assert (done.exit_code, done.stdout_bytes, done.stderr) == (0, NEAT, "")
    broken = call("-", stdin=BROKEN)
    assert (broken.exit_code, broken.stdout) == (1, "")
    assert "--> standard input:2:14" in broken.stderr
    assert call("--check", "-", stdin=NEAT).exit_code == 0
    assert (call("--check", "-", stdin=UGLY).exit_code, call("--check", "-", stdin=UGLY).stdout) == (1, "-\n")


@pytest.mark.parametrize("raw", [b"\xef\xbb\xbf" + NEAT, NEAT.replace(b"\n", b"\r\n"), NEAT.rstrip(b"\n")])
def test_ends_of_lines_and_files(raw, folder):
    path = folder / "a" / "neat.pol"
    path.write_bytes(raw)
    assert call("--check", path).exit_code == 1
    assert call(path).exit_code == 0
    assert path.read_bytes() == NEAT


def test_a_link_stays_one(folder):
    link = folder / "a" / "link.pol"
    link.symlink_to(folder / "a" / "ugly.pol")
    assert call(link).exit_code == 0
    assert link.is_symlink() and (folder / "a" / "ugly.pol").read_bytes() == NEAT


@pytest.mark.parametrize("raw", [b"", b" \n", b"package \xff", b"\x00"])
def test_what_is_no_policy(raw, folder):
    path = folder / "a" / "neat.pol"
    path.write_bytes(raw)
    done = call(path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert path.read_bytes() == raw and "error[" in done.stderr


def test_wrong_calls(folder):
    (folder / "c").mkdir()
    for path, why in (("c", "there is no .pol file under"), ("no.pol", "no such file")):
        done = call(folder / path)
        assert done.exit_code == 2 and why in done.stderr


def test_a_file_that_cannot_be_written(folder, monkeypatch):
    def fail(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("policyc.commands.fmt.write_whole", fail)
    done = call(folder / "a" / "ugly.pol")
    assert done.exit_code == 1
    assert f"cannot write `{folder / 'a' / 'ugly.pol'}`: no space left on device" in done.stderr
    assert (folder / "a" / "ugly.pol").read_bytes() == UGLY


def test_one_file_with_standard_streams_of_another_encoding(folder):
    path = folder / "a" / "ünter.pol"
    path.write_bytes(UGLY + "# “é”\n".encode())
    command = [sys.executable, "-c", "from policyc.cli import main; main()", "fmt", "--diff", str(path)]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 1 and " # “é”".encode() in done.stdout
