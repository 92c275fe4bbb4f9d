"""`policyc batch` says of every line what `eval` says, whatever the table and wherever it is cut."""

import json
import random
import sys
from collections import Counter
from itertools import product
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import drawn as drawing
import equal
import pyarrow as pa
import pyarrow.parquet as pq
from backends import examples
from bulk import batch, expected, numbered_rows, stated, write
from exchanging import replaced
from hypothesis import given
from hypothesis import strategies as st
from test_backends import GOLDENS, blended, policy_of

import policies
from policyc import PolicyError, cache, load
from policyc.bulk.run import Asked, run
from policyc.library import load_library
from policyc.reading.rows import RowsError

ROOT = Path(__file__).parents[1]
SHIPPED = [
    ROOT / "policies" / name
    for name in ("bcbsks/iv_anesthetics.pol", "cms/ncd_210_14.pol", "cms/ncd_240_4.pol")
]

DAYS = (None, "2016-06-01")


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "folder", lambda: tmp_path_factory.getbasetemp() / "batch")
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("batch")


def agree(policy, claims, folder, kind=".ndjson", size=None, **options):
    """Both say the same of some claims."""
    source = write(folder / f"lines{kind}", claims)
    found = batch(policy, source, folder / "decisions.ndjson", rows=size, **options)
    rows, unread = expected(policy, claims)
    assert [json.dumps(row, sort_keys=True) for row in found[0]] == [
        json.dumps(row, sort_keys=True) for row in rows
    ]
    assert found[1] == unread


def drawn(path, random, count):
    """Claims of a shipped policy: those of its golden files, blended at random."""
    mine = [golden["claim"] for at, golden in GOLDENS.items() if policy_of(at) == path]
    for number in range(count):
        claim = stated(blended(random.choice(mine), random.choice(mine), random))
        claim["lines"] = [{**line, "line": at} for at, line in enumerate(claim["lines"], 1)]
        yield {**claim, "claim_id": f"C-{number}"}


def drawn_for(path, known_on):
    return list(drawn(path, random.Random(f"{path.stem} {known_on}"), 600))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
@pytest.mark.parametrize("known_on", DAYS)
def test_shipped_policies(path, known_on, folder):
    agree(load(path, known_on=known_on), drawn_for(path, known_on), folder, size=200)


def test_all_kinds_of_decisions_are_compared():
    compared = Counter()
    for path, known_on in product(SHIPPED, DAYS):
        rows, unread = expected(load(path, known_on=known_on), drawn_for(path, known_on))
        compared.update(row["determination"] for row in rows)
        compared["unread"] += len(unread)
    for kind in ("unread", "needs_information", "code_not_valid", "not_in_force", "medically_necessary"):
        assert compared[kind] > 100


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_tables_with_everything_in_them(path, folder, monkeypatch):
    monkeypatch.setattr(drawing, "ODD", 0.001)
    policy = load(path)
    table = drawing.drawn(policy, 5, 1500)
    pq.write_table(table, folder / "drawn.parquet", row_group_size=400)
    wanted = equal.by_eval(policy, table)
    assert len(wanted.rejects) > 10
    for way in (equal.by_batch, equal.by_batch_as_json):
        assert equal.differing(wanted, way(policy, folder / "drawn.parquet")) == []


@pytest.mark.parametrize(
    ("numbers", "refused"),
    [
        (pa.array([1, None, 3]), {"B": "missing-key"}),
        (pa.array([1, 2**64 - 1, 3], pa.uint64()), {"B": "invalid-number"}),
        (pa.array([1.0, 1.5, None]), {"B": "wrong-type", "C": "missing-key"}),
        (pa.array(["1", "2", "3"]), {"A": "wrong-type", "B": "wrong-type", "C": "wrong-type"}),
    ],
)
def test_lines_whose_number_cannot_be_written(numbers, refused, folder):
    columns = {"claim_id": list("ABC"), "procedure": ["96365"] * 3, "service_date": ["2024-10-01"] * 3}
    pq.write_table(pa.table({**columns, "line": numbers}), folder / "numbers.parquet")
    told = run(Asked(load(SHIPPED[0]), folder / "numbers.parquet", folder / "numbers.ndjson"))
    assert {error.claim_id: error.code for _, error in told.rejects} == refused
    left = [json.loads(line) for line in (folder / "numbers.ndjson").read_text().splitlines()]
    wanted = [(claim, at) for at, claim in enumerate("ABC", 1) if claim not in refused]
    assert [(row["claim_id"], row["line"]) for row in left] == wanted


