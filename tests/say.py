"""Conditions as texts of the language, each with its meaning in plain Python beside it."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import NamedTuple


class Says(NamedTuple):
    """A condition (or a value): how it is written, and what it comes to."""

    text: str
    of: Callable


# ---- conditions -------------------------------------------------------------------------------------------

OPERATORS = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def value(facts, path):
    """A fact, or a field of an element in hand."""
    if path in facts:
        return facts[path]
    head, _, field = path.partition(".")
    return facts[head][field]


def fact(path):
    return Says(path, lambda facts: value(facts, path))


def constant(text, meaning):
    return Says(text, lambda _: meaning)


def compared(one, operator, other):
    hold = OPERATORS[operator]
    return Says(f"{one.text} {operator} {other.text}", lambda f: hold(one.of(f), other.of(f)))


def negated(inner):
    return Says(f"not ({inner.text})", lambda f: not inner.of(f))


def both(one, other):
    return Says(f"({one.text} and {other.text})", lambda f: one.of(f) and other.of(f))


def either(one, other):
    return Says(f"({one.text} or {other.text})", lambda f: one.of(f) or other.of(f))


def body(*lines):
    """Lines in braces, all of which hold."""
    return Says("{ " + "\n".join(line.text for line in lines) + " }", lambda f: all(i.of(f) for i in lines))


def counted(word, number, count):
    """Whether so many are as many as a quantity wants."""
    match word:
        case "some" | "any of":
            return count >= 1
        case "no" | "none of":
            return count == 0
        case "at least":
            return count >= number
        case "at most":
            return count <= number
        case _:
            return count == number


def group(word, number, *inner):
    quantity = word if " of" in word else f"{word} {number} of"
    lines = "\n".join(line.text for line in inner)
    return Says(
        f"{quantity} {{ {lines} }}", lambda f: counted(word, number, sum(bool(i.of(f)) for i in inner))
    )


# ---- lists ------------------------------------------------------------------------------------------------


def those(facts, element, path, where):
    """The records that meet a condition."""
    return [record for record in facts[path] if where is None or where.of({**facts, element: record})]


def quantified(word, number, element, path, where, different=None, run=None):
    """`run` is a number of days and a date field."""
    text = word if word in ("some", "every", "no") else f"{word} {number}"
    text += f" {element} in {path}"
    text += f" with different {different}" if different else ""
    text += f" within {run[0]} consecutive days of {run[1]}" if run else ""

    def of(facts):
        found = those(facts, element, path, where)
        if word == "every":
            return len(found) == len(facts[path])
        return counted(word, number, most(found, different, run))

    return Says(f"{text} {where.text if where else ''}", of)


def most(found, different, run):
    """How many records count: as many as lie within one run, those alike only once."""
    if run is None:
        return len({record[different] for record in found}) if different else len(found)
    starts = [record[run[1]].toordinal() for record in found]
    within = [[r for r in found if start <= r[run[1]].toordinal() < start + run[0]] for start in starts]
    return max((most(some, different, None) for some in within), default=0)


def count_of(element, path, where):
    return Says(
        f"count of {element} in {path} {where.text if where else ''}",
        lambda f: len(those(f, element, path, where)),
    )


def sum_of(each, element, path, where):
    return Says(
        f"sum of {each.text} for {element} in {path} {where.text if where else ''}",
        lambda f: sum(each.of({**f, element: record}) for record in those(f, element, path, where)),
    )


def extreme(word, each, element, path, where):
    """The value is None where there is none to choose."""
    choose = max if word in ("latest", "greatest") else min

    def of(facts):
        found = [each.of({**facts, element: record}) for record in those(facts, element, path, where)]
        return choose(found, default=None)

    return Says(f"{word} of {each.text} for {element} in {path} {where.text if where else ''}", of)


def where_any(one, test):
    """What is asked of a value that there may not be: of none, nothing holds."""
    return lambda facts: (found := one.of(facts)) is not None and test(found, facts)


def extreme_compared(one, operator, other):
    hold = OPERATORS[operator]
    return Says(f"{one.text} {operator} {other.text}", where_any(one, lambda v, f: hold(v, other.of(f))))


def newest(word, element, by, path, among, has):
    def of(facts):
        found = those(facts, element, path, among)
        days = [record[by] for record in found]
        best = (max if word == "latest" else min)(days, default=None)
        return any(r[by] == best and has.of({**facts, element: r}) for r in found)

    return Says(f"{word} {element} by {by} in {path} {among.text if among else ''} has {has.text}", of)


# ---- dates ------------------------------------------------------------------------------------------------


def moved(day, unit, count):
    """A day so many units later; a month later is the same day of the next month, or its last.

    A day outside the calendar stands before or behind all days.
    """
    if unit in ("day", "week"):
        return day.toordinal() + count * (7 if unit == "week" else 1)
    months = day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        return -10_000 if year < 1 else 10_000_000
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last)).toordinal()
        except ValueError:
            continue
    raise AssertionError(day)


def in_window(kind, count, unit, before, day, anchor):
    """Whether a day lies in a window around another."""
    if kind in ("full", "same"):
        later = day.year - anchor.year
        if unit == "month":
            later = later * 12 + day.month - anchor.month
        if kind == "same":
            return later == 0
        return (-later if before else later) > count
    here, at = day.toordinal(), anchor.toordinal()
    far = moved(anchor, unit, -count if before else count)
    away, beyond = (far - here, at - here) if before else (here - far, here - at)
    match kind:
        case "within":
            return away <= 0 <= beyond
        case "or more":
            return away >= 0
        case "more than":
            return away > 0
        case _:
            return away < 0 <= beyond


def windowed(one, kind, count, unit, before, anchor):
    side = "before" if before else "after"
    written = {
        "or more": f"{count} {unit}s or more {side}",
        "full": f"{count} full {unit}s or more {side}",
        "same": f"in the same calendar {unit} as",
    }
    return Says(
        f"{one.text} {written.get(kind, f'{kind} {count} {unit}s {side}')} {anchor.text}",
        where_any(one, lambda day, f: in_window(kind, count, unit, before, day, anchor.of(f))),
    )


def elapsed(unit, start, end):
    """Complete units from one day to another, negative backward; a month is complete where its day is
    reached, or, where the month has no such day, on the first of the next.
    """

    def between(first, last):
        if unit in ("day", "week"):
            return (last - first).days // (7 if unit == "week" else 1)
        months = (last.year - first.year) * 12 + last.month - first.month
        months -= last.day < first.day
        return months // (12 if unit == "year" else 1)

    def of(facts):
        first, last = start.of(facts), end.of(facts)
        return between(first, last) if first <= last else -between(last, first)

    return Says(f"{unit}s from {start.text} to {end.text}", of)


def moved_day(count, unit, before, path):
    return Says(
        f"{count} {unit}s {'before' if before else 'after'} {path}",
        lambda f: moved(value(f, path), unit, -count if before else count),
    )


def ordinal(one):
    """A date as the number of its day, as days that were moved are."""
    return Says(one.text, lambda f: one.of(f).toordinal())


# ---- numbers ----------------------------------------------------------------------------------------------


def arithmetic(one, operator, other):
    apply = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: Fraction(a) / Fraction(b),
    }[operator]
    return Says(f"({one.text}) {operator} ({other.text})", lambda f: apply(one.of(f), other.of(f)))


def limit_of(word, *parts):
    choose = {"min": min, "max": max}[word]
    return Says(f"{word}({', '.join(p.text for p in parts)})", lambda f: choose(p.of(f) for p in parts))


def change(word, old, new):
    sign = 1 if word == "rise" else -1
    return Says(
        f"percent {word} from {old.text} to {new.text}",
        lambda f: 100 * sign * (Fraction(new.of(f)) - Fraction(old.of(f))) / Fraction(old.of(f)),
    )
