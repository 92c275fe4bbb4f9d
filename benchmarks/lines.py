"""Seeded lines of claims in columns: all revisions of the IV policy, every kind of unknown, edits."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CODES = [
    *["96365"] * 4,
    *["96366"] * 2,
    *["96374"] * 2,
    *["J2001"] * 3,
    "J2002",
    *["J2003"] * 3,
    "J2004",
    "J3490",
    "96367",
]
DRUGS = ["ketamine", "Ketamine HCl", "lidocaine", "LIDOCAINE", "esketamine", "propofol", "ketamne", "saline"]
ROUTES = ["intravenous", "intravenous", "oral", "intramuscular", "epidural", "topical"]
PURPOSES = ["treatment", "treatment", "procedural_anesthesia", "other"]
PAIN = ["G89.4", "G90.511", "M79.7", "G43.E09", "E11.42", "B02.23", "G54.6", "M54.81", "G44.221", "G57.71"]
MIND = ["F32.1", "F33.2", "F42.2", "F43.12", "F31.4"]
OTHER_DRUGS = [f"agent {number:03}" for number in range(200)]
FIRST_DAY, DAYS = np.datetime64("2021-09-01"), 1300
EPOCH = np.datetime64("1970-01-01")


def diagnoses_known() -> list[str]:
    """The codes that occur, those of the policy first."""
    letters = "ACDHIJKLNRSTZ"
    numbers = [f"{number}.{digit}" for number in range(10, 40) for digit in range(8)]
    plain = [letter + number for letter in letters for number in numbers]
    return [*PAIN, *MIND, *plain]


def words(draw: np.random.Generator, choices: Sequence[str], rows: int, stated: float) -> pa.Array:
    """A word for each row, null where it is not stated."""
    picked = draw.integers(0, len(choices), rows).astype(np.int32)
    mask = draw.random(rows) >= stated
    return pa.DictionaryArray.from_arrays(pa.array(picked, mask=mask), pa.array(choices)).cast(pa.string())


def lines(seed: int, rows: int) -> pa.Table:
    """A table of about so many lines, of whole claims, in order of claims."""
    draw = np.random.default_rng(seed)
    counts = draw.choice([1, 2, 3, 4], rows // 2 + 1, p=[0.35, 0.35, 0.2, 0.1])
    counts = counts[: int(np.searchsorted(np.cumsum(counts), rows, "right"))]
    claims, total = len(counts), int(counts.sum())
    claim = np.repeat(np.arange(claims), counts)
    line = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    day = np.repeat(draw.integers(0, DAYS, claims), counts) + (draw.random(total) < 0.05)
    other_codes = [f"{number}" for number in range(99201, 99500)]
    codes = np.array(CODES + other_codes, object)
    ours = draw.random(total) < 0.5
    code = np.where(ours, draw.integers(0, len(CODES), total), draw.integers(len(CODES), len(codes), total))
    procedure = pa.DictionaryArray.from_arrays(pa.array(code.astype(np.int32)), pa.array(codes, pa.string()))
    units = pa.array(draw.integers(1, 401, total).astype(np.int32), mask=draw.random(total) < 0.03)
    start = int((FIRST_DAY - EPOCH).astype(int))
    ids = [f"{seed:02}-{number:09}" for number in range(claims)]
    return pa.table(
        {
            "claim_id": pa.array(ids).take(pa.array(claim)),
            "line": pa.array(line.astype(np.int32)),
            "procedure": procedure.cast(pa.string()),
            "service_date": pa.array((start + day).astype(np.int32)).cast(pa.date32()),
            "units": units,
            "diagnoses": _diagnoses(draw, claims).take(pa.array(claim)),
            "drug": words(draw, DRUGS * 20 + OTHER_DRUGS, total, 0.25),
            "route": words(draw, ROUTES, total, 0.2),
            "purpose": words(draw, PURPOSES, total, 0.05),
        }
    )


def _diagnoses(draw: np.random.Generator, claims: int) -> pa.Array:
    """A list of codes for each claim: null, empty, with a null inside, or as it should be."""
    known = diagnoses_known()
    special = len(PAIN) + len(MIND)
    lengths = draw.integers(1, 7, claims)
    lengths[draw.random(claims) < 0.01] = 0
    total = int(lengths.sum())
    codes = draw.integers(special, len(known), total)
    ours = draw.random(total) < 0.12
    codes[ours] = draw.integers(0, special, int(ours.sum()))
    offsets = np.append(0, np.cumsum(lengths)).astype(np.int32)
    elements = pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32), mask=draw.random(total) < 0.0003), pa.array(known)
    )
    mask = pa.array(draw.random(claims) < 0.03)
    return pa.ListArray.from_arrays(pa.array(offsets), elements.cast(pa.string()), mask=mask)


def written(path: Path, rows: int, table: Callable[[int, int], pa.Table], at_once: int = 1_000_000) -> None:
    """A file of tables, each by a seed of its own and of so many lines, a row group each."""
    writer = None
    for seed in range(max(1, rows // at_once)):
        made = table(seed, min(rows, at_once))
        writer = writer or pq.ParquetWriter(path, made.schema)
        writer.write_table(made)
    assert writer is not None
    writer.close()
