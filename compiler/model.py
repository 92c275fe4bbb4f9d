"""What names mean: declarations and bound criteria, between the syntax tree and the decision IR."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TypeAlias

from attrs import field, frozen

from compiler.runtime.codes import Interval
from compiler.runtime.numbers import Stretch
from compiler.runtime.windows import Window
from dsl.source import Span
from dsl.syntax import GroupKind


@frozen
class Located:
    """Something that stands in a source; where is no part of what it means."""

    span: Span = field(eq=False, repr=False, kw_only=True)


@frozen
class Assumption(Located):
    """What the author decided where the document is silent."""

    name: str
    reason: str


@frozen
class Citation(Located):
    """A place in the source document, and the edition in which it was read."""

    place: str
    edition: date | None
    reconstructed: bool


@frozen(order=True)
class RevisionId:
    """In force from a day, known since a day."""

    effective: date
    posted: date


# ---- facts ----------------------------------------------------------------------------------------


@frozen
class EnumType:
    """Named values; an open enumeration takes any other value as *other*."""

    open: bool
    members: tuple[str, ...]
    aliases: tuple[tuple[str, str], ...] = ()


@frozen
class BoolType:
    """True or false."""


@frozen
class DayType:
    """A day of the calendar."""


@frozen
class TextType:
    """Any text: an open enumeration without named values."""


@frozen
class NumberType:
    """An exact number, whole or decimal, from `low` to `high`, both included; None is without bound."""

    integer: bool
    low: Decimal | None = None
    high: Decimal | None = None


@frozen
class CodeType:
    """One code of a system."""

    system: str


@frozen
class CodesType:
    """A list of codes of a system."""

    system: str


@frozen
class TextsType:
    """A list of texts."""


FactType: TypeAlias = EnumType | BoolType | DayType | TextType | NumberType | CodeType | CodesType | TextsType


@frozen
class FactDecl(Located):
    """A fact that a claim may state, and what it means where the claim does not."""

    path: str
    type: FactType
    absent: str | None = None
    absent_assumption: Assumption | None = None
    question: str | None = None


@frozen
class Evidence(Located):
    """A fact of one line taken from the other lines of the same claim and day."""

    fact: str
    within: str | None
    assumption: Assumption | None


# ---- codes and concepts -----------------------------------------------------------------------------


@frozen
class Validity:
    """In force `[start, end)`, known since a day; None is without bound."""

    start: date | None = None
    end: date | None = None
    posted: date | None = None

    def known(self, known_on: date | None) -> bool:
        """Whether one who knew what was posted by a day knew of this."""
        return known_on is None or self.posted is None or self.posted <= known_on

    def on(self, day: date) -> bool:
        """Whether a day lies inside."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def meets(self, other: Validity) -> bool:
        """Whether some day lies inside both."""
        late = self.start is not None and other.end is not None and other.end <= self.start
        early = other.start is not None and self.end is not None and self.end <= other.start
        return not late and not early


@frozen
class CodeEntry(Located):
    """A row of a code system: when a code is valid, what a unit of it stands for, what it says."""

    system: str
    codes: Interval
    shown: str
    label: str | None
    validity: Validity
    per: tuple[Decimal, str] | None
    gives: tuple[tuple[str, str], ...]
    replaced_by: tuple[str, ...]


@frozen
class ConceptEntry(Located):
    """Codes of a concept, or the id of another concept taken in whole."""

    codes: Interval | None
    uses: str | None
    validity: Validity


@frozen
class ConceptDecl(Located):
    """A set of codes with named members; a member is a concept of its own, `concept.member`."""

    id: str
    system: str
    label: str | None
    assumption: Assumption | None
    entries: tuple[ConceptEntry, ...]
    members: tuple[str, ...]


# ---- criteria -----------------------------------------------------------------------------------------


@frozen
class ValueIn:
    """A fact has one of some values (enumerations, texts; booleans as "true" and "false")."""

    fact: str
    values: tuple[str, ...]


