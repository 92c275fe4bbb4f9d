"""Claims as they are read: what each value becomes, and what is refused, where and why."""

import copy
from datetime import date
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.runtime.reader import BUILT_IN, ClaimError, Exclusion, FactSpec, Unclear, read_claim

DRUGS = {
    "ketamine": "ketamine",
    "esketamine": "esketamine",
    "lidocaine": "lidocaine",
    "lidocaine with epinephrine": "lidocaine_epinephrine",
    "xylocaine": "lidocaine",
    "ketalar": "ketamine",
}
FACTS = [
    FactSpec("line.drug", "enum", open=True, names=DRUGS),
    FactSpec("line.route", "enum", names={"intravenous": "intravenous", "iv": "intravenous", "oral": "oral"}),
    FactSpec("line.note", "text"),
    FactSpec("claim.resistant", "boolean"),
    FactSpec("claim.cause", "code", system="icd10cm"),
    FactSpec("member.tags", "texts"),
]
SCHEMA = {spec.path: spec for spec in FACTS}


def claim(line=None, **keys):
    stated = {"line": 1, "procedure": "J2003", "service_date": "2024-10-01", **(line or {})}
    return {"claim_id": "C-1", "lines": [stated], **keys}


def refused(data, **options):
    with pytest.raises(ClaimError) as caught:
        read_claim(data, SCHEMA, **options)
    return caught.value


def test_a_claim_with_everything():
    read = read_claim(
        claim(
            {
                "procedure": "j2003",
                "units": 300,
                "modifiers": ["59"],
                "drug": "Ketalar",
                "diagnoses": ["m79.7"],
            },
            diagnoses=["G90.511", None, "f332"],
            resistant=True,
            cause="g89.4",
            member={"birth_date": "1980-02-29", "sex": "Female", "tags": []},
            contract={
                "payer": "BCBSKS",
                "exclusions": [{"section": "A", "from": "2024-01-01"}],
                "riders": [{"procedures": ["j2003"], "from": "2024-01-01", "until": "2025-01-01"}],
            },
        ),
        SCHEMA,
    )
    assert read.claim_id == "C-1"
    assert read.stated == {
        "claim.diagnoses": ("G90511", None, "F332"),
        "claim.resistant": True,
        "claim.cause": "G894",
        "member.birth_date": date(1980, 2, 29),
        "member.sex": "female",
        "member.tags": (),
        "contract.payer": "BCBSKS",
    }
    assert read.echo == {"claim.cause": "g89.4", "member.sex": "Female", "contract.payer": "BCBSKS"}
    assert read.exclusions == (Exclusion("A", (), (), date(2024, 1, 1), None),)
    assert read.riders == (Exclusion(None, ("J2003",), (), date(2024, 1, 1), date(2025, 1, 1)),)
    (line,) = read.lines
    assert (line.number, line.procedure, line.code, line.day) == (1, "j2003", "J2003", date(2024, 10, 1))
    assert line.stated == {
        "line.procedure": "J2003",
        "line.service_date": date(2024, 10, 1),
        "line.units": Decimal(300),
        "line.modifiers": ("59",),
        "line.drug": "ketamine",
        "line.diagnoses": ("M797",),
    }
    assert line.echo == {"line.procedure": "j2003", "line.drug": "Ketalar"}


@pytest.mark.parametrize(
    ("line", "own", "stated"),
    [({}, False, None), ({"diagnoses": None}, True, None), ({"diagnoses": []}, True, ())],
)
def test_null_diagnoses_of_a_line_are_its_own_and_unknown(line, own, stated):
    (read,) = read_claim(claim(line, diagnoses=["G89.4"]), SCHEMA).lines
    assert (read.own_diagnoses, read.stated.get("line.diagnoses")) == (own, stated)


def test_null_is_absent():
    bare = claim({"units": None, "drug": None}, diagnoses=None, member=None, contract={"exclusions": None})
    assert read_claim(bare, SCHEMA) == read_claim(claim(), SCHEMA)


