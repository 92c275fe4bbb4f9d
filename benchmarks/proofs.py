"""One large policy: how long `policyc prove` and `policyc diff` take, and how much memory.

The policy is generated: 200 rules in 40 sections, two for each of 20 indications, over 40 facts of all types,
with 20 revisions. Each rule asks for an indication and two to four criteria more, of which some are groups;
the rules of one indication ask of 12 facts, and a revision may let them ask of any.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from report import ROOT, finished

INDICATIONS = 20
RULES_EACH = (8, 2)
"""Rules for and against an indication."""
ASKED_EACH = 12
"""Facts of which the rules of one indication ask."""
BEGUN = 15
"""Indications of the first revision; later ones add the others."""
REVISIONS = 20
BOOLEANS, SCORES, CHOICES, DATES, LEVELS = 14, 10, 6, 4, 2
CONCEPTS = ("pain", "mood", "sleep")

CALLS = (
    ("prove", "prove"),
    ("diff of two neighbouring revisions", "diff", 10, 11),
    ("diff of the first and the last", "diff", 1, REVISIONS),
    ("diff of the last and the first", "diff", REVISIONS, 1),
)
"""What is measured: what it is, the command, and the revisions that it compares."""


def day(number: int) -> str:
    """The day of a revision, counted from 1."""
    return f"{2004 + number}-{1 + number % 12:02}-01"


def facts() -> Iterator[str]:
    yield "    line.indication { " + ", ".join(f"i{n}" for n in range(INDICATIONS)) + " }"
    yield from (f"    claim.sign{n} boolean" for n in range(BOOLEANS))
    yield from (f"    claim.score{n} integer 0..60" for n in range(SCORES))
    yield from (f"    claim.choice{n} {{ red, green, blue, none }}" for n in range(CHOICES))
    yield from (f"    claim.seen{n} date" for n in range(DATES))
    yield from (f"    claim.level{n} number 0.. in mg" for n in range(LEVELS))
    yield "    claim.trials list of trial"


def palette(draw: random.Random) -> list[tuple[str, int]]:
    """The facts of which the rules of an indication ask."""
    asked = [("sign", n) for n in range(BOOLEANS)] + [("score", n) for n in range(SCORES)]
    asked += [("choice", n) for n in range(CHOICES)] + [("seen", n) for n in range(DATES)]
    asked += [("level", n) for n in range(LEVELS)] + [("age", 0), ("code", 0), ("trials", 0)]
    return draw.sample(asked, ASKED_EACH)


def criterion(draw: random.Random, asked: list[tuple[str, int]], deep: bool = True) -> str:
    """What a rule asks beside the indication."""
    if deep and draw.random() < 0.3:
        inner = " ".join(f"({criterion(draw, asked, False)})" for _ in range(3))
        return f"{draw.choice(['any of', 'at least 2 of', 'none of'])} {{ {inner} }}"
    kind, number = draw.choice(asked)
    match kind:
        case "sign":
            return draw.choice(["", "not "]) + f"claim.sign{number}"
        case "score":
            return f"claim.score{number} {draw.choice(['>=', '<'])} {draw.randrange(5, 55, 5)}"
        case "choice":
            return f"claim.choice{number} in {{ {', '.join(draw.sample(['red', 'green', 'blue'], 2))} }}"
        case "seen":
            return f"claim.seen{number} within {draw.choice([3, 6, 12])} months before line.service_date"
        case "level":
            return f"claim.level{number} >= {draw.choice([10, 20, 40])} mg"
        case "age":
            return f"member.age >= {draw.choice([18, 40, 65])}"
        case "code":
            return f"some d in claim.diagnoses {{ d in {draw.choice(CONCEPTS)} }}"
        case _:
            weeks = draw.choice([4, 6])
            return f"at least {draw.choice([1, 2])} trial in claim.trials {{ trial.weeks >= {weeks} }}"


def section(draw: random.Random, number: int, asked: list[tuple[str, int]], against: bool) -> str:
    """A section of an indication, with its rules; one against it is asked first."""
    determination = "not_covered" if against else "medically_necessary"
    rules = []
    for rule in range(RULES_EACH[against]):
        more = [f"c{rule}{n}: {criterion(draw, asked)}" for n in range(draw.randint(2, 4))]
        rules.append(f"{determination} if {{\n" + "\n".join([f"line.indication == i{number}", *more]) + "\n}")
    name = f"{'against' if against else 'for'}_{number}"
    return f'section {name} "Indication {number}" {{\n' + "\n".join(rules) + "\n}"


def indication(draw: random.Random, number: int) -> str:
    asked = palette(draw)
    parts = [section(draw, number, asked, against) for against in (False, True)]
    return "\n".join([*parts, f"against_{number} overrides for_{number}"])


def policy(seed: int) -> str:
    """The policy, in some layout."""
    draw = random.Random(seed)
    text = ["package made.large", "facts {", *facts(), "}", "record trial {", "weeks integer 0..", "}"]
    for concept, stem in zip(CONCEPTS, ("G89", "F33", "G47"), strict=True):
        text.append(f"concept {concept} of icd10cm {{ {stem}.x }}".replace(".x", "x"))
    rows = "\n".join(f'J{1000 + n} "drug {n}"' for n in range(REVISIONS))
    text += ["codes hcpcs {", rows, "}", 'policy "Large" { payer "Prairie Example Health" }']
    first = [indication(draw, number) for number in range(BEGUN)]
    first += ['section rest "The rest" { not_medically_necessary otherwise }', "codes { J1000 J1001 }"]
    text += [f'revision {day(1)} "Posted" {{', *first, "}"]
    written = BEGUN
    for number in range(2, REVISIONS + 1):
        text.append(f'revision {day(number)} "Revised" {{')
        if number % 4 == 0 and written < INDICATIONS:
            text.append(indication(draw, written))
            written += 1
        else:
            for part in draw.sample(range(BEGUN), 3):
                label = f"c{draw.randrange(RULES_EACH[0])}{draw.randrange(2)}"
                text.append(f"replace for_{part}.{label} with {{ {criterion(draw, palette(draw))} }}")
        text += [f"add codes {{ J{1000 + number} }}" if number < REVISIONS else "", "}"]
    return "\n".join(text) + "\n"


_RUN = """
import re, sys, time
from policyc.cli import main
try:
    main()