@pytest.mark.parametrize("index", [pa.int8(), pa.uint8(), pa.uint64()], ids=str)
def test_words_that_a_file_numbers_itself(index, folder):
    """pandas writes categories, numbered by 8 bits: each piece has its own words, all together have more."""

    def table(kind):
        def encoded(words):
            array = pa.array(words).dictionary_encode()
            return array if kind is None else array.cast(pa.dictionary(kind, pa.string()))

        for first in range(0, 400, 100):
            rows = range(first, first + 100)
            codes = ["96365" if row % 10 == 0 else f"X{row:04}" for row in rows]
            diagnoses = encoded([["G89.4", "M54.5", f"Z{row % 100:02}"][row % 3] for row in rows])
            yield pa.table(
                {
                    "claim_id": encoded([f"C{row}" for row in rows]),
                    "line": [1] * 100,
                    "procedure": encoded(codes),
                    "service_date": encoded(["2024-10-01"] * 100),
                    "diagnoses": pa.ListArray.from_arrays(pa.array(range(101), pa.int32()), diagnoses),
                }
            )

    found = []
    for kind in (None, index):
        with pq.ParquetWriter(folder / "words.parquet", next(table(kind)).schema) as writer:
            for some in table(kind):
                writer.write_table(some)
        for policy in (load(SHIPPED[0]), load_library(ROOT / "policies")):
            told = run(Asked(policy, folder / "words.parquet", folder / "words.ndjson", rows=150))
            assert (told.lines, told.rejects) == (400, [])
            found.append((folder / "words.ndjson").read_text())
    assert found[:2] == found[2:]


def test_generated_policies(folder):
    compared = Counter()

    @examples(40)
    @given(st.data())
    def compare(data):
        made = data.draw(policies.policies())
        path = made.write(folder)
        claims = data.draw(st.lists(policies.claims(made.facts), min_size=1, max_size=30))
        claims = [{**stated(claim), "claim_id": f"C-{number}"} for number, claim in enumerate(claims)]
        try:
            policy = load(path, known_on=data.draw(policies.KNOWN_ON))
        except PolicyError:
            return  # a few that are drawn do not compile
        size = data.draw(st.sampled_from([1, 7, None]))
        agree(policy, claims, folder, size=size)
        ids = folder / "numbers.parquet"
        run(Asked(policy, folder / "lines.ndjson", ids, policy.known_on, rows=size, ids=True))
        rows, _ = expected(policy, claims)
        assert numbered_rows(ids) == rows
        compared.update(edit["kind"] for row in rows for edit in row["edits"])
        compared["made"] += 1

    compare()
    assert compared["made"] > 20
    assert {"contradicts_code", "unrecognized_value"} <= compared.keys()


def test_all_policies_of_a_folder(folder):
    draw = random.Random(1)
    mine = [golden["claim"] for at, golden in GOLDENS.items() if policy_of(at) in SHIPPED]
    claims = []
    for number in range(400):
        one, other = draw.choice(mine), draw.choice(mine)
        claim = stated(blended(one, other, draw))
        lines = [*claim["lines"], *stated(other)["lines"][: number % 2]]
        claims.append(
            {
                **claim,
                "claim_id": f"C-{number}",
                "lines": [{**line, "line": at} for at, line in enumerate(lines, 1)],
            }
        )
    library = load_library(ROOT / "policies")
    agree(library, claims, folder, size=150)
    source = write(folder / "lines.ndjson", claims)
    for kind in ("parquet", "ndjson"):
        run(Asked(library, source, folder / f"all.{kind}", resume=kind == "ndjson", rows=100))
    texts = [json.loads(line) for line in (folder / "all.ndjson").read_text().splitlines()]
    assert Counter(row["policy"] for row in texts).keys() == {
        None,
        *(p.compiled.package for p in library.policies),
    }
    for row, wanted in zip(pq.read_table(folder / "all.parquet").to_pylist(), texts, strict=True):
        assert [json.loads(edit["edit"]) for edit in row.pop("edits")] == wanted.pop("edits")
        assert {key: row[key] for key in wanted} == wanted


