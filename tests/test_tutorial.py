"""The tutorial, from the top in an empty folder: its files, its commands, their output."""

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "tutorial.md"
FENCE = re.compile(r"^```(pol|json|console)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(text):
    """The commands of a console block."""
    return [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")]


def run(command, folder, environment):
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.stdout.rstrip("\n")


def test_the_tutorial(tmp_path, request):
    folder, tools = tmp_path / "work", tmp_path / "tools"
    folder.mkdir()
    tools.mkdir()
    policyc = tools / "policyc"
    policyc.write_text(f"#!{sys.executable}\nfrom policyc.cli import main\nmain()\n")
    policyc.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "110"}

    def played(block):
        kind, name, text = block.groups()
        if kind != "console":
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
            return block[0]
        told = [f"$ {c}\n{run(c, folder, environment)}".rstrip("\n") for c in commands(text)]
        return "```console\n" + "\n".join(told) + "\n```"

    page = PAGE.read_text()
    now = FENCE.sub(played, page)
    if request.config.getoption("--bless"):
        PAGE.write_text(now)
    else:
        assert now == page
