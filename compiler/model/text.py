"""The text of a policy as it stands on a day."""

from __future__ import annotations

from decimal import Decimal

from attrs import field, frozen

from compiler.model.codes import Validity
from compiler.model.criteria import Criterion
from compiler.model.words import Assumption, Citation, Located, RevisionId
from compiler.runtime.windows import Offset

ALWAYS = Validity()


@frozen
class Table(Located):
    """The decision table of which a rule is a row. `columns` are the facts that it asks, `at` the columns of
    the rule's criteria, in their order: `any` asks nothing.
    """

    columns: tuple[str, ...]
    at: tuple[int, ...] = field(eq=False)


@frozen
class ReasonCode(Located):
    """A CARC or RARC by its number; `system` is `carc` or `rarc`."""

    system: str
    code: str


@frozen
class ReasonCodes(Located):
    """What a remittance gives as the reason of a denial."""

    carc: ReasonCode
    rarc: tuple[ReasonCode, ...]
    revision: RevisionId | None = None


@frozen
class Rule(Located):
    """A determination that holds if all criteria do and no exception does."""

    determination: str
    criteria: tuple[Criterion, ...]
    exceptions: tuple[tuple[Criterion, ...], ...]
    otherwise: bool = False
    question: str | None = None
    addressee: str | None = None
    validity: Validity = ALWAYS
    table: Table | None = None
    citation: Citation | None = None
    assumptions: tuple[Assumption, ...] = ()
    reasons: ReasonCodes | None = None


@frozen
class Limit(Located):
    """So much in a period that begins so far from the line's day; without, in all time. `units`: those of
    codes that count, each with what it comes to; without, billed units count.
    """

    amount: Decimal
    units: tuple[tuple[str, Decimal], ...]
    since: Offset | None
    determination: str
    shown: str
    codes: tuple[str, ...]
    citation: Citation | None
    assumption: Assumption | None


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
    limits: tuple[Limit, ...] = ()
    revision: RevisionId | None = None
    reasons: ReasonCodes | None = None


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


@frozen
class Promise(Located):
    """What the author states of all claims: a section never gives one of some determinations, unless criteria
    hold, or facts are known; or gives no other, where criteria hold (`always`), or these imply others; or the
    policy gives the determinations of another one (`equal_to`, a package) where criteria hold. It speaks of
    some days.
    """

    title: str
    determinations: tuple[str, ...]
    always: bool
    criteria: tuple[Criterion, ...]
    implied: tuple[Criterion, ...]
    known: tuple[str, ...]
    validity: Validity
    equal_to: str | None = None
