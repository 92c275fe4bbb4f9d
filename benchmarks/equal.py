"""Whether `eval`, `policyc batch` and Spark give the same decisions: whole rows, for every shipped policy.

    python benchmarks/equal.py [LINES [WAY...]]

generates so many lines of claims for each policy (`drawn.py`), decides them by `Policy.decide`, and compares
row for row what `policyc batch` says, as Parquet, as NDJSON and as numbers of outcomes, and Spark, as whole
rows and as numbers: every column of every line, and which claims cannot be read and why. It tells how many
lines were compared, what kinds of decisions they are, and the first difference with its claim; then its
status is 1.
"""

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from drawn import drawn
from lines import written

from policyc import ClaimError, Policy, PolicyLibrary, load
from policyc.bulk.outcomes import PLAIN
from policyc.bulk.output import outcomes_of
from policyc.bulk.run import Asked, Told, run

ROOT = Path(__file__).resolve().parents[1]
LINES = 1_000_000
AT_ONCE = 100_000
"""The lines that are generated at once."""

SLICE = 1 << 14
ORDER = [("claim_id", "ascending"), ("line", "ascending")]
LISTS: dict[str, Any] = {field.name: [] for field in PLAIN if pa.types.is_list(field.type)}
Rejects = dict[str | None, tuple[str, str, str]]
DISAGREE = ("its rows disagree", "", "")


class Said:
    """What is said of the lines of a table: rows in order, with their decisions as JSON too, and which claims
    cannot be read.
    """

    def __init__(self, rows: pa.Table, texts: pa.Array | None, rejects: Rejects) -> None:
        self.rows = rows
        self.texts = texts
        self.rejects = rejects


# ---- by eval ----------------------------------------------------------------------------------------------


def claims_of(table: pa.Table) -> Iterator[dict[str, Any] | None]:
    """The claims of a table's rows, None in the place of each whose rows disagree."""
    names = [name for name in table.column_names if name not in ("claim_id", "line")]
    of_claim = [name for name in names if name.partition(".")[0] in ("claim", "member", "contract")]
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    ids = columns["claim_id"]
    start = 0
    for stop in range(1, len(ids) + 1):
        if stop < len(ids) and ids[stop] == ids[start]:
            continue
        claim: dict[str, Any] = {"claim_id": ids[start], "lines": []}
        agree = True
        for name in of_claim:
            values = columns[name][start:stop]
            agree &= values.count(values[0]) == len(values)
            place, _, key = name.partition(".")
            at = claim if place == "claim" else claim.setdefault(place, {})
            put(at, key, values[0], start % 2 == 0)
        for row in range(start, stop):
            line: dict[str, Any] = {}
            for name in ("line", *names):
                if name not in of_claim:
                    put(line, name, columns[name][row], row % 2 == 0 and name in ("units", "drug", "screen"))
            claim["lines"].append(line)
        yield claim if agree else None
        start = stop


def put(at: dict[str, Any], key: str, value: Any, nulls: bool) -> None:
    """State a value; where there is none, a null or nothing."""
    if value is not None or nulls:
        at[key] = as_json(value)


def as_json(value: Any) -> Any:
    """A value of Arrow as a claim states it."""
    if isinstance(value, list):
        return [as_json(each) for each in value]
    if isinstance(value, dict):
        return {key: as_json(each) for key, each in value.items()}
    return value.isoformat() if hasattr(value, "isoformat") else value


def by_eval(policy: Policy | PolicyLibrary, table: pa.Table) -> Said:
    """What `decide` says."""
    rows, texts = [], []
    rejects: Rejects = {}
    ids = table.column("claim_id").unique().to_pylist()
    for claim_id, claim in zip(ids, claims_of(table), strict=True):
        if claim is None:
            rejects[claim_id] = DISAGREE
            continue
        try:
            decided = policy.decide(claim)
        except ClaimError as error:
            rejects[claim_id] = error.code, error.message, error.at
            continue
        decisions = decided if isinstance(decided, list) else [decided]
        for decision, line in ((each, line) for each in decisions for line in each["lines"]):
            told = {key: line[key] for key in line if key not in ("line", "procedure", "service_date")}
            told = {"policy": decision["policy"], **told}
            texts.append(text(told))
            edits = [{"kind": edit["kind"], "edit": text(edit)} for edit in told["edits"]]
            review = [text(each) for each in told.get("review", ())]
            row = {"claim_id": claim_id, "line": line["line"]}
            rows.append({**row, **LISTS, **told, "edits": edits, "review": review})
    return Said(pa.Table.from_pylist(rows, PLAIN), pa.array(texts, pa.string()), rejects)


