"""`policyc batch --ids`: a number a line, and a table that says once what each number says."""

import json
import os
import sys
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import drawn as drawing
import equal
import pyarrow.parquet as pq
from attrs import evolve
from bulk import expected, in_two_tables, numbered_rows, write
from test_batch import SHIPPED
from test_batch_calls import CLAIMS, IV, call, keyed, told
from typer.testing import CliRunner

from policyc import load
from policyc.bulk import outcomes
from policyc.bulk import run as bulk
from policyc.bulk.output import Parts, outcomes_of
from policyc.cli import app
from policyc.library import load_library


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
@pytest.mark.parametrize("size", [None, 250])
def test_numbers_say_what_eval_says(path, size, tmp_path, monkeypatch):
    monkeypatch.setattr(drawing, "ODD", 0.001)
    policy = load(path)
    table = drawing.drawn(policy, 6, 1500)
    pq.write_table(table, tmp_path / "lines.parquet", row_group_size=400)
    wanted = equal.by_eval(policy, table)
    assert len(wanted.rejects) > 10
    output = tmp_path / "out.parquet"
    came = bulk.run(bulk.Asked(policy, tmp_path / "lines.parquet", output, ids=True, rows=size))
    found = pq.read_table(output)
    assert equal.differing(wanted, equal.by_numbers(found, output, came)) == []
    said = pq.read_table(outcomes_of(output)).to_pydict()
    assert said["outcome"] == sorted(set(found.column("outcome").to_pylist()))
    assert sorted(said["decision"]) == sorted(set(wanted.texts.to_pylist()))


def test_numbers_are_the_same_wherever_the_table_is_cut(tmp_path):
    source = write(tmp_path / "lines.parquet", CLAIMS)
    asked = bulk.Asked(load(IV), source, tmp_path / "whole.parquet", ids=True)
    bulk.run(asked)
    for size in (10, 25):
        parts = evolve(asked, output=tmp_path / "parts.parquet", rows=size)
        bulk.run(parts)
        for name in (lambda output: output, outcomes_of):
            assert pq.read_table(name(parts.output)) == pq.read_table(name(asked.output))


def test_two_outcomes_of_one_number_are_told(tmp_path, monkeypatch):
    class Alike:
        def __init__(self, *_args, **_options):
            pass

        def digest(self):
            return bytes(8)

    source = write(tmp_path / "lines.parquet", CLAIMS)
    monkeypatch.setattr(outcomes, "blake2b", Alike)
    with pytest.raises(ValueError, match="two outcomes have the number 0"):
        bulk.run(bulk.Asked(load(IV), source, tmp_path / "out.parquet", ids=True))
    assert [path.name for path in tmp_path.iterdir()] == ["lines.parquet"]


def test_all_options_of_a_call(tmp_path):
    """Claims in pieces, and a table of claims, as known once."""
    titles = {
        name: "\n".join(f'"{each}" = "{each}"' for each in dict.fromkeys(k for r in table for k in r))
        for name, table in in_two_tables(tmp_path, CLAIMS, "own").items()
    }
    own = titles["claims"].replace('"own" = "own"', '"own" = "claim_id"')
    (tmp_path / "map.toml").write_text(f"[lines]\n{titles['lines']}\n[claims]\n{own}\n")
    source, output = tmp_path / "lines.ndjson", tmp_path / "out.parquet"
    options = ["--claims", tmp_path / "claims.ndjson", "--mapping", tmp_path / "map.toml"]
    options += ["--known-on", "2024-06-01", "--memory-limit", "500MB"]
    wanted = expected(load(IV, known_on="2024-06-01"), CLAIMS)[0]
    assert keyed(wanted) != keyed(expected(load(IV), CLAIMS)[0])
    for more in ([], ["--resume"]):
        assert call(source, output, "--ids", *options, *more) == (0, "")
        assert keyed(numbered_rows(output)) == keyed(wanted)


# ---- interrupted ------------------------------------------------------------------------------------------


class _Killed(BaseException):
    """What nothing in the program expects."""


class _Steps:
    """What is done to files that stay; it is killed before the step of some number."""

    def __init__(self, monkeypatch):
        self.left, self.renamed = None, []
        replace, unlink = os.replace, Path.unlink

        def replacing(old, new):
            self.one()
            replace(old, new)
            self.renamed.append(Path(new).name)

        def unlinking(path, missing_ok=False):
            if path.suffix != ".tmp":
                self.one()
            unlink(path, missing_ok)

        monkeypatch.setattr(os, "replace", replacing)
        monkeypatch.setattr(Path, "unlink", unlinking)

    def one(self):
        if self.left == 0:
            raise _Killed
        if self.left is not None:
            self.left -= 1

    def killed_before(self, number, asked):
        """Whether a run is."""
        self.left, self.renamed = number, []
        try:
            bulk.run(asked)
        except _Killed:
            return True
        finally:
            self.left = None
        return False


@pytest.fixture
def steps(monkeypatch):
    return _Steps(monkeypatch)


def test_the_outcomes_stand_before_the_rows_do_each_at_once(tmp_path, steps):
    source, output = write(tmp_path / "lines.parquet", CLAIMS), tmp_path / "out.parquet"
    before = write(tmp_path / "before.parquet", CLAIMS[:1])
    asked = bulk.Asked(load(IV), source, output, ids=True)
    bulk.run(evolve(asked, input=before))
    old, wanted = numbered_rows(output), expected(load(IV), CLAIMS)[0]
    assert steps.killed_before(0, asked)
    assert numbered_rows(output) == old
    assert steps.killed_before(1, asked)
    assert pq.read_table(output).num_rows == len(old)
    assert pq.read_table(outcomes_of(output)).num_rows > len(old)
    assert not steps.killed_before(2, asked)
    assert steps.renamed == [outcomes_of(output).name, output.name]
    assert numbered_rows(output) == wanted
    assert not list(tmp_path.glob(".*"))