finally:
    peak = re.search("VmHWM:[^0-9]+([0-9]+) kB", open("/proc/self/status").read())[1]
    print(time.process_time(), peak, file=sys.stderr)
"""


def measured(call: list[str], what: str) -> dict[str, object]:
    """A call of policyc in a process of its own: what it was, how long it took and the most that it held."""
    start = time.perf_counter()
    command = [sys.executable, "-c", _RUN, *call]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    took = time.perf_counter() - start
    if done.returncode not in (0, 1) or not done.stdout:
        raise SystemExit(done.stderr)
    *_, processor, peak = done.stderr.split()
    return {"what": what, "CPU s": float(processor), "wall s": took, "MB": float(peak) * 1024 / 10**6}


def main() -> None:
    """Generate, run, and print a table."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "made", "large.pol")
        path.parent.mkdir()
        path.write_text(policy(seed))
        for what, command, *revisions in CALLS:
            rows.append(measured([command, str(path), *map(day, revisions)], what))
            print(json.dumps(rows[-1]), flush=True)
    about = (
        f"One generated policy of {INDICATIONS * sum(RULES_EACH)} rules over 40 facts, with {REVISIONS} "
        "revisions, compiled anew each time; each call a process of its own, on one core."
    )
    finished("proofs", "Proofs about a large policy", about, {"`policyc prove` and `policyc diff`": rows})


if __name__ == "__main__":
    main()