def text(value: object) -> str:
    """A value as JSON text."""
    return json.dumps(value, ensure_ascii=False)


# ---- by batch and by Spark --------------------------------------------------------------------------------


def rejects_of(told: Told) -> Rejects:
    """The claims that a run could not read, and why."""
    return {error.claim_id: (error.code, error.message, error.at) for _, error in told.rejects}


def by_batch(policy: Policy | PolicyLibrary, source: Path) -> Said:
    """What `policyc batch` says as Parquet."""
    told = run(Asked(policy, source, source.with_name("batch.parquet"), policy.known_on))
    return Said(pq.read_table(source.with_name("batch.parquet")).cast(PLAIN), None, rejects_of(told))


def by_batch_as_json(policy: Policy | PolicyLibrary, source: Path) -> Said:
    """What `policyc batch` says as NDJSON."""
    output = source.with_name("batch.ndjson")
    told = run(Asked(policy, source, output, policy.known_on))
    rows, texts = [], []
    with output.open(encoding="utf-8") as lines:
        for line in lines:
            claim_id, number, rest = line.split(", ", 2)
            rows.append({"claim_id": json.loads(claim_id[13:]), "line": int(number[8:])})
            texts.append("{" + rest.rstrip("\n"))
    keys = pa.schema([PLAIN.field("claim_id"), PLAIN.field("line")])
    return Said(pa.Table.from_pylist(rows, keys), pa.array(texts, pa.string()), rejects_of(told))


def by_batch_as_numbers(policy: Policy, source: Path) -> Said:
    """What `policyc batch` says by numbers of outcomes."""
    output = source.with_name("numbers.parquet")
    told = run(Asked(policy, source, output, policy.known_on, ids=True))
    return by_numbers(pq.read_table(output), output, told)


def by_numbers(rows: pa.Table, output: Path, told: Told) -> Said:
    """What the rows of an output say that have numbers of outcomes."""
    outcomes = pq.read_table(outcomes_of(output)).to_pydict()
    said = dict(zip(outcomes["outcome"], outcomes["decision"], strict=True))
    texts = pa.array([said[number] for number in rows.column("outcome").to_pylist()], pa.string())
    return Said(rows.select(["claim_id", "line"]), texts, rejects_of(told))


def by_spark(policy: Policy, source: Path) -> Said:
    """What Spark says."""
    from policyc.bulk import spark  # noqa: PLC0415  (where it is wanted)

    output = source.with_name("spark.parquet")
    told = spark.run(Asked(policy, source, output, policy.known_on))
    return Said(ds.dataset(output).to_table().sort_by(ORDER).cast(PLAIN), None, rejects_of(told))


def by_spark_as_numbers(policy: Policy, source: Path) -> Said:
    """What Spark says by numbers of outcomes."""
    from policyc.bulk import spark  # noqa: PLC0415  (where it is wanted)

    output = source.with_name("ids.parquet")
    told = spark.run(Asked(policy, source, output, policy.known_on, ids=True))
    return by_numbers(ds.dataset(output).to_table().sort_by(ORDER), output, told)


WAYS = {
    "batch": by_batch,
    "ndjson": by_batch_as_json,
    "numbers": by_batch_as_numbers,
    "spark": by_spark,
    "ids": by_spark_as_numbers,
}


# ---- compared ---------------------------------------------------------------------------------------------


