"""Seeded lines of claims in columns, for any policy: values are drawn around what its text names.

Codes, numbers, days and spans of time stand in the policy and in what it imports; claims state those, their
neighbours, others, and nothing: a null, an empty list, a null in a list, in a record or in place of one. A
few rows cannot be read, or disagree with the others of their claim.
"""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compiler.runtime.claim_values import FactSpec
from policyc import Policy
from policyc.reading.rows import facts_of

Picks = np.ndarray[Any, Any]
EPOCH = date(1970, 1, 1)
ODD = 2e-5
"""How often a value is one that nobody can read."""
SELDOM = {"contract.exclusions": 0.01, "contract.riders": 0.01, "line.diagnoses": 0.1, "claim.history": 0.1}
ALIKE = 0.93
"""How often a field of a record is as in the other records of its list, or a day the next."""
LENGTHS = [0, 1, 2, 5, 21, 25, 30]
TERMS = pa.struct(
    {
        "section": pa.string(),
        "procedures": pa.list_(pa.string()),
        "diagnoses": pa.list_(pa.string()),
        "from": pa.date32(),
        "until": pa.date32(),
    }
)


class Words:
    """What the text of a policy, and of what it imports, names."""

    def __init__(self, policy: Policy) -> None:
        assert policy.kept is not None
        text = "\n".join(Path(source).read_text() for source in policy.kept.sources)
        self.text = text = re.sub(r"#.*", "", text)
        found = [date.fromisoformat(day) for day in re.findall(r"\b\d{4}-\d\d-\d\d\b", text)]
        self.days = sorted({(day - EPOCH).days for day in found})
        plain = re.sub(r"\b\d{4}-\d\d-\d\d\b|\"[^\"\n]*\"", "", text)
        stems = re.findall(r"\b[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4}x?|x)?(?![\w.])", plain)
        self.diagnoses = sorted({stem.removesuffix("x") + end for stem in stems for end in _ends(stem)})
        self.procedures = sorted(set(re.findall(r"\b(?:[A-Z]\d{4}|\d{5})\b", plain)))
        numbers = {Decimal(each) for each in re.findall(r"(?<![\w.])\d{1,3}(?:\.\d+)?(?!\w)", plain)} | {
            Decimal(0)
        }
        self.numbers = sorted({n + step for n in numbers for step in map(Decimal, ("-1", "-0.5", "0", "1"))})
        each = {"day": 1, "week": 7, "month": 30.44, "year": 365.25}
        spans = re.findall(r"(\d+) (?:\w+ )?(day|week|month|year)s?\b", plain)
        self.spans = sorted({0, 45, 400, *(int(int(n) * each[unit]) for n, unit in spans)})
        self.texts = sorted({*re.findall(r'"(\w{1,12})"', text), "other", "Ünbekannt"})
        self.sections = sorted(set(re.findall(r"\bsection (\w+)", plain)))


def _ends(stem: str) -> list[str]:
    return ["1", "9"] if stem.endswith("x") else [""]


