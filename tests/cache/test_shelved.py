"""A library reads a policy's code when a line first concerns it: whatever has become of it by then, what is
said is what was loaded, or nothing.
"""

import os
import shutil

import pytest
from cached import CLAIM, written
from exchanging import replaced

from policyc import cache, load_library
from policyc.policy import ChangedError

ELSEWHERE = {**CLAIM, "lines": [{**CLAIM["lines"][0], "procedure": "J9999"}]}


@pytest.fixture
def opened(monkeypatch):
    """The code that was run."""
    codes = []
    run = cache.run
    monkeypatch.setattr(cache, "run", lambda code: codes.append(code) or run(code))
    return codes


@pytest.fixture
def folder(tmp_path, kept):
    """Two policies of different codes that are in the cache."""
    root = tmp_path / "policies"
    path = written(root)
    other = replaced(replaced(path.read_text(), "made.one", "made.two"), "J1000", "J1001")
    (root / "made" / "two.pol").write_text(replaced(other, "lib.drugs", "lib.more"))
    library = (root / "lib" / "drugs.pol").read_text()
    (root / "lib" / "more.pol").write_text(
        replaced(replaced(library, "lib.drugs", "lib.more"), "J1000", "J1001")
    )
    load_library(root)
    return root


def decided(library, claim=CLAIM):
    return [(made["policy"], made["lines"][0]["determination"]) for made in library.decide(claim)]


def entry(folder, name="one"):
    return cache._entry(folder / "made" / f"{name}.pol", ())


def test_code_is_run_where_a_line_concerns_it(folder, opened, compiled):
    library = load_library(folder)
    assert opened == []
    assert decided(library, ELSEWHERE) == [(None, "not_applicable")]
    assert opened == []
    assert [decided(library) for _ in range(3)] == [[("made.one", "not_covered")]] * 3
    assert len(opened) == 1
    assert [made["policy"] for made in library.decide(CLAIM, everything=True)] == ["made.one", "made.two"]
    assert (len(opened), compiled) == (2, [])


def halved(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def another_body(path):
    head, _, body = path.read_bytes().partition(b"\n")
    path.write_bytes(head + b"\n" + body[:-1] + bytes([body[-1] ^ 1]))


def linked(path):
    path.rename(path.with_suffix(".aside"))
    path.symlink_to(path.with_suffix(".aside"))


SPOILED = {
    "gone": lambda path: path.unlink(),
    "halved": halved,
    "empty": lambda path: path.write_bytes(b""),
    "another body": another_body,
    "of another policy": lambda path: shutil.copy(entry(path.parents[1] / "policies", "two"), path),
    "others can write it": lambda path: path.chmod(0o666),
    "others can write the folder": lambda path: path.parent.chmod(0o777),
    "a link": linked,
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_what_is_broken_when_it_is_needed_is_compiled_again(spoiled, folder, compiled):
    library = load_library(folder)
    SPOILED[spoiled](entry(folder))
    assert decided(library) == decided(library) == [("made.one", "not_covered")]
    assert len(compiled) == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_what_another_user_has_by_then_is_compiled_again(folder, compiled):
    library = load_library(folder)
    os.chown(entry(folder), 12345, -1)
    assert decided(library) == [("made.one", "not_covered")]
    assert len(compiled) == 1


def test_another_compiler_by_then(folder, compiled, monkeypatch):
    library = load_library(folder)
    monkeypatch.setattr(cache, "compiler_digest", lambda: "another")
    assert decided(library) == [("made.one", "not_covered")]
    assert len(compiled) == 1


def test_another_writer_of_the_same_by_then(folder, compiled):
    library = load_library(folder)
    entry(folder).unlink()
    load_library(folder)
    assert decided(library) == [("made.one", "not_covered")]
    assert len(compiled) == 1  # by the other


def test_a_file_that_changed_counts_when_it_is_loaded(folder, compiled):
    library = load_library(folder)
    written(folder, "manual_review")
    assert decided(library) == [("made.one", "not_covered")]
    assert compiled == []
    assert decided(load_library(folder)) == [("made.one", "manual_review")]


@pytest.mark.parametrize("change", [lambda path: path.write_text("what"), lambda path: path.unlink()])
def test_where_nothing_has_it_as_it_was_nothing_is_said(change, folder):
    library, written_since = load_library(folder), load_library(folder)
    entry(folder).unlink()
    change(folder / "made" / "one.pol")
    for _ in range(2):
        with pytest.raises(ChangedError, match="has changed since it was loaded"):
            library.decide(CLAIM)
    written(folder, "manual_review")
    load_library(folder)
    with pytest.raises(ChangedError):
        written_since.decide(CLAIM)


def test_an_index_with_any_flipped_bit_is_not_believed(folder, compiled):
    whole = entry(folder).read_bytes()
    end = whole.index(b"\n")
    for at in range(0, end + 1, max(1, end // 60)):
        entry(folder).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        times = len(compiled)
        assert decided(load_library(folder)) == [("made.one", "not_covered")]
        assert len(compiled) == times + 1


def test_from_another_folder_by_then(folder, compiled, monkeypatch, tmp_path):
    monkeypatch.chdir(folder)
    library = load_library("made/..")
    monkeypatch.chdir(tmp_path)
    assert decided(library) == [("made.one", "not_covered")]
