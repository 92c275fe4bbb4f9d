"""The chain of records: no byte of it changes unnoticed, and what was given out is in it."""

import json
import os
import re
import resource
import subprocess
import sys

import pytest
from cached import CLAIM, written
from exchanging import replace_in
from test_records import DIGEST, call, contents, ndjson, numbered, rechained, recording

from policyc.records import chain
from policyc.records.chain import Chain, NotRecords, links

COMMAND = [sys.executable, "-c", "from policyc.cli import main; main()"]


@pytest.fixture
def policy(tmp_path):
    return written(tmp_path / "policies")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "records.ndjson"


@pytest.fixture
def recorded(policy, file):
    return recording(policy, file)


def append(file, *texts):
    kept = Chain(file, lambda: None)
    for text in texts:
        kept.append(f'"said": {json.dumps(text)}')
    head = kept.head()
    kept.close()
    return head


def faults(file):
    return [link.number for link in links(file, lambda: None) if link.fault is not None]


def test_every_byte_counts(file):
    append(file, "one", "two", "three")
    whole = file.read_bytes()
    assert len(list(links(file, lambda: None))) == 3 and not faults(file)
    for at in range(len(whole) - 1):
        number = whole.count(b"\n", 0, at) + 1
        for other in (whole[at] ^ 1, whole[at] ^ 0x20, 0x0A):
            if other != whole[at]:
                file.write_bytes(whole[:at] + bytes([other]) + whole[at + 1 :])
                assert faults(file)[:1] == [number], (at, other)


def test_what_is_taken_out_put_in_or_moved(file):
    append(file, "one", "two", "three")
    one, two, three = file.read_bytes().splitlines(keepends=True)
    for lines, fault in (
        ([one, three], 2),
        ([two, three], 1),
        ([one, one, two, three], 2),
        ([two, one, three], 1),
        ([one, two, b"\n", three], 3),
    ):
        file.write_bytes(b"".join(lines))
        assert faults(file)[0] == fault


def test_a_cut_or_rewritten_end_is_noticed_against_a_head_kept_elsewhere(recorded, policy, file):
    first = recorded(*numbered(2))
    second = recorded(*numbered(2))
    whole = file.read_text()
    for head in (first, second):
        assert call("replay", file, policy, "--head", head).exit_code == 0
    done = call("replay", file, policy, "--head", first)
    assert "vouches for all but the last 2 records" in done.stderr
    cut = "".join(whole.splitlines(keepends=True)[:3])
    forged = contents(file)
    forged[3]["claim"]["claim_id"] = "forged"
    for text in (cut, rechained(forged)):
        file.write_text(text)
        # By itself nothing is wrong with it.
        assert call("replay", file, policy).exit_code == 0
        done = call("replay", file, policy, "--head", second)
        assert done.exit_code == 1
        assert f"the head {second} is not in" in done.stdout
        assert call("replay", file, policy, "--head", first).exit_code == 0


def test_an_altered_record_is_not_decided_again(recorded, policy, file):
    recorded(*numbered(3))
    replace_in(file, '"C-2"', '"X-2"')
    done = call("replay", file, policy)
    assert done.exit_code == 1
    assert done.stdout == "record 2 was altered: it does not fit its digest\n"
    assert done.stderr == "3 records: 2 as they were, 1 not decided\n"


def test_a_head_that_is_none(recorded, policy, file):
    recorded(CLAIM)
    for wrong in ("sha256:0", "0" * 64, ""):
        assert call("replay", file, policy, "--head", wrong).exit_code == 2


def test_the_head_file(recorded, policy, file, tmp_path):
    head = recorded(CLAIM, options=["--head-file", tmp_path / "head"])
    assert (tmp_path / "head").read_text() == head + "\n"
    options = ["--record", file, "--head-file", tmp_path / "no" / "x"]
    done = call("eval", policy, "-", *options, stdin=ndjson(CLAIM))
    assert done.exit_code == 1
    assert "cannot write `" in done.stderr and "head is sha256:" in done.stderr


def test_half_a_last_line_is_dropped_wherever_it_was_cut(file):
    append(file, "one", "two")
    whole = file.read_bytes()
    first = whole.index(b"\n") + 1
    told = []
    for at in range(first + 1, len(whole)):
        file.write_bytes(whole[:at])
        assert len(list(links(file, lambda: told.append("read")))) == 1
        Chain(file, lambda: told.append("open")).append('"said": "two"')
        assert told == ["read", "open"]
        assert file.read_bytes() == whole
        told.clear()
    for at in range(1, first):
        file.write_bytes(whole[:at])
        append(file, "one", "two")
        assert file.read_bytes() == whole


