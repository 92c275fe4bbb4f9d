"""What is proved of generated policies, against decisions of random claims: what is called equal, alike, dead
or out of reach is never seen otherwise. Long: BRUTE_EXAMPLES=300 pytest tests/test_made_versions.py
"""

from datetime import date
from random import Random

import made
import pytest
from attrs import evolve
from comparing import EXAMPLES

from compiler.binding.library import load
from compiler.diff.diff import diff
from compiler.diff.kinds import kind
from compiler.diff.side import Side
from compiler.mutate.mutants import mutants
from compiler.mutate.trial import Stand, apart, files
from compiler.mutate.words import Words
from compiler.pipeline import compile_library
from compiler.proofs.parts import Part, left, parts
from compiler.proofs.prove import prove
from compiler.runtime.adjudicate import adjudicate, find
from compiler.runtime.errors import ClaimError
from compiler.runtime.reader import read_claim
from dsl.diagnostics import Report

CLAIMS = 120


def compiled(folder, written):
    """The library and the policy; what does not compile is no example."""
    for name, text in written.items():
        (folder / "made").mkdir(parents=True, exist_ok=True)
        (folder / "made" / name).write_text(text)
    report = Report()
    library = load([folder / "made" / "policy.pol"], (), report)
    programs = compile_library(library, report)
    if report.has_errors:
        pytest.skip("it does not compile")
    return library, next(p for p in programs if p.package == "made.policy")


def lines(side, claim):
    """The lines as a side decides them; none where it cannot read the claim."""
    try:
        return side.decide(claim)["lines"]
    except ClaimError:
        return []


def decided(sides, claim):
    """Each line as the sides decide it, where both read the claim."""
    one, other = (lines(side, claim) for side in sides)
    return list(zip(one, other, strict=True)) if one and other else []


def texts(folder, number):
    """Two versions, each by all that is known."""
    return [
        Side(compiled(folder / name, written)[1])
        for name, written in zip("ab", made.versions(number), strict=True)
    ]


def days(folder, number):
    """One version as of two days."""
    _, program = compiled(folder, made.versions(number)[0])
    return [Side(program, day=date.fromisoformat(day)) for day in Random(number).sample(made.DAYS, 2)]


def knowledge(folder, number):
    """One version as known on two days."""
    _, program = compiled(folder, made.versions(number)[0])
    return [Side(program, date(2020, 5, 5)), Side(program, Random(number).choice([None, date(2021, 1, 1)]))]


@pytest.mark.parametrize("apart_by", [texts, days, knowledge])
@pytest.mark.parametrize("number", range(EXAMPLES or 8))
def test_versions_that_are_equal_are_seen_to_be(tmp_path, number, apart_by):
    sides = apart_by(tmp_path, number)
    found = diff(*sides)
    for each in found.differences:
        assert tuple(side.decide(each.claim) for side in sides) == each.decisions
    shown = {kind(*(d["lines"][0] for d in each.decisions)) for each in found.differences}
    for claim in made.claims(number, CLAIMS):
        for one, other in decided(sides, claim):
            differs = kind(one, other)
            assert found.equal is not True or differs != "determination", claim
            # What differs where something is left out is only told where determinations do not.
            told = found.equal or differs not in ("missing", "reasons")
            if differs is not None and told and not found.beyond:
                assert differs in shown or (differs == "reasons" and found.unshown), claim


@pytest.mark.parametrize("number", range(EXAMPLES or 3))
def test_mutants_that_are_alike_are_seen_to_be(tmp_path, number):
    library, program = compiled(tmp_path, made.versions(number)[0])
    stand, words = Stand(program, library), Words.of(library.files.values())
    every = [mutant for file in files(library, program.package) for mutant in mutants(file, words)]
    claims = made.claims(number, CLAIMS)
    for mutant in Random(number).sample(every, 12):
        other = stand.with_mutant(mutant)
        told = apart(program, other) if other is not None else None
        if told is None or not (told.claim or told.proved):
            continue
        sides = Side(program, told.known_on), Side(other, told.known_on)
        if told.claim is not None:
            assert lines(sides[0], told.claim) != lines(sides[1], told.claim), mutant.span
            continue
        differing = [c for c in claims for pair in decided(sides, c) if kind(*pair) is not None]
        assert differing == [], mutant.span


@pytest.mark.parametrize("number", range(EXAMPLES or 5))
def test_what_is_dead_or_out_of_reach_is_not_seen(tmp_path, number):
    _, program = compiled(tmp_path, made.versions(number)[0])
    told = list(prove(program))
    out_of_reach = {each.about for each in told if each.kind == "reachable" and each.proved is False}
    dead = [
        each
        for each in told
        if each.proved is False and each.kind in ("rule", "row", "exception", "criterion")
    ]
    less = {}
    for claim in made.claims(number, CLAIMS):
        read = read_claim(claim, program.schema)
        for line in read.lines:
            made_it = adjudicate(program, read, line, None)
            assert made_it.finding.determination not in out_of_reach, claim
            if made_it.version is None or made_it.facts is None:
                continue
            stands = program.decision(made_it.day, None)
            for each in dead:
                part = Part(each.kind, each.about, each.span)
                if part not in parts(stands):
                    continue
                if (id(stands), part) not in less:
                    less[id(stands), part] = program.version_of(_without(stands, part))
                found = [
                    find(program, version, made_it.facts, version.held(made_it.facts))
                    for version in (made_it.version, less[id(stands), part])
                ]
                assert found[0][:3] == found[1][:3], (part, claim)


def _without(stands, part):
    """The decision without a part."""
    changed = left(stands, part, parts(stands)[part][1])
    rules = (evolve(r, condition=changed.get(at, r.condition)) for at, r in enumerate(stands.rules))
    return evolve(stands, rules=tuple(rules))
