"""Small random policies in two versions that differ in a part or two, with a library, a register and another
policy, and claims about them. What is made of a number is the same at every run.
"""

from random import Random
from string import Template

DAYS = ("2019-12-31", "2020-01-01", "2020-06-30", "2020-07-01", "2021-01-01", "2021-02-28", "2021-03-01")
DAYS += ("2021-07-01", "2022-01-01", "2023-01-01", "2024-05-05")
CUTS = ("2020-03-01", "2020-07-01", "2021-01-01", "2021-07-01", "2022-01-01")
DIAGNOSES = ("A10", "A11", "A11.1", "B20.1", "B20.2", "C30")
CODES = ("J1000", "J1001", "J1002", "J1003")
PROCEDURES = (*CODES, "99213")
DENIALS = ("not_covered", "not_medically_necessary", "experimental_investigational")
DETERMINATIONS = ("medically_necessary", *DENIALS, "manual_review")
ATOMS = (
    "line.drug == alpha",
    "line.drug == beta",
    "line.kind in { red, green }",
    "line.kind == blue",
    "line.site == left",
    "line.site != left",
    "line.first",
    "line.second",
    "line.part in { P1, P3 }",
    "line.amount >= 0.005 g",
    "(line.drug == alpha evidenced by line.first)",
    "line.procedure == J1000",
    "claim.score >= mid",
    "claim.score != low",
    "claim.n >= 2",
    "claim.n < by_kind",
    "claim.n >= by_business",
    "some d in claim.diagnoses { d in things.c1 }",
    "every d in claim.diagnoses { d in things.c2 }",
    "listed",
    "defined",
    "at least 2 t in claim.trials { t.outcome == failed  t.weeks >= 2 }",
    "at least 2 t in claim.trials with different class { t.outcome == failed }",
    "some t in claim.trials { t.day within 6 months before line.service_date }",
    "some h in claim.history { h.procedure in things.pc }",
    "some h in claim.history { h.service_date within 30 days before line.service_date }",
    "latest t by day in claim.trials { t.class == a } has { t.outcome == failed }",
    "claim.admitted within 1 month before line.service_date",
    "member.age >= 18",
    'contract.line_of_business == "commercial"',
    "outcome of other == not_applicable",
    "outcome of other == medically_necessary",
)
LIMITS = (
    "2 units per day then not_covered",
    "0.02 g per day then not_covered",
    "30 mg per 30 days then not_covered",
    "2 units of J1000, J1001 per calendar year then not_medically_necessary",
    "4 units per lifetime then manual_review",
)


