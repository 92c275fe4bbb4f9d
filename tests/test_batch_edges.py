"""Values at the edges of what 64 bits, a table of small numbers, or a calendar hold."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

import pyarrow as pa
import pyarrow.parquet as pq

from compiler.runtime.claim_values import FactSpec
from policyc import load
from policyc.bulk.run import Asked, run
from policyc.bulk.shares import footers_of
from policyc.bulk.values import Values, as_it_is
from policyc.reading.rows import Column, RowsError

IV = Path(__file__).parents[1] / "policies" / "bcbsks" / "iv_anesthetics.pol"
LEAST, LARGEST = -(2**63), 2**63 - 1
ROW = {"procedure": "J2003", "service_date": "2024-11-05"}
EXCLUDED = [{"section": "experimental", "from": "2017-01-01"}]


def said(source):
    """The numbers of the lines that are decided, and what is said of those that are not."""
    output = source.parent / "out.ndjson"
    rejects = run(Asked(load(IV), source, output)).rejects
    numbers = [json.loads(line)["line"] for line in output.read_text().splitlines()]
    return numbers, [(error.code, error.message) for _, error in rejects]


def in_a_file(folder, kind, number):
    path = folder / f"lines{'.parquet' if isinstance(kind, pa.DataType) else kind}"
    if kind == ".csv":
        path.write_text(f"claim_id,line,procedure,service_date\nA,{number},{','.join(ROW.values())}\n")
    elif kind == ".ndjson":
        path.write_text(json.dumps({"claim_id": "A", "line": number, **ROW}) + "\n")
    else:
        numbers = pa.array([Decimal(number) if pa.types.is_decimal(kind) else number], kind)
        columns = {key: [value] for key, value in ROW.items()}
        pq.write_table(pa.table({"claim_id": ["A"], "line": numbers, **columns}), path)
    return path


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        (pa.int64(), [LEAST, LARGEST]),
        (pa.uint64(), [LARGEST, LARGEST + 1]),
        (pa.decimal128(38), [LEAST - 1, LEAST, LARGEST, LARGEST + 1]),
        (".csv", [LEAST - 1, LEAST, LARGEST, LARGEST + 1, f"{LARGEST + 1}.0"]),
        (".ndjson", [LEAST - 1, LEAST, LARGEST, LARGEST + 1]),
    ],
    ids=str,
)
def test_a_line_has_a_number_of_64_bits(kind, numbers, tmp_path):
    for number in numbers:
        found = said(in_a_file(tmp_path, kind, number))
        if LEAST <= Decimal(number) <= LARGEST:
            assert found == ([number], [])
        else:
            why = "expected the number of a line, of 64 bits at most"
            assert found == ([], [("invalid-number", why)])


def test_the_number_of_a_line_is_as_good_in_a_claim_that_is_read_for_itself(tmp_path):
    columns = {key: [value] * 2 for key, value in ROW.items()}
    terms = {"contract.exclusions": [EXCLUDED, None]}
    table = pa.table({"claim_id": ["A", "B"], "line": [LEAST, LEAST], **columns, **terms})
    pq.write_table(table, tmp_path / "lines.parquet")
    assert said(tmp_path / "lines.parquet") == ([LEAST, LEAST], [])


FIRST, LAST = -719_162, 2_932_896
"""The days of Python's calendar, counted from 1970 on."""
DAYS = [-2, -1, 0, 1, FIRST, LAST, FIRST - 1, LAST + 1, -(2**31), 2**31 - 1]