def test_a_run_that_was_killed_at_any_place_goes_on(tmp_path, steps, monkeypatch):
    source, whole = write(tmp_path / "lines.parquet", CLAIMS[:6]), tmp_path / "whole.parquet"
    asked = bulk.Asked(load(IV), source, tmp_path / "out.parquet", resume=True, rows=5, ids=True)
    bulk.run(evolve(asked, output=whole, resume=False))
    parts, decided, decide = tmp_path / "out.parquet.parts", [], bulk._Deciding.__call__
    monkeypatch.setattr(bulk._Deciding, "__call__", lambda *args: decided.append(1) or decide(*args))
    bulk.run(asked)
    count = len(decided)
    assert count > 2
    number, killed = 0, True
    while killed:
        asked.output.unlink()
        outcomes_of(asked.output).unlink()
        killed = steps.killed_before(number, asked)
        assert parts.exists() is killed
        if asked.output.exists():
            assert numbered_rows(asked.output) == numbered_rows(whole)
        there = len(list(parts.glob("*.json")))
        decided.clear()
        bulk.run(asked)
        assert len(decided) == count - there
        assert not parts.exists()
        for name in (lambda output: output, outcomes_of):
            assert pq.read_table(name(asked.output)) == pq.read_table(name(whole))
        number += 1
    assert number - 1 == 1 + 2 * count + 2 + 2 * count + 1, "the key, parts with notes, both files, and away"


def test_notes_hold_what_is_said_for_the_first_time(tmp_path, monkeypatch):
    claims = [{**claim, "claim_id": f"{turn}-{claim['claim_id']}"} for turn in range(2) for claim in CLAIMS]
    source = write(tmp_path / "lines.parquet", claims)
    asked = bulk.Asked(load(IV), source, tmp_path / "out.parquet", resume=True, rows=15, ids=True)
    monkeypatch.setattr(Parts, "join", lambda *_: None)
    came = bulk.run(asked)
    notes = [json.loads(path.read_text()) for path in sorted(tmp_path.glob("out.parquet.parts/*.json"))]
    each = [number for noted in notes for number, _ in noted["outcomes"]]
    assert len(each) == len(set(each)) == len(came.outcomes)
    assert notes[0]["outcomes"] and not notes[-1]["outcomes"]


# ---- refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("output", "options", "why"),
    [
        ("out.ndjson", [], "cannot write `out.ndjson` with `--ids`: expected a name that ends in .parquet"),
        ("out.txt", [], "cannot write `out.txt`: expected a name that ends in .parquet or .ndjson"),
        ("in.parquet", [], "cannot write `in.parquet.outcomes.parquet`: it is what is read"),
        ("held.parquet", [], "cannot write `held.parquet.outcomes.parquet`: it is a folder"),
        (
            "out.parquet",
            ["--rejects", "held.parquet.outcomes.parquet/../out.parquet.outcomes.parquet"],
            "out.parquet.outcomes.parquet`: it is where the outcomes stand",
        ),
        ("in.parquet", ["--engine", "spark"], "in.parquet.outcomes.parquet`: it is what is read"),
        ("out.ndjson", ["--engine", "spark"], "expected a name that ends in .parquet"),
    ],
)
def test_an_output_that_cannot_be_meant_is_told_before_the_work(output, options, why, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "held.parquet.outcomes.parquet").mkdir()
    source = write(tmp_path / "in.parquet.outcomes.parquet", CLAIMS[:1])
    kept, there = source.read_bytes(), set(tmp_path.iterdir())
    code, said = call(source, output, "--ids", *options)
    assert code == 2 and "policyc: cannot write `" in said and why in said
    assert source.read_bytes() == kept and set(tmp_path.iterdir()) == there


@pytest.mark.parametrize(
    ("policy", "options", "why"),
    [
        (IV, ["--plan"], "`--plan` writes nothing, `--ids` two files: leave one of them out"),
        (IV.parent, ["-o", "out.parquet"], "with `--ids` one policy decides: name one .pol file"),
        (IV, [], "`--output` is wanted, or `--plan`, and not both"),
    ],
)
def test_calls_that_cannot_be_meant(policy, options, why, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = write(tmp_path / "lines.parquet", CLAIMS[:1])
    done = CliRunner().invoke(app, ["batch", str(policy), str(source), "--ids", *options])
    assert done.exit_code == 2 and why in " ".join(done.stderr.split())
    assert [path.name for path in tmp_path.iterdir()] == ["lines.parquet"]


def test_numbers_are_those_of_one_policy_and_columns(tmp_path):
    asked = bulk.Asked(load(IV), tmp_path / "lines.parquet", tmp_path / "out.parquet", ids=True)
    with pytest.raises(ValueError, match="one policy"):
        evolve(asked, policy=load_library(IV.parent))
    with pytest.raises(ValueError, match="as Parquet"):
        evolve(asked, output=tmp_path / "out.ndjson")


def test_rejects_are_told_beside(tmp_path):
    claims = [*CLAIMS[:2], {**CLAIMS[2], "lines": [{**CLAIMS[2]["lines"][0], "service_date": "then"}]}]
    source, output = write(tmp_path / "lines.csv", claims), tmp_path / "out.parquet"
    code, said = call(source, output, "--ids")
    assert code == 1 and "could not read 1 claim" in said
    assert numbered_rows(output) == expected(load(IV), claims)[0]
    (reject,) = told(tmp_path / "out.parquet.rejects.ndjson")
    assert reject["claim_id"] == claims[2]["claim_id"]
