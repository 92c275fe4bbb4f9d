"""The cache changes no decision and stops no work, whatever is wrong with it."""

import marshal
import os
import pickle
import shutil
from datetime import date
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from cached import CLAIM, decided, entries, entry_of, only, written
from exchanging import replaced

from compiler.partition import partition
from policyc import ChangedError, PolicyError, cache, load


def test_what_is_made_of_a_policy_is_kept_beside_it(kept, compiled, policy, monkeypatch):
    first = load(policy).partition(None)
    assert len(compiled) == 1
    assert load(policy).partition(None) == first
    assert len(compiled) == 1
    entry = cache._entry(policy, ())
    (other,) = (path for path in kept.iterdir() if path != entry)
    head, _, body = other.read_bytes().partition(b"\n")
    for damaged in (b"", other.read_bytes()[:-1], entry.read_bytes(), head + b"\n" + pickle.dumps("else")):
        other.write_bytes(damaged)
        assert load(policy).partition(None) == first
    assert len(compiled) == 5
    assert other.read_bytes() == head + b"\n" + body
    assert load(policy).partition(date(2016, 6, 1)) != first
    policy.write_text(policy.read_text() + "\n# changed\n")
    assert load(policy).partition(None) == first
    assert len(compiled) == 7
    monkeypatch.setattr(cache, "compiler_digest", lambda: "another compiler")
    assert load(policy).partition(None) == first
    assert len(compiled) == 8
    assert len(list(kept.iterdir())) == 6


def test_a_policy_is_asked_no_more_where_its_files_have_changed(kept, policy):
    load(policy)
    loaded, text = load(policy), policy.read_text()
    policy.write_text(replaced(text, "not_covered if", "medically_necessary if"))
    for asked in (lambda: loaded.decide(CLAIM, explain=True), lambda: loaded.partition(None)):
        with pytest.raises(ChangedError, match="has changed since it was loaded"):
            asked()
    assert loaded.decide(CLAIM)["lines"][0]["determination"] == "not_covered"
    policy.write_text(text)
    assert loaded.decide(CLAIM, explain=True)["lines"][0]["determination"] == "not_covered"
    assert only(kept)
    assert loaded.partition(None) == partition(loaded.program, None)


# ---- what is kept, and when it counts -----------------------------------------------------------------


def test_it_is_compiled_once(kept, compiled, policy):
    assert [decided(policy) for _ in range(3)] == ["not_covered"] * 3
    assert len(compiled) == 1
    assert [path.name for path in kept.iterdir()] == [only(kept).name]
    assert only(kept).stat().st_mode & 0o777 == 0o600
    assert kept.stat().st_mode & 0o777 == 0o700


def test_one_name_is_one_entry_however_it_is_reached(kept, compiled, policy, monkeypatch):
    decided(policy)
    monkeypatch.chdir(policy.parent)
    assert decided(Path("one.pol")) == decided("one.pol") == "not_covered"
    assert len(compiled) == 1


def test_a_changed_source_is_compiled_anew(kept, compiled, policy):
    decided(policy)
    times = policy.stat()
    written(policy.parents[1], "manual_review")
    os.utime(policy, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert decided(policy) == "manual_review"
    written(policy.parents[1])
    assert decided(policy) == "not_covered"
    assert len(compiled) == 3
    assert len(entries(kept)) == 1


def test_a_changed_import_is_compiled_anew(kept, compiled, policy):
    decided(policy)
    written(policy.parents[1], rest="until 2020-06-01")
    assert decided(policy) == "code_not_valid"
    assert len(compiled) == 2


def test_a_source_that_is_gone_is_an_error(kept, policy):
    decided(policy)
    (policy.parents[1] / "lib" / "drugs.pol").unlink()
    with pytest.raises(PolicyError):
        load(policy)


def test_a_new_file_that_comes_before_an_import_counts(kept, compiled, policy, tmp_path):
    other = written(tmp_path / "other", rest="until 2020-06-01").parents[1]
    (policy.parents[1] / "lib" / "drugs.pol").rename(tmp_path / "aside.pol")
    assert decided(policy, [other]) == "code_not_valid"
    (tmp_path / "aside.pol").rename(policy.parents[1] / "lib" / "drugs.pol")
    assert decided(policy, [other]) == "not_covered"
    assert len(compiled) == 2


def test_other_roots_are_another_entry(kept, compiled, policy, tmp_path):
    lib = policy.parents[1] / "lib"
    shutil.move(lib, tmp_path / "one" / "lib")
    two = written(tmp_path / "two", rest="until 2020-06-01").parents[1]
    assert decided(policy, [tmp_path / "one", two]) == "not_covered"
    assert decided(policy, [two, tmp_path / "one"]) == "code_not_valid"
    assert len(entries(kept)) == 2


def test_links_to_one_file_are_two_entries_where_their_imports_differ(kept, policy, tmp_path):
    linked = written(tmp_path / "linked", rest="until 2020-06-01")
    linked.unlink()
    linked.symlink_to(policy)
    assert [decided(policy), decided(linked), decided(policy)] == [
        "not_covered",
        "code_not_valid",
        "not_covered",
    ]


def test_a_link_that_points_elsewhere_is_compiled_anew(kept, policy, tmp_path):
    library = policy.parents[1] / "lib" / "drugs.pol"
    other = written(tmp_path / "other", rest="until 2020-06-01").parents[1] / "lib" / "drugs.pol"
    same = tmp_path / "same" / "lib" / "drugs.pol"
    same.parent.mkdir(parents=True)
    library.rename(same)
    library.symlink_to(same)
    assert decided(policy) == "not_covered"
    library.unlink()
    library.symlink_to(other)
    assert decided(policy) == "code_not_valid"


def test_another_compiler_is_another_entry(kept, compiled, policy, monkeypatch):
    decided(policy)
    monkeypatch.setattr(cache, "compiler_digest", lambda: "another")
    decided(policy)
    assert len(compiled) == 2
    assert len(entries(kept)) == 2


def test_the_compiler_is_its_files(tmp_path, monkeypatch):
    root = Path(cache.__file__).parents[1]
    for package in ("compiler", "dsl", "policyc"):
        shutil.copytree(root / package, tmp_path / package)
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "policyc" / "cache.py"))
    digest = cache.compiler_digest.__wrapped__
    before = digest()
    assert digest() == before
    for changed in (
        "compiler/emit/python.py",
        "compiler/runtime/tables.py",
        "dsl/grammar.lark",
        "policyc/cache.py",
    ):
        (tmp_path / changed).write_bytes((tmp_path / changed).read_bytes() + b"\n")
        assert digest() != before
        before = digest()
    (tmp_path / "compiler" / "new.py").touch()
    assert digest() != before


