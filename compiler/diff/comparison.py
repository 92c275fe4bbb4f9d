"""What two versions were found to decide differently."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from compiler.binding import amendments as a
from compiler.diff.claims import Claim
from compiler.diff.spaces import Apart
from compiler.diff.wording import Wording


@frozen
class Alone:
    """One amendment of a revision, applied without its others."""

    revision: str
    amendment: a.Amendment


@frozen
class ByContract:
    """A difference that a contract brings out, by excluding a section."""

    section: str


@frozen
class Difference:
    """A line that two versions decide differently, with the claim in which it is the first; `about` says
    what brings it out, where that is more than the versions as a whole.
    """

    kind: str
    claim: Claim
    decisions: tuple[dict[str, Any], dict[str, Any]]
    about: Alone | ByContract | None = None


@frozen
class Comparison:
    """Every kind of difference, other words, and the constructs that were beyond the analysis."""

    differences: tuple[Difference, ...]
    wording: tuple[Wording, ...]
    beyond: tuple[Apart, ...]
    solved: bool = False
    """Whether a solver of arithmetic had a part in it."""
    unshown: bool = False
    """Whether reason codes may differ in a way that no claim was found to show."""
    open: tuple[tuple[Alone, Apart], ...] = ()
    """Of amendments, what was beyond the analysis where each was looked at alone: it may bring about more."""

    @property
    def equal(self) -> bool | None:
        """Whether all claims get the same determinations; None where that is not known."""
        if any(found.kind == "determination" for found in self.differences):
            return False
        return None if self.beyond else True
