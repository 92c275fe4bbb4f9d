"""Ink: decisions as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from textwrap import wrap
from typing import Any, NamedTuple

from compiler.runtime.line_facts import ASSUMPTION
from compiler.runtime.scalars import UNDECLARED

_WIDTH = 100
_LONGEST_PASSAGE = 400
_LONGEST_NAME = 50
_MOST_VALUES = 6
_MOST_RECORDS = 3
_INDENT = " " * 8
_JUDGED = "a person's judgement"


def printable(text: str, longest: int | None = None) -> str:
    """A text on one line, with nothing in it that a terminal would obey."""
    cut = text if longest is None or len(text) <= longest else text[: longest - 1] + "…"
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in cut)


def counted(number: int, noun: str) -> str:
    """`no errors`, `1 policy`, `2 notes`, `3 ways`."""
    plural = noun[:-1] + "ies" if noun.endswith("y") and noun[-2] not in "aeiou" else noun + "s"
    return f"{number or 'no'} {noun if number == 1 else plural}"


HEADER = "  line  code   date        revision    determination                 sections"


class Marks(NamedTuple):
    """Marks for what holds, does not hold, and is unknown."""

    holds: str
    fails: str
    unknown: str

    @classmethod
    def of(cls, encoding: str) -> Marks:
        """Those that an encoding has: two that became the same `?` would lie."""
        try:
            "✓✗".encode(encoding)
        except UnicodeEncodeError:
            return cls("+", "-", "?")
        return cls("✓", "✗", "?")

    def mark(self, node: dict[str, Any]) -> str:
        """The mark of a criterion."""
        return {True: self.holds, False: self.fails, None: self.unknown}[node["holds"]]


def table(result: dict[str, Any], marks: Marks) -> str:
    """The decision of a claim, a row a line with what is to be said of it beneath; or why there is none."""
    claim = printable(result["claim_id"] or "a claim without an id")
    if "error" in result:
        error = result["error"]
        at = f" (at {printable(error['at'])})" if error["at"] else ""
        return f"{claim}: not read: {printable(error['message'])}{at} [{error['code']}]"
    known = f", as known on {result['known_on']}" if result["known_on"] else ""
    if "unmade_assumptions" in result:
        known += f", without assuming {', '.join(result['unmade_assumptions'])}"
    rows = [f"{claim}: {result['policy'] or 'no policy concerns this claim'}{known}"]
    for line in result["lines"]:
        rows.append(
            f"{line['line']:>6}  {printable(line['procedure']):<5}  {line['service_date']}  "
            f"{line['revision'] or '-':<10}  {line['determination']:<28}  {', '.join(line['rules'])}".rstrip()
        )
        rows += [row for remark in remarks(line) for row in _wrapped(remark)]
        if "reason" in line:
            rows += wrap(printable(line["reason"]), _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)
        rows += [_INDENT + row for row in trees(line, marks, result)]
    return "\n".join(rows)


def _wrapped(remark: str) -> list[str]:
    """A remark on lines that a terminal holds."""
    inside = _INDENT + " " * (len(remark) - len(remark.lstrip()))
    return wrap(remark.lstrip(), _WIDTH, initial_indent=inside, subsequent_indent=inside + "    ")


def remarks(line: dict[str, Any]) -> Iterator[str]:
    """What is to be said of a decided line, beside its determination."""
    if line["missing"]:
        yield "would be settled by " + _ways(line["missing"], line.get("missing_complete", True))
    for determination, sets in line.get("missing_for", {}).items():
        yield f"  as {determination} by {_ways(sets, line.get('missing_for_complete', True))}"
    if "ask_first" in line:
        others = [fact for fact in line.get("relevant", ()) if fact != line["ask_first"]]
        more = f" and {len(others) - _MOST_VALUES} more" if len(others) > _MOST_VALUES else ""
        also = f"; {', '.join(others[:_MOST_VALUES])}{more} can matter, too" if others else ""
        yield f"ask first for {line['ask_first']}{also}"
    if not line.get("exact", True):
        yield "what is unknown could not be told apart exactly: more may be asked than is needed"
    if line.get("unsure"):
        yield f"which of the sections {', '.join(line['unsure'])} holds as well is open"
    yield from _counterfactual(line)
    for review in line.get("review", ()):
        addressee = f"put to {review['addressee']}" if "addressee" in review else "for a person"
        yield printable(f"{addressee}: {review['question']}")
    for edit in line["edits"]:
        yield printable(_edit(edit))
    if "without_assumption" in line:
        yield from _assumed(line)
    elif line["assumptions"]:
        yield f"assumes {', '.join(line['assumptions'])}"
    if line["subject_to"]:
        yield f"subject to {', '.join(line['subject_to'])}"
    if line["reason_codes"]:
        reasons = line["reason_codes"]
        yield ", ".join([f"CARC {reasons['carc']}", *(f"RARC {code}" for code in reasons["rarc"])])


def _assumed(line: dict[str, Any]) -> Iterator[str]:
    """What is assumed, and what would be decided without it."""
    alike: dict[str, list[str]] = {}
    for name in line["assumptions"]:
        alike.setdefault(_without(name, line["without_assumption"][name], line), []).append(name)
    for told, names in alike.items():
        yield f"assumes {', '.join(names)}; without {'it' if len(names) == 1 else 'one of them'} {told}"


def _without(name: str, told: dict[str, Any], line: dict[str, Any]) -> str:
    """What would be decided without an assumption."""
    if told["determination"] != line["determination"]:
        sets = [
            [_JUDGED if fact == ASSUMPTION + name else fact for fact in s] for s in told.get("missing", ())
        ]
        return str(told["determination"]) + (f" (settled by {_ways(sets, True)})" if sets else "")
    if "missing" in told:
        return "other facts would be asked for"
    if "edits" in told:
        return "other edits"
    return "other sections" if "rules" in told or "unsure" in told else "the same"


def _counterfactual(line: dict[str, Any]) -> Iterator[str]:
    """What would be decided otherwise."""
    for nearest in line.get("counterfactual", ()):
        changes = " and ".join(map(_change, nearest["changes"]))
        yield printable(f"would be {nearest['determination']} with {changes}")
    if line.get("counterfactual") == []:
        yield "no change of up to three facts would be decided otherwise"
    if "counterfactual_complete" in line:
        yield "not every change was looked at: there may be a smaller one, or another determination"


def _change(change: dict[str, Any]) -> str:
    fact, old, new = change["fact"], change["from"], change["to"]
    if fact.endswith("]") and new is None:
        return f"{fact} left out"
    to = "another value" if new == UNDECLARED else _value(new)
    if fact.endswith("]") and old is None:
        return f"{fact} {to} added"
    return f"{fact} {to}" + ("" if old is None else f" instead of {_value(old)}")


def _ways(sets: list[list[str]], complete: bool) -> str:
    return ", or ".join(" with ".join(facts) for facts in sets) + ("" if complete else ", or more")


def _edit(edit: dict[str, Any]) -> str:
    match edit["kind"]:
        case "code_not_valid":
            return "the code is not valid on this day: " + _validity(edit)
        case "not_listed":
            return "in scope, though the open code list does not name the code"
        case "add_on_without_primary":
            return f"an add-on, and no {' or '.join(edit['needs'])} stands beside it that day"
        case "quantity":
            return f"quantity {edit['value']} {edit['unit']}"
        case "contradicts_code":
            said = f"{edit['fact']} is stated as {edit['stated']}, the code says {edit['code_says']}"
            return f"{said}: what is stated counts"
        case "unrecognized_value":
            near = f"; did you mean {' or '.join(edit['near'])}?" if edit["near"] else ""
            return f'{edit["fact"]} "{edit["stated"]}" is no value it knows: taken as unknown{near}'
        case "units_over_limit":
            allowed = f"the limit of {edit['limit']} allows {edit['allowed']} of the units"
            return f"{allowed}, {edit['over']} above it: {edit['determination']}"
        case "unknown_section":
            return f"the contract speaks of section {edit['section']}, which this policy never has"
        case "diagnosis_not_valid":
            return f"the diagnosis {edit['code']} is not valid on this day: {_validity(edit)}"
        case "diagnosis_not_specific":
            parts = f"the code list divides it further, as into {_some(edit['divided_into'])}"
            return f"the diagnosis {edit['code']} is not specific enough: {parts}"
        case kind:
            return str(kind).replace("_", " ")


def _validity(edit: dict[str, Any]) -> str:
    said = validity(
        date.fromisoformat(edit["valid_from"]) if "valid_from" in edit else None,
        date.fromisoformat(edit["valid_until"]) if "valid_until" in edit else None,
    )
    factors = edit.get("unit_factor", {})
    become = edit.get("units_become", {})
    said += successors(
        [(code, None if become else factors.get(code)) for code in edit.get("replaced_by", ())]
    )
    if not become:
        return said
    converted = " or ".join(f"{units} of {code}" for code, units in become.items())
    return f"{said}; {counted_as(edit['units'])} would be {converted}"


def counted_as(units: str) -> str:
    """`1 unit`, `30 units`."""
    return f"{units} unit" if units == "1" else f"{units} units"


def _some(names: Sequence[str]) -> str:
    more = [f"{len(names) - _MOST_VALUES} more"] if len(names) > _MOST_VALUES else []
    return ", ".join([*names[:_MOST_VALUES], *more])


def validity(start: date | None, end: date | None) -> str:
    """When a code is valid; people are told the last day, not the first behind it."""
    if end is None:
        return f"valid from {start} on" if start else "always valid"
    last = end - timedelta(days=1)
    return f"valid from {start} through {last}" if start else f"valid through {last}"


def successors(codes: Sequence[tuple[str, str | None]]) -> str:
    """What a code is replaced by, and how many units one of its units becomes."""
    said = [code + (f" (1 unit becomes {factor})" if factor else "") for code, factor in codes]
    return f", then {' or '.join(said)}" if said else ""


# ---- explanations -----------------------------------------------------------------------------------


def trees(line: dict[str, Any], marks: Marks, result: dict[str, Any]) -> Iterator[str]:
    """Why a line is decided as it is: the sections that answer, and of each other one what blocks it.

    A section that speaks leaves out what of it does not.
    """
    answering = {*line["rules"], *line.get("unsure", ())}
    explained = line.get("explanation", ())
    speaking = {_section(tree) for tree in explained if tree["holds"]}
    seen: set[str] = set()
    for tree in sorted(explained, key=lambda tree: _section(tree) not in answering):
        section = _section(tree)
        if tree["holds"] is False and section in speaking:
            continue
        gives_way = tree["holds"] and answering and section not in answering
        yield from explanation(tree, marks, seen, " (another section comes first)" if gives_way else "")
        yield from _quoted(tree, result)


def _section(tree: dict[str, Any]) -> str:
    return str(tree["criterion"]).partition(": ")[0]


def explanation(
    node: dict[str, Any],
    marks: Marks,
    seen: set[str],
    remark: str = "",
    above: dict[str, Any] | None = None,
    depth: int = 0,
) -> Iterator[str]:
    """A tree of criteria, indented; those that do not agree with the whole are folded to a line.

    A citation and a revision are said where they are not those of the criterion above. A criterion without a
    label stands for what is in it; one that asks a single thing is told in a line. What was told already, as
    `seen` knows, is not told again.
    """
    from_ = [cite for cite in node["cites"] if above is None or cite not in above["cites"]]
    if node["revision"] and (above is None or node["revision"] != above["revision"]):
        from_.append(f"revision {node['revision']}")
    agreeing, folded = _parts(node)
    facts = node["because"]
    if not folded and len(agreeing) == 1 and not (facts or agreeing[0]["children"] or _is_label(agreeing[0])):
        facts, agreeing = agreeing[0]["because"], []
    if depth and len(agreeing) > 1 and str(agreeing) in seen:
        agreeing, folded, remark = [], [], " (as above)"
    seen.add(str(agreeing))
    said = "; ".join(because(fact) for fact in facts)
    name = printable(node["criterion"], _WIDTH)
    row = (
        said
        if [node["criterion"]] == [fact["fact"] for fact in facts]
        else f"{name}: {said}"
        if said
        else name
    )
    row = f"{marks.mark(node)} {row}{remark}" + (f"  [{', '.join(from_)}]" if from_ else "")
    indent = "  " * depth
    yield from wrap(row, _WIDTH, initial_indent=indent, subsequent_indent=indent + "    ")
    inner = {**node, "cites": node["cites"] or (above or node)["cites"]}
    for child in agreeing:
        yield from explanation(child, marks, seen, "", inner, depth + 1)
    if folded:
        names = (f"{marks.mark(child)} {printable(child['criterion'], _LONGEST_NAME)}" for child in folded)
        inside = indent + "  "
        told = f"beside: {', '.join(names)}"
        yield from wrap(told, _WIDTH, initial_indent=inside, subsequent_indent=inside + "    ")


def _parts(node: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The criteria inside one that agree with it, or all where none does; and the others."""
    children = [part for child in node["children"] for part in _within(child)]
    agreeing = [child for child in children if child["holds"] is node["holds"]]
    return (agreeing, [child for child in children if child not in agreeing]) if agreeing else (children, [])


