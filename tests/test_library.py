"""A library of policies: a claim is decided as each policy by itself decides it, and read once."""

import json
from pathlib import Path

import pytest

from policyc import ClaimError, PolicyLibrary, load, load_library

ROOT = Path(__file__).parents[1] / "policies"
POLICIES = sorted(path.with_suffix(".pol") for path in ROOT.glob("*/*.golden"))
CLAIMS = [
    found["claim"]
    for file in sorted(ROOT.glob("*/*.golden/*/*.json"))
    if "error" not in (found := json.loads(file.read_text()))["decision"]
]


def mixed(one, other):
    """Two claims as one: a claim that states facts of several policies."""
    lines = [{**line, "line": 100 + number} for number, line in enumerate(other["lines"])]
    member = {**other.get("member", {}), **one.get("member", {})}
    return {**other, **one, "lines": one["lines"] + lines, **({"member": member} if member else {})}


def test_a_library_decides_as_its_policies_do():
    library = load_library(ROOT)
    policies = sorted((load(path) for path in POLICIES), key=lambda policy: policy.compiled.package)
    step = len(CLAIMS) // 3
    concerned = set()
    for one, other in zip(CLAIMS, CLAIMS[step:] + CLAIMS[:step], strict=True):
        claim = mixed(one, other)
        each = [policy.decide(claim, extra=lambda pointer: None) for policy in policies]
        assert library.decide(claim, everything=True) == each
        spoken = [
            decision
            for decision in each
            if any(
                line["determination"] not in ("not_applicable", "not_in_force") for line in decision["lines"]
            )
        ]
        found = library.decide(claim)
        assert found == spoken or (not spoken and [each["policy"] for each in found] == [None])
        concerned.add(len(spoken))
    assert {1, 2} <= concerned


POLICY = """package made.{name}
codes hcpcs {{ {code} "a code" }}
facts {{ line.device {kind} }}
policy "{name}" {{ payer "p" }}
revision 2024-01-01 "r" {{
    section A "a" {{ not_covered if {{ line.device == lamp }} }}
    codes open to lines stating line.device {{ {code} }}
}}
"""


def made(tmp_path, **kinds):
    (tmp_path / "made").mkdir()
    for number, (name, kind) in enumerate(kinds.items()):
        text = POLICY.format(name=name, code=f"X100{number}", kind=kind)
        (tmp_path / "made" / f"{name}.pol").write_text(text)
    return load_library(tmp_path)


def claim(code, device):
    line = {"line": 1, "procedure": code, "service_date": "2024-05-02", "device": device}
    return {"claim_id": "C", "lines": [line]}


def decided(library, asked):
    return {each["policy"]: each["lines"][0]["determination"] for each in library.decide(asked)}


def test_a_fact_that_two_policies_declare_differently_is_read_by_each(tmp_path):
    library = made(tmp_path, one="open { lamp }", other="{ lamp, panel }")
    both = {"made.one": "not_covered", "made.other": "not_covered"}
    assert decided(library, claim("X1000", "lamp")) == both
    assert decided(library, claim("99213", "lamp")) == both
    with pytest.raises(ClaimError, match="panel"):
        library.decide(claim("X1001", "torch"))


def test_what_merely_resembles_brings_a_line_in(tmp_path):
    library = made(tmp_path, one="open { lamp }", other="open { lamp }")
    found = decided(library, claim("99213", "lamp, 2"))
    assert found == dict.fromkeys(("made.one", "made.other"), "needs_information")


@pytest.mark.parametrize("key", ["devise", "colour"])
def test_a_key_that_no_policy_declares_is_told(tmp_path, key):
    library = made(tmp_path, one="open { lamp }", other="{ lamp, panel }")
    asked = claim("X1000", "lamp")
    asked["lines"][0][key] = "x"
    with pytest.raises(ClaimError, match="no loaded policy declares") as error:
        library.decide(asked)
    assert ("device" in error.value.message) == (key == "devise")
    told = []
    assert library.decide(asked, extra=told.append) and told == [f"/lines/0/{key}"]


def test_a_key_in_a_record_that_no_policy_declares_is_told(tmp_path):
    library = made(tmp_path, one="open { lamp }", other="open { lamp }")
    asked = {**claim("X1000", "lamp"), "history": [{"procedur": "X1000"}]}
    with pytest.raises(ClaimError, match=r"no loaded policy declares `procedur`; .*`procedure`"):
        library.decide(asked)
    told = []
    assert library.decide(asked, extra=told.append) and told == ["/history/0/procedur"]


def test_a_key_in_records_that_policies_declare_differently_is_told(tmp_path):
    kind = "{ lamp }  line.trials list of trial } record trial { %s boolean"
    library = made(tmp_path, one=kind % "one", other=kind % "other")
    asked = claim("X1000", "lamp")
    asked["lines"][0]["trials"] = [{"one": True}]
    with pytest.raises(ClaimError, match="not every loaded policy that reads `trials` declares `one`"):
        library.decide(asked)
    told = []
    assert library.decide(asked, extra=told.append) and told == ["/lines/0/trials/0/one"]


def test_a_policy_among_few_keeps_no_more_than_alone():
    library = load_library(ROOT / "bcbsks", roots=[ROOT])
    policy = library.policies[0].compiled
    alone = policy.adjudicated.most, policy.found.most
    library.decide(
        {"claim_id": "C", "lines": [{"line": 1, "procedure": "96365", "service_date": "2024-10-01"}]}
    )
    assert (policy.adjudicated.most, policy.found.most) == alone


def test_a_folder_without_policies_concerns_no_claim(tmp_path):
    library = load_library(tmp_path, known_on="2024-06-01")
    line = {"line": 1, "procedure": "96365", "service_date": "2024-10-01"}
    (decision,) = library.decide({"claim_id": "C", "lines": [line]})
    assert decision["policy"] is None and decision["known_on"] == "2024-06-01"
    assert [line["determination"] for line in decision["lines"]] == ["not_applicable"]
    with pytest.raises(ClaimError):
        library.decide({"claim_id": "C", "lines": []})


def test_policies_put_together_know_what_they_were_loaded_with(tmp_path):
    made(tmp_path, one="{ lamp, chair }", two="{ lamp, chair }")
    one, two = (tmp_path / "made" / f"{name}.pol" for name in ("one", "two"))
    early = [load(path, known_on="2023-12-31") for path in (one, two)]
    asked = claim("X1000", "lamp")
    assert [each["known_on"] for each in PolicyLibrary(early).decide(asked, everything=True)] == [
        "2023-12-31"
    ] * 2
    assert decided(PolicyLibrary(early), asked) == {None: "not_applicable"}
    assert decided(PolicyLibrary(early, None), asked)["made.one"] == "not_covered"
    with pytest.raises(ValueError, match="which one is meant"):
        PolicyLibrary([early[0], load(two)])
