"""`policyc batch --resume` goes on from where a run was interrupted, wherever that was."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

import pyarrow.parquet as pq
from attrs import evolve
from bulk import expected, write
from test_batch_calls import CLAIMS, IV, call, told

from policyc import cache, load
from policyc.bulk import run as bulk

_KILLED = """
import os, signal
from policyc.bulk.output import Parts
from policyc.cli import main

note = Parts.note

def killed(*args):
    note(*args)
    os.kill(os.getpid(), signal.SIGKILL)

Parts.note = killed
main()
"""


def test_an_interrupted_run_leaves_no_half_file_and_goes_on(tmp_path):
    """It is killed when one part is there."""
    many = [{**claim, "claim_id": f"{turn}-{claim['claim_id']}"} for turn in range(150) for claim in CLAIMS]
    source = write(tmp_path / "lines.ndjson", many)
    output, parts = tmp_path / "out.ndjson", tmp_path / "out.ndjson.parts"
    called = ["batch", str(IV), str(source), "-o", str(output), "--resume", "--memory-limit", "100MB"]
    running = subprocess.run([sys.executable, "-c", _KILLED, *called], check=False)
    assert running.returncode == -signal.SIGKILL
    assert not output.exists()
    assert len(list(parts.glob("*.json"))) == 1
    command = str(Path(sys.executable).with_name("policyc"))
    assert subprocess.run([command, *called], check=False).returncode == 0
    assert told(output) == expected(load(IV), many)[0]
    assert not parts.exists()


@pytest.mark.parametrize("newer", [False, True])
def test_a_run_goes_on_where_claims_had_to_be_brought_together(newer, tmp_path, monkeypatch):
    """It does not decide the claims as they stand first, and what it has again, unless that was decided by
    another version of the program.
    """
    rows = [f"C-{row % 9},{row // 9 + 1},J2003,2024-11-05" for row in range(90)]
    source = tmp_path / "lines.csv"
    source.write_text("\n".join(["claim_id,line,procedure,service_date", *rows]) + "\n")
    asked = bulk.Asked(load(IV), source, tmp_path / "out.ndjson", resume=True, rows=10)
    decided, decide = [], bulk._Deciding.__call__

    def until(number):
        def stopped(self, table):
            decided.append(table)
            if len(decided) == number:
                raise KeyboardInterrupt
            return decide(self, table)

        decided.clear()
        monkeypatch.setattr(bulk._Deciding, "__call__", stopped)

    until(None)
    bulk.run(evolve(asked, output=tmp_path / "whole.ndjson"))
    chunks = len(decided)
    until(chunks - 2)
    with pytest.raises(KeyboardInterrupt):
        bulk.run(asked)
    until(None)
    if newer:
        monkeypatch.setattr(cache, "compiler_digest", lambda: "another")
    bulk.run(asked)
    assert len(decided) == (chunks if newer else 3)
    assert (tmp_path / "out.ndjson").read_text() == (tmp_path / "whole.ndjson").read_text()


def test_all_modules_that_are_loaded_tell_one_program_from_another():
    _, states = bulk._program()
    loaded = {module.__file__ for name, module in sys.modules.items() if name.startswith("policyc.")}
    assert "policyc.library" in sys.modules and loaded <= {file for file, *_ in states}


def test_what_is_no_part_of_an_output_stays(tmp_path):
    own = tmp_path / "out.ndjson.parts" / "own.txt"
    own.parent.mkdir()
    own.write_text("kept")
    code, said = call(write(tmp_path / "lines.csv", CLAIMS[:1]), tmp_path / "out.ndjson", "--resume")
    assert code == 1 and "these are no parts of an output" in said
    assert own.read_text() == "kept" and not (tmp_path / "out.ndjson").exists()


class _Killed(BaseException):
    """What nothing in the program expects."""


@pytest.mark.parametrize("kind", ["ndjson", "parquet"])
def test_an_interruption_while_parts_go_leaves_no_half_of_them(kind, tmp_path, monkeypatch):
    rows = [f"C-{row},1,J2003,2024-11-05" for row in range(5)]
    source = tmp_path / "lines.csv"
    source.write_text("\n".join(["claim_id,line,procedure,service_date", *rows]) + "\n")
    asked = bulk.Asked(load(IV), source, tmp_path / f"out.{kind}", resume=True, rows=2)
    whole, parts = tmp_path / f"whole.{kind}", tmp_path / f"out.{kind}.parts"
    bulk.run(evolve(asked, output=whole, resume=False))
    unlink, left = Path.unlink, 0

    def until(path, missing_ok=False):
        nonlocal left
        if path.parent == parts:
            if not left:
                raise _Killed
            left -= 1
        unlink(path, missing_ok)

    for number in range(20):
        left = number
        monkeypatch.setattr(Path, "unlink", until)
        try:
            bulk.run(asked)
        except _Killed:
            assert parts.exists()
        monkeypatch.setattr(Path, "unlink", unlink)
        done = not parts.exists()
        bulk.run(asked)
        assert not parts.exists()
        read = Path.read_text if kind == "ndjson" else pq.read_table
        assert read(asked.output) == read(whole)
        if done:
            break
    assert number == 9, "four parts, what is noted of each, and the key"


def test_parts_of_tables_that_were_cut_elsewhere_are_none_of_this_run(tmp_path, monkeypatch):
    rows = [f"C-{row % 9},{row // 9 + 1},J2003,2024-11-05" for row in range(90)]
    source = tmp_path / "lines.csv"
    source.write_text("\n".join(["claim_id,line,procedure,service_date", *rows]) + "\n")
    asked = bulk.Asked(load(IV), source, tmp_path / "out.ndjson", resume=True, rows=20)
    bulk.run(evolve(asked, output=tmp_path / "whole.ndjson"))
    join, gathered = bulk.Parts.join, bulk.gathered
    monkeypatch.setattr(bulk.Parts, "join", lambda *_: None)
    bulk.run(asked)
    assert list((tmp_path / "out.ndjson.parts").glob("*.json"))
    monkeypatch.setattr(bulk.Parts, "join", join)
    monkeypatch.setattr(bulk, "gathered", lambda *args: gathered(*args[:-1], 30))
    bulk.run(asked)
    assert (tmp_path / "out.ndjson").read_text() == (tmp_path / "whole.ndjson").read_text()


def test_parts_of_a_policy_with_an_assumption_are_none_of_it_without(tmp_path):
    policy = load(IV)
    source = write(tmp_path / "lines.ndjson", CLAIMS)
    asked = bulk.Asked(policy, source, tmp_path / "out.ndjson", resume=True)
    keys = {
        bulk._key(evolve(asked, policy=policy.without(names)), False) for names in ([], ["same_day_drug"])
    }
    assert len(keys) == 2