def _within(node: dict[str, Any]) -> list[dict[str, Any]]:
    """A criterion; of one without a label, what in it agrees with it."""
    agreeing = [child for child in node["children"] if child["holds"] is node["holds"]]
    if _is_label(node) or node["because"] or not agreeing:
        return [node]
    return [part for child in agreeing for part in _within(child)]


def _is_label(node: dict[str, Any]) -> bool:
    return str(node["criterion"]).isidentifier()


def _quoted(tree: dict[str, Any], result: dict[str, Any]) -> Iterator[str]:
    """The passages behind a tree of criteria, cut to a sensible length."""
    for place in dict.fromkeys(cited_in(tree)):
        if place in result.get("passages", ()):
            said = f'{printable(place)}: "{printable(result["passages"][place], _LONGEST_PASSAGE)}"'
            yield from wrap(said, _WIDTH, initial_indent="  ", subsequent_indent="    ")
        elif place in result.get("stale_passages", ()):
            yield f"  {printable(place)}: not shown: its words are not those that were indexed"


def cited_in(node: dict[str, Any]) -> Iterator[str]:
    """The places that a tree of criteria cites."""
    yield from node["cites"]
    for child in node["children"]:
        yield from cited_in(child)


_ORIGINS = {
    "stated": "stated",
    "given": "given by the policy",
    "evidence": "taken from the other lines of the day",
}


