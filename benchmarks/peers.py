"""The bare determination of one line by other engines, beside the whole decision of policyc.

    pip install -r benchmarks/peers.txt
    python benchmarks/peers.py [ROUNDS]

The others are handed a line whose facts are all stated, read, normalised and checked already, with its day as
a number; they give a determination and nothing else: no check of the claim, no missing facts, no edits, no
evidence from other lines, no other day of knowledge. policyc is handed the raw claim, and decides all.
"""

# ruff: noqa: ANN001, ANN201, ANN202

import random
import sys
import time
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import plain  # noqa: E402
import report  # noqa: E402
import single  # noqa: E402

from policyc import load  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 30
LINES = 200
DRUGS = ["ketamine", "lidocaine", "esketamine", "propofol"]
EVER = sorted(plain.EVER)
EXACTLY = sorted(plain.PAIN_EXACTLY)
PSYCHIATRIC = [f"F{number}" for number in (*range(20, 70), *range(90, 100))]


def a_line(draw: random.Random) -> dict:
    """A line as the others are handed it."""
    return {
        "day": int(draw.choice(single.DAYS).replace("-", "")),
        "code": draw.choice(single.CODES),
        "drug": draw.choice(DRUGS),
        "route": draw.choice(["intravenous", "intravenous", "oral"]),
        "purpose": draw.choice(["treatment", "treatment", "procedural_anesthesia"]),
        "diagnoses": [
            f"{draw.choice(single.STEMS)}{draw.randrange(10)}".replace(".", "")
            for _ in range(draw.randint(1, 6))
        ],
    }


def as_claim(line: dict) -> dict:
    """The same line as a claim."""
    day = str(line["day"])
    stated = {key: line[key] for key in ("drug", "route", "purpose")}
    own = {"line": 1, "procedure": line["code"], "service_date": f"{day[:4]}-{day[4:6]}-{day[6:]}", **stated}
    return {"claim_id": "C", "diagnoses": line["diagnoses"], "lines": [own]}


def listed(values) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"


def in_cel() -> str:
    """The policy as a CEL expression."""
    starts = " || ".join(f'd.startsWith("{prefix}")' for prefix in plain.PAIN)
    psychiatric = '(d >= "F20" && d < "F70") || (d >= "F90" && d < "F9Z")'
    pain = f'{starts} || (day >= 20231001 && d.startsWith("G43E")) || d in {listed(EXACTLY)}'
    return (
        'day < 20220108 ? "not_in_force" : '
        f"(code in {listed(EVER)} && ((code == 'J2001' && day >= 20241001) || "
        "(code in ['J2002', 'J2003'] && day < 20241001))) ? 'code_not_valid' : "
        "(drug in ['ketamine', 'lidocaine'] && route == 'intravenous' && purpose == 'treatment' && "
        f"diagnoses.exists(d, {pain} || {psychiatric})) ? 'experimental_investigational' : 'not_applicable'"
    )


def in_zen() -> str:
    """The policy as an expression of ZEN."""
    starts = " or ".join(f'startsWith(#, "{prefix}")' for prefix in (*plain.PAIN, *PSYCHIATRIC))
    some = (
        f'some(diagnoses, {starts} or (day >= 20231001 and startsWith(#, "G43E")) or # in {listed(EXACTLY)})'
    )
    return (
        'day < 20220108 ? "not_in_force" : '
        "((code == 'J2001' and day >= 20241001) or (code in ['J2002', 'J2003'] and day < 20241001)) "
        "? 'code_not_valid' : (drug in ['ketamine', 'lidocaine'] and route == 'intravenous' and "
        f"purpose == 'treatment' and {some}) ? 'experimental_investigational' : 'not_applicable'"
    )


