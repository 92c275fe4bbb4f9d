"""One decision, decoded claim in, decision out: a compiled policy beside the same policy written by hand.

Both answer the same seeded claims; the answers are compared before anything is timed. Rounds are interleaved
in one process, so that what else the machine does falls on both.
"""

# ruff: noqa: ANN001, RUF005

import json
import random
import sys
import time
from functools import partial
from itertools import count
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import plain  # noqa: E402
import report  # noqa: E402

from policyc import ClaimError, load  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 40
CLAIMS = 400
WARM = 12000
STATED = {"all facts stated": 1.0, "half of them": 0.5, "hardly any": 0.1}
DAYS = [
    "2021-12-31",
    "2022-01-08",
    "2023-06-01",
    "2023-10-01",
    "2024-01-05",
    "2024-09-30",
    "2024-10-01",
    "2025-03-03",
]
CODES = ["96365", "96365", "96366", "96374", "J2001", "J2002", "J2003", "J2003", "J2004", "J3490", "99213"]
DRUGS = ["ketamine", "Ketamine HCl", "lidocaine", "esketamine", "propofol", "ketamne"]
STEMS = ["G90.5", "G89.", "M54.", "F32.", "F33.", "M79.", "G43.E", "E11.4", "Z00.", "B02.2", "I10.", "F10."]


def a_claim(draw: random.Random, stated: float) -> dict:
    """A claim that states each fact with some likelihood."""
    day = draw.choice(DAYS)
    claim: dict = {"claim_id": f"C-{draw.randrange(10**6)}", "lines": []}
    if draw.random() < stated:
        claim["diagnoses"] = [f"{draw.choice(STEMS)}{draw.randrange(10)}" for _ in range(draw.randint(1, 6))]
        if draw.random() < 0.3 * (1 - stated):
            claim["diagnoses"].append(None)
    elif draw.random() < 0.1:
        claim["diagnoses"] = draw.choice([None, [], ["G43"]])
    for number in range(1, draw.randint(1, 4) + 1):
        line = {
            "line": number,
            "procedure": draw.choice(CODES),
            "service_date": day,
            "units": draw.randint(1, 400),
        }
        if draw.random() < stated:
            line["drug"] = draw.choice(DRUGS)
        if draw.random() < stated:
            line["route"] = draw.choice(["intravenous", "intravenous", "oral"])
        if draw.random() < stated / 4:
            line["purpose"] = draw.choice(["treatment", "procedural_anesthesia"])
        if draw.random() < 0.03:
            line[draw.choice(["drug", "route", "purpose", "units", "diagnoses"])] = None
        claim["lines"].append(line)
    return claim


def broken(draw: random.Random, claim: dict) -> dict:
    """A claim that neither can read."""
    claim = json.loads(json.dumps(claim))
    line = draw.choice(claim["lines"])
    key, value = draw.choice(
        [
            ("procedure", 5),
            ("procedure", "ABCDE"),
            ("service_date", "2024-02-30"),
            ("units", -1),
            ("units", "1"),
        ]
        + [("line", 1.5), ("route", "sideways"), ("colour", "red"), ("diagnoses", ["1"]), ("drug", [])]
    )
    line[key] = value
    return claim


def same(ours, theirs, claims: list[dict]) -> None:
    """Stop at the first claim that the two answer differently."""
    for claim in claims:
        told = [json.dumps(answered(decide, claim)) for decide in (ours, theirs)]
        if told[0] != told[1]:
            sys.exit(f"they differ on {json.dumps(claim)}:\n{told[0]}\n{told[1]}")


def answered(decide, claim: dict) -> dict | None:
    """The decision, or None where the claim cannot be read."""
    try:
        return decide(claim)
    except (ClaimError, ValueError, KeyError):
        return None


def timed(decide, claims: list) -> float:
    """Microseconds of the processor a claim: what else the machine does is not in them."""
    start = time.process_time()
    for claim in claims:
        decide(claim)
    return (time.process_time() - start) / len(claims) * 1e6


def plain_json(text: bytes) -> bytes:
    """As one would write it by hand: it does not see a key that occurs twice."""
    return json.dumps(plain.decide(json.loads(text)), ensure_ascii=False).encode()


def fresh(draw: random.Random, stated: float, deciders: dict, encode=lambda claim: claim) -> dict:
    """Ways over new claims: those of a round are made when the first way asks for them."""
    claims: list = []
    calls = count()

    def way(decide) -> float:
        if next(calls) % len(deciders) == 0:
            claims[:] = [encode(a_claim(draw, stated)) for _ in range(CLAIMS)]
        return timed(decide, claims)

    return {name: partial(way, decide) for name, decide in deciders.items()}


def main() -> None:
    """Compare, measure, and print a table."""
    policy = load(ROOT / "policies" / "bcbsks" / "iv_anesthetics.pol")
    plain.DIGEST = policy.compiled.digest
    draw = random.Random(20241001)
    compared = [a_claim(draw, draw.random()) for _ in range(8 * CLAIMS)]
    compared += [broken(draw, claim) for claim in compared[:CLAIMS]]
    same(policy.decide, plain.decide, compared)
    # What the first rounds find out, later ones know.
    for stated in STATED.values():
        for _ in range(WARM):
            policy.decide(a_claim(draw, stated))
    tables = {}
    for name, stated in STATED.items():
        ways = fresh(draw, stated, {"by hand": plain.decide, "policyc": policy.decide})
        tables[f"decoded claim, {name}"] = report.compared(
            report.interleaved(ways, ROUNDS), "by hand", "us a claim"
        )
    deciders = {"by hand": plain_json, "policyc": policy.decide_json}
    ways = fresh(draw, 1.0, deciders, lambda claim: json.dumps(claim).encode())
    tables["JSON text in and out, all facts stated"] = report.compared(
        report.interleaved(ways, ROUNDS), "by hand", "us a claim"
    )
    about = (
        "The IV-anesthetics policy beside the same policy written by hand in Python "
        "(`benchmarks/plain.py`): the same checks of the claim, the same whole decision. "
        f"{len(compared)} seeded claims of 1 to 4 lines, broken ones among them, are answered alike. "
        f"Then {ROUNDS} interleaved rounds of {CLAIMS} claims, new ones each round, after {WARM} others of "
        "their kind."
    )
    report.finished("single", "One decision, in process", about, tables)


if __name__ == "__main__":
    main()
