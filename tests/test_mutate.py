"""`policyc mutate`: changes that no golden file notices, and golden files that would."""

import json
import re
from pathlib import Path

import pytest
from exchanging import replaced
from typer.testing import CliRunner

from compiler.binding.library import load
from compiler.diff.watch import Stopped
from compiler.mutate.mutants import mutants
from compiler.mutate.words import Words
from compiler.pipeline import compile_library
from dsl.diagnostics import Report
from dsl.parse import parse
from dsl.source import Source
from policyc.cli import app
from policyc.golden.mutate import Trial
from policyc.words.mutants import change

ROOT = Path(__file__).parents[1]
IV = ROOT / "policies" / "bcbsks" / "iv_anesthetics.pol"
POLICY = """package payer.small
policy "Small" { payer "P" source "small" governed by line.service_date }
facts {
    line.drug open { ketamine, lidocaine }
    claim.age integer 0..
    claim.tried boolean
}
codes cpt { 96365 }
revision 2024-01-01 "Posted" {
    section A "Ketamine" {
        not_covered if {
            drug: line.drug in { ketamine, lidocaine }
            grown: claim.age >= 18
        }
    }
    codes { 96365 }
}
"""


def call(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Writes a policy, with one golden file a claim that says what is decided today."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "payer" / "small.pol"
    path.parent.mkdir()

    def written(*cases, policy=POLICY):
        path.write_text(policy)
        for number, (facts, line, more) in enumerate(cases):
            stated = {"line": 1, "procedure": "96365", "service_date": "2024-02-01", **line}
            claim = {"claim_id": "C", "lines": [stated], **facts}
            golden = path.with_suffix(".golden") / "2024-01-01" / f"{number}.json"
            golden.parent.mkdir(parents=True, exist_ok=True)
            golden.write_text(json.dumps({"about": "", **more, "claim": claim, "decision": {}}))
        call("test", path, "--update")
        return path

    return written


def told(path, *options):
    done = call("mutate", path, "--format", "json", *options)
    found = json.loads(done.stdout)
    assert done.exit_code == bool(found["survivors"])
    return found


def survivors(found):
    return {survivor["change"] for survivor in found["survivors"]}


def test_what_is_not_noticed_has_a_claim_that_would_notice_it(small):
    path = small(({"age": 30}, {"drug": "ketamine"}, {}), ({"age": 3}, {"drug": "ketamine"}, {}))
    found = told(path)
    assert survivors(found) == {
        "`open` becomes `closed` in `open { ketamine, lidocaine }`",
        "`0` becomes `-1`",
        "`0` becomes `1`",
        "`its lower end included` becomes `its lower end left out` in `0..`",
        "`integer` becomes `number` in `integer 0..`",
        "`lidocaine` is left out",
        "`drug: line.drug in { ketamine, lidocaine }` is left out",
        "`18` becomes `17`",
        "`18` becomes `19`",
        "`>=` becomes `>` in `claim.age >= 18`",
    }
    assert found["mutants"] == found["noticed"]["reviewed"] + len(found["survivors"])
    (threshold,) = [s for s in found["survivors"] if s["change"] == "`18` becomes `17`"]
    assert (threshold["line"], threshold["claim"]["age"]) == (13, 17)


def test_written_golden_files_notice_all_that_survived_and_await_review(small):
    path = small(({"age": 30}, {"drug": "ketamine"}, {}))
    before = told(path)
    done = call("mutate", path, "--write")
    added = list(path.with_suffix(".golden").rglob("mutant-*.json"))
    assert f"{len(added)} golden files to review" in done.stderr
    assert 0 < len(added) < len(before["survivors"])
    assert all(json.loads(file.read_text())["reviewed"] is False for file in added)
    assert call("test", path).exit_code == 0
    after = told(path)
    assert after["survivors"] == []
    assert after["noticed"]["unreviewed"] == len(before["survivors"])
    text = call("mutate", path).stdout
    assert "golden files notice 19 of 19 mutants (100.0 %)" in text
    assert f"those that are reviewed notice {after['noticed']['reviewed']} of 19 mutants" in text


def test_a_change_that_changes_nothing_is_not_counted(small):
    twice = replaced(POLICY, "grown: claim.age >= 18", "grown: claim.age >= 18 or claim.age >= 20")
    twice = replaced(replaced(twice, "integer 0..", "integer"), "open {", "{")
    cases = [
        (facts, {"drug": drug, "service_date": day}, {})
        for facts in ({"age": 17}, {"age": 17.5}, {"age": 18}, {})
        for drug in ("ketamine", "lidocaine", "ketamin")
        for day in ("2023-12-31", "2024-01-01")
    ]
    found = told(small(*cases, policy=twice))
    assert survivors(found) == set()
    # 20 into 19 and 21, `>=` into `>`, the second comparison left out, and the library's code into the two
    # beside it: one without a row is valid too.
    assert found["alike"] == 6


def test_what_was_known_earlier_tells_mutants_apart_too(small):
    late = POLICY + (
        'revision 2024-02-01 posted 2024-05-01 "Corrected" { replace A.grown with { claim.age >= 21 } }\n'
    )
    found = told(small(({"age": 21}, {"drug": "ketamine", "service_date": "2024-02-01"}, {}), policy=late))
    posted = [s for s in found["survivors"] if s["change"].startswith("`2024-05-01`")]
    assert {(s["change"], s["known_on"]) for s in posted} == {
        ("`2024-05-01` becomes `2024-04-30`", "2024-04-30"),
        ("`2024-05-01` becomes `2024-05-02`", "2024-05-01"),
        ("`2024-05-01` is left out", "2024-02-01"),
    }


def test_what_was_not_tried_is_said(small):
    path = small(({"age": 30}, {"drug": "ketamine"}, {}))
    done = call("mutate", path, "--timeout", "0")
    assert done.exit_code == 1
    assert re.search(r"stopped: [0-9]+ changes not tried", done.stdout)


def test_a_search_that_is_stopped_has_the_score_so_far(small):
    library = load([small(({"age": 30}, {"drug": "ketamine"}, {}))], [], Report())
    (program,) = compile_library(library, Report())

    def watch(what):
        if told := what.startswith("change 9 of"):
            raise Stopped
        assert not told

    score = Trial(program, library, [], list(library.files.values())).run(watch)
    tried = score.refused + score.alike + score.counted
    assert 0 < tried <= 8 and score.untried > 0


LIMITED = """package payer.small
policy "Small" { payer "P" source "small" governed by line.service_date }
facts { line.drug { ketamine, lidocaine } }
codes hcpcs { J2001 per 10 mg }
codes carc { 50 96 }
codes rarc { N115 N130 }
revision 2024-01-01 "Posted" {
    section A "A" { reasons carc 96 rarc N130, N115  not_covered if { line.drug == ketamine } }
    section B "B" {
        medically_necessary if { line.drug == lidocaine }
        limit 30 mg per 2 months then not_covered
    }
    codes { J2001 }
}
"""


def test_limits_reasons_and_units_are_told_apart_by_claims(small):
    found = told(small(policy=LIMITED))
    assert survivors(found) >= {
        "`10` becomes `9`",
        "`mg` becomes `g` in `per 10 mg`",
        "`30` becomes `31`",
        "`2` becomes `3`",
        "`rolling` becomes `calendar` in `2 months`",
        "`not_covered` becomes `not_medically_necessary` in `limit 30 mg per 2 months then not_covered`",
        "`N115` is left out",
        "`reasons carc 96 rarc N130, N115` is left out",
    }
    assert [survivor["change"] for survivor in found["survivors"] if survivor["claim"] is None] == []


def test_golden_files_that_fail_are_mended_first(small):
    path = small(({"age": 30}, {"drug": "ketamine"}, {}))
    path.write_text(replaced(POLICY, "not_covered", "medically_necessary"))
    done = call("mutate", path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "fails already" in done.stderr


def test_without_golden_files_nothing_is_noticed(small):
    found = told(small())
    assert found["noticed"] == {"reviewed": 0, "unreviewed": 0}
    assert len(found["survivors"]) == found["mutants"] == 19


EVERYTHING = """package x.all
policy "All" { payer "P" source "s" governed by line.service_date applies if { claim.a > 1 } }
record trial { drug open { ketamine }  weeks integer 0..  end date }
facts {
    claim.a number 0..10 in mg absent means unknown
    claim.b number 0..10 in mg
    claim.count integer 0..
    claim.band scale x.all.depth
    claim.seen boolean
    claim.noted boolean
    claim.day date
    claim.trials list of trial
    line.drug open { ketamine, lidocaine }
}
scale depth integer 0..27 { 0..4 none  5..9 mild  10.. deep }
evidence line.drug from other lines of the day with x.all.c
concept c of cpt { 96365 }
codes cpt { 96365 from 2020-01-01 until 2025-01-01 per 10 mg gives line.drug := ketamine replaced by 96366 }
body := claim.a * 2
revision 2024-01-01 posted 2024-02-01 "R" {
    section A "A" {
        not_covered if {
            at least 2 trial in claim.trials with different drug { trial.weeks in 3<..5 }
            claim.day within 12 months before line.service_date
            none of { claim.a < 2.5  not line.drug == ketamine }
            claim.day between 3 days before line.service_date and line.service_date
            latest t by end in claim.trials { t.weeks > 1 } has { t.weeks > 2 }
            days from claim.day to line.service_date > 5
            sum of t.weeks for t in claim.trials { t.weeks > 1 } >= 3
            claim.seen evidenced by claim.noted
            claim.seen or not claim.noted
            claim.b < 54.0 mg/dL
            line.drug in { ketamine }
            claim.band == mild
            at least 2 of { claim.seen  claim.noted }
        } except if { claim.a > 3 } unless { claim.a > 4 }
        limit 300 mg per 2 days then manual_review
    }
    section B "B" { reasons carc 96 rarc N130 table line.drug { ketamine then not_covered from 2024-01-01
        any then medically_necessary } }
    section C "C" { table claim.count, line.drug {
        ..4, any then not_covered
        5.., any then medically_necessary } }
    A overrides B
    codes open to lines stating line.drug { 96365 needs 96366 or 96367 }
}
"""


@pytest.mark.parametrize(
    "expected",
    [
        "`claim.a > 1` is negated",
        "`applies if { claim.a > 1 }` is left out",
        "`evidence line.drug from other lines of the day with x.all.c` is left out",
        "`x.all.c` is left out",
        "`open` becomes `closed` in `open { ketamine, lidocaine }`",
        "`2020-01-01` becomes `2019-12-31`",
        "`per 10 mg` is left out",
        "`10` becomes `11`",
        "`*` becomes `/` in `claim.a * 2`",
        "`2024-02-01` is left out",
        "`2` becomes `3`",
        "`with different drug` is left out",
        "`its lower end left out` becomes `its lower end included` in `3<..5`",
        "`within` becomes `less than` in `within 12 months`",
        "`month` becomes `week` in `within 12 months`",
        "`before` becomes `after` in `claim.day within 12 months before line.service_date`",
        "`none` becomes `all`",
        "`2.5` becomes `2.4`",
        "`not line.drug == ketamine` is negated",
        "`latest` becomes `earliest` in `latest t by end in claim.trials { t.weeks > 1 } "
        "has { t.weeks > 2 }`",
        "`day` becomes `week` in `days from claim.day to line.service_date`",
        "`except if { claim.a > 3 } unless { claim.a > 4 }` is left out",
        "`limit 300 mg per 2 days then manual_review` is left out",
        "`300` becomes `299`",
        "`not_covered` becomes `medically_necessary` in `ketamine then not_covered from 2024-01-01`",
        "`from 2024-01-01` is left out",
        "`A overrides B` becomes `B overrides A`",
        "`A overrides B` is left out",
        "`96367` is left out",
        "`needs 96366 or 96367` is left out",
        "`96367` becomes `96368`",
        "`96` becomes `97`",
        "`N130` is left out",
        "`reasons carc 96 rarc N130` is left out",
        "`claim.a` becomes `claim.b`",
        "`mild` becomes `deep`",
        "`lidocaine` is added to `{ ketamine }`",
        "`ketamine` becomes `lidocaine`",
        "`evidenced by claim.noted` is left out",
        "`claim.seen` is negated",
        "`not claim.noted` is negated",
        "`mg` becomes `g` in `per 10 mg`",
        "`mg/dL` becomes `g/dL` in `54.0 mg/dL`",
        "`integer` becomes `number` in `integer 0..`",
        "the border at `4` moves to `3`",
        "the border at `4` moves to `5`",
        "the border at `9` moves to `10`",
        "`at least` becomes `exactly` in `at least 2`",
        "`manual_review` becomes `not_covered` in `limit 300 mg per 2 days then manual_review`",
    ],
)
def test_all_kinds_of_changes_are_made(expected):
    report = Report()
    file = parse(Source("x/all.pol", EVERYTHING), report)
    assert file is not None and not report.diagnostics, report.diagnostics
    assert expected in {change(mutant) for mutant in mutants(file, Words.of([file]))}


def test_a_mutant_differs_from_the_policy_in_one_place():
    library = load([IV], [], Report())
    file = library.files["bcbsks.iv_anesthetics"]
    found = list(mutants(file, Words.of(library.files.values())))
    assert all(mutant.file != file for mutant in found)
    assert len(found) > 50
