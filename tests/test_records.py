"""Records: what repeats a decision, chained by digest, and decided again."""

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from cached import CLAIM, written
from typer.testing import CliRunner

import policyc.records.record
from policyc.cli import app
from policyc.records import chain
from policyc.records.chain import Chain, NotRecords, digest, links

ROOT = Path(__file__).parents[1]
IV = ROOT / "policies" / "bcbsks" / "iv_anesthetics.pol"
COMMAND = [sys.executable, "-c", "from policyc.cli import main; main()"]
DIGEST = "sha256:[0-9a-f]{64}"


def call(*arguments, stdin=None):
    return CliRunner().invoke(app, [str(each) for each in arguments], input=stdin)


def ndjson(*claims):
    return "".join(json.dumps(claim) + "\n" for claim in claims)


def numbered(count, **changed):
    return [{**CLAIM, "claim_id": f"C-{n}", **changed} for n in range(1, count + 1)]


@pytest.fixture
def policy(tmp_path):
    return written(tmp_path / "policies")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "records.ndjson"


@pytest.fixture
def recorded(policy, file):
    """Records a few claims; gives the head."""

    def record(*claims, policy=policy, options=()):
        done = call("eval", policy, "-", "--record", file, *options, stdin=ndjson(*claims))
        assert done.exit_code == 0, done.stderr
        return re.search(f"head is ({DIGEST})$", done.stderr, re.MULTILINE)[1]

    return record


