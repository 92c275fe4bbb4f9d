"""Names of the shipped files: each has its meaning, and another name changes nothing else."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from compiler.binding.scope import BUILT_IN
from compiler.pipeline import compile_paths
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.syntax.walk import inside
from policyc.lsp.desk import Desk
from policyc.lsp.navigation import rename
from policyc.lsp.places import offset_of, path_of

SHIPPED = Path(__file__).parents[1] / "policies"
FILES = sorted(SHIPPED.rglob("*.pol"))
KINDS = (
    "assumption",
    "concept",
    "definition",
    "element",
    "fact",
    "field",
    "label",
    "member",
    "record",
    "scale",
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_word_is_one_name(path):
    found = Desk().analysis(path).names
    assert [span for span, times in Counter(name.span for name in found).items() if times > 1] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_path_of_a_criterion_is_a_name_that_something_declares(path):
    analysis = Desk().analysis(path)
    declared = {name.key for name in analysis.all_names if name.declares}
    by_end = {name.span.end: name for name in analysis.names}
    for asked in inside(analysis.file.items, s.Body):
        for word in inside(asked, s.Path):
            name = by_end.get(word.span.end)
            assert name is not None, word.text
            assert name.key in declared or word.text in BUILT_IN, word.text


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("names") / "policies"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.golden"))
    return folder


@pytest.mark.parametrize("kind", [*KINDS, "section"])
def test_a_name_of_each_kind_can_be_another(library, kind):
    desk, policy = Desk(), library / "cms" / "ncd_240_4.pol"
    declared = (name for name in desk.analysis(policy).all_names if name.declares)
    one = next(name for name in declared if name.key.kind == kind)
    changes = rename(Path(one.span.source.name), one.span.start, "another", desk).changes
    before = {path_of(uri): path_of(uri).read_bytes() for uri in changes}
    for uri, edits in changes.items():
        text = path_of(uri).read_text()
        for edit in sorted(edits, key=lambda edit: offset_of(text, edit.range.start, desk), reverse=True):
            start, end = (offset_of(text, place, desk) for place in (edit.range.start, edit.range.end))
            text = text[:start] + edit.new_text + text[end:]
        path_of(uri).write_text(text)
    report = Report()
    compile_paths([policy], [], report)
    for path, content in before.items():
        path.write_bytes(content)
    assert report.diagnostics == []
