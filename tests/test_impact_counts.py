"""`policyc impact` is held to a recount, by policies whose later revisions are taken out of their text."""

import csv
import io
import json
import random
import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import bulk
import pytest
from typer.testing import CliRunner

from compiler.runtime.adjudicate import decide_claim
from compiler.runtime.reader import read_claim
from policyc import ClaimError, load
from policyc.cli import app

ROOT = Path(__file__).parents[1] / "policies"
IV, SCREENING, APNEA = "bcbsks/iv_anesthetics.pol", "cms/ncd_210_14.pol", "cms/ncd_240_4.pol"
KNOWN = {SCREENING: ("2022-09-01", "2022-10-03"), APNEA: ("2008-08-03", "2008-08-04")}
MOVED = {
    IV: ("2023-05-01", "2024-10-01"),
    SCREENING: ("2020-03-01", "2022-03-01"),
    APNEA: ("2007-01-01", "2016-01-01"),
}
CHARGES = [None, None, 0, 100, 12.5, 0.1, 0.2, -40, "-0.10", "1e2", "ten"]
MOST = 100


def goldens(path):
    for file in sorted(path.with_suffix(".golden").glob("*/*.json")):
        golden = json.loads(file.read_text())
        if "error" not in golden["decision"]:
            yield golden["claim"]


def blocks(path):
    """The text of a policy in parts, and whether each is a revision."""
    parts = re.split(r"^(?=[a-z])", path.read_text(), flags=re.MULTILINE)
    return [(part, part.startswith("revision ")) for part in parts]


def revisions(path):
    return [re.match(r"revision (\S+)", part)[1] for part, revises in blocks(path) if revises]


def cut(path, last, folder):
    """The policy with its history up to a revision, as a file among its libraries."""
    place = folder / last / path.relative_to(ROOT)
    if not place.exists():
        place.parent.mkdir(parents=True)
        left = revisions(path).index(last) + 1
        kept = []
        for part, revises in blocks(path):
            left -= revises
            if not revises or left >= 0:
                kept.append(part)
        # What a later revision replaces is listed on, as its author says then.
        place.write_text(
            re.sub(r"^( +(?:J2001|G0297))$", r'\1 though ended "cut"', "".join(kept), flags=re.M)
        )
        for other in (*ROOT.rglob("*.pol"), *ROOT.rglob("*.csv"), *ROOT.rglob("*.source.json")):
            linked = folder / last / other.relative_to(ROOT)
            if not linked.exists():
                linked.parent.mkdir(parents=True, exist_ok=True)
                linked.symlink_to(other)
    return load(place)


def days(path):
    found = set(re.findall(r"\b20[0-9]{2}-[0-9]{2}-[0-9]{2}\b", path.read_text()))
    return sorted(found)


def varied(path, draw):
    """Claims like those of the golden files on other days, with facts left out, charges, and some broken."""
    stems, dates = list(goldens(path)), days(path)
    codes = sorted({line["procedure"] for claim in stems for line in claim["lines"]})
    for number in range(MOST):
        claim = json.loads(json.dumps(draw.choice(stems)))
        claim["claim_id"] = f"C-{draw.randrange(MOST)}"
        for key in [key for key in claim if key not in ("claim_id", "lines")]:
            if draw.random() < 0.1:
                del claim[key]
        move = draw.random() < 0.7
        day = draw.choice(dates)
        for line in claim["lines"]:
            if move:
                line["service_date"] = day
            if draw.random() < 0.2:
                line["procedure"] = draw.choice(codes)
            for key in [key for key in line if key not in ("line", "procedure", "service_date")]:
                if draw.random() < 0.1:
                    del line[key]
            stated = draw.choice(CHARGES)
            if stated is not None:
                line["charge"] = stated if stated == "ten" else Decimal(str(stated))
        if number % 17 == 0:
            claim["lines"][0][draw.choice(["procedure", "colour"])] = 7
        yield claim


def text(claim):
    """A claim as JSON, its decimals exact."""
    marked = json.dumps(claim, default=lambda number: f"<{number}>")
    return re.sub(r'"<([^>]+)>"', r"\1", marked)


def differing(one, other):
    """As docs/comparing.md has it: the first of these in which two lines differ, and what each side says."""
    if one["determination"] != other["determination"]:
        return "determination", one["determination"], other["determination"]
    rules = [(*line["rules"], *line.get("unsure", ())) for line in (one, other)]
    if rules[0] != rules[1] or len(one["rules"]) != len(other["rules"]):
        return "rules", *rules
    if one["missing"] != other["missing"]:
        return "missing", one["determination"], other["determination"]
    if one["edits"] != other["edits"]:
        alone = [
            {edit["kind"] for edit in line["edits"] if edit not in beside["edits"]}
            for line, beside in ((one, other), (other, one))
        ]
        kinds = sorted(alone[0] | alone[1])
        return "edits", *(
            tuple(k for k in kinds if any(edit["kind"] == k for edit in line["edits"]))
            for line in (one, other)
        )
    return (
        ("reasons", one["determination"], other["determination"])
        if one != other and (one["reason_codes"] != other["reason_codes"])
        else None
    )


def decided(claims, policy, known_on=None):
    """The lines of each claim's decision by the interpreter, None of a claim that cannot be read."""
    schema = policy.program.schema
    for claim in claims:
        try:
            read = read_claim(json.loads(text(claim), parse_float=Decimal), schema)
            yield decide_claim(policy.program, read, known_on)["lines"]
        except ClaimError:
            yield None


