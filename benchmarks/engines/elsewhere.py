"""JsonLogic on Node and Drools on the JVM: each a process of its own that measures itself."""

import json
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from shutil import which

from engines import Facts, iv
from engines.json_logic import logic

HERE = Path(__file__).parent
WARM = 2000
"""Rounds before the first that is measured: both compile what they run often."""


class Elsewhere:
    """A process that decides the lines it was handed, over and over; `answers` is what it tells of them."""

    def __init__(self, command: Sequence[str], lines: list[Facts]) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=HERE, stdin=pipe, stdout=pipe, text=True)
        lists = {"drugs": iv.DRUGS, "pain": iv.PAIN, "divided": iv.PAIN_DIVIDED, "exactly": iv.PAIN_EXACTLY}
        lists["psychiatric"] = iv.PSYCHIATRIC
        handed = {**lists, "logic": logic(), "lines": lines, "warm": WARM}
        self.answers: list[str] = json.loads(self._asked(json.dumps(handed)))

    def round(self) -> float:
        """Microseconds a line."""
        return float(self._asked("round"))

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()

    def _asked(self, line: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(line, file=self.process.stdin, flush=True)
        return self.process.stdout.readline()


def node(lines: list[Facts]) -> Elsewhere:
    if which("node") is None or not (HERE / "node_modules" / "json-logic-engine").exists():
        raise ImportError(
            "there is no Node, or no json-logic-engine: npm install --prefix benchmarks/engines"
        )
    return Elsewhere(["node", "json_logic.mjs"], lines)


def drools(lines: list[Facts]) -> Elsewhere:
    found = find_spec("drools")
    if found is None or not found.submodule_search_locations or which("javac") is None:
        raise ImportError("needs a JDK, and drools-jpy")
    (place,) = found.submodule_search_locations
    (jar,) = Path(place, "jars").glob("*.jar")
    return Elsewhere(["java", "-cp", str(jar), "Drools.java"], lines)
