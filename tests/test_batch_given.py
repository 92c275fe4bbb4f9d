"""`policyc batch` says what `eval` says where codes give facts, and edits repeat what claims state."""

import random
from collections import Counter

import pytest

pytest.importorskip("pyarrow")

from bulk import batch, expected
from test_batch import agree

from policyc import load

FIELDS = """\
package made.fields
codes hcpcs { X1960 "a thing" gives line.kind := red  X1961 "another" }
codes products {
    P1 "one" gives trial.class := ssri, trial.dose := 20 mg
    P2 "two" until 2024-06-01 gives trial.class := snri
}
codes plans { L1 "a plan" gives claim.grade := low  L2 "another" gives claim.grade := high }
record trial {
    product code of products
    class open { ssri, snri } given by product
    dose number 0.. in mg given by product
}
facts {
    claim.trials list of trial
    line.kind open { red, green }
    claim.plan code of plans
    claim.grade open { high, low } given by claim.plan
}
policy "Made" { payer "A plan" }
revision 2024-01-01 "Posted" {
    section A "A" { medically_necessary if { some t in claim.trials { t.class == ssri  t.dose >= 10 mg } } }
    section B "B" { not_covered if { line.kind == red  claim.grade == low  member.sex == female } }
    A overrides B
    codes { X1960 X1961 }
}
"""


def made(folder, *texts):
    """A policy with all that it rests on, each named in its first line; it is the last."""
    for text in texts:
        path = folder.joinpath(*text.split()[1].split(".")).with_suffix(".pol")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return load(path)


def numbered(claims):
    """Claims and their lines with names of their own."""
    for number, claim in enumerate(claims):
        lines = [{"line": at, **line} for at, line in enumerate(claim["lines"], 1)]
        yield {**claim, "claim_id": f"C-{number}", "lines": lines}


def stating(draw, often, **facts):
    """Some facts, each stated with some likelihood as one of its values."""
    return {key: draw.choice(values) for key, values in facts.items() if draw.random() < often}


@pytest.mark.parametrize("kind", [".ndjson", ".parquet"])
def test_fields_of_records_that_codes_give(kind, tmp_path):
    draw = random.Random(3)
    records = {"product": ("P1", "p2", "P3"), "class": ("ssri", "SNRI", "ssrj"), "dose": (5, 20, 30)}
    claims = []
    for _ in range(150):
        trials = [stating(draw, 0.6, **records) for _ in range(draw.randint(0, 2))]
        facts = {"procedure": ("X1960", "X1961"), "service_date": ("2024-05-31", "2024-06-01")}
        lines = [stating(draw, 1, **facts) for _ in "12"]
        claims.append({**stating(draw, 0.7, plan=("L1", "L2", "L3"), trials=([], trials)), "lines": lines})
    policy = made(tmp_path, FIELDS)
    claims = list(numbered(claims))
    agree(policy, claims, tmp_path, kind, size=40)
    kinds = Counter(edit["kind"] for row in expected(policy, claims)[0] for edit in row["edits"])
    assert kinds.keys() == {"contradicts_code", "unrecognized_value"}


def test_what_is_not_recognized_is_told_in_the_order_of_a_claim(tmp_path):
    """Of the claim first, then of the member, wherever the columns stand."""
    source = tmp_path / "lines.csv"
    policy = made(tmp_path, FIELDS)
    rows = "A,1,X1960,2024-05-02,femalf,higj,rad\nA,2,X1961,2024-05-02,femalf,higj,rad\n"
    source.write_text(f"claim_id,line,procedure,service_date,member.sex,claim.grade,line.kind\n{rows}")
    claim = {"grade": "higj", "member": {"sex": "femalf"}}
    line = {"service_date": "2024-05-02", "kind": "rad"}
    claim["lines"] = [{**line, "procedure": code} for code in ("X1960", "X1961")]
    wanted, _ = expected(policy, numbered([claim]))
    found, _ = batch(policy, source, tmp_path / "decisions.ndjson")
    assert [row["edits"] for row in found] == [row["edits"] for row in wanted]
    assert [edit["fact"] for edit in found[0]["edits"]] == ["claim.grade", "member.sex", "line.kind"]


HEARD = """\
package made.heard
codes hcpcs { X1960 "a thing" }
concept speaking of hcpcs { X1968 }
facts { line.kind { red, green } }
policy "Made" { payer "A plan" }
evidence line.kind from other lines of the day with speaking
revision 2024-01-01 "Posted" {
    section A "A" { not_covered if { line.kind == red } }
    codes { X1960 }
}
"""


@pytest.mark.parametrize("codes", [("X1968", "X1969"), ("X1969", "X1968")])
def test_codes_that_no_library_lists_are_heard_or_not_each_for_itself(codes, tmp_path):
    """Whichever comes first: that of one is not taken for what the other is."""
    policy = made(tmp_path, HEARD)
    beside = [{"procedure": code, "kind": "red"} for code in codes]
    lines = [[{"procedure": "X1960"}, other] for other in beside]
    both = [{"lines": [{"service_date": "2024-05-02", **line} for line in each]} for each in lines]
    claims = list(numbered(both))
    agree(policy, claims, tmp_path)
    determined = [row["determination"] for row in expected(policy, claims)[0]]
    said = dict(zip(codes, determined[::2], strict=True))
    assert said == {"X1968": "not_covered", "X1969": "needs_information"}