def recounted(claims, one, other):
    """Changes with their lines, money, lines without money and first claim; how many claims are read, unread
    and changed; how many lines are read; the worklist.
    """
    found, work, read = defaultdict(list), [], []
    for claim, before, after in zip(claims, one, other, strict=True):
        if before is None or after is None:
            continue
        read.append(claim)
        pairs = zip(claim["lines"], map(differing, before, after), strict=True)
        own = [(line, change) for line, change in pairs if change is not None]
        for line, change in own:
            found[change].append((claim["claim_id"], line))
        if own:
            work.append((min(line["service_date"] for line, _ in own), claim["claim_id"], own))
    counts = {}
    for change, where in found.items():
        stated = [Decimal(line["charge"]) for _, line in where if "charge" in line]
        counts[change] = (len(where), sum(stated) if stated else None, len(where) - len(stated), where[0][0])
    rows = [
        (line["service_date"], claim_id, str(line["line"]), change[0])
        for _, claim_id, own in sorted(work, key=lambda each: each[0])
        for line, change in own
    ]
    claims_read = len(read), len(claims) - len(read), len(work)
    return counts, claims_read, sum(len(claim["lines"]) for claim in read), rows


def told(path, arguments, claims, folder):
    """What `impact` says, in the same form."""
    work = folder / "work.csv"
    call = [
        "impact",
        str(path),
        *arguments[0],
        str(claims),
        *arguments[1],
        "--format",
        "json",
        "-o",
        str(work),
    ]
    done = CliRunner().invoke(app, call)
    assert done.exit_code in (0, 1), done.output
    said = json.loads(done.stdout)
    counts = {
        (d["kind"], *(x if isinstance(x, str) else tuple(x) for x in (d["from"], d["to"]))): (
            d["lines"],
            None if d["money"] is None else Decimal(d["money"]),
            d["lines_without_money"],
            d["example"]["claim_id"],
        )
        for d in said["differences"]
    }
    rows = [
        (row["service_date"], row["claim_id"], row["line"], row["kind"])
        for row in csv.DictReader(io.StringIO(work.read_text()))
    ]
    assert done.exit_code == (1 if said["lines"]["changed"] or said["claims"]["unreadable"] else 0)
    assert said["lines"]["changed"] == len(rows) == sum(count[0] for count in counts.values())
    return counts, tuple(said["claims"].values()), said["lines"]["read"], rows


def written(folder, claims):
    path = folder / "claims.ndjson"
    path.write_text("".join(f"{text(claim)}\n" for claim in claims))
    return path


@pytest.mark.parametrize("name", [IV, SCREENING, APNEA])
def test_between_two_revisions_each_line_is_counted(name, tmp_path):
    path = ROOT / name
    claims = list(varied(path, random.Random(20241001)))
    source = written(tmp_path, claims)
    by = {last: list(decided(claims, cut(path, last, tmp_path))) for last in revisions(path)}
    found = set()
    for pair in combinations(by, 2):
        wanted = recounted(claims, *(by[last] for last in pair))
        assert told(path, (pair, ()), source, tmp_path) == wanted
        found |= {change[0] for change in wanted[0]}
    assert "determination" in found and len(found) > 1


@pytest.mark.parametrize("name", KNOWN)
def test_between_two_days_of_knowledge_each_line_is_counted(name, tmp_path):
    path, policy = ROOT / name, load(ROOT / name)
    claims = list(varied(path, random.Random(7)))
    source = written(tmp_path, claims)
    wanted = recounted(claims, *(decided(claims, policy, date.fromisoformat(day)) for day in KNOWN[name]))
    assert wanted[0]
    assert told(path, ((), ("--known-on", *KNOWN[name])), source, tmp_path) == wanted


@pytest.mark.parametrize("name", [IV, SCREENING, APNEA])
def test_between_two_days_of_service_each_line_is_counted_and_keeps_its_day(name, tmp_path):
    path, policy = ROOT / name, load(ROOT / name)
    claims = list(varied(path, random.Random(3)))
    source = written(tmp_path, claims)
    moved = [
        [{**claim, "lines": [{**line, "service_date": day} for line in claim["lines"]]} for claim in claims]
        for day in MOVED[name]
    ]
    wanted = recounted(claims, *(decided(each, policy) for each in moved))
    assert len({row[0] for row in wanted[3]}) > 1
    assert told(path, (MOVED[name], ("--dates",)), source, tmp_path) == wanted


@pytest.mark.parametrize("name", [IV, SCREENING, APNEA])
def test_tables_of_every_kind_say_the_same(name, tmp_path):
    path = ROOT / name
    made = [json.loads(text(claim)) for claim in varied(path, random.Random(11))]
    claims = [bulk.stated({**claim, "claim_id": f"C-{at}"}) for at, claim in enumerate(made)]
    for claim in claims:
        for line in claim["lines"]:
            line.pop("colour", None)
            line["procedure"] = str(line["procedure"])
            if line.get("charge") == "ten":
                del line["charge"]
    nested = tmp_path / "nested.ndjson"
    nested.write_text("".join(json.dumps(claim) + "\n" for claim in claims))
    versions = revisions(path)[0], revisions(path)[-1]
    wanted = told(path, (versions, ()), nested, tmp_path)
    assert wanted[0]
    for kind in ("csv", "parquet"):
        assert told(path, (versions, ()), bulk.write(tmp_path / f"lines.{kind}", claims), tmp_path) == wanted
