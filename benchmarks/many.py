"""Many policies: a claim decided by a library of generated ones, beside a dictionary from code to policy.

The dictionary is what one would write by hand: it knows for each code the policies that list it, and asks
those. Both give the same decisions; they are compared before anything is timed. Rounds are interleaved.
"""

# ruff: noqa: ANN001

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import report  # noqa: E402

from compiler.runtime.adjudicate import decide_claim  # noqa: E402
from compiler.runtime.reader import read_claim  # noqa: E402
from policyc import load_library  # noqa: E402

SIZES = [int(size) for size in sys.argv[1:]] or [10, 100, 1000, 5000]
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
    """Microseconds a line."""
    start = time.perf_counter()
    for claim in claims:
        decide(claim)
    return (time.perf_counter() - start) / sum(len(claim["lines"]) for claim in claims) * 1e6


def measured(size: int) -> tuple[report.Row, list[report.Row]]:
    """How a library loads and what it needs; and how fast it decides, beside the dictionary."""
    draw = random.Random(size)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "policies"
        folder.mkdir()
        write(folder, size, draw)
        start = time.perf_counter()
        load_library(folder)
        compiled = time.perf_counter() - start
        seconds, memory = zip(*(loaded(folder) for _ in range(3)), strict=True)
        library = load_library(folder)
    index = Dictionary(library.policies)
    claims = [a_claim(size, draw) for _ in range(CLAIMS)]
    for claim in claims:
        ours, theirs = library.decide(claim), index.decide(claim)
        if [each for each in ours if each["policy"] is not None] != theirs:
            sys.exit(f"they differ on {json.dumps(claim)}")
    ways = {
        "dictionary": lambda: timed(index.decide, claims),
        "policyc": lambda: timed(library.decide, claims),
    }
    rows = report.compared(report.interleaved(ways, ROUNDS), "dictionary", "us a line")
    load = {
        "policies": f"{size:,}",
        "compiled": f"{compiled:.1f} s",
        "loaded from the cache": f"{statistics.median(seconds):.2f} s",
        "memory a policy": f"{statistics.median(memory) / size / 1024:.0f} KB",
    }
    return load, rows


LOAD = """
import os, sys, time
from pathlib import Path
import policyc

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

before, start = resident(), time.perf_counter()
library = policyc.load_library(sys.argv[1])
print(time.perf_counter() - start, resident() - before)
"""


def loaded(folder: Path) -> tuple[float, float]:
    """The seconds in which a new process loads a library from the cache, and the bytes that it takes."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder)], check=True, capture_output=True, cwd=ROOT
    )
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


def main() -> None:
    """Compare, measure, and print tables."""
    loads, tables = [], {}
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        for size in SIZES:
            load, tables[f"{size:,} policies"] = measured(size)
            loads.append(load)
    about = (
        "A folder of generated policies, four codes each, some of them listed by several, beside a "
        "dictionary from code to policies that a programmer would write by hand: it reads a claim once, asks "
        "the policies that list a code of it, and decides with the same compiled policies. "
        f"{CLAIMS} claims are answered alike, then decided in {ROUNDS} interleaved rounds. A library is "
        "loaded by a new process; memory is what that process has more of then."
    )
    report.finished("many", "Many policies", about, {**tables, "Loading": loads})


if __name__ == "__main__":
    main()
