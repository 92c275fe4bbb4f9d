"""The IV-anesthetics policy written by hand, as plain Python: the measure of what `policyc` costs.

The same checks of the claim and the same whole decision, by one who knows this policy and no other. Left out:
contracts, `known_on`, facts that the policy does not ask for, and the words of error messages.
"""

# ruff: noqa: ANN001, ANN201

from datetime import date

from plain_claims import read_claim

DIGEST = ""  # set by who compares
CHANGE = date(2024, 10, 1)
DIVIDED = date(2023, 10, 1)
VALID = {
    "J2001": (date(2004, 1, 1), CHANGE),
    "J2002": (CHANGE, None),
    "J2003": (CHANGE, None),
    "J2004": (CHANGE, None),
    "J3490": (date(1986, 1, 1), None),
}
GIVES = {
    "96365": {"route": "intravenous"},
    "96366": {"route": "intravenous"},
    "96374": {"route": "intravenous"},
    "J2001": {"drug": "lidocaine", "route": "intravenous"},
    "J2002": {"drug": "lidocaine"},
    "J2003": {"drug": "lidocaine"},
    "J2004": {"drug": "lidocaine_epinephrine"},
}
MILLIGRAMS = {"J2001": 10, "J2002": 1, "J2003": 1, "J2004": 1}
ADMINISTRATION = frozenset({"96365", "96366", "96374"})
EVER = ADMINISTRATION | {"J2001", "J2002", "J2003"}
PAIN = ("B0221", "B0222", "B0223", "B0224", "E0840", "E0841", "E0842", "E0940", "E0941", "E0942", "E1040")
PAIN += (
    "E1041",
    "E1042",
    "E1140",
    "E1141",
    "E1142",
    "E1340",
    "E1341",
    "E1342",
    "G437",
    "G564",
    "G577",
    "G905",
)
PAIN_NOW = (*PAIN, "G43E")
PAIN_EXACTLY = {"B0229", "G44221", "G44229", "G4451", "G4452", "G500", "G546", "G890", "G8921", "G8922"}
PAIN_EXACTLY |= {"G8928", "G8929", "G894", "M5481", "M792", "M797"}
REVISIONS = ("2024-12-23", "2024-10-01", "2024-01-05", "2022-12-29", "2022-01-08")
IN_FORCE = tuple((date.fromisoformat(name), name) for name in REVISIONS)
ORDER = ("same_day_drug", "same_day_route", "chronic_pain_codes", "infusion_is_treatment")
ORDER += ("section_b_wording", "psychiatric_codes")


def is_valid(code, day):
    valid = VALID.get(code)
    return valid is None or (valid[0] <= day and (valid[1] is None or day < valid[1]))


def evidence(fact, line, lines):
    """What the other lines of the day say; None where it cannot be told."""
    found = set()
    for other in lines:
        if other is line or other.day != line.day or not is_valid(other.code, other.day):
            continue
        if fact == "route" and other.code not in ADMINISTRATION:
            continue
        if fact == "drug" and other.said is not None:
            return None
        value = getattr(other, fact)
        if value is None:
            value = GIVES.get(other.code, {}).get(fact)
        if value is not None:
            found.add(value)
    return found


def decide(claim, ask=None):
    """The decision of a claim; ValueError or KeyError where it cannot be read. Asked for the sections is
    `infer`, or what does its job.
    """
    claim_id, lines = read_claim(claim)
    return {
        "claim_id": claim_id,
        "policy": "bcbsks.iv_anesthetics",
        "policy_digest": DIGEST,
        "known_on": None,
        "lines": [decide_line(line, lines, ask or infer) for line in lines],
    }


