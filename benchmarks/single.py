"""One decision, decoded claim in, decision out: a compiled policy beside the same policy written by hand.

Both answer the same seeded claims; the answers are compared before anything is timed. Rounds are interleaved
in one process, so that what else the machine does falls on both.
"""

# ruff: noqa: ANN001, RUF005

import json
import random
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import plain  # noqa: E402

from policyc import ClaimError, load  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 40
CLAIMS = 400
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


def same(policy, claims: list[dict]) -> None:
    """Stop at the first claim that the two answer differently."""
    for claim in claims:
        try:
            ours = policy.decide(claim)
        except ClaimError:
            ours = None
        try:
            theirs = plain.decide(claim)
        except (ValueError, KeyError):
            theirs = None
        if json.dumps(ours) != json.dumps(theirs):
            sys.exit(f"they differ on {json.dumps(claim)}:\n{json.dumps(ours)}\n{json.dumps(theirs)}")


def timed(decide, claims: list[dict]) -> float:
    start = time.perf_counter()
    for claim in claims:
        decide(claim)
    return time.perf_counter() - start


def main() -> None:
    """Compare, measure, and print a table and JSON."""
    policy = load(ROOT / "policies" / "bcbsks" / "iv_anesthetics.pol")
    plain.DIGEST = policy.compiled.digest
    draw = random.Random(20241001)
    sets = {
        "all stated": [a_claim(draw, 1.0) for _ in range(CLAIMS)],
        "half stated": [a_claim(draw, 0.5) for _ in range(CLAIMS)],
        "little stated": [a_claim(draw, 0.1) for _ in range(CLAIMS)],
    }
    compared = [claim for claims in sets.values() for claim in claims]
    compared += [a_claim(draw, draw.random()) for _ in range(5 * CLAIMS)]
    compared += [broken(draw, claim) for claim in compared[:CLAIMS]]
    same(policy, compared)
    print(f"{len(compared)} claims answered alike; {ROUNDS} rounds of {CLAIMS} claims; microseconds a line")
    print(f"{'':16} {'plain':>8} {'compiled':>9} {'ratio':>7}   quartiles")
    found = {}
    for name, claims in sets.items():
        lines = sum(len(claim["lines"]) for claim in claims)
        times: dict[str, list[float]] = {"plain": [], "compiled": []}
        for _ in range(ROUNDS):
            times["plain"].append(timed(plain.decide, claims) / lines * 1e6)
            times["compiled"].append(timed(policy.decide, claims) / lines * 1e6)
        ratios = [ours / theirs for ours, theirs in zip(times["compiled"], times["plain"], strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        medians = {way: statistics.median(values) for way, values in times.items()}
        told = f"{medians['plain']:8.1f} {medians['compiled']:9.1f} {middle:7.2f}"
        print(f"{name:16} {told}   {low:.2f} - {high:.2f}")
        found[name] = {**medians, "ratio": middle, "quartiles": [low, high]}
    print(json.dumps({"claims_compared": len(compared), "rounds": ROUNDS, "microseconds_a_line": found}))


if __name__ == "__main__":
    main()