def test_a_folder_without_policies_concerns_no_claim(tmp_path):
    line = {"line": 1, "procedure": "96365", "service_date": "2024-10-01"}
    agree(load_library(tmp_path), [{"claim_id": "C", "lines": [line]}], tmp_path)


LIMITED = """\
package made.limits
codes hcpcs { X1960 "a thing"  X1961 "another" }
facts { claim.a boolean  claim.b boolean }
policy "Made" { payer "A plan" }
revision 2024-01-01 "Posted" {
    section A "A" { medically_necessary if { claim.a } limit 1 unit of X1960 per 30 days then not_covered }
    section B "B" { medically_necessary if { claim.b } }
    codes { X1960 X1961 }
}
"""


def test_limits_where_it_is_open_which_section_allows_a_line(folder):
    path = folder / "made" / "limits.pol"
    path.parent.mkdir(exist_ok=True)
    path.write_text(LIMITED)
    policy = load(path)
    sides = [
        {key: value for key, value in zip("ab", pair, strict=True) if value is not None}
        for pair in product((True, False, None), repeat=2)
    ]
    claims = [
        {
            "claim_id": f"C-{number}",
            **side,
            "lines": [
                {"line": at, "procedure": code, "service_date": "2024-05-02", "units": units}
                for at, (code, units) in enumerate(zip(codes, (1, 2), strict=False), 1)
            ],
            **({"history": history} if history is not None else {}),
        }
        for number, (side, codes, history) in enumerate(
            product(sides, (["X1960"], ["X1960", "X1960"], ["X1961", "X1960"], ["X1961"]), ([], None))
        )
    ]
    agree(policy, claims, folder)
    determinations = {line["determination"] for c in claims for line in policy.decide(c)["lines"]}
    assert determinations >= {"medically_necessary", "needs_information"}


APART = """\
package made.apart
codes hcpcs {
    X1960 "a thing" gives line.kind := red
    X1961 "another"
    X1962 "a third" from 2024-02-01 until 2024-06-01
}
concept pain of icd10cm { G89 inside { G89 } }
facts {
    line.kind { red, green, blue }
    line.site open { left, right }
    claim.first boolean
    claim.trials integer
}
policy "Made" { payer "A plan" }
evidence line.site from other lines of the day assume same_site "taken to be one"
revision 2024-01-01 "Posted" {
    section A "A" { not_covered if { line.kind == red  line.site == left } }
    section B "B" { medically_necessary if { some d in claim.diagnoses { d in pain } } }
    codes { X1960 X1961 needs X1962 X1962 though ended "it lags" }
    A overrides B
}
revision 2024-03-01 "Only now" {
    section C "C" { experimental_investigational if { claim.first  claim.trials >= 2 } }
    section D "D" {
        manual_review if {
            some d in claim.diagnoses { some e in claim.diagnoses { d in pain  not e in pain } }
        }
    }
    A overrides C
    A overrides D
    D overrides B
    D overrides C
    C overrides B
}
"""


