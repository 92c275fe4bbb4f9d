"""Lines of a few values, many of a kind: what tells them apart for a decision is told, whatever its place."""

import random
from collections import Counter

import pytest

pytest.importorskip("pyarrow")

from bulk import batch, expected, write
from test_batch_given import made, numbered, stating

THINGS = """\
package made.things
codes hcpcs {
    X1960 "one" per 10 mg gives line.kind := red, line.flag := true
    X1961 "two" until 1994-01-01
    X1961 "two" from 2001-01-01 until 2012-01-01 per 10 mg
        gives line.kind := green, line.weight := 1.2 kg replaced by X1960
    X1961 "two" from 2013-01-01 per 20 mg gives line.kind := red, line.weight := 2 kg
    X1962 "three" until 2021-01-01 per 3 mg replaced by X1960
    X1963 "four" gives line.kind := red, line.place_of_service := "aB"
    X1964 "five" gives line.site := other, line.since := 2020-02-01
    X1965 "six"
    X1966 "seven" gives line.flag := true, line.kind := red, line.site := other
    X1967 "eight" gives line.kind := blue
    X197x "several" per 5 mg gives line.kind := blue
}
codes icd10cm { A10 "x" until 2020-03-01 replaced by A11  A11 "x"  A12.1 "x" from 2021-01-01 }
concept speaking of hcpcs { X1960  X1962  X1965  X1969 }
facts {
    line.kind { red also "rouge", green, blue }
    line.site open { left, other }
    line.flag boolean absent means false assume no_flag "it would be told"
    line.side open { near, far } absent means near assume near_side "taken to be near"
    line.weight number 0.. in kg
    line.since date
    line.ordered date
    claim.grade open { high, low }
    claim.admitted date
}
evidence line.kind from other lines of the day with speaking assume kind_of_some "that of these"
"""
PARTS = """
codes parts {
    P1 "x" gives line.kind := red
    P2 "x" until 2012-01-01 gives line.kind := green
    P2 "x" from 2020-03-01 gives line.kind := red
    P3 "x" gives line.kind := blue
    P4 "x" gives line.kind := red
}
facts { line.part code of parts }
"""
"""Where these give what else the procedure gives."""

OTHER = """\
package made.other
import made.things
policy "Other" { payer "A plan" $GOVERNED }
revision 1990-01-01 "Posted" {
    section A "A" { not_covered if { line.side == near } }
    codes open to lines stating line.kind { X1965 }
}
"""
"""Whose table is open to lines that state what codes give."""

POLICY = """\
package made.policy
import made.other
import made.things
policy "Made" { payer "A plan" $GOVERNED }
evidence line.kind from other lines of the day assume kind_of_all "that of all"
evidence line.flag from other lines of the day with things.speaking
evidence line.site from other lines of the day
revision 1990-01-01 "Posted" {
    section A "A" { not_covered if { $FIRST } }
    section B "B" { experimental_investigational if { $SECOND } }
    section C "C" { not_medically_necessary otherwise assume the_rest "what is left" }
    A overrides B
    codes open to lines stating line.site {
        X1960 assume one_counts "it is listed as far as we know"
        X1961 though ended "it lags"
        X1962 needs X1960 or (X1961 assume two_will_do "as a primary") though ended "it lags"
        X1965 needs X1960 or X1961
        X1966
        X1970
        X1971 needs X1960
    }
}
revision 2020-01-01 "Listed alike" {
    replace codes open to lines stating line.site { X1960  X1965  X1966  X1961 though ended "it lags" }
}
revision 2020-06-01 "Another name" {
    replace codes open to lines stating line.site { X1960  X1965  X1966 }
}
"""
RULES = {
    "given": ("line.kind == red  line.side == near", "line.flag or line.weight >= 2 kg"),
    "stated": ("outcome of other == not_applicable", "line.kind in { red, blue }"),
    "text": ('line.place_of_service == "ab"', "line.kind == blue"),
    "dates": ("line.ordered within 30 days before line.service_date", "line.since >= 2020-02-01"),
    "windows": ("line.since within 1 year before line.service_date", "member.age >= 18"),
    "history": (
        "some h in claim.history { h.service_date within 30 days before line.service_date }",
        "line.procedure in { X1960, X1968 }",
    ),
    "diagnoses": ("at least 2 d in claim.diagnoses { d == A11 }", "some d in claim.diagnoses { d == A10 }"),
    "unclear": ("line.site == other", "line.kind == green"),
    "nothing": ("claim.grade == high", "claim.grade == low"),
}
CODES = [f"X{number}" for number in range(1960, 1972)]
DAYS = ("1989-12-31", "1994-05-05", "2001-06-01", "2002-11-01", "2010-05-05", "2012-05-05", "2019-12-31")
DAYS += ("2020-01-01", "2020-02-29", "2020-03-01", "2020-06-01", "2021-01-01", "2021-03-01")
LINE = {
    "kind": ("red", "Rouge", "green", "blue"),
    "site": ("left", "lefd", "other", "Other", "else"),
    "flag": (True, False),
    "side": ("near", "far", "neer"),
    "weight": (1.2, 2, 3),
    "since": ("2020-02-01", "2020-02-02", "2009-07-01"),
    "ordered": ("2020-02-20", "2002-10-20"),
    "place_of_service": ("ab", "aB", "11"),
    "units": (1, 2),
    "part": ("P1", "p2", "P3", "P4", "P9"),
    "diagnoses": (["A10"], ["A11", "A11"], ["A11"], ["A12"], [None, "A12.1"], []),
}
GIVEN = ("kind", "flag", "weight", "since", "place_of_service")
CLAIM = {
    "grade": ("high", "low", "hihg"),
    "admitted": DAYS,
    "diagnoses": LINE["diagnoses"],
    "history": ([], [{"procedure": "X1960", "service_date": "2020-02-20", "units": 1}]),
    "member": ({"birth_date": "2002-03-01"}, {"birth_date": "1984-02-29"}),
}


