"""Ink: templates that escape whatever a policy says, and one stylesheet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib import resources
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from attrs import frozen

from compiler.model import Citation
from policyc.pages.grounds import Clause
from policyc.pages.prose import spaced
from policyc.pages.rows import Row

if TYPE_CHECKING:
    from jinja2 import Environment


class NeedsJinja(Exception):
    """Pages need an extra that is not installed; the message says which."""


@frozen
class Node:
    """A row with the rows below it."""

    row: Row
    children: list[Node]


def filled(template: str, **given: object) -> str:
    """A page.

    Raises NeedsJinja where its library is not installed.
    """
    return _environment().get_template(template).render(**given)


@cache
def _environment() -> Environment:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  (an extra)
    except ImportError:
        raise NeedsJinja("pages need `pip install 'policyc[pages]'`") from None
    made = Environment(
        loader=PackageLoader("policyc.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "nested": nested,
        "spaced": spaced,
        "capital": capital,
        "uncapital": uncapital,
        "clause": clause,
        "determination": determination,
        "slug": slug,
        "whole_dates": whole_dates,
    }
    return made


def static(name: str) -> str:
    """The text of a file that pages link to: the stylesheet, a script."""
    return resources.files("policyc.pages").joinpath("static", name).read_text(encoding="utf-8")


def as_it_is(markup: str) -> str:
    """Markup of our own, which a page takes without escaping it."""
    from markupsafe import Markup  # noqa: PLC0415  (of the same extra)

    return Markup(markup)


def nested(rows: Iterable[Row]) -> list[Node]:
    """Rows by their depth as a tree."""
    top: list[Node] = []
    trail: list[Node] = []
    for row in rows:
        node = Node(row, [])
        del trail[row.depth :]
        (trail[-1].children if trail else top).append(node)
        trail.append(node)
    return top


def clause(cited: Citation | Clause, edition: str) -> str:
    """The anchor of a place of the source, which the policy reads in an edition by default."""
    read = str(cited.edition or edition)
    return f"clause-{slug(cited.place)}" + ("" if read == edition else f"-{read}")


def determination(words: str) -> str:
    """A determination as a document says it."""
    return words.replace("xperimental investigational", "xperimental / investigational")


def whole_dates(text: str) -> str:
    """A text of which no line ends inside a date."""
    from markupsafe import Markup, escape  # noqa: PLC0415  (of the same extra)

    parts = re.split(r"([0-9]{4}-[0-9]{2}-[0-9]{2})", text)
    dates = [Markup('<span class="date">{}</span>').format(date) for date in parts[1::2]]
    return Markup("").join(chain.from_iterable(zip_longest(map(escape, parts[::2]), dates, fillvalue="")))


def capital(text: str) -> str:
    """A text with a capital letter in front."""
    return text[:1].upper() + text[1:]


def uncapital(text: str) -> str:
    """A text that goes on in a sentence."""
    return text[:1].lower() + text[1:]


def slug(text: str) -> str:
    """A text as a part of an address."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def long_day(day: date) -> str:
    """A day as headlines say it: 1 October 2024."""
    return f"{day.day} {day:%B} {day.year}"
