"""`policyc watch`: which files a change touches, and what is told at a save."""

import subprocess
import sys
from threading import Timer

import pytest
from exchanging import replace_in

from policyc.watching import affected

LIBRARY = 'package codes.a\ncodes hcpcs { X1810 "brace" }\n'
POLICY = """\
package plan.{name}
import codes.a
policy "{name}" {{ payer "A plan" }}
revision 2024-01-01 "Posted" {{
    section A "A" {{ not_covered otherwise }}
    codes {{ X1810 }}
}}
"""
ALONE = 'package plan.alone\ncodes hcpcs { X1811 "x" }\n'


@pytest.fixture
def folder(tmp_path):
    texts = {
        "codes/a.pol": LIBRARY,
        "plan/one.pol": POLICY.format(name="one"),
        "plan/two.pol": POLICY.format(name="two"),
        "plan/alone.pol": ALONE,
    }
    for name, text in texts.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "touched"),
    [
        ("codes/a.pol", ["a", "one", "two"]),
        ("plan/one.pol", ["one"]),
        ("plan/alone.pol", ["alone"]),
        ("plan/one.golden/none/x.json", ["one"]),
        ("plan/one.source.json", ["alone", "one", "two"]),
        ("notes.json", []),
    ],
)
def test_a_change_touches_what_rests_on_it(folder, changed, touched):
    assert [path.stem for path in affected(folder, [folder / changed])] == touched


@pytest.mark.parametrize("text", [None, "package codes.a\ncodes {"])
def test_a_library_that_is_gone_or_broken_touches_what_rests_on_it(folder, text):
    library = folder / "codes" / "a.pol"
    if text is None:
        library.unlink()
    else:
        library.write_text(text)
    gone = ["one", "two"]
    assert [path.stem for path in affected(folder, [library])] == (["a", *gone] if text else gone)


def test_a_save_is_answered(folder):
    command = [sys.executable, "-c", "from policyc.cli import main; main()", "watch", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        given_up = Timer(60, process.kill)  # then its words end, and what was waited for is not among them
        given_up.start()
        try:
            told = iter(process.stderr.readline, "")
            assert any(line.startswith("watching ") for line in told)
            path = folder / "plan" / "one.pol"
            replace_in(path, "not_covered", "not_coverd")
            assert any("not_coverd" in line for line in told)
            replace_in(path, "not_coverd", "not_covered")
            assert any("checked 1 policy: no errors" in line for line in told)
        finally:
            given_up.cancel()
            process.terminate()
