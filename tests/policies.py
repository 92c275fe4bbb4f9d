"""Small random policies as text, and claims against them. All speak of one small vocabulary."""

import itertools

from attrs import Factory, define, field
from contracts import contracts
from hypothesis import strategies as st

DAYS = ("2020-01-01", "2020-07-01", "2021-01-01", "2021-07-01", "2022-01-01")
AROUND = (
    "2021-05-05",
    "2020-06-30",
    "2020-12-31",
    "2021-06-30",
    "2021-12-31",
    "2023-05-05",
    *DAYS,
    "2019-12-31",
)
DIAGNOSES = ("A10", "A11", "B20.1", "B20.2", "C30")
PATTERNS = ("A10", "A11", "B20.1", "A1x", "A10..A11", "A11..B20", "B20x")
PROCEDURES = ("J1000", "J1001", "J1002")
CODE_LISTS = ("claim.diagnoses", "claim.past")
ENUMERATIONS = {
    "line.drug": ("alpha", "beta"),
    "line.kind": ("red", "green", "blue"),
    "line.site": ("left", "right"),
}
BOOLEANS = ("line.first", "line.second", "claim.adequate")
DECLARED = {
    "line.drug": 'open { alpha also "alpha hcl", beta }',
    "line.kind": "{ red, green, blue }",
    "line.site": '{ left, right } absent means left assume left_side "taken to be left"',
    "line.first": "boolean",
    "line.second": "boolean absent means false",
    "line.start": "date given by line.cause",
    "line.cause": "code of icd10cm",
    "claim.past": "codes of icd10cm",
}
STATED = {
    "line.drug": ("alpha", "Beta", "alpha hcl", "gamma", "alpha 5 mg", "betq", None),
    "line.kind": ("red", "green", "blue", None),
    "line.site": ("left", "right", None),
    "line.first": (True, False, None),
    "line.second": (True, False, None),
    "claim.adequate": (True, False, None),
    "line.start": (*AROUND, None),
    "line.cause": (*DIAGNOSES, None),
}
DETERMINATIONS = ("experimental_investigational", "medically_necessary", "manual_review")


