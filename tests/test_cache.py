"""The cache changes no decision and stops no work, whatever is wrong with it."""

import json
import marshal
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from cached import CLAIM, COMMAND, decided, entries, entry_of, only, written

import policyc.policy
from policyc import PolicyError, cache, load


@pytest.fixture
def kept(tmp_path, monkeypatch):
    place = tmp_path / "cache"
    monkeypatch.setattr(cache, "folder", lambda: place)
    return place


@pytest.fixture
def compiled(monkeypatch):
    """How often something was compiled."""
    times = []
    compile_it = policyc.policy._compile
    monkeypatch.setattr(policyc.policy, "_compile", lambda *args: times.append(args) or compile_it(*args))
    return times


@pytest.fixture
def policy(tmp_path):
    return written(tmp_path / "policies")


def test_what_is_made_of_a_policy_is_kept_beside_it(kept, compiled, policy):
    first = load(policy).partition(None)
    assert len(compiled) == 1
    assert load(policy).partition(None) == first
    assert len(compiled) == 1
    entry, other = sorted(kept.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    for damaged in (b"", other.read_bytes()[:-1], entry.read_bytes()):
        other.write_bytes(damaged)
        assert load(policy).partition(None) == first
    assert len(compiled) == 4
    assert load(policy).partition(date(2016, 6, 1)) != first
    policy.write_text(policy.read_text() + "\n# changed\n")
    assert load(policy).partition(None) == first
    assert len(compiled) == 6


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
    os.urandom(2_000),
    marshal.dumps(5),
    marshal.dumps([None] * 9),
]
WRONG_CODES = ["raise KeyError", "raise SystemError", "POLICY = 5", "", "1 / 0", "import nowhere", "POLICY"]
WRONG_FILES = [b"", b"\n", b"\n\n\n", b"{}", b"{}\n", b"[]\n", b"null\nx", b"\xff\xfe\n", b"{" * 100_000]
WRONG_FILES += [b'{"body": 5, "sources": 5, "missed": 5}\nx', os.urandom(3_000), HALF]


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
            assert decided(policy) == "not_covered"


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


# ---- who can have written it --------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_an_entry_that_others_can_write_is_not_read(mode, kept, compiled, policy):
    decided(policy)
    only(kept).chmod(mode)
    assert decided(policy) == decided(policy) == "not_covered"
    assert len(compiled) == 2
    assert only(kept).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o1777])
def test_a_folder_that_others_can_write_is_neither_read_nor_written(mode, kept, compiled, policy):
    decided(policy)
    entry = only(kept)
    kept.chmod(mode)
    assert decided(policy) == "not_covered"
    assert len(compiled) == 2
    entry.unlink()
    decided(policy)
    assert entries(kept) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("whose", ["entry", "folder"])
def test_what_another_user_owns_is_not_read(whose, kept, compiled, policy):
    decided(policy)
    os.chown(only(kept) if whose == "entry" else kept, 12345, -1)
    assert decided(policy) == "not_covered"
    assert len(compiled) == 2
    assert whose == "folder" or only(kept).stat().st_uid == os.geteuid()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="no permission binds root")
def test_a_read_only_folder(kept, policy):
    kept.mkdir(mode=0o500)
    assert decided(policy) == decided(policy) == "not_covered"
    assert list(kept.iterdir()) == []


@pytest.mark.parametrize("home", [None, "here", "~"])
def test_without_a_home(home, tmp_path, monkeypatch, policy):
    """Neither by the environment nor by the system's list of users."""

    def unknown(_):
        raise KeyError("no such user")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if home is None:
        monkeypatch.delenv("HOME", raising=False)
    else:
        monkeypatch.setenv("HOME", home)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert decided(policy) == decided(policy) == "not_covered"
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("kind", ["file", "link to nowhere", "link to itself", "below a file", "relative"])
def test_a_cache_folder_that_is_none(kind, tmp_path, monkeypatch, policy):
    place = tmp_path / "cache"
    match kind:
        case "file":
            place.write_text("x")
        case "link to nowhere":
            place.symlink_to(tmp_path / "nowhere")
        case "link to itself":
            place.symlink_to(place)
        case "below a file":
            (tmp_path / "file").write_text("x")
            place = tmp_path / "file" / "cache"
        case "relative":
            place = Path("cache")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cache, "folder", lambda: place)
    before = sorted(tmp_path.rglob("*"))
    assert decided(policy) == decided(policy) == "not_covered"
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_reached_by_a_link(kept, compiled, policy, tmp_path):
    (tmp_path / "real").mkdir(mode=0o700)
    kept.symlink_to(tmp_path / "real")
    assert decided(policy) == decided(policy) == "not_covered"
    assert len(compiled) == 1


def test_no_folder_can_be_named(policy, monkeypatch):
    monkeypatch.setattr(cache, "folder", lambda: Path(1 / 0))
    assert decided(policy) == "not_covered"


@pytest.mark.parametrize("fails", ["open", "fsync", "replace"])
def test_a_full_disk_leaves_nothing(fails, kept, policy, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(f"policyc.files.os.{fails}", full)
        assert decided(policy) == "not_covered"
    assert list(kept.iterdir()) == []


# ---- several at once, and killed ----------------------------------------------------------------------


def test_many_processes_at_once(policy, tmp_path):
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "shared")}
    arguments = [sys.executable, "-c", COMMAND, str(policy), json.dumps(CLAIM)]
    running = [
        subprocess.Popen(
            arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for process in running:
        out, err = process.communicate()
        assert (json.loads(out)["determination"], err) == ("not_covered", "")
    (entry,) = (tmp_path / "shared" / "policyc").iterdir()
    assert entry.suffix == ".policy"


KILLED = """
import os, signal, sys, policyc
from pathlib import Path
from policyc import cache
cache.folder = lambda: Path(sys.argv[2])
def kill(*_): os.kill(os.getpid(), signal.SIGKILL)
os.{at} = kill
policyc.load(sys.argv[1])
"""


@pytest.mark.parametrize("at", ["fsync", "replace"])
def test_a_writer_killed_at_the_worst_moment(at, kept, compiled, policy):
    command = [sys.executable, "-c", KILLED.format(at=at), str(policy), str(kept)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    (left,) = kept.iterdir()
    assert entries(kept) == []
    assert decided(policy) == decided(policy) == "not_covered"
    assert len(compiled) == 1
    assert left.exists()
    long_ago = time.time() - 2 * 3600
    os.utime(left, (long_ago, long_ago))
    only(kept).unlink()
    decided(policy)
    assert [path.name for path in kept.iterdir()] == [only(kept).name]


def test_it_does_not_grow_without_bound(kept, tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "MOST_ENTRIES", 3)
    for number in range(6):
        path = written(tmp_path / f"p{number}")
        decided(path)
        for age, entry in enumerate(entries(kept)):
            assert age < 3
            assert entry.exists()
        newest = cache._entry(path, ())
        assert newest.exists()
        os.utime(newest, (number, number))
    assert len(entries(kept)) == 3
    assert cache._entry(tmp_path / "p0" / "made" / "one.pol", ()) not in entries(kept)