@frozen
class CodeIn:
    """A code fact, or the element in hand (`fact` is then its name), is one of some codes or concepts."""

    fact: str
    system: str
    codes: tuple[Interval, ...]
    concepts: tuple[str, ...]


@frozen
class DayIn:
    """A date fact lies in `[start, end)`."""

    fact: str
    start: date | None
    end: date | None


@frozen
class NumberIn:
    """A number lies in one of some stretches."""

    fact: str
    stretches: tuple[Stretch, ...]


@frozen
class DayWithin:
    """A date fact lies in a window around another day."""

    fact: str
    window: Window


@frozen
class Use:
    """A definition holds. An id without a dot is the policy's own, and dated by its revisions."""

    definition: str


@frozen
class Negated:
    """A condition does not hold; `!=` is `==` negated."""

    condition: Condition


@frozen
class Group:
    """So many of some criteria: all, any, none, at least `count`."""

    kind: GroupKind
    count: int
    criteria: tuple[Criterion, ...]


@frozen
class Quantified:
    """So many elements of a list meet all of some criteria: some, every, at least `count`."""

    kind: GroupKind
    count: int
    element: str
    list: str
    criteria: tuple[Criterion, ...]


Condition: TypeAlias = ValueIn | CodeIn | DayIn | DayWithin | NumberIn | Use | Negated | Group | Quantified


def asked_of(condition: Condition) -> Condition:
    """What a condition asks, whether or not it is negated."""
    return asked_of(condition.condition) if isinstance(condition, Negated) else condition


def fact_of(condition: Condition) -> str | None:
    """The fact, or the element in hand, that a condition compares; None of groups, lists, definitions."""
    match asked_of(condition):
        case (
            ValueIn(fact=fact)
            | CodeIn(fact=fact)
            | DayIn(fact=fact)
            | DayWithin(fact=fact)
            | NumberIn(fact=fact)
        ):
            return fact
        case _:
            return None


@frozen
class Criterion(Located):
    """A condition as the author wrote it: addressable by its label, with where it comes from."""

    label: str | None
    condition: Condition
    citation: Citation | None
    assumption: Assumption | None
    revision: RevisionId | None = None


@frozen
class Definition(Located):
    """A named conjunction of criteria."""

    name: str
    criteria: tuple[Criterion, ...]
    revision: RevisionId | None = None


# ---- the text of a policy -------------------------------------------------------------------------------


@frozen
class Rule(Located):
    """A determination that holds if all criteria do and no exception does."""

    determination: str
    criteria: tuple[Criterion, ...]
    exceptions: tuple[tuple[Criterion, ...], ...]


@frozen
class ListedName(Located):
    """A name that a section lists, and the revision that listed it."""

    name: str
    revision: RevisionId | None = None


@frozen
class Section(Located):
    """A section as it stands on a day."""

    name: str
    title: str
    citation: Citation | None
    assumptions: tuple[Assumption, ...]
    concept: str | None
    open: bool
    names: tuple[ListedName, ...]
    rules: tuple[Rule, ...]
    revision: RevisionId | None = None


@frozen
class Primary(Located):
    """A code that an add-on may be billed beside."""

    code: str
    assumption: Assumption | None


@frozen
class ListedCode(Located):
    """A row of the policy's code table."""

    code: str
    needs: tuple[Primary, ...]
    acknowledged: str | None
    assumption: Assumption | None
    revision: RevisionId | None = None


@frozen
class CodeTable(Located):
    """The codes that a policy lists; an open table also takes lines in that state certain facts."""

    open: bool
    stating: tuple[str, ...]
    citation: Citation | None
    rows: tuple[ListedCode, ...]
    revision: RevisionId | None = None


@frozen
class Override(Located):
    """Where both hold, the first speaks and the second is silent."""

    winner: str
    loser: str
    revision: RevisionId | None = None
