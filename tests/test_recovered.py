"""What can be read of a text with mistakes is read as it is in the whole text."""

from pathlib import Path

import pytest
from exchanging import replaced

from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.parse import parse
from dsl.recovered import recovered
from dsl.source import Source
from dsl.syntax.walk import inside

SHIPPED = sorted((Path(__file__).parents[1] / "policies").rglob("*.pol"))
POLICY = next(path for path in SHIPPED if path.stem == "iv_anesthetics").read_text()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_text_without_mistakes_is_read_whole(path):
    source = Source("x", path.read_text())
    assert recovered(source) == parse(source, Report())


def criteria(file):
    return [criterion.span.text for criterion in inside(file.items, s.Criterion)]


def test_a_mistake_in_a_criterion_takes_away_that_one():
    whole = criteria(parse(Source("x", POLICY), Report()))
    for place in ("purpose: line.purpose == treatment", "drug: line.drug in { ketamine, lidocaine }"):
        broken = replaced(POLICY, place, place + " @@", 1)
        assert parse(Source("x", broken), Report()) is None
        left = criteria(recovered(Source("x", broken)))
        assert sorted([*left, place]) == sorted(whole)


def test_a_mistake_in_a_head_leaves_the_other_declarations():
    broken = replaced(POLICY, 'revision 2024-10-01 "Coding', "revision 2024-10-01 Coding")
    days = [str(r.effective.value) for r in recovered(Source("x", broken)).items if isinstance(r, s.Revision)]
    assert days == ["2022-01-08", "2022-12-29", "2024-01-05", "2024-12-23"]


def test_wherever_a_line_is_broken_nodes_stand_in_the_text_as_they_did():
    known = {type(node): set() for node in inside(parse(Source("x", POLICY), Report()), s.Node)}
    for node in inside(parse(Source("x", POLICY), Report()), s.Node):
        known[type(node)].add(node.span.text)
    at = 0
    for line in POLICY.splitlines(keepends=True):
        at += len(line)
        broken = Source("x", POLICY[: at - 1] + " @@" + POLICY[at - 1 :])
        file = recovered(broken)
        for node in inside(file.items if file is not None else (), s.Name | s.Path | s.Literal | s.Criterion):
            assert node.span.text in known[type(node)]


def test_what_has_no_package_is_nothing():
    assert recovered(Source("x", "")) is None
    assert recovered(Source("x", "pakage a\n\nfacts { line.x boolean }\n")) is None
