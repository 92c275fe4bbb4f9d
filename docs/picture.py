"""The picture of a decision in README: what `policyc eval` prints, as an SVG of a terminal.

python docs/picture.py > docs/decision.svg
"""

from __future__ import annotations

import re
import subprocess
import sys
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ARGUMENTS = (
    *("eval", "policies/cms/ncd_210_14.pol", "examples/scan.json"),
    *("--explain", "--counterfactual"),
)
WIDE, HIGH, AROUND = 7.8, 18, 16
"""A letter and a line, and the margin, in pixels."""

COLOURS = {
    "✓": "#57ab5a",
    "✗": "#f47067",
    "?": "#daaa3f",
}
PLAIN, FAINT, STRONG, GROUND = "#adbac7", "#768390", "#ffffff", "#22272e"
MARKED = re.compile(r"( *)([✓✗?])( .*?)(  \[.*)?$")


def printed() -> str:
    """What the command prints on a terminal."""
    command = [
        sys.executable,
        "-c",
        "import policyc.cli; policyc.cli.main()",
        *ARGUMENTS,
        "--format",
        "table",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def picture(text: str) -> str:
    """Text as an SVG: marks in their colours, the determination in bold, citations faint."""
    rows = [f"$ policyc {' '.join(ARGUMENTS)}", *text.rstrip("\n").split("\n")]
    wide = round(max(map(len, rows)) * WIDE + 2 * AROUND)
    high = len(rows) * HIGH + 2 * AROUND
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}"',
        ' font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13">',
        f'<rect width="100%" height="100%" rx="8" fill="{GROUND}"/>',
    ]
    for number, row in enumerate(rows):
        at, base = 0, AROUND + (number + 0.75) * HIGH
        for part, style in _parts(row, number):
            if part.strip():
                x = AROUND + at * WIDE
                long = len(part) * WIDE
                drawn.append(
                    f'<text x="{x:.1f}" y="{base:.1f}" textLength="{long:.1f}" xml:space="preserve" {style}>'
                    f"{escape(part)}</text>"
                )
            at += len(part)
    return "\n".join([*drawn, "</svg>", ""])


def _parts(row: str, number: int) -> list[tuple[str, str]]:
    """The parts of a row, each with its colour."""
    strong, plain, faint = (f'fill="{colour}"' for colour in (STRONG, PLAIN, FAINT))
    if number == 0:
        return [(row, strong)]
    if number == 1:
        return [(row, faint)]
    marked = MARKED.match(row)
    if marked is not None:
        indent, mark, said, cited = marked.groups()
        return [(indent, plain), (mark, f'fill="{COLOURS[mark]}"'), (said, plain), (cited or "", faint)]
    if re.match(r" +[0-9]+  ", row) or not row.startswith(" "):
        return [(row, f'{strong} font-weight="bold"')]
    return [(row, faint if row.lstrip().startswith("beside:") else plain)]


if __name__ == "__main__":
    sys.stdout.buffer.write(picture(printed()).encode("utf-8"))
