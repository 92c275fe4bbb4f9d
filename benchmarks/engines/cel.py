"""CEL, by its bindings to C++ and to Rust."""

from importlib import import_module

from engines import Engine, iv, one_by_one, quoted


def expression() -> str:
    """The policy as an expression."""
    starts = " || ".join(f'd.startsWith("{prefix}")' for prefix in iv.PAIN)
    divided = " || ".join(f'd.startsWith("{prefix}")' for prefix in iv.PAIN_DIVIDED)
    pain = f"{starts} || (day >= {iv.DIVIDED} && ({divided})) || d in [{quoted(iv.PAIN_EXACTLY)}]"
    psychiatric = '(d >= "F20" && d < "F70") || (d >= "F90" && d < "F9Z")'
    return (
        f'day < {iv.BEGUN} ? "not_in_force" : '
        f'(code == "J2001" && day >= {iv.CHANGE}) || (code in ["J2002", "J2003"] && day < {iv.CHANGE}) '
        '? "code_not_valid" : '
        f'!(drug in [{quoted(iv.DRUGS)}] && route == "intravenous" && purpose == "treatment") ? "" : '
        f'(diagnoses.exists(d, {pain}) ? "A" : "") + (diagnoses.exists(d, {psychiatric}) ? "B" : "")'
    )


def in_rust() -> Engine:
    return one_by_one(import_module("cel").compile(expression()).execute)


def in_c() -> Engine:
    cel = import_module("cel_expr_python.cel")
    kinds = dict.fromkeys(("code", "drug", "route", "purpose"), cel.Type.STRING)
    kinds |= {"day": cel.Type.INT, "diagnoses": cel.Type.List(cel.Type.STRING)}
    program = cel.NewEnv(variables=kinds).compile(expression())
    return one_by_one(lambda line: program.eval(data=line).plain_value())