def contents(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def rechained(records):
    """The text of records as a forger would chain them."""
    text, previous = "", None
    for each in records:
        rest = {"previous": previous, **{k: v for k, v in each.items() if k not in ("digest", "previous")}}
        said = json.dumps(rest)[1:]
        previous = digest(said.encode())
        text += f'{{"digest": "{previous}", {said}\n'
    return text


# ---- what is recorded ---------------------------------------------------------------------------------


def test_a_record_holds_what_repeats_the_decision(recorded, policy, file):
    claim = {**CLAIM, "diagnoses": ["A10"], "lines": [{**CLAIM["lines"][0], "units": 2, "charge": 1.50}]}
    head = recorded(claim, options=["--known-on", "2022-02-02"])
    (found,) = contents(file)
    assert found["digest"] == head
    assert (found["previous"], found["record"], found["policy"]) == (None, 1, "made.one")
    assert found["known_on"] == "2022-02-02"
    assert found["claim"] == CLAIM
    assert found["left_out"] == ["claim.diagnoses", "lines[1].charge", "lines[1].units"]
    assert [line["determination"] for line in found["lines"]] == ["not_covered"]
    names = ("policy", "sources", "code", "compiler")
    assert all(re.fullmatch(DIGEST, found["digests"][name]) for name in names)
    assert found["digests"]["python"] == f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_decision_is_the_same_with_and_without_a_record(policy, file):
    claims = ndjson(*numbered(3))
    asked = ("--explain", "--counterfactual")
    plain = call("eval", policy, "-", *asked, stdin=claims)
    kept = call("eval", policy, "-", *asked, "--record", file, stdin=claims)
    assert kept.stdout == plain.stdout
    on_demand = {"explanation", "reason", "without_assumption", "counterfactual"}
    recorded = {key for each in contents(file) for line in each["lines"] for key in line}
    assert on_demand <= json.loads(kept.stdout.splitlines()[0])["lines"][0].keys()
    assert on_demand.isdisjoint(recorded)


def test_digests_are_those_of_the_sources_wherever_they_stand(recorded, file, tmp_path):
    recorded(CLAIM)
    recorded(CLAIM, policy=written(tmp_path / "elsewhere"))
    recorded(CLAIM, policy=written(tmp_path / "elsewhere", rest="# more\n"))
    recorded(CLAIM, policy=written(tmp_path / "elsewhere", determination="medically_necessary"))
    one, other, commented, changed = (each["digests"] for each in contents(file))
    assert one == other
    assert {key for key in one if one[key] != commented[key]} == {"sources"}
    assert {key for key in one if one[key] != changed[key]} == {"sources", "policy", "code"}


def test_a_key_hides_who_the_claim_is_of(recorded, policy, file, tmp_path):
    keys = [tmp_path / name for name in ("one.key", "other.key")]
    for path, key in zip(keys, (b"k" * 16, b"another key, long enough\n"), strict=True):
        path.write_bytes(key)
    claims = [{**CLAIM, "claim_id": f"secret-{n}"} for n in (1, 1, 2)]
    recorded(*claims, options=["--record-key-file", keys[0]])
    recorded(claims[0], options=["--record-key-file", keys[1]])
    assert "secret" not in file.read_text()
    ids = [each["claim"]["claim_id"] for each in contents(file)]
    assert ids[0] == ids[1] and len(set(ids)) == 3
    assert all(re.fullmatch("hmac-sha256:[0-9a-f]{64}", each) for each in ids)
    assert call("replay", file, policy).exit_code == 0


@pytest.mark.parametrize("key", [b"", b"fifteen bytes..", b"fifteen bytes..\n \n"])
def test_a_key_that_can_be_guessed_is_refused(key, policy, file, tmp_path):
    (tmp_path / "key").write_bytes(key)
    options = ["--record", file, "--record-key-file", tmp_path / "key"]
    done = call("eval", policy, "-", *options, stdin=ndjson(CLAIM))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "at least 16 are needed" in done.stderr
    assert not file.exists()


def test_options_without_a_file_of_records(policy, tmp_path):
    for option in ("--record-key-file", "--head-file"):
        done = call("eval", policy, "-", option, tmp_path / "x", stdin=ndjson(CLAIM))
        assert done.exit_code == 2 and "need `--record`" in done.stderr


def test_a_claim_that_cannot_be_read_is_no_decision(policy, file):
    done = call("eval", policy, "-", "--record", file, stdin='{"claim_id": "C"}\n' + ndjson(CLAIM))
    assert done.exit_code == 1
    assert [each["claim"]["claim_id"] for each in contents(file)] == ["C"]
    assert "recorded 1 decision in" in done.stderr


# ---- deciding again -----------------------------------------------------------------------------------


def test_all_goldens_of_all_policies_are_decided_again(file):
    claims = [
        json.loads(path.read_bytes())["claim"] for path in sorted(ROOT.glob("policies/**/*.golden/*/*.json"))
    ]
    done = call("eval", ROOT / "policies", "-", "--ignore-extra", "--record", file, stdin=ndjson(*claims))
    recorded = len(contents(file))
    assert recorded >= 300
    assert len(done.stdout.splitlines()) == recorded + done.stdout.count('"error":')
    assert {each["policy"] for each in contents(file)} == {
        "bcbsks.iv_anesthetics",
        "cms.ncd_210_14",
        "cms.ncd_240_4",
        None,
    }
    again = call("replay", file, ROOT / "policies")
    assert (again.exit_code, again.stdout) == (0, "")
    assert again.stderr == f"{recorded} records: {recorded} as they were\n"


def test_a_changed_policy_is_told_from_a_changed_decision(recorded, file, policy):
    denied = {**CLAIM, "claim_id": "D", "lines": [{**CLAIM["lines"][0], "given": False}]}
    recorded(CLAIM, denied)
    written(policy.parents[1], determination="medically_necessary")
    done = call("replay", file, policy)
    assert done.exit_code == 1
    assert done.stdout == (
        "record 1, claim C, made.one: decided otherwise "
        "(the policy, the text of its files and the generated code changed since)\n"
        '    line 1 determination: "not_covered" then, "medically_necessary" now\n'
        '    line 1 reason_codes: {"carc": "96", "rarc": ["N130"]} then, nothing now\n'
        "made.one: the policy changed since 2 records\n"
        "made.one: the text of its files changed since 2 records\n"
        "made.one: the generated code changed since 2 records\n"
    )
    assert done.stderr == "2 records: 1 otherwise, 1 as they were\n"


def test_what_changes_no_decision_is_told_and_is_no_fault(recorded, file, policy, monkeypatch):
    recorded(CLAIM)
    written(policy.parents[1], rest="# more\n")
    monkeypatch.setattr(policyc.records.record, "compiler_digest", lambda: "sha256:other")
    done = call("replay", file, policy)
    assert done.exit_code == 0
    assert done.stdout == (
        "made.one: the text of its files changed since 1 record\n"
        "made.one: the compiler changed since 1 record\n"
    )


def test_a_decision_that_changed_though_nothing_else_did(recorded, file, policy):
    recorded(CLAIM)
    (record,) = contents(file)
    record["lines"][0]["determination"] = "medically_necessary"
    file.write_text(rechained([record]))
    done = call("replay", file, policy)
    assert done.exit_code == 1
    assert "decided otherwise (though nothing that decides has changed)" in done.stdout


def test_known_on_is_that_of_the_record(file):
    claim = {"claim_id": "C", "diagnoses": ["F33.2"], "lines": []}
    claim["lines"] = [{"line": 1, "procedure": "J2003", "service_date": "2024-10-02", "units": 1}]
    for day in ([], ["--known-on", "2024-01-05"]):
        call("eval", IV, "-", "--record", file, *day, stdin=ndjson(claim))
    one, other = contents(file)
    assert one["lines"] != other["lines"]
    assert call("replay", file, IV).exit_code == 0


def test_what_the_record_does_not_hold_is_not_guessed(recorded, file, policy):
    """A policy that asks more than it did is told, and no decision is made of half a claim."""
    recorded({**CLAIM, "lines": [{**CLAIM["lines"][0], "units": 5}]})
    policy.write_text(policy.read_text().replace("{ line.given }", "{ line.given line.units > 1 }", 1))
    done = call("replay", file, policy)
    assert done.exit_code == 1
    assert "made.one: cannot be decided again (" in done.stdout
    assert "    what is asked now is not in the record: `lines[1].units`\n" in done.stdout
    assert done.stderr == "1 record: 1 not decided\n"


def test_a_claim_that_the_policy_cannot_read_any_more(recorded, file, policy):
    recorded(CLAIM)
    policy.write_text(policy.read_text().replace("line.given", "line.gone"))
    done = call("replay", file, policy)
    assert done.exit_code == 1
    assert "its claim cannot be read now: unknown key `given`" in done.stdout


def test_records_of_a_policy_that_is_not_here(recorded, file, policy):
    recorded(CLAIM)
    done = call("replay", file, IV)
    assert done.exit_code == 1
    assert "the policy `made.one` is not here" in done.stdout


def test_a_whole_library_was_silent(file, policy, recorded):
    other = {**CLAIM, "lines": [{"line": 1, "procedure": "99213", "service_date": "2021-01-01"}]}
    recorded(other, policy=policy.parents[1])
    assert contents(file)[0]["policy"] is None
    assert call("replay", file, policy.parents[1]).exit_code == 0
    done = call("replay", file, policy)
    assert done.exit_code == 1 and "name its folder" in done.stdout
    (policy.parents[1] / "lib" / "drugs.pol").write_text('package lib.drugs\n\ncodes cpt { 99213 "y" }\n')
    policy.write_text(policy.read_text().replace("J1000", "99213"))
    done = call("replay", file, policy.parents[1])
    assert done.exit_code == 1 and '    line 1 policy: nothing then, "made.one" now\n' in done.stdout


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda record: record.update(record=2), "format 2"),
        (lambda record: record.pop("record"), "no record of a decision"),
        (lambda record: record.update(claim=[]), "has no `claim`"),
        (lambda record: record.pop("lines"), "has no `lines`"),
        (lambda record: record.update(known_on="soon"), "expected a date"),
    ],
)
def test_a_record_of_another_form(change, said, recorded, file, policy):
    recorded(CLAIM)
    (record,) = contents(file)
    change(record)
    file.write_text(rechained([record]))
    done = call("replay", file, policy)
    assert done.exit_code == 1 and said in done.stdout and done.stderr == "1 record: 1 not decided\n"


# ---- the chain ----------------------------------------------------------------------------------------


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
    file.write_text(file.read_text().replace('"C-2"', '"X-2"'))
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
    file.write_text(file.read_text().replace('"C"', '"D"'))
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
