"""Words: what was changed in a policy, and which changes its golden files do not notice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from attrs import fields_dict

from compiler.mutate.mutants import Mutant
from dsl import syntax as s
from dsl.syntax.walk import inside
from policyc.golden.mutate import Score, Survivor
from policyc.words.render import counted, printable

Document = dict[str, Any]

_LONGEST = 70
_TURNED = {
    "open": ("open", "closed"),
    "before": ("before", "after"),
    "latest": ("latest", "earliest"),
    "fall": ("fall", "rise"),
    "otherwise": ("otherwise", "if"),
    "integer": ("integer", "number"),
    "low_open": ("its lower end left out", "its lower end included"),
    "high_open": ("its upper end left out", "its upper end included"),
}


def change(mutant: Mutant) -> str:
    """What was changed, in the author's words."""
    old, new = mutant.old, mutant.new
    text = f"`{_short(old.span.text)}`"
    if new is None:
        return f"{text} is left out"
    match old, new:
        case (s.Criterion(), _) | (s.Not(), _) | (_, s.Not()):
            return f"{text} is negated"
        case s.Evidenced(by=by), _:
            return f"`evidenced by {_short(by.span.text)}` is left out"
        case s.And() | s.Or(), _:
            before, after = ("and", "or") if isinstance(old, s.And) else ("or", "and")
            return f"`{before}` becomes `{after}` in {text}"
        case s.Overrides(), s.Overrides():
            return f"{text} becomes `{new.winner.text} overrides {new.loser.text}`"
        case s.Set(), s.Set(items=(*_, s.Path() as added)):
            return f"`{added.text}` is added to {text}"
        case (s.Scale(), s.Scale()) | (s.DecisionTable() | s.Parameter(), s.DecisionTable() | s.Parameter()):
            ends = zip(inside(old, s.Literal), inside(new, s.Literal), strict=True)
            before, after = next((one.text, other.text) for one, other in ends if one != other)
            return f"the border at `{before}` moves to `{after}`"
        case s.Path() | s.Name(), s.Path() | s.Name():
            return f"{text} becomes `{new.text}`"
        case _:
            before, after = _differing(old, new)
            within = "" if f"`{before}`" == text else f" in {text}"
            return f"`{before}` becomes `{after}`{within}"


def change_in_line(mutant: Mutant) -> str:
    """What was changed, with the line of the text in which it stands."""
    number, _ = mutant.span.source.position(mutant.span.start)
    return f"{change(mutant)}, on the line `{_short(mutant.span.source.line_text(number))}`"


def _differing(old: s.Node, new: s.Node) -> tuple[str, str]:
    """The first word of a node that is another one."""
    for name in fields_dict(type(old)):
        before, after = getattr(old, name), getattr(new, name)
        if name != "span" and before != after:
            if isinstance(before, bool):
                words = _TURNED[name]
                return words if before else (words[1], words[0])
            if isinstance(before, s.Node):
                return before.span.text, after.text
            return str(before), str(after)
    raise AssertionError("a mutant without a change")


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return printable(flat, _LONGEST)


def document(score: Score, package: str) -> Document:
    """The score for programs."""
    return {
        "policy": package,
        "mutants": score.counted,
        "noticed": {"reviewed": score.reviewed, "unreviewed": score.unreviewed},
        "alike": score.alike,
        "refused": score.refused,
        "untried": score.untried,
        "survivors": [_survivor(survivor) for survivor in score.survivors],
    }


def _survivor(survivor: Survivor) -> Document:
    source = survivor.mutant.span.source
    line, column = source.position(survivor.mutant.span.start)
    told = survivor.apart
    return {
        "file": source.name,
        "line": line,
        "column": column,
        "change": change(survivor.mutant),
        "claim": told.claim,
        "known_on": None if told.known_on is None else str(told.known_on),
    }


def text(score: Score, package: str) -> Iterator[str]:
    """The score for people: with and without what nobody has reviewed, then each survivor."""
    noticed = score.reviewed + score.unreviewed
    yield f"{package}: golden files notice {_of(noticed, score.counted)}"
    if score.unreviewed:
        yield f"those that are reviewed notice {_of(score.reviewed, score.counted)}"
    yield (
        f"not counted: {score.alike or 'none'} that are proved to decide alike, "
        f"{score.refused or 'none'} that the compiler refuses"
    )
    if score.untried:
        yield f"stopped: {counted(score.untried, 'change')} not tried"
    for survivor in score.survivors:
        yield ""
        yield f"{survivor.mutant.span}: {change(survivor.mutant)}"
        if survivor.apart.claim is None:
            yield "    no claim was found that tells it from the policy, and none is proved not to"
            continue
        known_on = survivor.apart.known_on
        known = "" if known_on is None else f", as known on {known_on},"
        yield printable(
            f"    would be noticed by{known} {json.dumps(survivor.apart.claim, ensure_ascii=False)}"
        )


def _of(number: int, whole: int) -> str:
    share = f" ({100 * number / whole:.1f} %)" if whole else ""
    return f"{number or 'none'} of {counted(whole, 'mutant')}{share}"
