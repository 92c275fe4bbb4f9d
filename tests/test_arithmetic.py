"""What is computed from numbers: the answer of a policy is what trying every completion gives."""

from collections import Counter
from fractions import Fraction
from itertools import pairwise

import comparing
import oracle
import say
from attrs import Factory, define
from hypothesis import given
from hypothesis import strategies as st
from oracle import EI, MN, Policy

COMPARED = Counter()
DECLARED = """
facts {
    claim.a integer 0..6
    claim.b integer -2..4
    claim.c number 0<..3
    claim.d number -1..
    claim.weight number 0<..40 in kg
    claim.height number 0.5..2 in m
    claim.x boolean
}
body_mass := claim.weight / (claim.height * claim.height)
"""
X = say.Says("claim.x", lambda f: f["claim.x"])
A, B, C, D = (say.fact(f"claim.{name}") for name in "abcd")
WHOLE = {"claim.a": oracle.domain(range(7)), "claim.b": oracle.domain(range(-2, 5))}
STATED = {"claim.a": (0, 1, 3, 6), "claim.b": (-2, 0, 1, 4), "claim.c": (1, 3), "claim.d": (-1, 0, 2)}
STATED |= {"claim.weight": (1, 20, 40), "claim.height": (Fraction(1, 2), 1, 2)}


@define
class Author(comparing.Author):
    """`sides` are the two sides of each comparison; a product of two facts, a min or max is `loose`."""

    facts: tuple = ()
    sides: list = Factory(list)
    loose: bool = False

    def number(self, least=-3, most=8):
        number = self.many(least, most)
        return say.constant(str(number), number)

    def fact(self):
        return say.fact(self.one(*self.facts))

    def term(self, depth=2):
        """A term of a few facts and numbers."""
        if depth == 0 or self.chance(3):
            return self.fact() if self.chance(2) else self.number(1, 3)
        one, other = self.term(depth - 1), self.term(depth - 1)
        match self.many(0, 5):
            case 0 | 1:
                return say.arithmetic(one, self.one("+", "-"), other)
            case 2:
                return say.arithmetic(one, "*", self.number(-2, 3))
            case 3:
                return say.arithmetic(one, "/", self.number(1, 4))
            case 4:
                self.loose = True
                return say.arithmetic(one, "*", other)
            case _:
                self.loose = True
                return say.limit_of(self.one("min", "max"), one, other)

    def compared(self, one, other):
        self.sides.append((one, other))
        says = say.compared(one, self.one(*say.OPERATORS), other)
        # A criterion may begin with a number only in parentheses.
        return says._replace(text=f"({says.text})")

    def mass(self):
        if self.chance(3):
            return self.compared(say.fact("claim.height"), say.constant("1 m", 1))
        number = self.one(5, 20, 80)
        return self.compared(MASS, say.constant(f"{number} kg/m2", number))

    def atom(self):
        if "claim.weight" in self.facts:
            return self.one(X, self.mass(), self.mass())
        match self.many(0, 6):
            case 0:
                return X
            case 1:
                old, new = self.fact(), self.fact()
                guard = self.compared_to_zero(old)
                cut = self.one(0, 50, 100, -50)
                bound = self.compared(
                    say.change(self.one("fall", "rise"), old, new), say.constant(str(cut), cut)
                )
                return say.both(guard, bound)
            case 2:
                return self.compared(self.term(1), self.term(1))
            case _:
                return self.compared(self.term(), self.number())

    def compared_to_zero(self, path):
        zero = say.constant("0", 0)
        self.sides.append((path, zero))
        return say.compared(path, ">", zero)

    def condition(self, depth=1):
        match self.many(0, 6 if depth else 3):
            case 4:
                return say.negated(self.condition(0))
            case 5:
                return say.either(self.condition(0), self.condition(0))
            case 6:
                return say.both(self.condition(0), self.condition(0))
            case _:
                return self.atom()


MASS = say.Says("body_mass", lambda f: Fraction(f["claim.weight"]) / Fraction(f["claim.height"]) ** 2)
ENDS = {
    "claim.c": (Fraction(1, 10**9), 3),
    "claim.d": (-1, None),
    "claim.weight": (Fraction(1, 10**9), 40),
    "claim.height": (Fraction(1, 2), 2),
}