@pytest.mark.parametrize(
    ("stated", "value"),
    [
        ("ketamine", "ketamine"),
        ("KETAMINE", "ketamine"),
        ("Lidocaine with Epinephrine", "lidocaine_epinephrine"),
        ("Vancomycin", "vancomycin"),
        ("ketamines99", "ketamines99"),
        ("Straße", "strasse"),
        ("ketamine 50 mg/ml", ("ketamine",)),
        ("50mg KETAMINE-HCl", ("ketamine",)),
        ("inj. lidocaine, with epinephrine 1:1000", ("lidocaine", "lidocaine_epinephrine")),
        ("lidocaine + ketalar", ("ketamine", "lidocaine")),
        ("ketamne", ("ketamine",)),
        ("sketamine", ("ketamine", "esketamine")),
        ("xilocain", ("lidocaine",)),
    ],
)
def test_an_open_enumeration(stated, value):
    (line,) = read_claim(claim({"drug": stated}), SCHEMA).lines
    if isinstance(value, tuple):
        assert line.unclear == {"line.drug": Unclear(stated, value)}
        assert "line.drug" not in line.stated
    else:
        assert line.stated["line.drug"] == value
        assert line.unclear == {}
    assert line.echo["line.drug"] == stated


@pytest.mark.parametrize(
    ("stated", "unclear"), [("iw", True), ("ixx", False), ("orall", True), ("or", False)]
)
def test_a_short_name_resembles_what_is_one_edit_away(stated, unclear):
    names = {"iv": "iv", "oral": "oral"}
    schema = {"line.route": FactSpec("line.route", "enum", open=True, names=names)}
    (line,) = read_claim(claim({"route": stated}), schema).lines
    assert ("line.route" in line.unclear) is unclear


@pytest.mark.parametrize(
    ("units", "value"),
    [
        (0, "0"),
        (0.1, "0.1"),
        (1e22, "1E+22"),
        (Decimal("2.50"), "2.50"),
        (-0.0, "0.0"),
        (10**100 - 1, "9" * 100),
        (Decimal("1E-100"), "1E-100"),
    ],
)
def test_numbers_are_exact(units, value):
    (line,) = read_claim(claim({"units": units}), SCHEMA).lines
    assert str(line.stated["line.units"]) == value


SURROGATE = "\ud800"


