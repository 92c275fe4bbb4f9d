"""What the golden files of the shipped policies notice: each change of one place in a policy, or in a library
that it rests on, makes one of them fail, unless it is proved to decide alike.
"""

from pathlib import Path

import pytest

from compiler.binding.library import load
from compiler.mutate.trial import files
from compiler.pipeline import compile_library
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.syntax.walk import inside
from policyc.golden.goldens import collect, read
from policyc.golden.mutate import Trial
from policyc.words.mutants import change

POLICIES = Path(__file__).parents[1] / "policies"
AT_LEAST = {"bcbsks/iv_anesthetics.pol": 255, "cms/ncd_210_14.pol": 185, "cms/ncd_240_4.pol": 425}


def shipped(name):
    library = load([POLICIES / name], [], Report())
    (program,) = compile_library(library, Report())
    return library, program, [read(path) for path in collect(POLICIES / name)]


def test_every_policy_is_tried():
    assert {
        path.relative_to(POLICIES).with_suffix(".pol").as_posix() for path in POLICIES.rglob("*.golden")
    } == set(AT_LEAST)


@pytest.mark.parametrize("name", AT_LEAST)
def test_reviewed_golden_files_notice_every_mutant(name):
    library, program, goldens = shipped(name)
    score = Trial(program, library, goldens, list(files(library, program.package))).run()
    assert [f"{each.mutant.span}: {change(each.mutant)}" for each in score.survivors] == []
    assert score.unreviewed == 0
    assert score.reviewed >= AT_LEAST[name]


@pytest.mark.parametrize("name", AT_LEAST)
def test_every_assumption_is_named_by_a_decision(name):
    library, _, goldens = shipped(name)
    declared = {made.name.text for made in inside(tuple(library.files.values()), s.Assume)}
    named = {
        assumption
        for golden in goldens
        for line in golden.decision.get("lines", ())
        for assumption in line.get("assumptions", ())
    }
    assert declared <= named
