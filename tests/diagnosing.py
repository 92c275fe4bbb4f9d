"""Compiles texts that hold several files, and draws diagnostics plainly."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from compiler.binding.library import load
from compiler.lint.lint import lint
from compiler.pipeline import compile_library, compile_paths
from dsl.diagnostics import Diagnostic, Report
from policyc.golden.exercised import exercised

_FILE = re.compile(r"^# file: (\S+)\n", re.MULTILINE)
_PACKAGE = re.compile(r"^package ([a-z_0-9.]+)", re.MULTILINE)


def split(text: str) -> dict[str, str]:
    """The files of a text, by name: each begins with a line `# file: codes/hcpcs.pol`; a text without such
    a line is one file, at its package's place. Lines keep their numbers."""
    marks = list(_FILE.finditer(text))
    if not marks:
        package = _PACKAGE.search(text)
        return {(package[1].replace(".", "/") if package else "text") + ".pol": text}
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return {
        mark[1]: "\n" * text.count("\n", 0, mark.end()) + text[mark.end() : end]
        for mark, end in zip(marks, ends, strict=True)
    }


def diagnose(text: str) -> list[Diagnostic]:
    """What the compiler says of a text."""
    with tempfile.TemporaryDirectory() as folder:
        report = Report()
        compile_paths(_written(folder, text), [], report)
        return report.diagnostics


def lint_of(text: str, goldens: bool) -> list[Diagnostic]:
    """What the compiler and lint say of a text, which may hold golden files too."""
    with tempfile.TemporaryDirectory() as folder:
        report = Report()
        library = load([path for path in _written(folder, text) if path.suffix == ".pol"], [], report)
        programs = compile_library(library, report)
        shown = {}
        for program in programs if goldens else ():
            files = sorted(Path(folder).rglob("*.json"))
            shown[program.package] = exercised(program, files)[0] if files else None
        lint(library, programs, shown, report)
        return report.diagnostics


def _written(folder: str, text: str) -> list[Path]:
    paths = []
    for name, content in split(text).items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="")
        paths.append(path)
    return paths


def drawn(diagnostic: Diagnostic) -> str:
    """Code, severity, place, message, labels and hints, a line each; folders of the machine left out."""
    lines = [f"{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"]
    for number, label in enumerate(diagnostic.labels):
        line, column = label.span.source.position(label.span.start)
        place = f"{'at' if number == 0 else 'and'} {line}:{column}"
        said = " ".join(label.span.text.split())
        lines.append(f"  {place} `{said if len(said) <= 40 else said[:40] + '...'}` {label.text}".rstrip())
    lines += [f"  hint: {hint}" for hint in diagnostic.hints]
    return re.sub(r"/\S+/(?=\w+\.pol)", "", "\n".join(lines))
