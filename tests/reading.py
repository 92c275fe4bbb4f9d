"""Texts of the language as their trees, or as what is said of them."""

from dsl.diagnostics import Report
from dsl.parse import parse
from dsl.source import Source


def read(text):
    report = Report()
    tree = parse(Source("x.pol", f"package x\n{text}"), report)
    assert tree is not None, told(report)
    return tree.items


def told(report):
    return [
        f"{d.labels[0].span.text}: {d.message}; {d.labels[0].text}; {'; '.join(d.hints)}"
        for d in report.diagnostics
    ]


def complaint(text):
    report = Report()
    assert parse(Source("x.pol", f"package x\n{text}"), report) is None
    return "\n".join(told(report))
