"""The house keeps its shape: rooms, sizes, and documents that say what is so."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import has
from lark import Lark

from dsl import syntax
from dsl.build import Build

ROOT = Path(__file__).resolve().parent.parent
POLICY = ROOT / "policies" / "bcbsks" / "iv_anesthetics.pol"
MODULES = [path for room in ("dsl", "compiler", "policyc") for path in sorted((ROOT / room).rglob("*.py"))]


def grammar_rules() -> set[str]:
    lark = Lark((ROOT / "dsl" / "grammar.lark").read_text(), parser="lalr", start="file")
    named = [rule for rule in lark.rules if not rule.options.expand1]
    return {str(rule.options.template_source or rule.origin.name) for rule in named} - {"start"}


def test_every_grammar_rule_has_a_builder():
    rules = {rule for rule in grammar_rules() if not rule.startswith("_")}
    assert {rule for rule in rules if not hasattr(Build, rule)} == set()


def test_every_class_of_the_tree_says_its_concrete_syntax():
    abstract = {"Node", "File", "Body", "SectionBody"}
    nodes = [
        c for _, c in inspect.getmembers(syntax, inspect.isclass) if has(c) and c.__name__ not in abstract
    ]
    assert len(nodes) > 60
    assert [c.__name__ for c in nodes if "`" not in (c.__doc__ or "")] == []


def test_tests_and_benchmarks_are_short_too():
    files = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
    files = [path for path in files if "node_modules" not in path.parts]
    assert len(files) > 100
    assert [path.name for path in files if len(path.read_text().splitlines()) > 400] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_short_and_say_what_they_are(path: Path):
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    assert text.startswith('"""')


def test_the_excerpt_of_the_readme_stands_in_the_policy():
    (excerpt,) = re.findall(r"```pol\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    policy = [line.strip() for line in POLICY.read_text().splitlines()]
    lines = [line.strip() for line in excerpt.splitlines() if line.strip() not in ("", "...")]
    assert [line for line in lines if line not in policy] == []


def test_the_picture_of_the_readme_is_what_the_command_prints():
    made = subprocess.run([sys.executable, "docs/picture.py"], cwd=ROOT, capture_output=True, check=True)
    assert made.stdout.decode() == (ROOT / "docs" / "decision.svg").read_text(encoding="utf-8")


def test_the_decision_of_the_readme_is_what_the_command_prints():
    readme = (ROOT / "README.md").read_text()
    (shown,) = re.findall(r"```\n(the-old-code-a-day-late: .*?)```", readme, re.DOTALL)
    command = [
        sys.executable,
        "-c",
        "import policyc.cli; policyc.cli.main()",
        "eval",
        str(POLICY),
        "examples/claims.json",
        "--format",
        "table",
    ]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert shown in printed


def test_the_commands_of_the_readme_are_the_commands():
    told = set(re.findall(r"^\| `policyc (\w+)", (ROOT / "README.md").read_text(), re.MULTILINE))
    helped = subprocess.run(
        [sys.executable, "-c", "import policyc.cli; policyc.cli.main()", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told == set(re.findall(r"^  (\w+)  ", helped.split("Commands:")[1], re.MULTILINE))


def test_the_example_claims_decide():
    claims = json.loads((ROOT / "examples" / "claims.json").read_text())
    assert len({claim["claim_id"] for claim in claims}) == len(claims) > 0
