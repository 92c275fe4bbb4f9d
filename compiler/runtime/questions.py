"""What the unknown facts could still change: determinations over all completions, and what to ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import NamedTuple, TypeAlias

from compiler.runtime.atoms import Condition, Open, facts_of
from compiler.runtime.cells import Space
from compiler.runtime.claim_values import FactSpec
from compiler.runtime.diagram import Diagram, Node, TooLarge
from compiler.runtime.line_facts import EACH, asked_as
from compiler.runtime.settling import Missing, Settling

NOT_APPLICABLE = "not_applicable"
EXCLUDED = "excluded_by_contract"
REVIEW = "manual_review"
DENIALS = ("not_medically_necessary", "experimental_investigational", "not_covered")

Truth: TypeAlias = bool | Condition
"""Whether something holds, or what is open about it."""


class RuleRow(NamedTuple):
    """A rule of a section: what it says, and for a reviewer what is asked, and of whom. An `otherwise` rule
    speaks where no other does. `reasons`: a CARC and RARCs of its own. `left`: what limits leave of the
    line, where that tells answers apart.
    """

    section: str
    determination: str
    otherwise: bool = False
    question: str | None = None
    addressee: str | None = None
    reasons: tuple[str, tuple[str, ...]] | None = None
    left: tuple[str, ...] = ()


class Answer(NamedTuple):
    """What a line comes to: a determination, with what limits leave of it."""

    determination: str
    left: tuple[str, ...] = ()


class Case(NamedTuple):
    """What is known of a line, as far as rules and contract can tell lines apart.

    `excluded`: by a diagnosis; `sections` are those that the contract excludes; `covered` and what follows
    say the same of its riders.
    """

    rules: tuple[RuleRow, ...]
    overrides: tuple[tuple[str, str], ...]
    truths: tuple[Truth, ...]
    excluded: Truth = False
    everything: bool = False
    sections: frozenset[str] = frozenset()
    covered: Truth = False
    covers_everything: bool = False
    covered_sections: frozenset[str] = frozenset()


class Questions:
    """A case as diagrams over the cells of what is unknown. Raises diagram.TooLarge beyond the limit.

    `speaks` says for each rule when it holds and is not overridden, `answers` for all that rules make of the
    line when one does, `spoken` for each section when it speaks.
    """

    def __init__(self, case: Case, space: Space, holds: list[Node]) -> None:
        self.space = space
        self.diagram = space.diagram
        self._case = case
        *holds, self._excluded, self._covered = holds
        self.speaks = speaking(case.rules, case.overrides, holds, self.diagram)
        self.answers, self.spoken = said(case.rules, self.speaks, self.diagram)
        self.root = self._determination()

    def _determination(self) -> Node:
        """The diagram whose leaves are what is made of the line, after the contract has had its say."""
        diagram = self.diagram
        root, never = diagram.leaf(Answer(NOT_APPLICABLE)), diagram.leaf(False)
        case = self._case
        excluded = self._fits(self._excluded, case.everything, case.sections)
        covered = self._fits(self._covered, case.covers_everything, case.covered_sections)
        steps = [(node, partial(_said, made)) for made, node in self.answers.items()]
        steps += [(excluded, partial(_but, but_excluded)), (covered, partial(_but, but_covered))]
        for node, step in steps:
            # What never holds changes nothing.
            root = diagram.combine(root, node, step) if node != never else root
        return root

    def _fits(self, by_diagnosis: Node, everything: bool, sections: frozenset[str]) -> Node:
        """When exclusions or riders of the contract fit the line."""
        if everything:
            return self.diagram.leaf(True)
        speaking = [self.spoken[section] for section in sorted(sections & self.spoken.keys())]
        return self.diagram.either([by_diagnosis, *speaking])

    def answered(self) -> list[Answer]:
        """What the line can come to, over all completions of the unknown facts."""
        return self.diagram.leaves(self.root)

    def determinations(self) -> set[str]:
        """The determinations to which it can come, whatever limits leave of it."""
        return {made.determination for made in self.answered()}

    @property
    def exact(self) -> bool:
        """Whether every combination of cells on which the determination depends is one that a claim has."""
        return not self.space.loose(self.diagram.levels(self.root))

    def speaking(self) -> dict[str, bool]:
        """The sections that speak in some completion, each with whether it does so in every one."""
        truths = {section: self.diagram.leaves(node) for section, node in self.spoken.items()}
        return {section: False not in found for section, found in truths.items() if True in found}

    def missing(self) -> Missing:
        """The minimal sets of unknown facts of which some values settle one of the determinations."""
        return self._settling_one_of(sorted(self.answered()))

    def missing_for(self) -> dict[str, Missing]:
        """For each determination the minimal sets of unknown facts of which some values lead to it."""
        found: dict[str, list[Answer]] = {}
        for made in sorted(self.answered()):
            found.setdefault(made.determination, []).append(made)
        return {told: self._settling_one_of(made) for told, made in found.items()}

    def _settling_one_of(self, made: list[Answer]) -> Missing:
        found = self._settling.settling(self.root, made)
        # What is told apart only loosely is asked for as a whole.
        return found._replace(complete=found.complete and self.exact)

    @cached_property
    def _settling(self) -> Settling:
        return Settling(self.space)


def questions(cases: Sequence[Case], specs: Mapping[str, FactSpec], order: Iterable[str]) -> list[Questions]:
    """Some cases over one set of variables: equal functions are the same node. Raises diagram.TooLarge."""
    asked = [truth for case in cases for truth in (*case.truths, case.excluded, case.covered)]
    space = Space([truth for truth in asked if not isinstance(truth, bool)], specs, order)
    nodes = iter(space.nodes())
    holds = iter([space.diagram.leaf(t) if isinstance(t, bool) else next(nodes) for t in asked])
    return [Questions(case, space, [next(holds) for _ in range(len(case.truths) + 2)]) for case in cases]


def questions_of(case: Case, specs: Mapping[str, FactSpec], order: Iterable[str]) -> Questions:
    """One case; where it is too large, with all that is open of a rule told apart no further
    than true and false. Raises diagram.TooLarge where even that is.
    """
    try:
        return questions([case], specs, order)[0]
    except TooLarge:
        return questions([untold(case)], specs, order)[0]


def untold(case: Case) -> Case:
    """A case in which what is open of a rule is one thing that is true or false."""
    found: dict[Condition, Open] = {}

    def whole(truth: Truth) -> Truth:
        if isinstance(truth, bool):
            return truth
        known_by = dict.fromkeys(asked_as(fact) for fact in facts_of(truth) if not fact.startswith(EACH))
        return found.setdefault(truth, Open(str(len(found)), tuple(known_by)))

    return case._replace(
        truths=tuple(map(whole, case.truths)), excluded=whole(case.excluded), covered=whole(case.covered)
    )


def speaking(
    rules: Sequence[RuleRow], overrides: Sequence[tuple[str, str]], holds: list[Node], diagram: Diagram
) -> tuple[Node, ...]:
    """When each rule holds, and no section that speaks overrides its own; `otherwise` where none speaks."""
    spoken: dict[str, Node] = {}

    def but_not(node: Node, silenced: Node) -> Node:
        return diagram.choose(silenced, diagram.leaf(False), node)

    def speaks(section: str) -> Node:
        if section not in spoken:
            pairs = zip(rules, holds, strict=True)
            own = diagram.either(
                node for rule, node in pairs if rule.section == section and not rule.otherwise
            )
            spoken[section] = but_not(own, overridden(section))
        return spoken[section]

    def overridden(section: str) -> Node:
        return diagram.either(speaks(winner) for winner, loser in overrides if loser == section)

    said = [but_not(node, overridden(rule.section)) for rule, node in zip(rules, holds, strict=True)]
    if not any(rule.otherwise for rule in rules):
        return tuple(said)
    first = diagram.either(node for rule, node in zip(rules, said, strict=True) if not rule.otherwise)
    return tuple(
        but_not(node, first) if rule.otherwise else node for rule, node in zip(rules, said, strict=True)
    )


def said(
    rules: Sequence[RuleRow], speaks: Sequence[Node], diagram: Diagram
) -> tuple[dict[Answer, Node], dict[str, Node]]:
    """When each thing is made of the line, and when each section speaks."""
    never = diagram.leaf(False)
    answers: dict[Answer, Node] = {}
    spoken: dict[str, Node] = {}
    for rule, node in zip(rules, speaks, strict=True):
        made = Answer(rule.determination, rule.left)
        answers[made] = diagram.either((answers.get(made, never), node))
        spoken[rule.section] = diagram.either((spoken.get(rule.section, never), node))
    return answers, spoken


def _said(made: Answer, so_far: Answer, says: bool) -> Answer:
    """What sections say together: of what contradicts itself a person decides."""
    if not says or so_far == made:
        return so_far
    if so_far.determination == made.determination:
        return Answer(made.determination, tuple(sorted({*so_far.left, *made.left})))
    return made if so_far.determination == NOT_APPLICABLE else Answer(REVIEW)


def _but(contract: Callable[[str, bool], str], made: Answer, fits: bool) -> Answer:
    """What the contract leaves of what is made of the line."""
    determination = contract(made.determination, fits)
    return made if determination == made.determination else Answer(determination)


def but_excluded(determination: str, excluded: bool) -> str:
    """An exclusion applies only where a section gives a determination."""
    return EXCLUDED if excluded and determination != NOT_APPLICABLE else determination


def but_covered(determination: str, covered: bool) -> str:
    """Of a rider that covers what is denied or excluded a person says whether it counts."""
    return REVIEW if covered and determination in (*DENIALS, EXCLUDED) else determination
