"""The cache where others write: other users, several processes at once, and one that is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cached import CLAIM, COMMAND, decided, entries, only, written

from policyc import cache

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