def test_half_a_last_line_is_said(recorded, policy, file):
    recorded(CLAIM, CLAIM)
    file.write_bytes(file.read_bytes()[:-10])
    dropped = f"dropped a half-written record at the end of `{file}`\n"
    done = call("replay", file, policy)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"{dropped}1 record: 1 as they were\n"
    done = call("eval", policy, "-", "--record", file, stdin=ndjson(CLAIM))
    assert done.stderr.startswith(f"{dropped}recorded 1 decision in")
    assert not faults(file) and len(contents(file)) == 2


@pytest.mark.parametrize("text", ["[1, 2]", "[1, 2]\n", "a\nb", "\n", '{"digest": "sha256:x"}\n', "\0" * 9])
def test_what_holds_something_else_is_left_alone(text, policy, file):
    file.write_text(text)
    done = call("eval", policy, "-", "--record", file, stdin=ndjson(CLAIM))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no record" in done.stderr
    assert file.read_text() == text


def test_an_altered_end_is_not_appended_to(recorded, policy, file):
    recorded(CLAIM)
    replace_in(file, '"C"', '"D"')
    with pytest.raises(NotRecords):
        Chain(file, lambda: None)


def test_places_that_cannot_hold_records(policy, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    wrong = {tmp_path: "is a directory", tmp_path / "no" / "x": "no such file", fifo: "regular"}
    for place, why in wrong.items():
        done = call("eval", policy, "-", "--record", place, stdin=ndjson(CLAIM))
        assert (done.exit_code, done.stdout) == (2, ""), place
        assert why in done.stderr
        assert call("replay", place, policy).exit_code == 2


def test_systems_without_locks(policy, file, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    done = call("eval", policy, "-", "--record", file, stdin=ndjson(CLAIM))
    assert done.exit_code == 2 and "lock files" in done.stderr


# ---- more than one, and not enough --------------------------------------------------------------------


def start(policy, file, **streams):
    command = [*COMMAND, "eval", str(policy), "-", "--record", str(file)]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **streams)


def test_two_processes_append_to_one_file(policy, file):
    """First in turn, each after the other's record; then both as fast as they can."""
    both = [start(policy, file, stdin=subprocess.PIPE, bufsize=1) for _ in range(2)]
    for turn in range(6):
        one = both[turn % 2]
        one.stdin.write(ndjson({**CLAIM, "claim_id": f"turn-{turn}"}))
        assert f"turn-{turn}" in one.stdout.readline()
    assert [each["claim"]["claim_id"] for each in contents(file)] == [f"turn-{n}" for n in range(6)]
    claims = [ndjson(*({**CLAIM, "claim_id": f"{who}-{n}"} for n in range(300))) for who in "ab"]
    heads = []
    # Both have their input before either's output is read.
    for one, text in zip(both, claims, strict=True):
        one.stdin.write(text)
        one.stdin.flush()
    for one in both:
        _, told = one.communicate()
        assert one.returncode == 0
        heads.append(re.search(DIGEST, told)[0])
    assert not faults(file)
    found = [each["claim"]["claim_id"] for each in contents(file)]
    for who in "ab":
        assert [each for each in found if each.startswith(who)] == [f"{who}-{n}" for n in range(300)]
    assert len(found) == 606
    assert {contents(file)[-1]["digest"]} <= set(heads) <= {each["digest"] for each in contents(file)}


def test_a_full_disk_loses_nothing_that_was_given_out(policy, file):
    """The limit on a file's size stands for the end of the disk: the last write is cut in its middle."""
    most = 5000
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))  # noqa: E731
    call("eval", policy, "-", stdin=ndjson(CLAIM))
    one = start(policy, file, stdin=subprocess.PIPE, preexec_fn=limit)
    given, told = one.communicate(ndjson(*numbered(20)))
    assert one.returncode == 1
    assert f"cannot append to `{file}`: file too large" in told
    answered = [json.loads(line)["claim_id"] for line in given.splitlines()]
    assert 1 < len(answered) < 20
    assert [each["claim"]["claim_id"] for each in contents(file)] == answered
    assert file.read_bytes().endswith(b"\n") and not faults(file)
    assert call("replay", file, policy).exit_code == 0


def test_reading_stops_where_the_file_ended_at_its_start(file):
    append(file, "one", "two")
    read = links(file, lambda: pytest.fail("a line that is being written is not half a line"))
    next(read)
    with file.open("ab") as more:
        more.write(b'{"digest": "sha')
        more.flush()
        assert [link.number for link in read] == [2]


def test_long_records(file, monkeypatch):
    monkeypatch.setattr(chain, "_CHUNK", 7)
    append(file, "a" * 1000)
    append(file, "b")
    append(file, "é" * 40)
    assert not faults(file) and len(contents(file)) == 3