def decide_line(line, lines, ask):
    """The decision of one line."""
    code, day = line.code, line.day
    revision = next((name for start, name in IN_FORCE if start <= day), None)
    if revision is None:
        return shown(line, None, "not_in_force")
    if code not in EVER and line.drug is None and line.said is None:
        return shown(line, revision, "not_applicable")
    edits = []
    unrecognized = []
    if line.said is not None:
        stated, near = line.said
        unrecognized.append(
            {"kind": "unrecognized_value", "fact": "line.drug", "stated": stated, "near": list(near)}
        )
    if code in EVER and not is_valid(code, day):
        return shown(
            line,
            revision,
            "code_not_valid",
            edits=[not_valid(line, day), *unrecognized, *on_diagnoses(line)],
        )
    gives = GIVES.get(code, {}) if is_valid(code, day) else {}
    rests = {}
    drug, route, purpose = line.drug, line.route, line.purpose
    if drug is None and line.said is None:
        drug = gives.get("drug")
        if drug is None:
            found = evidence("drug", line, lines)
            if found is not None and len(found) == 1:
                (drug,) = found
                rests["drug"] = "same_day_drug"
    if route is None:
        route = gives.get("route")
        if route is None:
            found = evidence("route", line, lines)
            if len(found) == 1:
                (route,) = found
                rests["route"] = "same_day_route"
    if purpose is None:
        purpose = "treatment"
        rests["purpose"] = "infusion_is_treatment"
    determination, rules, unsure, missing, assumptions = ask(line, drug, route, purpose, rests)
    beside = {o.code for o in lines if o is not line and o.day == day and is_valid(o.code, o.day)}
    if code not in EVER:
        edits.append({"kind": "not_listed"})
    elif code == "96366" and not beside & {"96365", "96367"}:
        codes = {"carc": "107", "rarc": ["N122"]}
        edits.append({"kind": "add_on_without_primary", "needs": ["96365", "96367"], "reason_codes": codes})
    if code in MILLIGRAMS and line.units is not None and is_valid(code, day):
        edits.append({"kind": "quantity", "value": written(line.units * MILLIGRAMS[code]), "unit": "mg"})
    for fact, said in gives.items():
        if fact in line.stated and getattr(line, fact) != said:
            stated = line.stated[fact]
            edits.append(
                {"kind": "contradicts_code", "fact": f"line.{fact}", "stated": stated, "code_says": said}
            )
    if code == "96374" and determination != "not_applicable":
        assumptions.append("push_counts")
    if code == "96366" and "96365" not in beside and "96367" in beside:
        assumptions.append("other_primary")
    if revision in ("2022-01-08", "2022-12-29"):
        assumptions.append("diagnosis_box")
    edits += unrecognized + on_diagnoses(line)
    return shown(line, revision, determination, rules, unsure, missing, edits, assumptions)


