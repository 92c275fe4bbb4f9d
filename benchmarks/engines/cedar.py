"""Cedar, by cedarpy: a section is a policy of its own, and the policies that hold are told as reasons."""

from importlib import import_module
from typing import Any

from engines import Engine, Facts, beginnings, iv, quoted

INFUSION = (
    f'[{quoted(iv.DRUGS)}].contains(context.drug) && context.route == "intravenous" && '
    'context.purpose == "treatment"'
)
PAINFUL = (
    f"context.begin.containsAny([{quoted(iv.PAIN)}])"
    f" || context.diagnoses.containsAny([{quoted(iv.PAIN_EXACTLY)}])"
    f" || (context.day >= {iv.DIVIDED} && context.begin.containsAny([{quoted(iv.PAIN_DIVIDED)}]))"
)
POLICIES = f"""
forbid (principal, action, resource) when {{ context.day < {iv.BEGUN} }};
forbid (principal, action, resource) when {{
    context.day >= {iv.BEGUN} && ((context.code == "J2001" && context.day >= {iv.CHANGE}) ||
        (["J2002", "J2003"].contains(context.code) && context.day < {iv.CHANGE})) }};
permit (principal, action, resource) when {{ {INFUSION} && ({PAINFUL}) }};
permit (principal, action, resource) when {{
    {INFUSION} && context.begin.containsAny([{quoted(iv.PSYCHIATRIC)}]) }};
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