@pytest.mark.parametrize(
    ("kind", "pieces"),
    [
        # A piece without values; more above and below those that are known; as far apart as a table goes.
        (pa.int64(), [[None, None], [5, None, 3], [9, 1, 5], [-4, None, 9], [5 - 2**16, 3]]),
        (pa.int64(), [[3, 2**16 + 2], [3, 2**16 + 3], [2, 3], [None, 4]]),
        (pa.int64(), [[LEAST], [LEAST + 1, LEAST + 2], [LEAST, LEAST + 1], [None, LEAST]]),
        (pa.int64(), [[LARGEST, None], [LARGEST - 1, LARGEST], [LEAST, LARGEST]]),
        (pa.int8(), [[-128, 127, None], [0, -1], [None]]),
        (pa.uint32(), [[2**32 - 1], [2**32 - 2, None, 2**32 - 1], [0]]),
        (pa.date32(), [[0, None, -1], [-2, 1], [None], [-3, 3]]),
        (pa.date32(), [[day, None] for day in DAYS]),
        (pa.date32(), [DAYS[:6], DAYS, [*DAYS[::-1], None]]),
    ],
    ids=str,
)
def test_numbers_and_days_are_told_apart(kind, pieces):
    of_days = kind == pa.date32()
    spec = FactSpec("line.x", "date" if of_days else "integer")
    values = Values(Column("x", "line", "x", spec), as_it_is, ())
    known = {None: 0}
    for piece in pieces:
        array = pa.array(piece, pa.int32()).view(kind) if of_days else pa.array(piece, kind)
        places, numbers = values.coded(pa.chunked_array([array]))
        for value, number in zip(piece, numbers.take(places).tolist(), strict=True):
            assert known.setdefault(value, number) == number
        assert len(values.bad()) == len(values.raw)
    assert len(set(known.values())) == len(known)
    for value, number in known.items():
        if not of_days or value is None:
            assert values.raw[number] == value
        elif FIRST <= value <= LAST:
            assert values.raw[number] == str(date(1970, 1, 1) + timedelta(value))
        else:
            assert values.bad()[number]


TYPES = {
    "nanoseconds": ("service_date", pa.array([2**60 + 1, 2**60], pa.timestamp("ns")), ["invalid-date"] * 2),
    "map": ("units", pa.array([[("a", 1.5)], None], pa.map_(pa.string(), pa.float32())), ["wrong-type"]),
    "maps": (
        "diagnoses",
        pa.array([[[("a", 1)]], None], pa.list_(pa.map_("string", "int8"))),
        ["wrong-type"],
    ),
    "bytes": ("diagnoses", pa.array([[b"G89.4"], None]), ["wrong-type"]),
    "infinite": ("units", pa.array([float("inf"), float("nan")]), ["invalid-number"] * 2),
    # A null in a record states nothing, not even a key that nothing declares.
    "null key": (
        "contract.exclusions",
        pa.array([[{**EXCLUDED[0], "note": None}], [{**EXCLUDED[0], "note": "by letter"}]]),
        ["unknown-key"],
    ),
}


@pytest.mark.parametrize("name", TYPES)
def test_what_no_claim_can_state_costs_its_claim(name, tmp_path):
    path, array, codes = TYPES[name]
    columns = {key: pa.array([value] * 2) for key, value in ROW.items()} | {path: array}
    pq.write_table(pa.table({"claim_id": ["A", "B"], "line": [1, 1], **columns}), tmp_path / "lines.parquet")
    numbers, why = said(tmp_path / "lines.parquet")
    assert [code for code, _ in why] == codes
    assert numbers == [1] * (2 - len(codes))


def no_utf_8(*values):
    """Texts as Arrow reads them of a file that has any bytes in them."""
    array = pa.array(values, pa.binary())
    return pa.StringArray.from_buffers(len(array), *array.buffers()[1:], array.buffers()[0])


LATIN = no_utf_8(b"a", b"caf\xe9", b"a")
TEXTS = {
    "claim_id": LATIN,
    "drug": LATIN,
    "dx1": LATIN,
    "diagnoses": pa.ListArray.from_arrays(pa.array([0, 1, 2, 3], pa.int32()), LATIN),
    "contract.riders": pa.ListArray.from_arrays(
        pa.array([0, 1, 2, 3], pa.int32()), pa.StructArray.from_arrays([LATIN], ["section"])
    ),
}


@pytest.mark.parametrize("path", TEXTS)
@pytest.mark.parametrize("ids", ["ABC", "ABA"])
def test_a_file_whose_texts_are_none_is_refused(path, ids, tmp_path):
    """Whether its rows are to be brought together or not."""
    columns = {key: pa.array([value] * 3) for key, value in ROW.items()}
    table = {"claim_id": pa.array(list(ids)), "line": pa.array([1, 2, 3]), **columns, path: TEXTS[path]}
    pq.write_table(pa.table(table), tmp_path / "lines.parquet")
    with pytest.raises(RowsError, match=r"row 1 or one behind it cannot be read: .*UTF8"):
        said(tmp_path / "lines.parquet")
    assert not (tmp_path / "out.ndjson").exists()
    if path == "claim_id":
        with pytest.raises(RowsError, match="the texts of `claim_id` are no UTF-8"):
            footers_of(tmp_path / "lines.parquet").shares(path)