@pytest.mark.parametrize(
    ("data", "code", "at"),
    [
        (None, "not-an-object", ""),
        ([], "not-an-object", ""),
        ({}, "missing-key", ""),
        ({"claim_id": None, "lines": []}, "wrong-type", "/claim_id"),
        ({"claim_id": 7, "lines": []}, "wrong-type", "/claim_id"),
        ({"claim_id": "C-1"}, "missing-key", ""),
        ({"claim_id": "C-1", "lines": None}, "wrong-type", "/lines"),
        ({"claim_id": "C-1", "lines": {}}, "wrong-type", "/lines"),
        ({"claim_id": "C-1", "lines": []}, "no-lines", "/lines"),
        ({"claim_id": "C-1", "lines": [3]}, "not-an-object", "/lines/0"),
        ({"claim_id": "C-1", "lines": [{}]}, "missing-key", "/lines/0"),
        (claim({"line": True}), "wrong-type", "/lines/0/line"),
        (claim({"line": Decimal("1.0")}), "wrong-type", "/lines/0/line"),
        (claim({"line": 10**100}), "invalid-number", "/lines/0/line"),
        (claim({"service_date": None}), "wrong-type", "/lines/0/service_date"),
        (claim({"service_date": "2024-02-30"}), "invalid-date", "/lines/0/service_date"),
        (claim({"service_date": "2024-1-1"}), "invalid-date", "/lines/0/service_date"),
        (claim({"service_date": "20240101"}), "invalid-date", "/lines/0/service_date"),
        (claim({"service_date": "0000-01-01"}), "invalid-date", "/lines/0/service_date"),
        (claim({"service_date": "2024-01-01\n"}), "invalid-date", "/lines/0/service_date"),
        (
            claim({"service_date": "\N{FULLWIDTH DIGIT TWO}024-01-01"}),
            "invalid-date",
            "/lines/0/service_date",
        ),
        (claim({"service_date": date(2024, 1, 1)}), "wrong-type", "/lines/0/service_date"),
        (claim({"procedure": "J20"}), "invalid-code", "/lines/0/procedure"),
        (claim({"procedure": "\N{LATIN SMALL LETTER LONG S}2003"}), "invalid-code", "/lines/0/procedure"),
        (claim({"procedure": ""}), "invalid-code", "/lines/0/procedure"),
        (claim({"units": True}), "wrong-type", "/lines/0/units"),
        (claim({"units": "3"}), "wrong-type", "/lines/0/units"),
        (claim({"units": -1}), "invalid-number", "/lines/0/units"),
        (claim({"units": float("nan")}), "invalid-number", "/lines/0/units"),
        (claim({"units": float("inf")}), "invalid-number", "/lines/0/units"),
        (claim({"units": 10**100_000}), "invalid-number", "/lines/0/units"),
        (claim({"units": Decimal("sNaN")}), "invalid-number", "/lines/0/units"),
        (claim({"units": Decimal("1E+101")}), "invalid-number", "/lines/0/units"),
        (claim({"units": Decimal("1." + "0" * 100)}), "invalid-number", "/lines/0/units"),
        (claim({"modifiers": ["59", 3]}), "wrong-type", "/lines/0/modifiers/1"),
        (claim({"route": "rectal"}), "not-in-enumeration", "/lines/0/route"),
        (claim({"drug": ""}), "not-in-enumeration", "/lines/0/drug"),
        (claim({"drug": " \u00a0"}), "not-in-enumeration", "/lines/0/drug"),
        (claim({"note": SURROGATE}), "invalid-text", "/lines/0/note"),
        (claim({"drgu": "x"}), "unknown-key", "/lines/0/drgu"),
        (claim({"a/b~c": "x"}), "unknown-key", "/lines/0/a~1b~0c"),
        (claim({SURROGATE: "x"}), "invalid-text", "/lines/0"),
        (claim({5: "x"}), "wrong-type", "/lines/0"),
        (claim({"k" * 1000: "x"}), "unknown-key", "/lines/0"),
        (claim(drug="ketamine"), "unknown-key", "/drug"),
        (claim(resistant=1), "wrong-type", "/resistant"),
        (claim(resistant="true"), "wrong-type", "/resistant"),
        (claim(diagnoses="G89.4"), "wrong-type", "/diagnoses"),
        (claim(diagnoses=["G89.4", "89"]), "invalid-code", "/diagnoses/1"),
        (claim(member=[]), "not-an-object", "/member"),
        (claim(member={"sex": 1}), "wrong-type", "/member/sex"),
        (claim(member={"birthdate": "1980-01-01"}), "unknown-key", "/member/birthdate"),
        (claim(contract={"riders": {}}), "wrong-type", "/contract/riders"),
        (claim(contract={"riders": [{"section": "A"}]}), "missing-key", "/contract/riders/0"),
        (claim(contract={"riders": [{"from": "2024-01-01"}]}), "missing-key", "/contract/riders/0"),
        (
            claim(contract={"exclusions": [{"from": "2024-01-01", "section": "A", "diagnoses": []}]}),
            "ambiguous-exclusion",
            "/contract/exclusions/0",
        ),
        (
            claim(contract={"exclusions": [{"from": "2024-01-01", "procedures": ["J2003", None]}]}),
            "wrong-type",
            "/contract/exclusions/0/procedures/1",
        ),
        (
            claim(contract={"exclusions": [{"from": "2024-01-02", "until": "2024-01-01", "section": "A"}]}),
            "invalid-date",
            "/contract/exclusions/0/until",
        ),
    ],
)
def test_what_is_refused(data, code, at):
    error = refused(data)
    assert (error.code, error.at) == (code, at)
    assert error.message[0].islower() or error.message[0] == "`"
    assert not error.message.endswith(".")
    assert len(error.message) < 250
    error.message.encode()


def test_an_age_is_not_stated():
    assert "a claim states `birth_date`" in refused(claim(member={"age": 70})).message
    assert "a claim states" not in refused(claim(age=70)).message


def test_lines_have_different_numbers():
    data = claim()
    data["lines"].append(dict(data["lines"][0]))
    error = refused(data)
    assert (error.code, error.at) == ("duplicate-line", "/lines/1/line")