class Author:
    """Writes the parts of a policy, by name."""

    def __init__(self, number):
        self.random = Random(number)
        self.one = self.random.choice
        self.labels = 0

    def chance(self, of):
        return self.random.randrange(of) == 0

    def some(self, items, most):
        return self.random.sample(items, self.random.randint(1, most))

    def validity(self, of):
        start, end = sorted(self.random.sample(CUTS, 2))
        said = self.one((f" from {start}", f" until {end}", f" from {start} until {end}"))
        return said if self.chance(of) else ""

    # ---- criteria and sections ------------------------------------------------------------------------

    def criterion(self, atoms=ATOMS):
        shape = self.random.randrange(8)
        if shape == 0:
            group = self.one(("any of", "at least 2 of", "none of", "exactly 1 of"))
            return f"{group} {{ ({self.one(atoms)}) ({self.one(atoms)}) }}"
        if shape == 1:
            return f"({self.one(atoms)} {self.one(('and', 'or'))} not ({self.one(atoms)}))"
        return f"not ({self.one(atoms)})" if shape == 2 else self.one(atoms)

    def body(self, atoms=ATOMS):
        said = []
        for _ in range(self.random.randint(1, 2)):
            self.labels += 1
            assumed = f' assume assumed_{self.labels} "x"' if self.chance(8) else ""
            said.append(f"k{self.labels}: {self.criterion(atoms)}{assumed}")
        return "{ " + "\n".join(said) + " }"

    def rule(self, determination):
        but = f" except if {self.body()}" if self.chance(5) else ""
        codes = " reasons carc 119" if determination in DENIALS and self.chance(3) else ""
        return f"{determination} if {self.body()}{but}{codes}"

    def table(self):
        one, two, three, four = (self.one(DETERMINATIONS) for _ in range(4))
        return f"""table line.kind, claim.n {{
            red, any then {one}
            {{ green, blue }}, ..<2 then {two}
            {{ green, blue }}, 2.. then {three} from 2021-01-01
            {{ green, blue }}, 2.. then {four} until 2021-01-01
        }}"""

    def section(self, name):
        determination = self.one(DETERMINATIONS)
        said = [self.rule(determination) for _ in range(self.random.randint(1, 2))]
        if self.chance(6):
            said = [self.table()]
        elif determination == "medically_necessary" and self.chance(2):
            said.append(f"limit {self.one(LIMITS)}")
        elif name == "C" and self.chance(3):
            said.append("not_covered otherwise")
        return f'section {name} "{name}" {{\n' + "\n".join(said) + "\n}"

    def code_table(self):
        rows = []
        for code in self.some(CODES, 3):
            needs = f" needs {self.one(('J1000', 'J1000 or J1001'))}" if code == "J1002" else ""
            rows.append(f'{code}{needs} though ended "x"')
        stated = self.one(("", "", "open to lines stating line.drug", "open to lines stating line.kind"))
        return f"codes {stated} {{ {' '.join(rows)} }}"

    # ---- libraries ------------------------------------------------------------------------------------

    def code(self, name):
        days = self.validity(2) if name != "J1000" else ""
        posted = " posted 2021-03-01" if days and self.chance(3) else ""
        per = self.one(("", " per 10 mg", " per 1 g"))
        gifts = [f"line.drug := {self.one(('alpha', 'beta'))}"] if self.chance(3) else []
        gifts += [f"line.part := {self.one(('P1', 'P2'))}"] if self.chance(4) else []
        gives = f" gives {', '.join(gifts)}" if gifts else ""
        after = " replaced by J1000" if "until" in days and self.chance(2) else ""
        return f'{name} "x"{days}{posted}{per}{gives}{after}'

    def parts(self):
        kinds = (
            self.one(("", *(f" gives line.kind := {kind}" for kind in ("red", "blue")))) for _ in range(3)
        )
        return " ".join(f'P{at} "x"{self.validity(4)}{kind}' for at, kind in enumerate(kinds, 1))

    def concept(self):
        takes = (code + self.validity(4) for code in self.some(("A10", "A11", "A1x", "B20.1", "B20x"), 3))
        but = f" except {{ {self.one(('A11.1', 'B20.2'))} }}" if self.chance(3) else ""
        return f"{{ {' '.join(takes)} }}{but}"

    def register(self):
        kinds, numbers = ("red", "green", "blue"), ("1", "2", "")
        rows = (
            f"{self.one(kinds)},{self.one(numbers)},{self.one(('', CUTS[1]))},{self.one(('', CUTS[3]))}"
            for _ in "12"
        )
        return "kind,n,from,until\n" + "\n".join(rows) + "\n"

    def numbers(self):
        return f"line.kind {{ red then {self.one('1234')}  {{ green, blue }} then {self.one('1234')} }}"

    def revision(self):
        return self.one(
            (
                "",
                f"replace {self.section('A')}",
                f"replace {self.section('B')}",
                f"replace {self.code_table()}",
                f"replace parameter by_kind by {self.numbers()}",
                f"replace defined with {self.body(ATOMS[:10])}",
            )
        )

    def parts_of_a_policy(self):
        """What makes each part of a policy."""
        absent = ("", "", " absent means left", ' absent means right assume right_side "x"')
        low, high = sorted(self.random.sample(range(1, 8), 2))
        heard = "evidence line.drug from other lines of the day"
        return {
            "A": lambda: self.section("A"),
            "B": lambda: self.section("B"),
            "C": lambda: self.section("C"),
            "DEFINED": lambda: self.body(ATOMS[:10]),
            "TABLE": self.code_table,
            "LATER": self.revision,
            "POSTED": lambda: self.one(("", " posted 2021-03-01", " posted 2020-10-01")),
            "LAST": lambda: self.one(("", "", 'revision 2023-01-01 "s" { retire "x" }')),
            "HEARD": lambda: self.one(("", heard, f"{heard} with things.pc")),
            "NUMBERS": self.numbers,
            "BUSINESS": lambda: f"{{ commercial {self.one('123')}  others {self.one('123')} }}",
            "SITE": lambda: "{ left, right }" + self.one(absent),
            "TRIALS": lambda: self.one(("", " absent means empty")),
            "BANDS": lambda: f"0..{low} low  {low + 1}..{high} mid  {high + 1}..9 high",
            "PARTS": self.parts,
            "ICD": lambda: " ".join(f'{code} "x"{self.validity(1)}' for code in self.some(DIAGNOSES[:3], 2)),
            "CODES": lambda: "\n".join(self.code(name) for name in CODES),
            "FIRST_CONCEPT": self.concept,
            "SECOND_CONCEPT": self.concept,
            "REGISTER": self.register,
            "OTHER": lambda: f"{self.one(('medically_necessary', 'not_covered'))} if {self.body(ATOMS[:7])}",
            "OPENING": lambda: self.one(("", "open to lines stating line.drug")),
        }


