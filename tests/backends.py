"""One policy three ways: as interpreted, as compiled in memory, and as a standalone module."""

import ast
import json
import os
import subprocess
import sys
from datetime import date

from attrs import define
from hypothesis import HealthCheck, settings

from compiler.emit.layout import layout
from compiler.emit.python import emit
from compiler.emit.standalone import standalone
from compiler.program import Program
from compiler.runtime.adjudicate import decide_claim
from compiler.runtime.compiled import CompiledPolicy
from compiler.runtime.errors import ClaimError
from compiler.runtime.reader import read_claim
from policyc import load

LONG = int(os.environ.get("POLICYC_LONG", "0"))
"""How many examples a long run takes; by default few, and always the same."""


def examples(few):
    """The settings of a test that tries examples."""
    return settings(
        max_examples=LONG or few,
        derandomize=not LONG,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@define
class Ways:
    """The three back ends of one policy."""

    program: Program
    compiled: CompiledPolicy
    text: str
    module: dict

    def decisions(self, claim, known_on=None):
        """The decision of a claim by each, or the error record in its place, as JSON text."""
        day = date.fromisoformat(known_on) if known_on is not None else None
        ways = {
            "interpreted": lambda: decide_claim(self.program, read_claim(claim, self.program.schema), day),
            "compiled": lambda: decide_claim(self.compiled, read_claim(claim, self.compiled.schema), day),
            "standalone": lambda: self.module["decide"](claim, known_on=known_on),
        }
        return {name: json.dumps(self._answer(decide)) for name, decide in ways.items()}

    def _answer(self, decide):
        try:
            return decide()
        except (ClaimError, self.module["ClaimError"]) as error:
            return error.record()

    def agree(self, claim, known_on=None):
        """The one answer of all three."""
        found = self.decisions(claim, known_on)
        about = f"{claim} known on {known_on}: {found}"
        assert found["compiled"] == found["interpreted"], about
        assert found["standalone"] == found["interpreted"], about
        return json.loads(found["interpreted"])


def three_ways(path):
    """The back ends of a policy's file; what was compiled has gone through the cache."""
    load(path)
    policy = load(path)
    text = standalone(policy.program)
    module = {"__name__": "built"}
    exec(compile(text, "built.py", "exec"), module)
    statements = emit(policy.program)
    parsed = ast.parse(layout(statements))
    assert ast.dump(parsed) == ast.dump(ast.Module(statements, [])), layout(statements)
    return Ways(policy.program, policy.compiled, text, module)


def run_alone(text, folder, claims, *arguments):
    """What the module gives as a command where only the standard library can be imported."""
    path = folder / "built.py"
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-I", "-S", str(path), *arguments]
    return subprocess.run(command, input=claims, capture_output=True, check=False, cwd=folder)
