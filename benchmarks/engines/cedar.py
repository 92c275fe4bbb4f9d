"""Cedar, by cedarpy: a section is a policy of its own, and the policies that hold are told as reasons."""

from importlib import import_module
from typing import Any

from engines import (
    BEGUN,
    CHANGE,
    DIVIDED,
    DRUGS,
    PAIN,
    PAIN_DIVIDED,
    PAIN_EXACTLY,
    PSYCHIATRIC,
    Engine,
    Facts,
    beginnings,
    quoted,
)

INFUSION = (
    f'[{quoted(DRUGS)}].contains(context.drug) && context.route == "intravenous" && '
    'context.purpose == "treatment"'
)
PAINFUL = (
    f"context.begin.containsAny([{quoted(PAIN)}]) || context.diagnoses.containsAny([{quoted(PAIN_EXACTLY)}])"
    f" || (context.day >= {DIVIDED} && context.begin.containsAny([{quoted(PAIN_DIVIDED)}]))"
)
POLICIES = f"""
forbid (principal, action, resource) when {{ context.day < {BEGUN} }};
forbid (principal, action, resource) when {{
    context.day >= {BEGUN} && ((context.code == "J2001" && context.day >= {CHANGE}) ||
        (["J2002", "J2003"].contains(context.code) && context.day < {CHANGE})) }};
permit (principal, action, resource) when {{ {INFUSION} && ({PAINFUL}) }};
permit (principal, action, resource) when {{
    {INFUSION} && context.begin.containsAny([{quoted(PSYCHIATRIC)}]) }};
"""
WHO = {
    "principal": {"type": "Plan", "id": "plan"},
    "action": {"type": "Action", "id": "decide"},
    "resource": {"type": "Line", "id": "line"},
}
TOLD = {"policy0": "not_in_force", "policy1": "code_not_valid", "policy2": "A", "policy3": "B"}


def engine() -> Engine:
    cedar = import_module("cedarpy")
    policies, entities = cedar.PolicySet.from_str(POLICIES), cedar.Entities.from_json_str("[]")

    def ask(line: Facts) -> str:
        return _told(cedar.is_authorized(_request(line), policies, entities))

    def ask_all(lines: list[Facts]) -> list[str]:
        return [*map(_told, cedar.is_authorized_batch([*map(_request, lines)], policies, entities))]

    return Engine(ask, ask_all)


def _request(line: Facts) -> dict[str, Any]:
    return {**WHO, "context": {**line, "begin": beginnings(line["diagnoses"])}}


def _told(result: Any) -> str:
    return "".join(TOLD[policy] for policy in sorted(result.diagnostics.reasons))
