"""Limits where it is open which sections allow a line: what each would leave of it is part of the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from compiler.runtime.atoms import AtLeast, Condition, Not, Open, facts_of
from compiler.runtime.edits import Edit
from compiler.runtime.limits import ALLOWED, Limited
from compiler.runtime.questions import Case, RuleRow, Truth

_SAID = ("allowed", "over", "determination")


def with_limits(case: Case, limits: Mapping[str, Limited]) -> Case:
    """A case whose determinations are told apart by what the limits of their sections leave of the line;
    `limits` are those of the sections that may allow it. Where that is open, either may be: which facts
    settle it is exact only where a limit asks for all its facts together, and no section limits otherwise.
    """
    asked = {_base(fact) for truth in case.truths if not isinstance(truth, bool) for fact in facts_of(truth)}
    speaking = [found for found in limits.values() if found.edits or found.missing.sets]
    apart = len({(_known(found), found.missing) for found in speaking}) > 1
    rules: list[RuleRow] = []
    truths: list[Truth] = []
    for row, truth in zip(case.rules, case.truths, strict=True):
        found = limits.get(row.section) if row.determination == ALLOWED else None
        if found is None or truth is False or not (found.edits or found.missing.sets):
            rules.append(row)
            truths.append(truth)
            continue
        left = _known(found)
        if not found.missing.sets:
            rules.append(row._replace(left=left))
            truths.append(truth)
            continue
        facts = tuple(dict.fromkeys(fact for one in found.missing.sets for fact in one))
        whole = found.missing.complete and len(found.missing.sets) == 1 and found.open == {*facts}
        free = whole and not apart and asked.isdisjoint(map(_base, facts))
        kept = Open(f"limits of {row.section}", facts, None, free)
        rules += [row._replace(left=left), row._replace(left=(*left, row.section))]
        truths += [_both(truth, kept), _both(truth, Not(kept))]
    return case._replace(rules=tuple(rules), truths=tuple(truths))


def _known(found: Limited) -> tuple[str, ...]:
    """What limits leave of a line if nothing else was billed."""
    return tuple(outcomes([*found.edits, *found.least]))


def outcomes(edits: Iterable[Edit]) -> list[str]:
    """What limits leave of a line, whichever sections they belong to."""
    return sorted({" ".join(edit[key] for key in _SAID) for edit in edits})


def distinct(limits: Iterable[Limited]) -> list[Edit]:
    """The edits of the limits of sections of which some speak, and all leave the same: each once."""
    found: list[Edit] = []
    for each in limits:
        known = outcomes(found)
        found += [edit for edit in each.edits if outcomes([edit])[0] not in known]
    return found


def _both(truth: Truth, kept: Condition) -> Condition:
    return kept if isinstance(truth, bool) else AtLeast(2, (truth, kept))


def _base(fact: str) -> str:
    return fact.partition("[")[0]
