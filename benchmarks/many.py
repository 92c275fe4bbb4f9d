"""Many policies: a claim decided by a library of generated ones, beside a dictionary from code to policy.

The dictionary is what one would write by hand: it knows for each code the policies that list it, and asks
those. Both give the same decisions; they are compared before anything is timed. Rounds are interleaved.
"""

# ruff: noqa: ANN001

import json
import random
import statistics
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from compiler.runtime.adjudicate import decide_claim  # noqa: E402
from compiler.runtime.reader import read_claim  # noqa: E402
from policyc import load_library  # noqa: E402

SIZES = [int(size) for size in sys.argv[1:]] or [10, 100, 1000]
ROUNDS = 20
CLAIMS = 300
CODES_EACH = 4
GROUP = 10
"""Policies that share a library of codes."""

STEMS = ["G90", "G89", "M54", "F32", "F33", "M79", "G43", "E11", "Z00", "I10"]

POLICY = """package made.p{number}
import codes.{group}
import facts.made
policy "Policy {number}" {{ payer "Prairie Example Health" }}
revision 2020-01-01 "Posted" {{
    section A "A" {{
        medically_necessary if {{
            some d in claim.diagnoses {{ d in {{ {stem}x }} }}
            claim.score >= {score}
        }}
        not_covered otherwise
    }}
    codes {{ {codes} }}
}}
revision 2024-01-01 "Revised" {{
    section B "B" {{ experimental_investigational if {{ line.device == lamp and claim.score < {score} }} }}
    B overrides A
}}
"""


def code(number: int) -> str:
    """A code of five characters."""
    return f"{'ABCDEGHJKLMPQRSTV'[number // 10000]}{number % 10000:04}"


def write(folder: Path, size: int, draw: random.Random) -> None:
    """A folder of policies, four codes each; some codes are listed by several."""
    for package in ("codes", "facts", "made"):
        (folder / package).mkdir()
    facts = "facts { line.device { lamp, panel }  claim.score integer 0..100 }\n"
    (folder / "facts" / "made.pol").write_text(f"package facts.made\n{facts}")
    for first in range(0, size, GROUP):
        rows = "".join(f'{code(n)} "c"\n' for n in range(first * 3, (first + GROUP) * 3))
        text = f"package codes.g{first}\ncodes hcpcs {{\n{rows}}}\n"
        (folder / "codes" / f"g{first}.pol").write_text(text)
    for number in range(size):
        first = number // GROUP * GROUP
        codes = sorted(draw.sample(range(first * 3, (first + GROUP) * 3), CODES_EACH))
        text = POLICY.format(
            number=number,
            group=f"g{first}",
            codes=" ".join(map(code, codes)),
            stem=draw.choice(STEMS),
            score=draw.randrange(1, 100),
        )
        (folder / "made" / f"p{number}.pol").write_text(text)


def a_claim(size: int, draw: random.Random) -> dict:
    lines = [
        {
            "line": number,
            "procedure": code(draw.randrange(size * 3)),
            "service_date": draw.choice(["2022-05-05", "2024-05-05"]),
            "device": draw.choice(["lamp", "panel"]),
        }
        for number in range(1, draw.randint(1, 4) + 1)
    ]
    claim: dict = {"claim_id": "C", "lines": lines, "diagnoses": [f"{s}.9" for s in draw.sample(STEMS, 3)]}
    if draw.random() < 0.8:
        claim["score"] = draw.randrange(100)
    return claim


class Dictionary:
    """The index by hand, by one who knows that all policies declare the same facts."""

    def __init__(self, policies) -> None:
        self.schema = policies[0].compiled.schema
        self.by_code: dict[str, list] = {}
        for policy in policies:
            for listed in sorted({code for row in policy.compiled.revisions for code in row.lists}):
                self.by_code.setdefault(listed, []).append(policy)

    def decide(self, claim: dict) -> list[dict]:
        read = read_claim(claim, self.schema)
        found = {p.compiled.package: p for line in read.lines for p in self.by_code.get(line.code, ())}
        return [decide_claim(found[package].compiled, read, None) for package in sorted(found)]


def timed(decide, claims: list[dict]) -> float:
    start = time.perf_counter()
    for claim in claims:
        decide(claim)
    return (time.perf_counter() - start) / len(claims) * 1e6


def main() -> None:
    """Compare, measure, and print a table and JSON."""
    found = []
    print(f"{ROUNDS} rounds of {CLAIMS} claims; microseconds a claim")
    print("policies   loaded in   a policy  dictionary   library   ratio   quartiles")
    for size in SIZES:
        draw = random.Random(size)
        with tempfile.TemporaryDirectory() as place:
            write(Path(place), size, draw)
            load_library(place)
            tracemalloc.start()
            start = time.perf_counter()
            library = load_library(place)
            loaded = time.perf_counter() - start
            memory = tracemalloc.get_traced_memory()[0] / size
            tracemalloc.stop()
            start = time.perf_counter()
            library = load_library(place)
            loaded = time.perf_counter() - start
        index = Dictionary(library.policies)
        claims = [a_claim(size, draw) for _ in range(CLAIMS)]
        for claim in claims:
            ours, theirs = library.decide(claim), index.decide(claim)
            if [each for each in ours if each["policy"] is not None] != theirs:
                sys.exit(f"they differ on {json.dumps(claim)}")
        times = [(timed(index.decide, claims), timed(library.decide, claims)) for _ in range(ROUNDS)]
        low, middle, high = statistics.quantiles([ours / theirs for theirs, ours in times], n=4)
        theirs, ours = (statistics.median(way) for way in zip(*times, strict=True))
        print(
            f"{size:>8} {loaded:>9.2f} s {memory / 1024:>7.0f} KB {theirs:>11.1f} {ours:>9.1f} {middle:>7.2f}"
            f"   {low:.2f} - {high:.2f}"
        )
        found.append(
            {"policies": size, "load_seconds": loaded, "dictionary": theirs, "library": ours, "ratio": middle}
        )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