class Drawing:
    """Draws the columns of some claims: `claim` is the number of each row's claim."""

    def __init__(self, policy: Policy, seed: int, rows: int) -> None:
        self.words = Words(policy)
        self.policy = policy
        self.draw = np.random.default_rng(seed)
        counts = self.draw.choice([1, 2, 3, 5], rows // 2 + 1, p=[0.4, 0.4, 0.15, 0.05])
        counts = counts[: max(1, int(np.searchsorted(np.cumsum(counts), rows, "right")))]
        self.claims, self.rows = len(counts), int(counts.sum())
        self.claim = np.repeat(np.arange(self.claims), counts)
        self.line = np.arange(self.rows) - np.repeat(np.cumsum(counts) - counts, counts) + 1
        self.stated = self.draw.choice([0.3, 0.8, 0.97, 1.0], self.claims)
        near = self.draw.choice(self.words.days, self.claims) + self.draw.integers(-1, 2, self.claims)
        starts = [(row.effective - EPOCH).days for row in policy.compiled.revisions]
        any_day = self.draw.integers(min(starts) - 200, max(starts) + 500, self.claims)
        self.day = np.where(self.chance(0.3, self.claims), near, any_day)

    def chance(self, share: float | Picks, size: int) -> Picks:
        return self.draw.random(size) < share

    def taken(self, pool: list[Any], size: int, kind: pa.DataType) -> pa.Array:
        return pa.array(pool, kind).take(pa.array(self.draw.integers(0, len(pool), size)))

    def days(self, base: Picks, spans: list[int]) -> Picks:
        """Days a span before or behind others, or one more or less."""
        size = len(base)
        sign = self.draw.choice([-1, -1, 1], size)
        return base + sign * self.draw.choice(spans, size) + self.draw.integers(-1, 2, size)

    def column(self, spec: FactSpec) -> pa.Array:
        """A column of rows: of a line's fact, or of a claim's, that each of its rows repeats."""
        if spec.path.startswith("line."):
            stated = np.minimum(self.stated[self.claim], SELDOM.get(spec.path, 1))
            return self.values(spec, self.day[self.claim], stated)
        values = self.values(spec, self.day, np.minimum(self.stated, SELDOM.get(spec.path, 1)))
        other = self.draw.integers(0, self.claims, self.rows)
        return values.take(pa.array(np.where(self.chance(ODD, self.rows), other, self.claim)))

    def values(self, spec: FactSpec, day: Picks, stated: Picks) -> pa.Array:
        """So many values as there are days, stated with some likelihood."""
        size = len(day)
        null = ~self.chance(stated, size)
        match spec.kind:
            case "codes" | "texts" | "records":
                return self.lists(spec, day, null)
            case "date":
                ages = [int(365.25 * float(n)) for n in self.words.numbers if n >= 0]
                found = self.days(day, ages if spec.path == "member.birth_date" else self.words.spans)
                return pa.array(found.astype(np.int32), pa.int32(), mask=null).cast(pa.date32())
        found = self.scalars(spec, size)
        return pc.if_else(pa.array(null), pa.scalar(None, found.type), found)

    def scalars(self, spec: FactSpec, size: int) -> pa.Array:
        odd = self.chance(ODD, size)
        words = self.words
        match spec.kind:
            case "boolean":
                return pa.array(self.chance(0.7, size))
            case "integer" | "decimal":
                low = Decimal(-3) if spec.low is None else spec.low
                high = Decimal(1000) if spec.high is None else spec.high
                pool = [
                    n for n in words.numbers if low <= n <= high and (n % 1 == 0 or spec.kind != "integer")
                ]
                # Numbers are decimal in some columns and binary in others.
                kind = pa.int32() if spec.kind == "integer" else pa.decimal128(9, 2)
                kind = pa.float64() if spec.kind == "decimal" and len(spec.path) % 2 else kind
                found = self.taken(pool, size, pa.decimal128(9, 2)).cast(kind)
                return pc.if_else(pa.array(odd), pa.scalar(-7.0).cast(kind), found)
            case "enum":
                named = [name for name in spec.names for _ in range(1 + min(words.text.count(name), 9))]
                pool = [name.upper() if at % 3 == 1 else name for at, name in enumerate(named)]
                pool += [f"agent {at}" for at in range(9)] + [pool[0][1:]] if spec.open else []
                bad = "nonsense"
            case "code":
                pool, bad = self.codes(spec), "?"
            case _:
                pool, bad = words.texts, "Ünbekannt"
        return pc.if_else(pa.array(odd), bad, self.taken(pool, size, pa.string()))

    def codes(self, spec: FactSpec) -> list[str]:
        """Codes: those that the policy names, more often than others."""
        if spec.system == "icd10cm":
            named, others = self.words.diagnoses, [f"{c}{n}.{n % 10}" for c in "ADHKT" for n in range(10, 70)]
        else:
            listed = sorted(self.policy.compiled.codes_ever)
            named, others = [*listed * 8, *self.words.procedures], [str(n) for n in range(99201, 99260)]
        return [*named * max(1, len(others) // len(named)), *[code.lower() for code in named], *others]

    def lists(self, spec: FactSpec, day: Picks, null: Picks) -> pa.Array:
        records = spec.kind == "records"
        lengths = self.draw.choice(LENGTHS if records and spec.fields else [0, 1, 1, 2, 3], len(day))
        lengths[null] = 0
        of = np.repeat(np.arange(len(day)), lengths)
        if spec.kind == "records":
            elements = self.records(spec, day, lengths, of) if spec.fields else self.terms(day[of])
        elif spec.kind == "codes":
            elements = self.scalars(spec.element(), len(of))
        else:
            elements = self.taken(self.words.texts, len(of), pa.string())
        gone = pa.array(self.chance(0.01, len(of)))
        elements = (
            elements
            if pa.types.is_struct(elements.type) and not spec.fields
            else pc.if_else(gone, pa.scalar(None, elements.type), elements)
        )
        offsets = pa.array(np.append(0, np.cumsum(lengths)).astype(np.int32))
        return pa.ListArray.from_arrays(offsets, elements, mask=pa.array(null))

    def records(self, spec: FactSpec, day: Picks, lengths: Picks, of: Picks) -> pa.Array:
        """Records of which most in a list are alike but for a day, which is the next one."""
        at = np.arange(len(of)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        fields = {}
        for field in spec.fields:
            like = pa.array(self.chance(ALIKE, len(of)))
            if field.kind == "date":
                first = self.days(day, self.words.spans)[of] + at
                found = np.where(like, first, self.days(day[of], self.words.spans)).astype(np.int32)
                values = pa.array(found, pa.int32()).cast(pa.date32())
            else:
                one = self.scalars(field, len(day)).take(pa.array(of))
                values = pc.if_else(like, one, self.scalars(field, len(of)))
            lost = pa.array(self.chance(0.01, len(of)))
            fields[field.path] = pc.if_else(lost, pa.scalar(None, values.type), values)
        return pa.StructArray.from_arrays(list(fields.values()), list(fields))

    def terms(self, day: Picks) -> pa.Array:
        """Exclusions or riders: of a section, of procedures or of diagnoses."""
        found = []
        codes = {"procedures": self.words.procedures, "diagnoses": self.words.diagnoses}
        for on in day.tolist():
            about = self.draw.choice(["section", "procedures", "diagnoses"])
            one = {"from": on + int(self.draw.integers(-40, 10)), "until": None}
            if about == "section":
                one["section"] = str(self.draw.choice(self.words.sections))
            else:
                one[about] = [str(code) for code in self.draw.choice(codes[about], 2)]
            if self.draw.random() < 0.3:
                one["until"] = one["from"] + int(self.draw.integers(1, 60))
            found.append(one)
        return pa.array(found, TERMS)


def drawn(policy: Policy, seed: int, rows: int) -> pa.Table:
    """A table of about so many lines, of whole claims, in order of claims and of lines."""
    drawing = Drawing(policy, seed, rows)
    draw, size = drawing.draw, drawing.rows
    day = drawing.day[drawing.claim] + (draw.random(size) < 0.05)
    line = np.where(drawing.chance(ODD * 5, size), 1, drawing.line)
    columns = {
        "claim_id": pa.array([f"{seed:02}-{n:09}" for n in range(drawing.claims)]).take(
            pa.array(drawing.claim)
        ),
        "line": pa.array(line.astype(np.int32), mask=drawing.chance(ODD, size)),
        "service_date": pa.array(day.astype(np.int32), pa.int32(), mask=drawing.chance(ODD, size)).cast(
            pa.date32()
        ),
    }
    schema = facts_of(policy.compiled.schema)
    columns["procedure"] = drawing.values(
        schema["line.procedure"], day, np.where(drawing.chance(ODD, size), 0.0, 1.0)
    )
    for path, spec in schema.items():
        name = path.removeprefix("line.")
        if path not in ("claim_id", "line.line") and name not in columns:
            columns[name] = drawing.column(spec)
    return pa.table(columns)