def test_an_error_names_the_claim_when_it_can():
    assert refused(claim({"units": "x"})).claim_id == "C-1"
    assert refused({"lines": []}).claim_id is None
    assert refused({"claim_id": 3}).claim_id is None
    assert refused(claim({"units": "x"})).record() == {
        "claim_id": "C-1",
        "error": {
            "code": "wrong-type",
            "message": "expected a number, not the text `x`",
            "at": "/lines/0/units",
        },
    }


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (claim({"drgu": "x"}), "`drug`"),
        (claim({"Procedures": "x"}), "`procedure`"),
        (claim(diagnosis=[]), "`diagnoses`"),
        (
            claim({"route": "intravenus"}),
            "`intravenous`, `oral`, not `intravenus`; the nearest is `intravenous`",
        ),
        (claim({"units": []}), "a number, not a list"),
        (claim({"service_date": "x" * 10**6}), "`YYYY-MM-DD`, not `" + "x" * 60 + "…`"),
        (claim({"note\x1b[2J": "x"}), "`note\ufffd[2J`"),
    ],
)
def test_what_messages_say(data, words):
    assert words in refused(data).message


def test_further_keys_can_be_passed_over():
    more = {"source": {"file": 1}, "history": [{"procedure": "J2003", "paid": 3}, None]}
    seen = []
    read = read_claim(
        claim({"rev/code": "0250", "units": 1}, member={"name": SURROGATE}, **more), SCHEMA, seen.append
    )
    assert sorted(seen) == ["/history/0/paid", "/lines/0/rev~1code", "/member/name", "/source"]
    assert read == read_claim(claim({"units": 1}, history=[{"procedure": "J2003"}, None]), SCHEMA)
    assert refused(claim(history=[None, 3]), extra=seen.append).at == "/history/1"
    for history in ([{"units": "few"}, 3], "none", {}):
        broken = claim(history=history)
        assert refused(broken, extra=seen.append).record() == refused(broken).record()


def test_a_schema_may_say_more_of_a_built_in_fact():
    closed = FactSpec("contract.jurisdiction", "enum", names={"ks": "KS"})
    read = read_claim(claim(contract={"jurisdiction": "ks"}), {closed.path: closed})
    assert read.stated == {"contract.jurisdiction": "KS"}
    assert read_claim(claim(contract={"jurisdiction": "MO"}), BUILT_IN).stated == {
        "contract.jurisdiction": "MO"
    }


class Drug(StrEnum):
    KETAMINE = "ketamine"

    def __str__(self):
        raise RuntimeError


class Angry(dict):
    def items(self):
        raise RuntimeError

    keys = __iter__ = __len__ = items


class AngryList(list):
    def __iter__(self):
        raise RuntimeError

    __len__ = __iter__


def test_subclasses_are_read_as_what_they_are():
    data = claim({"drug": Drug.KETAMINE})
    data["lines"] = AngryList([Angry(data["lines"][0])])
    assert read_claim(Angry(data), SCHEMA) == read_claim(claim({"drug": "ketamine"}), SCHEMA)


def test_reading_leaves_the_claim_as_it_was():
    data = claim({"drug": "Ketamne"}, diagnoses=["g89.4"], member={"sex": "F"})
    before = copy.deepcopy(data)
    read_claim(data, SCHEMA)
    assert data == before


KEYS = st.sampled_from(
    [spec.path.partition(".")[2] for spec in [*BUILT_IN.values(), *FACTS]]
    + ["claim_id", "lines", "line", "member", "contract", "exclusions", "riders", "section", "from", "until"]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(["J2003", "G89.4", "2024-10-01", "ketamine", "ketamne", SURROGATE, b"", (), 10**4000])
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS | st.text(max_size=4) | st.integers(), inner, max_size=6)
    ),
    max_leaves=25,
)


@given(ANYTHING, st.dictionaries(KEYS, ANYTHING, max_size=4), st.dictionaries(KEYS, ANYTHING, max_size=4))
def test_whatever_the_data_only_claim_errors_are_raised(anything, keys, line):
    for data in (anything, claim() | keys, claim(line), claim(line) | keys):
        for extra in (None, lambda pointer: None):
            try:
                read_claim(data, SCHEMA, extra)
            except ClaimError as error:
                (error.message + error.at).encode()
