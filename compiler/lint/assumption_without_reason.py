"""An assumption says why, in words that its name does not say already."""

from __future__ import annotations

import re

from compiler import errors
from dsl import syntax as s
from dsl.diagnostics import Report
from dsl.syntax.walk import inside

_SAY_NOTHING = frozenset(
    re.findall(
        r"\w+",
        "a an and are as assume assumed assumes assumption be by do for in is it none of or see so tbd that "
        "the this to todo unknown was xxx",
    )
)


def assumption_without_reason(file: s.File, report: Report) -> None:
    """Every assumption of a file has a reason."""
    for assume in inside(file.items, s.Assume):
        name = assume.name.text
        said = set(re.findall(r"\w+", assume.reason.value.lower()))
        if not said - set(name.split("_")) - _SAY_NOTHING:
            report.add(errors.assumption_without_reason(name, assume.reason.span))
