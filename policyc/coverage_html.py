"""Ink: what golden files exercise of policies, as one HTML page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from compiler.coverage.coverage import Coverage
from policyc.coverage import Row, annotated, summary, titled
from policyc.render import counted

_STYLE = """
:root { color-scheme: light dark; }
body { font-family: system-ui, sans-serif; margin: 2rem; }
table { border-collapse: collapse; }
table.text { font-family: ui-monospace, monospace; font-size: 0.85rem; }
td, th { padding: 0 0.5rem; text-align: left; vertical-align: top; white-space: pre-wrap; }
td.count { text-align: right; opacity: 0.75; }
tr.seen td.line { background: light-dark(#e3f4e3, #16301a); }
tr.open td.line { background: light-dark(#fdf3d0, #3a3212); }
tr.gap td.line { background: light-dark(#fbdcdc, #451b1b); }
td.line div { font-style: italic; padding-left: 4rem; }
"""


def page(coverages: Iterable[tuple[Coverage, int]]) -> str:
    """The page: each policy with the number of golden files that exercise it."""
    found = list(coverages)
    title = escape(titled(coverage for coverage, _ in found))
    body = "".join(part for coverage, goldens in found for part in _policy(coverage, goldens))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n"
    )


def _policy(coverage: Coverage, goldens: int) -> Iterator[str]:
    yield f"<h2>{escape(coverage.program.package)}</h2>\n"
    yield f"<p>exercised by {counted(goldens, 'golden file')}</p>\n<table>\n"
    for name, said in summary(coverage):
        yield f"<tr><th>{escape(name)}</th><td>{escape(said)}</td></tr>\n"
    yield "</table>\n"
    for name, rows in annotated(coverage):
        yield f'<h3>{escape(name)}</h3>\n<table class="text">\n'
        yield "<tr><th></th><th>true</th><th>false</th><th>open</th><th></th></tr>\n"
        yield from map(_row, rows)
        yield "</table>\n"


def _row(row: Row) -> str:
    kind = {"!": "gap", "?": "open", " ": "seen" if row.seen else ""}[row.mark]
    counts = "".join(f'<td class="count">{count}</td>' for count in row.seen)
    counts += '<td class="count"></td>' * (3 - len(row.seen))
    said = "".join(f"<div>{escape(gap)}</div>" for gap in (*row.gaps, *row.never_open))
    return (
        f'<tr class="{kind}"><td class="count">{row.number}</td>{counts}'
        f'<td class="line">{escape(row.text)}{said}</td></tr>\n'
    )