def infer(line, drug, route, purpose, rests):
    """What sections A and B say."""
    day, diagnoses = line.day, line.diagnoses
    prefixes = PAIN_NOW if day >= DIVIDED else PAIN
    pain = psychiatric = None
    if diagnoses is not None:
        open_ = None in diagnoses
        known = [code for code in diagnoses if code is not None]
        pain = any(code.startswith(prefixes) or code in PAIN_EXACTLY for code in known) or (
            None if open_ else False
        )
        psychiatric = any("F20" <= code[:3] <= "F69" or "F90" <= code[:3] <= "F99" for code in known) or (
            None if open_ else False
        )
    is_drug = None if drug is None else drug in ("ketamine", "lidocaine")
    is_route = None if route is None else route == "intravenous"
    is_purpose = purpose == "treatment"
    of = {fact: frozenset((name,)) for fact, name in rests.items()}
    nothing = frozenset()
    by_drug, by_route = of.get("drug", nothing), of.get("route", nothing)
    if is_drug is False or is_route is False:
        infusion = False
        wrong = [r for truth, r in ((is_drug, by_drug), (is_route, by_route)) if truth is False]
        by_infusion = min(wrong, key=len)
    else:
        infusion = None if is_drug is None or is_route is None else True
        by_infusion = by_drug | by_route
    answers = []
    for indication, concept in ((pain, "chronic_pain_codes"), (psychiatric, "psychiatric_codes")):
        by_list = frozenset((concept,)) if diagnoses != [] else nothing
        parts = ((infusion, by_infusion), (indication, by_list), (is_purpose, of.get("purpose", nothing)))
        wrong = [r for truth, r in parts if truth is False]
        if wrong:
            answers.append((False, min(wrong, key=len)))
        else:
            truth = None if infusion is None or indication is None else True
            answers.append((truth, nothing.union(*(r for _, r in parts))))
    if day < date(2024, 12, 23):
        answers[1] = (answers[1][0], answers[1][1] | {"section_b_wording"})
    truths = [truth for truth, _ in answers]
    rules, unsure, missing = [], [], []
    if True in truths:
        determination = "experimental_investigational"
        rules = [name for name, truth in zip("AB", truths, strict=True) if truth]
        unsure = [name for name, truth in zip("AB", truths, strict=True) if truth is None]
    elif None in truths:
        determination = "needs_information"
        about = "line.diagnoses" if line.own else "claim.diagnoses"
        indication = True if True in (pain, psychiatric) else pain
        unknown = ((is_drug, "line.drug"), (is_route, "line.route"), (indication, about))
        missing = [[name] for truth, name in unknown if truth is None]
    else:
        determination = "not_applicable"
    speaking = {*rules, *unsure}
    said = nothing.union(
        *(r for name, (_, r) in zip("AB", answers, strict=True) if not speaking or name in speaking)
    )
    return determination, rules, unsure, missing, [name for name in ORDER if name in said]


def written(amount):
    """A number without exponent and without zeros that say nothing."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def not_valid(line, day):
    """The edit of a code before or after its time."""
    start, end = VALID[line.code]
    edit = {"kind": "code_not_valid", "valid_from": start.isoformat()}
    if end is not None:
        edit["valid_until"] = end.isoformat()
        if end <= day:
            edit |= {"replaced_by": ["J2002", "J2003"], "unit_factor": {"J2002": "10", "J2003": "10"}}
            if line.units is not None:
                become = written(line.units * 10)
                edit |= {"units": written(line.units), "units_become": {"J2002": become, "J2003": become}}
    return edit


def on_diagnoses(line):
    """The edits of diagnoses that are not valid on the day, or not specific enough."""
    edits = []
    for at, code in enumerate(line.diagnoses or ()):
        if code is None or not code.startswith("G43"):
            continue
        fact = f"{'line' if line.own else 'claim'}.diagnoses[{at}]"
        reasons = {"carc": "146", "rarc": []}
        if code == "G43" and line.day >= DIVIDED:
            said = {"kind": "diagnosis_not_specific", "fact": fact, "code": code, "divided_into": ["G43.E"]}
            edits.append(said | {"reason_codes": reasons})
        elif code.startswith("G43E") and line.day < DIVIDED:
            said = {"kind": "diagnosis_not_valid", "fact": fact, "code": f"{code[:3]}.{code[3:]}"}
            edits.append(said | {"valid_from": DIVIDED.isoformat(), "reason_codes": reasons})
    return edits


REASONS = {
    "experimental_investigational": ("55", ("N623",)),
    "code_not_valid": ("181", ()),
    "needs_information": ("16", ("N706",)),
}


def shown(line, revision, determination, rules=(), unsure=(), missing=(), edits=(), assumptions=()):
    """The line of the decision."""
    made = {
        "line": line.number,
        "procedure": line.procedure,
        "service_date": line.day.isoformat(),
        "revision": revision,
        "determination": determination,
        "rules": list(rules),
    }
    if unsure:
        made["unsure"] = list(unsure)
    reasons = REASONS.get(determination)
    made |= {
        "missing": list(missing),
        "edits": list(edits),
        "assumptions": list(assumptions),
        "subject_to": ["contract_benefits"] if determination == "experimental_investigational" else [],
        "reason_codes": {"carc": reasons[0], "rarc": list(reasons[1])} if reasons else None,
    }
    return made
