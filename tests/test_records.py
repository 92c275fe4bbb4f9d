"""Records: what repeats a decision, chained by digest, and decided again."""

import json
import re
import sys
from pathlib import Path

import pytest
from cached import CLAIM, written
from exchanging import replace_in
from typer.testing import CliRunner

import policyc.records.record
from policyc.cli import app
from policyc.records.chain import digest

ROOT = Path(__file__).parents[1]
IV = ROOT / "policies" / "bcbsks" / "iv_anesthetics.pol"
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


def recording(policy, file):
    """What records a few claims; it gives the head."""

    def record(*claims, policy=policy, options=()):
        done = call("eval", policy, "-", "--record", file, *options, stdin=ndjson(*claims))
        assert done.exit_code == 0, done.stderr
        return re.search(f"head is ({DIGEST})$", done.stderr, re.MULTILINE)[1]

    return record


@pytest.fixture
def recorded(policy, file):
    return recording(policy, file)


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
    replace_in(policy, "{ line.given }", "{ line.given line.units > 1 }", 1)
    done = call("replay", file, policy)
    assert done.exit_code == 1
    assert "made.one: cannot be decided again (" in done.stdout
    assert "    what is asked now is not in the record: `lines[1].units`\n" in done.stdout
    assert done.stderr == "1 record: 1 not decided\n"


def test_a_claim_that_the_policy_cannot_read_any_more(recorded, file, policy):
    recorded(CLAIM)
    replace_in(policy, "line.given", "line.gone")
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
    replace_in(policy, "J1000", "99213")
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