def test_what_one_version_or_one_code_alone_asks(folder):
    path = folder / "made" / "apart.pol"
    path.parent.mkdir(exist_ok=True)
    path.write_text(APART)
    policy = load(path)
    lines = st.fixed_dictionaries(
        {
            "procedure": st.sampled_from(["X1960", "X1961", "X1962", "X1963"]),
            "service_date": st.sampled_from(
                ["2023-12-31", "2024-01-01", "2024-02-01", "2024-02-29", "2024-03-01", "2024-06-01"]
            ),
        },
        optional={
            "kind": st.sampled_from(["red", "RED", "green", "grene"]),
            "site": st.sampled_from(["left", "right", "lefd", "other"]),
            "diagnoses": st.lists(st.sampled_from(["G89", "G89.4", "M54.5", None]), max_size=3),
        },
    )
    facts = {
        "first": st.booleans(),
        "trials": st.integers(0, 3),
        "diagnoses": st.lists(st.sampled_from(["G89", "M54.5", None]), max_size=3),
    }
    drawn = st.fixed_dictionaries({"lines": st.lists(lines, min_size=1, max_size=4)}, optional=facts)
    determinations = Counter()

    @examples(15)
    @given(st.lists(drawn, min_size=20, max_size=60), st.sampled_from([".ndjson", ".parquet"]))
    def compare(claims, kind):
        for number, claim in enumerate(claims):
            claim["claim_id"] = f"C-{number}"
            claim["lines"] = [{**line, "line": at} for at, line in enumerate(claim["lines"], 1)]
        agree(policy, claims, folder, kind, size=7)
        determinations.update(row["determination"] for row in expected(policy, claims)[0])

    compare()
    wanted = {"not_covered", "medically_necessary", "experimental_investigational", "manual_review"}
    assert wanted | {"code_not_valid", "not_in_force", "needs_information"} <= determinations.keys()


CODES = [f"X{number:04}" for number in range(1, 91)]
SITES = [f"site_{number}" for number in range(1, 21)]
MANY = f"""\
package made.many
codes hcpcs {{
    {" ".join(f'{code} "{code}"' for code in ["X0000", *CODES])}
    X0100 "one" gives line.site := site_9
}}
facts {{ line.site open {{ {", ".join(SITES)} }} }}
policy "Made" {{ payer "A plan" }}
evidence line.site from other lines of the day assume same_site "taken to be one"
revision 2024-01-01 "Posted" {{
    section A "A" {{ medically_necessary if {{ line.site in {{ {", ".join(SITES[::3])} }} }} }}
    codes {{ X0000 needs {" or ".join(CODES)} X0100 {" ".join(CODES)} }}
}}
"""


def test_many_codes_that_others_need_and_many_values_that_are_evidence(tmp_path):
    """More of both than bits of a word."""
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "many.pol").write_text(MANY)
    draw = random.Random(7)
    days = [f"2024-{month:02}-{day:02}" for month in range(1, 10) for day in range(1, 29)]
    claims = []
    for number in range(700):
        near = draw.sample(days, 2) if number % 5 else [None, days[number % len(days)]]
        codes = ["X0000", *draw.sample(CODES, 2), draw.choice(["X0000", "X0100", "X0099"])]
        lines = [
            {"line": at, "procedure": code, "service_date": draw.choice(near)}
            | ({"site": draw.choice(SITES)} if draw.random() < 0.3 else {})
            for at, code in enumerate(codes, 1)
        ]
        claims.append({"claim_id": f"C-{number}", "lines": lines})
    agree(load(tmp_path / "made" / "many.pol"), [stated(claim) for claim in claims], tmp_path)


def test_a_column_that_two_policies_declare_differently(tmp_path):
    for name, kind in (("one", "boolean"), ("other", "integer")):
        text = replaced(
            replaced(LIMITED, "made.limits", f"made.{name}"), "claim.b boolean", f"claim.b {kind}"
        )
        text = replaced(text, "if { claim.b }", "if { claim.b >= 1 }") if kind == "integer" else text
        (tmp_path / "made").mkdir(exist_ok=True)
        (tmp_path / "made" / f"{name}.pol").write_text(text)
    library = load_library(tmp_path)
    source = tmp_path / "lines.csv"
    source.write_text("claim_id,line,procedure,service_date,claim.b\nA,1,X1960,2024-05-02,1\n")
    with pytest.raises(RowsError, match=r"policies declare `claim\.b` differently"):
        run(Asked(library, source, tmp_path / "out.ndjson"))