def tried(path, author, facts):
    """Values of a fact that show all that is asked, if that is lines in it, or in one over it."""
    if path in WHOLE:
        return WHOLE[path]
    low, high = ENDS[path]
    found = {Fraction(n, 2) for n in range(-2, 9)} | {Fraction(low)}
    for one, other in author.sides:
        found |= roots(
            lambda x, one=one, other=other: one.of({**facts, path: x}) - other.of({**facts, path: x})
        )
    found |= {max(found) + 1} if high is None else {Fraction(high)}
    within = sorted(x for x in found if x >= low and (high is None or x <= high))
    between = [(x + y) / 2 for x, y in pairwise(within)]
    return oracle.domain(x for x in sorted([*within, *map(near, between)]) if decimal(x))


def roots(difference):
    """Where a line, or a line in one over x, is zero."""
    found = set()
    for points in ((1, 2), (Fraction(1), Fraction(1, 2))):
        try:
            one, two = (difference(1 / x if points[1] < 1 else Fraction(x)) for x in points)
        except (KeyError, ZeroDivisionError):  # several facts are unknown, or the divisor is zero
            continue
        if one != two:
            root = points[0] - one * (points[1] - points[0]) / (two - one)
            found |= {root} if points[1] > 1 else {1 / root} if root else set()
    return found


def near(number):
    """A decimal near a number."""
    return Fraction(round(number * 10**12), 10**12)


def decimal(number):
    return 10**40 % number.denominator == 0


def claims(author):
    claim, facts, unknown = {}, {}, []
    if author.chance(2):
        claim["claim.x"] = facts["claim.x"] = author.one(True, False)
    else:
        unknown.append("claim.x")
    single = author.one(*author.facts, None)
    for path in author.facts:
        if path == single or (single is None and author.chance(2)):
            unknown.append(path)
        else:
            claim[path] = facts[path] = author.one(*STATED[path])
    domains = {
        p: oracle.domain((False, True)) if p == "claim.x" else tried(p, author, facts) for p in unknown
    }
    numbers = [path for path in unknown if path != "claim.x"]
    # A mass is no line in a height.
    return claim, facts, domains, len(numbers) < 2 and numbers != ["claim.height"] and not author.loose


def compare(data):
    author = Author(data.draw)
    author.facts = author.one(
        ("claim.a",),
        ("claim.c",),
        ("claim.d",),
        ("claim.a", "claim.b"),
        ("claim.a", "claim.c"),
        ("claim.c", "claim.d"),
        ("claim.weight", "claim.height"),
    )
    sections = tuple(
        (made, say.body(*(author.condition() for _ in range(author.many(1, 2)))))
        for made in (EI, MN)[: author.many(1, 2)]
    )
    policy = Policy(DECLARED, sections, author.chance(3))
    allowed = {"never-holds", "type-mismatch"}
    comparing.compare(policy, lambda: claims(author), allowed, COMPARED)


@comparing.exhaustively(150)
@given(st.data())
def test_arithmetic_is_exact(data):
    compare(data)


def test_enough_was_compared():
    if COMPARED["policies"]:
        assert COMPARED["needs_information"] and COMPARED["not_applicable"] and COMPARED[EI]
    print("compared", dict(COMPARED))


# ---- planted cases ----------------------------------------------------------------------------------------


def decided(condition, **claim):
    policy = Policy(DECLARED, ((EI, say.Says(f"{{ {condition} }}", None)),))
    made = comparing.decided(
        comparing.load(policy.text), {f"claim.{name}": known for name, known in claim.items()}, True
    )
    return made["determination"], made["missing"], made.get("exact", True)


def test_one_of_two_numbers_can_be_enough_so_both_are_not_said_to_be_minimal():
    assert decided("claim.a + claim.b >= 5")[::2] == ("needs_information", False)
    assert decided("claim.a + claim.b >= 5", b=4) == ("needs_information", [["claim.a"]], True)


def test_a_divisor_of_either_sign_behind_its_guard():
    condition = "claim.d > 0 and (percent rise from claim.d to claim.c > 0)"
    assert decided(condition, c=1) == ("needs_information", [["claim.d"]], True)
    never = "claim.d > 0 and (percent fall from claim.d to claim.d == -50)"
    assert decided(never) == ("not_applicable", [], True)


def test_a_bound_that_is_no_decimal():
    assert decided("(1 > 3 * claim.c)") == ("needs_information", [["claim.c"]], True)
    assert decided("(1 == 3 * claim.c)") == ("not_applicable", [], True)