def in_json_logic() -> dict:
    """The policy in JsonLogic. Inside `some` only the element can be seen, so the day stands outside."""

    def var(name):
        return {"var": name}

    def begins(prefixes):
        by_length: dict[int, list[str]] = {}
        for prefix in prefixes:
            by_length.setdefault(len(prefix), []).append(prefix)
        return [{"in": [{"substr": [var(""), 0, n]}, of]} for n, of in by_length.items()]

    def some(prefixes):
        tests = {"or": [*begins((*prefixes, *PSYCHIATRIC)), {"in": [var(""), EXACTLY]}]}
        return {"some": [var("diagnoses"), tests]}

    indicated = {"if": [{">=": [var("day"), 20231001]}, some(plain.PAIN_NOW), some(plain.PAIN)]}
    late = {"and": [{"==": [var("code"), "J2001"]}, {">=": [var("day"), 20241001]}]}
    early = {"and": [{"in": [var("code"), ["J2002", "J2003"]]}, {"<": [var("day"), 20241001]}]}
    asked = [
        {"in": [var("drug"), ["ketamine", "lidocaine"]]},
        {"==": [var("route"), "intravenous"]},
        {"==": [var("purpose"), "treatment"]},
        indicated,
    ]
    return {
        "if": [
            {"<": [var("day"), 20220108]},
            "not_in_force",
            {"or": [late, early]},
            "code_not_valid",
            {"and": asked},
            "experimental_investigational",
            "not_applicable",
        ]
    }


def cel_in_rust():
    program = import_module("cel").compile(in_cel())
    return program.execute


def cel_in_c():
    cel = import_module("cel_expr_python.cel")
    kinds = dict.fromkeys(("code", "drug", "route", "purpose"), cel.Type.STRING)
    kinds |= {"day": cel.Type.INT, "diagnoses": cel.Type.List(cel.Type.STRING)}
    program = cel.NewEnv(variables=kinds).compile(in_cel())
    return lambda line: program.eval(data=line).plain_value()


def zen():
    program = import_module("zen").compile_expression(in_zen())
    return program.evaluate


def json_logic():
    apply, rule = import_module("json_logic").jsonLogic, in_json_logic()
    return lambda line: apply(rule, line)


ENGINES = {
    "CEL in Rust (common-expression-language)": cel_in_rust,
    "CEL in C++ (cel-expr-python)": cel_in_c,
    "ZEN (zen-engine)": zen,
    "JsonLogic (panzi-json-logic)": json_logic,
}


def timed(decide, lines: list[dict]) -> float:
    """Microseconds a line."""
    start = time.perf_counter()
    for line in lines:
        decide(line)
    return (time.perf_counter() - start) / len(lines) * 1e6


def main() -> None:
    """Compare, measure, and print a table."""
    policy = load(ROOT / "policies" / "bcbsks" / "iv_anesthetics.pol")
    draw = random.Random(7)
    lines = [a_line(draw) for _ in range(LINES)]
    claims = [as_claim(line) for line in lines]
    wanted = [policy.decide(claim)["lines"][0]["determination"] for claim in claims]
    ways = {"policyc, whole decision": lambda: timed(policy.decide, claims)}
    for name, engine in ENGINES.items():
        try:
            decide = engine()
        except ImportError:
            print(f"not installed: {name}", file=sys.stderr)
            continue
        found = [decide(line) for line in lines]
        wrong = [(line, w, f) for line, w, f in zip(lines, wanted, found, strict=True) if w != f]
        if wrong:
            sys.exit(f"{name} differs on {len(wrong)} lines, first {wrong[0]}")
        ways[name] = lambda decide=decide: timed(decide, lines)
    rows = report.compared(report.interleaved(ways, ROUNDS), "policyc, whole decision", "us a line")
    about = (
        f"{LINES} lines with all facts stated, one a claim, answered alike; {ROUNDS} interleaved rounds. The "
        "others are handed facts that are read, checked and normalised already, and give the bare "
        "determination: no check of the claim, no missing facts, no edits, no evidence from other lines, no "
        "assumptions, no other day of knowledge. policyc is handed the raw claim."
    )
    report.finished("peers", "Other engines", about, {"One line": rows})


if __name__ == "__main__":
    main()
