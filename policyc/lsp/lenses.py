"""Code lenses: the golden files in which a rule holds, and a command that runs them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from attrs import Factory, define
from lsprotocol import types

from compiler.coverage.coverage import Coverage
from compiler.program import Program
from dsl import syntax as s
from dsl.source import Span
from dsl.syntax.walk import inside
from policyc.golden.exercised import exercising
from policyc.golden.goldens import Runner, collect
from policyc.lsp.desk import Analysis, Desk
from policyc.lsp.places import range_of
from policyc.words.render import counted

RUN = "policyc.runGoldens"

Rule = tuple[str, str, str]
"""A section, what it determines, and of a row of a decision table its line."""


@define
class Lenses:
    """What golden files show of policies: run anew where one of them changed."""

    _shown: dict[Path, tuple[Any, dict[Rule, list[Path]]]] = Factory(dict)

    def lenses(self, analysis: Analysis, desk: Desk) -> list[types.CodeLens]:
        """A lens for each rule, and one for the policy."""
        file, path = analysis.file, analysis.path
        if file is None or not any(isinstance(item, s.Policy) for item in file.items):
            return []
        shown = self._shown_of(analysis, desk)
        goldens = list(collect(path))
        title = next(item.title.span for item in file.items if isinstance(item, s.Policy))
        found = [_lens(title, path, goldens, desk)]
        for section in inside(file.items, s.Section):
            rows = [row.determination for table in section.body.tables for row in table.rows]
            rules = [(rule.determination, "") for rule in section.body.rules]
            for said, line in (*rules, *((row, _line(row.span)) for row in rows)):
                those = shown.get((section.name.text, said.text, line), [])
                found.append(_lens(said.span, path, those, desk))
        return found

    def _shown_of(self, analysis: Analysis, desk: Desk) -> dict[Rule, list[Path]]:
        """By rule, the golden files in which it holds; while the policy is being written, or has mistakes,
        as it was before: to run them takes longer than a keystroke.
        """
        known = self._shown.get(analysis.path)
        if analysis.program is None or (known is not None and not desk.is_saved(analysis.path)):
            return known[1] if known is not None else {}
        state = (
            analysis.program.digest,
            tuple((path, path.stat().st_mtime_ns) for path in collect(analysis.path)),
        )
        if known is None or known[0] != state:
            known = self._shown[analysis.path] = state, _shown(analysis.program, collect(analysis.path))
        return known[1]


def _shown(program: Program, goldens: Iterable[Path]) -> dict[Rule, list[Path]]:
    found: dict[Rule, list[Path]] = {}
    coverage = Coverage(program)
    rules = {item: t for item, t in coverage.seen.truths.items() if item.kind in ("rule", "row")}
    before = dict.fromkeys(rules, 0)
    for path in exercising(coverage, goldens):
        for item, truths in rules.items():
            if truths.true > before[item]:
                before[item] = truths.true
                section, _, determination = item.name.partition(": ")
                line = _line(item.span) if item.kind == "row" else ""
                those = found.setdefault((section, determination, line), [])
                those += [path] if path not in those[-1:] else []
    return found


def _line(span: Span) -> str:
    return span.source.line_text(span.source.position(span.start)[0]).strip()


def _lens(span: Span, policy: Path, goldens: list[Path], desk: Desk) -> types.CodeLens:
    if not goldens:
        return types.CodeLens(range_of(span, desk), types.Command("no golden file", ""))
    title = f"run {counted(len(goldens), 'golden file')}"
    return types.CodeLens(
        range_of(span, desk), types.Command(title, RUN, arguments=[list(map(str, goldens))])
    )


def run(goldens: Iterable[str]) -> dict[str, Any]:
    """Run golden files, with the policy as it was saved: how many pass, and what differs in the others."""
    runner = Runner()
    failures = {path: failure[0] for path in goldens if (failure := runner.failure(Path(path))) is not None}
    return {"passed": len(list(goldens)) - len(failures), "failures": failures}
