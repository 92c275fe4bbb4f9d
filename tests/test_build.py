"""`policyc build`: the file is whole or absent, and says why."""

import ast
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from policyc import cache
from policyc.cli import app

ROOT = Path(__file__).parents[1]
POLICY = ROOT / "policies" / "bcbsks" / "iv_anesthetics.pol"
OLD = "an older module\n"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setattr(cache, "folder", lambda: tmp_path_factory.getbasetemp() / "build")


@pytest.fixture(scope="module")
def text():
    return CliRunner().invoke(app, ["build", str(POLICY)]).stdout


@pytest.fixture
def output(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "module.py"


def build(*arguments):
    return CliRunner().invoke(app, ["build", *map(str, arguments)])


def test_it_writes_what_it_prints(text, output):
    result = build(POLICY, "-o", output)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert output.read_text(encoding="utf-8") == text
    assert text.startswith("# Intravenous anesthetics") and text.endswith("sys.exit(run_command(POLICY))\n")
    assert [path.name for path in output.parent.iterdir()] == [output.name]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_usual_permissions(mask, mode, output):
    before = os.umask(mask)
    try:
        build(POLICY, "-o", output)
    finally:
        os.umask(before)
    assert stat.S_IMODE(output.stat().st_mode) == mode


def test_an_old_file_is_replaced_with_its_permissions(text, output):
    output.write_text(OLD)
    output.chmod(0o755)
    assert build(POLICY, "-o", output).exit_code == 0
    assert output.read_text(encoding="utf-8") == text
    assert stat.S_IMODE(output.stat().st_mode) == 0o755


def test_a_link_stays_a_link(text, output, tmp_path):
    output.symlink_to(tmp_path / "real.py")
    assert build(POLICY, "-o", output).exit_code == 0
    assert output.is_symlink()
    assert (tmp_path / "real.py").read_text(encoding="utf-8") == text


def test_a_terminal_or_a_pipe_is_written_to(text, output, tmp_path):
    assert build(POLICY, "-o", "/dev/null").exit_code == 0
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    os.mkfifo(output)
    copied = tmp_path / "copied.py"
    with copied.open("wb") as copy, subprocess.Popen(["cat", str(output)], stdout=copy):
        assert build(POLICY, "-o", output).exit_code == 0
    assert copied.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("old", [None, OLD])
@pytest.mark.parametrize("fails", ["open", "fsync", "replace", "fdopen"])
@pytest.mark.parametrize(("number", "why"), [(28, "no space left on device"), (30, "read-only file system")])
def test_a_write_that_fails_leaves_what_was(fails, number, why, old, output, monkeypatch):
    if old is not None:
        output.write_text(old)

    def refused(*_, **__):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(f"policyc.files.os.{fails}", refused)
        result = build(POLICY, "-o", output)
    assert result.exit_code == 1
    assert result.stderr == f"policyc: cannot write `{output}`: {why}\n"
    assert [(p.name, p.read_text()) for p in output.parent.iterdir()] == ([(output.name, old)] if old else [])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_device_without_room():
    result = build(POLICY, "-o", "/dev/full")
    assert (result.exit_code, result.stderr) == (
        1,
        "policyc: cannot write `/dev/full`: no space left on device\n",
    )


KILLED = """
import os, signal, sys
from pathlib import Path
from policyc import cache
from policyc.commands import build
cache.folder = lambda: Path(sys.argv[3])
def kill(*_): os.kill(os.getpid(), signal.SIGKILL)
os.{at} = kill
build.run(Path(sys.argv[1]), Path(sys.argv[2]), [])
"""


@pytest.mark.parametrize("at", ["fsync", "replace"])
def test_killed_at_the_worst_moment(at, output, tmp_path):
    """The cache writes too, so it is given a folder where it cannot."""
    output.write_text(OLD)
    (tmp_path / "file").touch()
    command = [sys.executable, "-c", KILLED.format(at=at), str(POLICY), str(output), str(tmp_path / "file")]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert output.read_text() == OLD


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.pol"], "cannot read `nowhere.pol`"),
        (["."], "is a folder"),
        ([POLICY, "-o", "."], "it is a folder"),
        ([POLICY, "-o", "nowhere/module.py"], "no such file or directory"),
        ([POLICY, "-o", "file/module.py"], "is no folder"),
        ([POLICY, "-o", "copy.pol"], "a policy must not be overwritten"),
        ([POLICY, "--root", "nowhere"], "cannot read `nowhere`"),
        ([], "POLICY"),
    ],
)
def test_a_wrong_call(arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    result = build(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_broken_policy_leaves_no_file(tmp_path, output):
    broken = tmp_path / "x" / "broken.pol"
    broken.parent.mkdir()
    broken.write_text(
        'package x.broken\n\npolicy "p" { payer "p" }\nrevision 2020-01-01 "r" { retire nothing }\n'
    )
    result = build(broken, "-o", output)
    assert result.exit_code == 1
    assert "error[" in result.stderr
    assert list(output.parent.iterdir()) == []


def test_into_a_pipe_that_nobody_reads(tmp_path):
    command = [sys.executable, "-c", "from policyc.cli import main; main()", "build", str(POLICY)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_nested_elements_and_names_that_resemble_each_other(tmp_path):
    """Elements in hand stay apart, and what is nested deeply is written apart."""
    path = tmp_path / "x" / "nested.pol"
    path.parent.mkdir()
    chain = "\n".join(
        f'd{n} if {{ none of {{ d{n - 1} assume a{n} "x" }} assume b{n} "x" }}' for n in range(1, 15)
    )
    path.write_text(f"""package x.nested
facts {{ claim.past codes of icd10cm line.a boolean }}
policy "p" {{ payer "p" source "s" }}
codes hcpcs {{ J1000 "x" }}
codes icd10cm {{ A10 "x" B10 "x" }}
d0 if {{ line.a }}
{chain}
revision 2020-01-01 "r" {{
    section A "t" {{ not_covered if {{
        some x_2 in claim.diagnoses {{ some x in claim.past {{ x_2 in {{ A10 }} x in {{ B10 }} }} }}
        d14
    }} }}
    codes {{ J1000 }}
}}
""")
    result = build(path)
    assert result.exit_code == 0, result.stderr
    assert "def criterion_" in result.stdout
    module = {"__name__": "built"}
    exec(result.stdout, module)
    line = {"line": 1, "procedure": "J1000", "service_date": "2021-01-01", "a": True}
    for diagnoses, past, wanted in (
        (["A10"], ["B10"], "not_covered"),
        (["B10"], ["A10"], "not_applicable"),
        (["A10"], ["A10"], "not_applicable"),
    ):
        claim = {"claim_id": "C", "diagnoses": diagnoses, "past": past, "lines": [line]}
        assert module["decide"](claim)["lines"][0]["determination"] == wanted
    calls = [node for node in ast.walk(ast.parse(result.stdout)) if isinstance(node, ast.Call)]
    named = {
        ast.literal_eval(node.args[2])
        for node in calls
        if getattr(node.func, "id", "") == "elements" and isinstance(node.args[2], ast.Constant)
    }
    assert {"x_2", "x"} <= named
