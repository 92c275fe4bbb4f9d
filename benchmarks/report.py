"""What the benchmarks have in common: interleaved rounds, medians and quartiles, and how results are kept.

    python benchmarks/report.py

writes the tables and the plot of `docs/performance.md` anew, from the results of the last runs: a benchmark
that has none in `benchmarks/results/` has no table there.
"""

from __future__ import annotations

import json
import os
import platform
import random
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "performance.md"
PLOT = ROOT / "docs" / "performance.svg"
BEGIN, END = "<!-- benchmarks/report.py writes from here -->", "<!-- to here -->"
PACKAGES = ("policyc", "typer", "pyarrow", "numpy", "duckdb", "pyspark")

Row = dict[str, Any]


def interleaved(ways: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """What each way measures, round by round, so that what else the machine does falls on all; each round in
    another order, so that what one way leaves behind falls on all.
    """
    found: dict[str, list[float]] = {name: [] for name in ways}
    draw, order = random.Random(1), [*ways]
    for _ in range(rounds):
        draw.shuffle(order)
        for name in order:
            found[name].append(ways[name]())
    return found


def compared(found: dict[str, list[float]], base: str, unit: str) -> list[Row]:
    """A row a way: the median of its measures and, against the base, the quartiles of the ratios taken
    inside each round.
    """
    rows = []
    for name, values in found.items():
        ratios = [value / beside for value, beside in zip(values, found[base], strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
        rows.append(
            {
                "what": name,
                "median": statistics.median(values),
                "unit": unit,
                "ratio": middle,
                "quartiles": [low, high],
            }
        )
    return rows


def finished(
    name: str, title: str, about: str, tables: dict[str, list[Row]], versions: Mapping[str, str] | None = None
) -> None:
    """Print the tables of a benchmark, and keep them as JSON; `about` says what was measured, `versions` with
    what beside the packages that are always named.
    """
    result = {"title": title, "about": about, "machine": machine() | (versions or {}), "tables": tables}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    print(markdown(result))


def machine() -> dict[str, str]:
    """Where it was measured, and with what."""
    model = ""
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "")
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": model or platform.processor(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        **installed(PACKAGES),
    }


def installed(packages: Iterable[str]) -> dict[str, str]:
    """The versions of those packages that are installed."""
    versions = {}
    for package in packages:
        with suppress(metadata.PackageNotFoundError):
            versions[package] = metadata.version(package)
    return versions


def markdown(result: dict[str, Any]) -> str:
    """The tables of a benchmark as people read them."""
    parts = [f"## {result['title']}", result["about"]]
    for caption, rows in result["tables"].items():
        parts.append(f"**{caption}**")
        parts.append("\n".join(_table(rows)))
    return "\n\n".join(parts)


def _table(rows: Sequence[Row]) -> list[str]:
    columns = [key for key in rows[0] if key not in ("unit", "quartiles")]
    spread = "quartiles" in rows[0]
    heads = [*columns, *(["quartiles of the ratio"] if spread else [])]
    lines = [f"| {' | '.join(heads)} |", f"| --- |{' ---: |' * (len(heads) - 1)}"]
    for row in rows:
        cells = [_cell(key, row[key], row.get("unit", "")) for key in columns]
        if spread:
            low, high = row["quartiles"]
            cells.append(f"{low:.2f} to {high:.2f}")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _cell(key: str, value: Any, unit: str) -> str:
    if not isinstance(value, float):
        return str(value)
    digits = 2 if key.startswith("ratio") or value < 10 else 1
    return f"{value:,.{digits}f}" + (f" {unit}" if key == "median" else "")


# ---- the page -------------------------------------------------------------------------------------------

_WIDTH, _BAR, _GAP, _LEFT, _RIGHT = 860, 16, 5, 290, 150
_OURS, _THEIRS = "#2f6f9f", "#b8bfc6"


def plot(results: Sequence[dict[str, Any]]) -> str:
    """All ratios as bars: how long policyc takes, where that beside which it was measured takes 1."""
    bars: list[tuple[str, list[Row]]] = []
    for result in results:
        for caption, rows in result["tables"].items():
            with_ratio = [row for row in rows if "ratio" in row]
            if with_ratio:
                bars.append((f"{result['title']}: {caption}", with_ratio))
    most = max(row["quartiles"][1] for _, rows in bars for row in rows)
    scale = (_WIDTH - _LEFT - _RIGHT) / max(2.0, min(most, 4.0))
    drawn, y = [], 30
    for caption, rows in bars:
        drawn.append(f'<text x="10" y="{y}" class="head">{_escaped(caption)}</text>')
        y += 10
        for row in rows:
            drawn += _drawn(row, y, scale)
            y += _BAR + _GAP
        y += 26
    line = _LEFT + scale
    style = (
        "text{font:12px sans-serif;fill:#222;paint-order:stroke;stroke:#fff;stroke-width:3px}"
        ".head{font-weight:bold}.end{text-anchor:end}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{y}" viewBox="0 0 {_WIDTH} {y}" '
        f'role="img"><title>Times as ratios</title><style>{style}</style>'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(drawn)}'
        f'<path d="M{line:.1f} 18V{y - 30}" stroke="#a33" stroke-dasharray="3 3"/>'
        f'<text x="{line + 4:.1f}" y="14">1</text></svg>\n'
    )