def because(fact: dict[str, Any]) -> str:
    """A fact with its value and where that comes from."""
    value = fact["value"]
    if fact["fact"].startswith(ASSUMPTION):
        return f"{fact['fact'].removeprefix(ASSUMPTION)} is not assumed"
    if fact["origin"] == "unknown":
        said = f'"{printable(value)}", no value it knows' if isinstance(value, str) else "not stated"
        return f"{fact['fact']} is {said}"
    by = _ORIGINS.get(fact["origin"], fact["origin"])
    if "assumption" in fact:
        by = f"{'assumed' if fact['origin'] == 'given' else by}: {fact['assumption']}"
    return f"{fact['fact']} is {_value(value)} ({by})"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} {_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        shown = [f"[{at}] {_value(item)}" for at, item in enumerate(value[:_MOST_RECORDS])]
        more = [f"and {len(value) - _MOST_RECORDS} more"] if len(value) > _MOST_RECORDS else []
        return " ".join(shown + more)
    if isinstance(value, list):
        shown = [printable(str(item)) if item is not None else "unknown" for item in value[:_MOST_VALUES]]
        more = [f"{len(value) - _MOST_VALUES} more"] if len(value) > _MOST_VALUES else []
        return ", ".join(shown + more) or "empty"
    return "yes" if value is True else "no" if value is False else printable(str(value))