def differing(wanted: Said, found: Said) -> list[str]:
    """The ids of the claims of which something else is said, in order."""
    theirs = found.rows if found.texts is None else found.rows.append_column("said", found.texts)
    ours = wanted.rows
    if found.texts is not None:
        ours = ours.select(["claim_id", "line"]).append_column("said", wanted.texts)
    differ: dict[str, None] = {}
    for first in range(0, max(len(ours), len(theirs)), SLICE):
        one, other = ours.slice(first, SLICE), theirs.slice(first, SLICE)
        if not one.equals(other):
            mine = {keyed(row): row for row in one.to_pylist()}
            its = {keyed(row): row for row in other.to_pylist()}
            differ |= {key[0]: None for key in sorted({*mine, *its}) if mine.get(key) != its.get(key)}
    for claim_id in wanted.rejects.keys() | found.rejects.keys():
        reason, other_reason = wanted.rejects.get(claim_id), found.rejects.get(claim_id)
        if reason != other_reason and not (reason == DISAGREE and other_reason is not None):
            differ[claim_id] = None
    return sorted(differ)


def keyed(row: dict[str, Any]) -> tuple[str, int]:
    """What a row is known by."""
    return row["claim_id"], row["line"]


def shown(claim_id: str, source: Path, wanted: Said, found: Said) -> None:
    """Print a claim, and what is said of it."""
    only = pc.field("claim_id") == claim_id
    for row in pq.read_table(source, filters=only).to_pylist():
        print("   row:", {name: value for name, value in row.items() if value is not None})
    for name, said in (("eval", wanted), ("here", found)):
        rows = said.rows if said.texts is None else said.rows.append_column("said", said.texts)
        print(f"  {name}:", said.rejects.get(claim_id), *rows.filter(only).to_pylist(), sep="\n     ")


def counted(wanted: Said) -> Counter[str]:
    """How many lines there are of each kind."""
    rows, counts = wanted.rows, Counter[str]()
    for column in ("determination", "revision"):
        for each in rows.column(column).value_counts().to_pylist():
            counts[f"{column} {each['values']}"] = each["counts"]
    for column in ("rules", "unsure", "missing", "edits", "review"):
        lengths = pc.list_value_length(rows.column(column))
        counts[f"with {column}"] = pc.sum(pc.greater(lengths, 0)).as_py()
    for each in pc.struct_field(pc.list_flatten(rows.column("edits")), "kind").value_counts().to_pylist():
        counts[f"edit {each['values']}"] = each["counts"]
    counts["claims that cannot be read"] = len(wanted.rejects)
    return counts


def compared(policy: Policy, lines: int, ways: list[str]) -> int:
    """The number of claims of which some way says something else."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "lines.parquet"
        written(source, lines, partial(drawn, policy), AT_ONCE)
        start = time.process_time()
        file = pq.ParquetFile(source)
        parts = [by_eval(policy, file.read_row_group(at)) for at in range(file.num_row_groups)]
        rejects = {claim_id: why for part in parts for claim_id, why in part.rejects.items()}
        texts = pa.concat_arrays([part.texts for part in parts])
        wanted = Said(pa.concat_tables([part.rows for part in parts]), texts, rejects)
        print(f"\n{policy.compiled.package}, known on {policy.known_on}: {file.metadata.num_rows:,} lines")
        for what, count in sorted(counted(wanted).items()):
            print(f"    {count:>9,} {what}")
        print(f"  eval: {time.process_time() - start:.0f} s of the processor", flush=True)
        wrong = 0
        for way in ways:
            start = time.perf_counter()
            found = WAYS[way](policy, source)
            took = time.perf_counter() - start
            differ = differing(wanted, found)
            wrong += len(differ)
            print(
                f"  {way}: {len(found.rows):,} rows, {len(differ)} claims differ ({took:.0f} s)", flush=True
            )
            if differ:
                shown(differ[0], source, wanted, found)
    return wrong


def main() -> None:
    """Compare all ways on all shipped policies, as known now and as known once."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    ways = sys.argv[2:] or list(WAYS)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    wrong = 0
    for path in sorted((ROOT / "policies").rglob("*.pol")):
        if path.with_suffix(".golden").is_dir():
            policy = load(path)
            wrong += compared(policy, lines, ways)
            postings = sorted({row.posted for row in policy.compiled.revisions})
            wrong += compared(load(path, known_on=postings[len(postings) // 2]), lines // 10, ways)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
