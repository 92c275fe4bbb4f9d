"""ZEN, by its expressions."""

from importlib import import_module

from engines import Engine, iv, one_by_one, quoted


def engine() -> Engine:
    return one_by_one(import_module("zen").compile_expression(expression()).evaluate)


def expression() -> str:
    """The policy as an expression."""
    divided = f"(day >= {iv.DIVIDED} and ({_starts(iv.PAIN_DIVIDED)}))"
    pain = f"some(diagnoses, {_starts(iv.PAIN)} or {divided} or # in [{quoted(iv.PAIN_EXACTLY)}])"
    return (
        f'day < {iv.BEGUN} ? "not_in_force" : '
        f'((code == "J2001" and day >= {iv.CHANGE}) or (code in ["J2002", "J2003"] and day < {iv.CHANGE})) '
        '? "code_not_valid" : '
        f'(drug in [{quoted(iv.DRUGS)}] and route == "intravenous" and purpose == "treatment") '
        f'? (({pain} ? "A" : "") + (some(diagnoses, {_starts(iv.PSYCHIATRIC)}) ? "B" : "")) : ""'
    )


def _starts(prefixes: list[str]) -> str:
    return " or ".join(f'startsWith(#, "{prefix}")' for prefix in prefixes)