@define
class Author:
    """Draws the words of one policy. A label is used once; `said` holds the address of each."""

    draw: st.DrawFn
    prefix: str
    concepts: list[str] = Factory(list)
    definitions: list[str] = Factory(list)
    sections: dict[str, str] = Factory(dict)
    listed: list[str] = Factory(list)
    ever_listed: set[str] = Factory(set)
    orders: set[tuple[str, str]] = Factory(set)
    labels: dict[str, list[str]] = Factory(dict)
    facts: tuple[str, ...] = ()
    numbers: itertools.count = field(factory=lambda: itertools.count(1))

    def one(self, *items):
        return self.draw(st.sampled_from(items))

    def some(self, items, least=1, most=None):
        most = len(items) if most is None else min(most, len(items))
        return self.draw(st.lists(st.sampled_from(items), min_size=least, max_size=most, unique=True))

    def many(self, least, most):
        return self.draw(st.integers(least, most))

    def chance(self, of):
        """True once in so many times; shrinks to False."""
        return self.draw(st.integers(1, of)) == of

    def name(self, stem):
        return f"{stem}{next(self.numbers)}"

    # ---- what a library holds ----------------------------------------------------------------------

    def validity(self, often):
        if not self.chance(often):
            return ""
        start, end = sorted(self.some(DAYS, 2, 2))
        text = self.one(f" from {start}", f" until {end}", f" from {start} until {end}")
        return text + (f" posted {self.one(*DAYS)}" if self.chance(3) else "")

    def concept(self):
        name = self.name("c")
        elements = [p + self.validity(4) for p in self.some(PATTERNS, 1, 3)]
        if self.concepts and self.chance(3):
            elements.append(self.one(*self.concepts).removeprefix(self.prefix))
        if self.chance(4):
            elements.append(f"inside {{ {self.one(*PATTERNS)}{self.validity(3)} }}")
            elements.append("bare without codes")
        excepted = [p + self.validity(3) for p in self.some(PATTERNS, 1, 2)] if self.chance(3) else []
        if excepted and self.concepts and self.chance(2):
            excepted.append(self.one(*self.concepts).removeprefix(self.prefix))
        self.concepts.append(self.prefix + name)
        if "bare without codes" in elements:
            self.concepts.append(f"{self.prefix}{name}.inside")
        but = f" except {{ {' '.join(excepted)} }}" if excepted else ""
        return f"concept {name} of icd10cm {{ {' '.join(elements)} }}{but}"

    def code_rows(self):
        nested = [pattern for pattern in PATTERNS if pattern != "A11..B20"]
        days = (" gives line.start := 2021-01-01", " gives line.start := 2020-07-01", "")
        rows = [f'{code} "x"{self.validity(1)}{self.one(*days)}' for code in self.some(nested, 0, 3)]
        gives = (" gives line.drug := alpha", " gives line.kind := red, line.first := true", "")
        gives += (" gives line.cause := A10, line.first := false",)
        procedures = [f'{PROCEDURES[0]} "x"']
        procedures += [f'{code} "x"{self.validity(3)}{self.one(*gives)}' for code in PROCEDURES[1:]]
        return f"codes icd10cm {{ {' '.join(rows)} }}\ncodes hcpcs {{ {' '.join(procedures)} }}"

    # ---- criteria ----------------------------------------------------------------------------------

    def codes(self):
        return self.one(*self.concepts, "{ " + ", ".join(self.some(PATTERNS, 1, 2)) + " }")

    def atom(self):
        fact = self.one(*self.facts)
        if fact in BOOLEANS:
            return self.one(fact, f"{fact} == true", f"{fact} != true", f"not {fact}")
        if fact in ENUMERATIONS:
            members = ENUMERATIONS[fact]
            several = f"{fact} in {{ {', '.join(self.some(members, 1, 2))} }}"
            return self.one(f"{fact} == {self.one(*members)}", f"{fact} != {self.one(*members)}", several)
        if fact == "line.start":
            return f"{fact} {self.one('<', '<=', '>', '>=', '==', '!=')} {self.one(*DAYS)}"
        if fact == "line.cause":
            return f"{fact} in {self.codes()}"
        return self.quantified(fact, 2)

    def quantified(self, fact, depth, outer=()):
        kind = self.one("some", "every", "at least 1", "at least 2")
        element = self.name("x")
        inside = self.body(depth, (*outer, element))
        return f"{kind} {element} in {fact} {inside}"

    def of_element(self, elements, depth):
        about = self.one(*elements)
        shape = self.many(0, 7 if depth else 3)
        if shape <= 3:
            return self.one("", "", "not ") + f"{about} in {self.codes()}"
        if shape == 4:
            return f"({self.of_element(elements, 0)} or {self.of_element(elements, 0)})"
        if shape == 5:
            return f"any of {self.body(0, elements)}"
        if shape == 6:
            scalars = [fact for fact in self.facts if fact not in CODE_LISTS]
            kept, self.facts = self.facts, tuple(scalars) or self.facts
            text = self.atom() if scalars else self.of_element(elements, 0)
            self.facts = kept
            return text
        lists = [fact for fact in self.facts if fact in CODE_LISTS]
        return (
            self.quantified(self.one(*lists), 0, elements) if len(elements) < 2 else f"{about} in {{ A10 }}"
        )

    def condition(self, depth):
        shape = self.many(0, 9 if depth else 4)
        if shape <= 3:
            return self.atom()
        if shape == 4:
            return self.one(*self.definitions) if self.definitions else self.atom()
        inner = depth - 1
        if shape == 5:
            return f"({self.condition(inner)} {self.one('and', 'or')} {self.condition(inner)})"
        if shape == 6:
            return f"not ({self.condition(inner)})"
        if shape == 7:
            number = self.many(2, 3)
            criteria = " ".join(f"{self.label()}{self.condition(inner)}\n" for _ in range(number))
            return f"at least {self.many(1, number)} of {{ {criteria} }}"
        return f"{self.one('all', 'any', 'none')} of {self.body(inner)}"

    def label(self):
        if not self.chance(3):
            return ""
        name = self.name("k")
        self.labels.setdefault("", []).append(name)
        return f"{name}: "

    def body(self, depth, elements=()):
        lines = [
            self.label() + (self.of_element(elements, depth) if elements else self.condition(depth))
            for _ in range(self.many(1, 2))
        ]
        return "{\n" + "\n".join(lines) + "\n}"

    # ---- the policy --------------------------------------------------------------------------------

    def claim_labels(self, owner):
        self.labels[owner] = self.labels.get(owner, []) + self.labels.pop("", [])

    def section(self, name):
        made = self.sections.setdefault(name, self.one(*DETERMINATIONS))
        rules = []
        for _ in range(self.many(1, 2)):
            exceptions = [f" except if {self.body(1)}" for _ in range(self.many(0, 2) // 2)]
            rules.append(f"{made} if {self.body(2)}{''.join(exceptions)}")
        self.labels.pop(name, None)
        self.claim_labels(name)
        return f'section {name} "{name}" {{\n' + "\n".join(rules) + "\n}"

    def overrides(self):
        """Orders for all sections that differ, so that no two of them conflict; and some that agree."""
        lines = []
        for winner, loser in itertools.combinations(sorted(self.sections), 2):
            differ = self.sections[winner] != self.sections[loser]
            if (winner, loser) not in self.orders and (differ or self.chance(4)):
                self.orders.add((winner, loser))
                lines.append(f"{winner} overrides {loser}")
        return lines

    def definition(self):
        name = self.name("d")
        text = f"{name} if {self.body(1)}"
        self.definitions.append(name)
        self.claim_labels(name)
        return text

    def table(self):
        self.listed = [PROCEDURES[0], *self.some(PROCEDURES[1:], 0, 1)]
        self.ever_listed |= set(self.listed)
        rows = "\n".join(f'{code} though ended "x"' for code in self.listed)
        opening = self.one("", f"open to lines stating {self.one(*self.stating())}")
        return f"codes {opening} {{ {rows} }}"

    def stating(self):
        return [fact for fact in self.facts if fact.startswith("line.")] or ["line.units"]

    def amendment(self, touched):
        """One change to what stands; `touched` are the sections and definitions that this revision amends."""
        name = self.one(*(name for name in self.sections if name not in touched))
        shape = self.many(0, 6)
        addressed = self.labels.get(name, [])
        if shape <= 1 or (shape == 2 and not addressed):
            touched.add(name)
            return f"replace {self.section(name)}"
        if shape == 2:
            label = self.one(*addressed)
            text = f"replace {name}.{label} with {self.body(1)}"
            self.labels.pop("", None)
            self.labels[name] = []
            touched.add(name)
            return text
        if shape == 3:
            new = self.name("S")
            touched.add(new)
            return self.section(new)
        if shape == 4 and self.definitions:
            definition = self.one(*self.definitions)
            if definition not in touched:
                touched.add(definition)
                kept, self.definitions = self.definitions, []
                text = f"replace {definition} with {self.body(1)}"
                self.labels.pop("", None)
                self.definitions = kept
                return text
        rest = [code for code in PROCEDURES if code not in self.listed]
        if shape == 5 and rest and "codes" not in touched:
            touched.add("codes")
            new = self.one(*rest)
            self.listed = [*self.listed, new]
            return f'add codes {{ {new} though ended "x" }}'
        touched.add(name)
        return f"replace {self.section(name)}"

    def revisions(self):
        count = self.many(1, 3)
        days = [DAYS[0], *sorted(self.some(DAYS[1:], count - 1, count - 1))]
        made = []
        for index, day in enumerate(days):
            posted = ""
            if index and self.chance(4):
                later = (*(other for other in DAYS if other > day), "2022-09-09")
                superseded = [other for other in days[1:] if other != day]
                posted = f" posted {self.one(*later)}"
            if index == 0:
                lines = [self.section(f"S{number}") for number in range(1, self.many(2, 4))]
                lines.append(self.table())
            else:
                touched: set[str] = set()
                lines = [self.amendment(touched) for _ in range(self.many(1, 2)) if not touched]
            lines += self.overrides()
            order = f"supersedes {self.one(*superseded)} " if posted and superseded else ""
            made.append(f'revision {day}{posted} "r" {order}{{\n' + "\n".join(lines) + "\n}")
        if self.chance(12):
            made.append('revision 2023-01-01 "r" { retire "gone" }')
        return made


@define
class Written:
    """A policy as text, what its library says, and the facts that its claims may state."""

    policy: str
    library: str | None
    facts: tuple[str, ...]

    def write(self, folder):
        """The path of the policy's file, in a folder where its library stands too."""
        (folder / "made").mkdir(exist_ok=True)
        if self.library is not None:
            (folder / "made" / "things.pol").write_text(self.library)
        path = folder / "made" / "policy.pol"
        path.write_text(self.policy)
        return path


@st.composite
def policies(draw):
    """A policy with all that it rests on, in one file or with a library."""
    apart = draw(st.booleans())
    author = Author(draw, "things." if apart else "")
    scalars = [*DECLARED.keys() - {"claim.past"}, "claim.adequate"]
    author.facts = (*author.some(sorted(scalars), 1, 3), *CODE_LISTS[: draw(st.integers(1, 2))])
    library = [author.concept() for _ in range(author.many(1, 3))]
    library.append(author.code_rows())
    given = {"line.drug", "line.kind", "line.first", "line.cause", "line.start"}
    declared = [f"{fact} {DECLARED[fact]}" for fact in DECLARED if fact in {*author.facts, *given}]
    library.append("facts {\n" + "\n".join(declared) + "\n}")
    if "claim.adequate" in author.facts:
        library.append('judgement claim.adequate "was the trial adequate?"')
    body = ['policy "made" { payer "p" source "s" subject to benefits }']
    if author.chance(3):
        within = f" with {author.prefix}drugs" if author.chance(2) else ""
        body.append(f'evidence line.drug from other lines of the day{within} assume same_day "x"')
    library.append("concept drugs of hcpcs { J1001 J1002 }")
    body += [author.definition() for _ in range(author.many(0, 2))]
    body += author.revisions()
    facts = tuple(sorted({*author.facts, *given}))
    if apart:
        text = "package made.policy\n\nimport made.things\n\n" + "\n\n".join(body) + "\n"
        return Written(text, "package made.things\n\n" + "\n\n".join(library) + "\n", facts)
    return Written(
        "package made.policy\n\n" + "\n\n".join([*body[:1], *library, *body[1:]]) + "\n", None, facts
    )


CODE_LIST = st.lists(st.sampled_from([*DIAGNOSES, None]), max_size=3)
A_CODE_LIST = st.one_of(st.none(), CODE_LIST)


@st.composite
def claims(draw, facts):
    """A claim that states some facts, some as null, and leaves others out."""
    claim = {"claim_id": "C"}
    if draw(st.booleans()):
        claim["diagnoses"] = draw(A_CODE_LIST)
    if "claim.past" in facts and draw(st.booleans()):
        claim["past"] = draw(A_CODE_LIST)
    if "claim.adequate" in facts and draw(st.integers(0, 2)) == 2:
        claim["adequate"] = draw(st.sampled_from(STATED["claim.adequate"]))
    day = draw(st.sampled_from(AROUND))
    lines = []
    for number in range(1, draw(st.integers(1, 2)) + 1):
        procedure = draw(st.sampled_from((PROCEDURES[0], PROCEDURES[0], *PROCEDURES)))
        line = {"line": number, "procedure": procedure, "service_date": day}
        for fact in facts:
            if fact.startswith("line.") and draw(st.integers(0, 2)) == 2:
                line[fact.removeprefix("line.")] = draw(st.sampled_from(STATED[fact]))
        if draw(st.integers(0, 9)) == 9:
            line["diagnoses"] = draw(A_CODE_LIST)
        lines.append(line)
    claim["lines"] = lines
    if draw(st.integers(0, 2)) == 2:
        claim["contract"] = draw(contracts(("S1", "S2", "S9"), DIAGNOSES, PROCEDURES))
    return claim


KNOWN_ON = st.sampled_from((*[None] * len(AROUND), *AROUND))
