"""ZEN, by its expressions."""

from importlib import import_module

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
    one_by_one,
    quoted,
)


def engine() -> Engine:
    return one_by_one(import_module("zen").compile_expression(expression()).evaluate)


def expression() -> str:
    """The policy as an expression."""
    divided = f"(day >= {DIVIDED} and ({_starts(PAIN_DIVIDED)}))"
    pain = f"some(diagnoses, {_starts(PAIN)} or {divided} or # in [{quoted(PAIN_EXACTLY)}])"
    return (
        f'day < {BEGUN} ? "not_in_force" : '
        f'((code == "J2001" and day >= {CHANGE}) or (code in ["J2002", "J2003"] and day < {CHANGE})) '
        '? "code_not_valid" : '
        f'(drug in [{quoted(DRUGS)}] and route == "intravenous" and purpose == "treatment") '
        f'? (({pain} ? "A" : "") + (some(diagnoses, {_starts(PSYCHIATRIC)}) ? "B" : "")) : ""'
    )


def _starts(prefixes: list[str]) -> str:
    return " or ".join(f'startsWith(#, "{prefix}")' for prefix in prefixes)