def drawn(draw, left_out, days, count=200):
    """Claims that state few values, and some facts nowhere."""
    often = {key: draw.choice((0.1, 0.5)) for key in (*LINE, *CLAIM) if key not in left_out}
    often["admitted"] = 0.8
    codes = draw.sample(CODES, 8)
    of_claim = {**CLAIM, "admitted": days}

    def stated(facts, at):
        found = {}
        for key, values in facts.items():
            # The first states all, so that columns stand in the order in which lines state them.
            found |= stating(draw, key in often if at == 0 else often.get(key, 0), **{key: values})
        return found

    for at in range(count):
        day = draw.choice(days)
        lines = [
            {
                "procedure": draw.choice(codes),
                "service_date": day if draw.random() < 0.8 else draw.choice(days),
                **stated(LINE, at),
            }
            for _ in range(draw.randint(1, 4))
        ]
        yield {**stated(of_claim, at), "lines": lines}


def compared(policy, folder, seed, without):
    """The determinations of claims of which `batch` says what `eval` says."""
    draw = random.Random(seed)
    said = Counter()
    all_facts, some_facts = (without, draw.sample(DAYS, 6)), ((*GIVEN, *without), DAYS[-7:])
    for name, (left_out, days) in (("lines.ndjson", all_facts), ("lines.parquet", some_facts)):
        claims = list(numbered(drawn(draw, left_out, days)))
        source = write(folder / name, claims)
        found, _ = batch(policy, source, folder / "decisions.ndjson", rows=150)
        wanted, _ = expected(policy, claims)
        assert found == wanted
        said.update(row["determination"] for row in wanted)
    return said


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize(
    ("governed", "parts"),
    [("line.service_date", False), ("line.service_date", True), ("claim.admitted", False)],
)
def test_lines_of_one_kind_are_decided_alike(governed, parts, rules, tmp_path):
    words = {"$GOVERNED": f"governed by {governed}", "$FIRST": RULES[rules][0], "$SECOND": RULES[rules][1]}
    texts = [THINGS, OTHER, POLICY]
    for word, meant in words.items():
        texts = [text.replace(word, meant) for text in texts]
    if parts:
        for kind, part in (("red", "P1"), ("green", "P2"), ("blue", "P3")):
            texts[0] = texts[0].replace(f"line.kind := {kind}", f"line.part := {part}")
        texts[0] = texts[0].replace("green, blue }", "green, blue } given by line.part") + PARTS
    if rules != "stated":
        texts[-1] = texts[-1].replace("import made.other\n", "")
    said = compared(made(tmp_path, *texts), tmp_path, f"{governed} {rules}", [] if parts else ["part"])
    assert len(said) > 3