# ---- what is wrong with it ----------------------------------------------------------------------------

HALF = object()
WRONG_BODIES = [b"", b"\x00", b"\xe3", b"c", b"{", b"[\xff\xff\xff\x7f", b"s\xff\xff\xff\x7f", b"(" * 5_000]
WRONG_BODIES += [
    b"[\x01\x00\x00\x00" * 50_000,
    Random(4).randbytes(2_000),
    marshal.dumps(5),
    marshal.dumps([None] * 9),
]
WRONG_CODES = ["raise KeyError", "raise SystemError", "POLICY = 5", "", "1 / 0", "import nowhere", "POLICY"]
WRONG_HEADS = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b"\xff\xfe",
    b"{" * 100_000,
    b'{"body": 5, "sources": 5, "missed": 5}',
]
WRONG_FILES = [b"", b"\n", b"\n\n\n", *WRONG_HEADS, Random(5).randbytes(3_000), HALF]
WRONG_FILES += [f"{sha256(head).hexdigest()} ".encode() + head + b"\nx" for head in WRONG_HEADS]


@pytest.mark.parametrize("content", WRONG_FILES, ids=range(len(WRONG_FILES)))
def test_a_damaged_entry_is_replaced(content, kept, compiled, policy):
    decided(policy)
    entry = only(kept)
    whole = entry.read_bytes()
    entry.write_bytes(whole[: len(whole) // 2] if content is HALF else content)
    assert decided(policy) == decided(policy) == "not_covered"
    assert len(compiled) == 2


def test_any_cut_and_any_flipped_bit_is_noticed(kept, compiled, policy):
    decided(policy)
    entry = only(kept)
    whole = entry.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 40)):
        for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ 16]) + whole[at + 1 :]):
            entry.write_bytes(damaged)
            times = len(compiled)
            assert decided(policy) == "not_covered"
            assert len(compiled) == times + 1


@pytest.mark.parametrize("body", WRONG_BODIES, ids=range(len(WRONG_BODIES)))
def test_a_bad_body_of_the_right_digest(body, kept, compiled, policy):
    """Not what damage looks like, but Python's own reader of code must not bring the work down."""
    decided(policy)
    only(kept).write_bytes(entry_of(body, [policy]))
    assert decided(policy) == decided(policy) == "not_covered"
    assert len(compiled) == 2


@pytest.mark.parametrize("text", WRONG_CODES)
def test_code_that_is_no_policy(text, kept, compiled, policy):
    decided(policy)
    only(kept).write_bytes(entry_of(compile(text, "x", "exec"), [policy]))
    assert decided(policy) == decided(policy) == "not_covered"
    assert len(compiled) == 2


def test_an_entry_that_is_no_file(kept, policy, tmp_path):
    decided(policy)
    entry = only(kept)
    for make in (
        Path.mkdir,
        os.mkfifo,
        lambda e: e.symlink_to(tmp_path / "nowhere"),
        lambda e: e.symlink_to(e),
    ):
        if entry.is_dir():
            entry.rmdir()
        else:
            entry.unlink()
        make(entry)
        assert decided(policy) == "not_covered"


def test_a_link_as_an_entry_is_not_followed(kept, compiled, policy, tmp_path):
    decided(policy)
    only(kept).rename(tmp_path / "elsewhere")
    entry = kept / cache._entry(policy, ()).name
    entry.symlink_to(tmp_path / "elsewhere")
    decided(policy)
    assert len(compiled) == 2