def _drawn(row: Row, y: int, scale: float) -> list[str]:
    room = _WIDTH - _LEFT - _RIGHT
    low, high = (min(end * scale, room) for end in row["quartiles"])
    length = min(row["ratio"] * scale, room)
    middle = y + _BAR / 2
    colour = _OURS if row["what"].startswith("policyc") else _THEIRS
    told = f"{row['ratio']:.2f}  ({_cell('median', row['median'], row['unit'])})"
    return [
        f'<text x="{_LEFT - 8}" y="{y + 12}" class="end">{_escaped(row["what"])}</text>',
        f'<rect x="{_LEFT}" y="{y}" width="{length:.1f}" height="{_BAR}" fill="{colour}"/>',
        f'<path d="M{_LEFT + low:.1f} {middle}H{_LEFT + high:.1f}" stroke="#222"/>',
        f'<text x="{_LEFT + max(length, high) + 6:.1f}" y="{y + 12}">{_escaped(told)}</text>',
    ]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def shared(machines: Sequence[Mapping[str, str]]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """What all machines, as far as they tell it, have in common, and what each has of its own."""
    told: dict[str, set[str]] = {}
    for machine in machines:
        for key, value in machine.items():
            told.setdefault(key, set()).add(value)
    everywhere = {key: value for key, (value, *more) in told.items() if not more}
    own = [{key: each[key] for key in each if key not in everywhere} for each in machines]
    return everywhere, own


def _told(machine: Mapping[str, str]) -> str:
    return "; ".join(f"{key} {value}" for key, value in machine.items())


def main() -> None:
    """Write the page's tables and the plot from the results that are there."""
    order = ("single", "peers", "many", "many_lines", "startup", "bulk", "memory", "spark")
    found = {path.stem: json.loads(path.read_text()) for path in RESULTS.glob("*.json")}
    results = [found[name] for name in (*order, *sorted(found.keys() - set(order))) if name in found]
    if not results:
        sys.exit("no results: run a benchmark first")
    everywhere, others = shared([result["machine"] for result in results])
    parts = [f"Measured on: {_told(everywhere)}."]
    for result, other in zip(results, others, strict=True):
        result["about"] += f" Measured on: {_told(other)}." if other else ""
        parts.append(markdown(result))
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    tail = rest.partition(END)[2]
    PAGE.write_text(f"{head}{BEGIN}\n\n" + "\n\n".join(parts) + f"\n\n{END}{tail}", encoding="utf-8")
    PLOT.write_text(plot(results), encoding="utf-8")


if __name__ == "__main__":
    main()