POLICY = """package made.policy
import made.other
import made.things
policy "Made" { payer "p" }
$HEARD
variant commercial if { contract.line_of_business == "commercial" }
variant others if { not contract.line_of_business == "commercial" }
parameter by_business $BUSINESS
parameter by_kind by $NUMBERS
register listed from "listed.csv" { kind line.kind
 n claim.n }
defined if $DEFINED
revision 2020-01-01 "r" {
$A
$B
$C
A overrides B
A overrides C
B overrides C
$TABLE
}
revision 2021-01-01$POSTED "s" { $LATER }
$LAST
"""
THINGS = """package made.things
scale phq 0..9 { $BANDS }
record trial { class { a, b, c } outcome { failed, helped } day date weeks integer 0..9 }
facts {
    line.drug open { alpha also "alpha hcl", beta }
    line.kind { red, green, blue } given by line.part
    line.site $SITE
    line.first boolean
    line.second boolean absent means false
    line.part code of parts
    line.amount number 0.. in mg
    claim.score scale phq
    claim.n integer 0..4
    claim.admitted date
    claim.trials list of trial$TRIALS
}
codes parts { $PARTS }
codes icd10cm { $ICD }
codes hcpcs { $CODES }
codes carc { 119 from 1995-01-01 }
concept c1 of icd10cm $FIRST_CONCEPT
concept c2 of icd10cm $SECOND_CONCEPT
concept pc of hcpcs { J1000 J1002 }
"""
OTHER = """package made.other
import made.things
policy "Other" { payer "p" }
revision 2020-01-01 "r" { section A "A" { $OTHER } codes $OPENING { J1000 } }
"""


def versions(number):
    """The files of two versions, by name; `made` is their folder."""
    author = Author(number)
    makers = author.parts_of_a_policy()
    one = {name: make() for name, make in makers.items()}
    often = ("A", "B", "C", "LATER", "TABLE", "DEFINED")
    changed = {author.one((*makers, *often, *often)) for _ in range(author.random.randint(1, 2))}
    return _files(one), _files({**one, **{name: makers[name]() for name in sorted(changed)}})


def _files(parts):
    texts = {"policy.pol": POLICY, "things.pol": THINGS, "other.pol": OTHER, "listed.csv": "$REGISTER"}
    return {name: Template(text).substitute(parts) for name, text in texts.items()}


def claims(number, count):
    """Random claims, of which many leave facts out, or state null."""
    random = Random(number)
    return [_claim(random) for _ in range(count)]


def _claim(random):
    one = random.choice

    def stated(often, **makers):
        said = {key: make() if random.random() < often else None for key, make in makers.items()}
        return {key: value for key, value in said.items() if value is not None or random.random() < 0.3}

    def several(most, make):
        return [make() for _ in range(random.randint(0, most))]

    def trial():
        return stated(
            0.85,
            **{"class": lambda: one("abc"), "outcome": lambda: one(("failed", "helped"))},
            day=lambda: one(DAYS),
            weeks=lambda: random.randint(0, 4),
        )

    def billed():
        return stated(
            0.85,
            procedure=lambda: one(PROCEDURES),
            service_date=lambda: one(DAYS),
            units=lambda: random.randint(1, 3),
        )

    claim = stated(
        0.75,
        diagnoses=lambda: several(2, lambda: one((*DIAGNOSES, None))),
        score=lambda: random.randint(0, 9),
        n=lambda: random.randint(0, 4),
        admitted=lambda: one(DAYS),
        trials=lambda: several(3, trial),
        history=lambda: several(2, billed),
        member=lambda: {"birth_date": one(("1950-01-01", "2002-07-01", "2004-02-29"))},
        contract=lambda: {"line_of_business": one(("commercial", "medicaid"))},
    )
    day = one(DAYS)
    claim |= {"claim_id": "C", "lines": []}
    for number in range(1, random.randint(1, 3) + 1):
        line = {"line": number, "procedure": one((*PROCEDURES, "J1000", "J1001"))}
        line["service_date"] = day if random.random() < 0.75 else one(DAYS)
        line |= stated(
            0.6,
            units=lambda: random.randint(1, 4),
            drug=lambda: one(("alpha", "beta", "Alpha HCl", "gamma", "delta", "alpha 5 mg")),
            kind=lambda: one(("red", "green", "blue")),
            site=lambda: one(("left", "right")),
            first=lambda: random.random() < 0.5,
            second=lambda: random.random() < 0.5,
            part=lambda: one(("P1", "P2", "P3", "Q9")),
            amount=lambda: one((4, 5, 6)),
        )
        claim["lines"].append(line)
    return claim
