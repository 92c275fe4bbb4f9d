"""The policy as it reads on a day, as known on another: its text, without ink."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from attrs import field, frozen

from compiler.binding.versions import is_version
from compiler.history.standing import StandingText, criteria_of
from compiler.model import (
    Criterion,
    Definition,
    Group,
    InForce,
    ListedCode,
    Quantified,
    ReasonCodes,
    RevisionId,
    Rule,
    Section,
    Use,
    Validity,
    asked_of,
    inside,
)
from compiler.program import Program, revision_name
from compiler.runtime.edits import plain
from policyc.pages.facts import fact_row, ground_rules
from policyc.pages.prose import Names, Word, anchor, spaced
from policyc.pages.register_words import register_words
from policyc.pages.rows import Block, CodeLine, Row, bare
from policyc.pages.value_sets import concept_block
from policyc.words.render import successors, validity
from policyc.words.shown import Codes, as_written, opening, parted


@frozen
class Document:
    """The blocks of the text, and the table of codes."""

    applies: tuple[Row, ...] = ()
    sections: tuple[Block, ...] = ()
    orders: tuple[Row, ...] = ()
    codes: tuple[CodeLine, ...] = ()
    code_note: tuple[Row, ...] = ()
    definitions: tuple[Block, ...] = ()
    concepts: tuple[Block, ...] = ()
    rules: tuple[Row, ...] = ()
    assumptions: tuple[Row, ...] = ()
    facts: tuple[Row, ...] = ()
    promises: tuple[Row, ...] = ()
    retired: str | None = None


def document(program: Program, on: date, known_on: date | None) -> Document:
    """What stands on a day; empty where nothing does."""
    applied = program.consolidated.applied(on, known_on)
    if not applied:
        return Document()
    text = program.consolidated.texts[applied]
    if text.retired is not None:
        return Document(retired=text.retired)
    return _Reader(program, text, on, known_on).document()


@frozen
class _Reader:
    program: Program
    text: StandingText
    on: date
    known_on: date | None
    names: Names = field(init=False)

    @names.default
    def _names(self) -> Names:
        return Names.of(self.program, self.text)

    def document(self) -> Document:
        sections = tuple(map(self.section, self.text.sections))
        definitions = (
            *(self.definition(each.name, each) for each in self.own()),
            *(self.definition(name, each) for name, each in self.used().items()),
        )
        rules = tuple(ground_rules(self.program, self.names, self.text.definitions))
        applies = tuple(self.criteria(self.program.consolidated.policy.applies, 0))
        table = self.text.table
        promises = tuple(self.promises())
        blocks = (*sections, *definitions)
        said = [*applies, *(row for block in blocks for row in block.rows), *rules, *promises]
        concepts = tuple(
            concept_block(self.program, concept, self.on, self.known_on) for concept in self.concepts(said)
        )
        return Document(
            applies,
            sections,
            tuple(self.orders()),
            tuple(self.code(row) for row in table.rows) if table is not None else (),
            tuple(self.table()),
            definitions,
            concepts,
            rules,
            tuple(self.standing()),
            tuple(self.facts([*said, *self.table()])),
            promises,
        )

    def revision(self, identity: RevisionId | None) -> str:
        return revision_name(identity, self.program.consolidated) if identity is not None else ""

    # ---- sections and definitions

    def section(self, section: Section) -> Block:
        return Block(
            f"section-{section.name}",
            section.name,
            section.title,
            tuple(self.section_rows(section)),
            section.citation,
            self.revision(section.revision),
        )

    def section_rows(self, section: Section) -> Iterator[Row]:
        revision = self.revision(section.revision)
        if section.concept is not None:
            label = _concept_label(self.program, section.concept)
            opened = "; the list of names is open" if section.open else ""
            named = f"{opened}; it names" if section.names else opened
            link = Word(label, "name", f"concept-{section.concept}")
            yield Row(0, "", (Word("For "), link, Word(named)), "for", revision=revision)
            for name in section.names:
                member = self.member(section.concept, name.name)
                words = (Word(_concept_label(self.program, member), "name", f"concept-{member}"),)
                yield Row(1, "", words, "item", revision=self.revision(name.revision))
        for rule in section.rules:
            yield from self.rule(rule, section)
        for limit in section.limits:
            then = f"Limit: {limit.shown}; what is above it is {spaced(limit.determination)}"
            assumed = (limit.assumption,) if limit.assumption is not None else ()
            yield Row(0, "", (Word(then),), "rule", limit.citation, assumed, revision)
        if section.reasons is not None:
            words = (Word(denied_with(section.reasons)),)
            yield Row(0, "", words, "note", revision=self.revision(section.reasons.revision))
        for assumption in section.assumptions:
            yield Row(0, "", (), "assumption", None, (assumption,), revision)

    def member(self, concept: str, name: str) -> str:
        """The id of a concept's member, however deep inside."""
        ids = self.program.lowering.concepts
        return next(id_ for id_ in ids if id_.startswith(f"{concept}.") and id_.endswith(f".{name}"))

    def rule(self, rule: Rule, section: Section) -> Iterator[Row]:
        revision = self.revision(section.revision)
        yield Row(0, "", tuple(self.determined(rule)), "rule", rule.citation, rule.assumptions, revision)
        yield from self.criteria(rule.criteria, 1)
        for exception in rule.exceptions:
            holding, unless = parted(exception)
            both = " all of these hold" if len(holding) > 1 else ""
            yield Row(0, "", (Word(f"except if{both}"),), "rule", revision=revision)
            yield from self.criteria(holding, 1)
            if unless:
                yield Row(1, "", (Word("unless"),), "rule", revision=revision)
                yield from self.criteria(unless, 2)
        if rule.reasons is not None:
            yield Row(0, "", (Word(denied_with(rule.reasons)),), "note", revision=revision)

    def determined(self, rule: Rule) -> Iterator[Word]:
        determination = spaced(rule.determination)
        yield Word(determination[0].upper() + determination[1:], "determination")
        if rule.question is not None:
            to = f", put to {rule.addressee}" if rule.addressee is not None else ""
            yield Word(f": {rule.question}{to};" if rule.criteria else f": {rule.question}{to}")
        if rule.otherwise:
            yield Word(" otherwise")
        yield from self.on_days(rule.validity)
        if rule.criteria:
            yield Word(" if all of these hold" if len(rule.criteria) > 1 else " if")

    def on_days(self, valid: Validity) -> Iterator[Word]:
        """When a rule or a row of a register is in force, if not always; and whether it is on the day."""
        if valid.start or valid.end:
            stands = "" if valid.on(self.on) else ", and so not on this day"
            yield Word(f" ({validity(valid.start, valid.end)}{stands})")

    def definition(self, name: str, stands: Definition) -> Block:
        of = f" of {stands.element}" if stands.element is not None else ""
        title = spaced(stands.name.rpartition(".")[2]) + of
        rows = tuple(self.criteria(stands.criteria, 0))
        return Block(anchor("definition", name), "", title, rows, None, self.revision(stands.revision))

    def own(self) -> Iterator[Definition]:
        """The policy's own definitions, without those that only say which version of a value stands."""
        return (each for each in self.text.definitions if not is_version(each.name))

    def used(self) -> dict[str, Definition]:
        """The definitions of libraries that the text uses, and those that these use."""
        found: dict[str, Definition] = {}

        def visit(criteria: Iterable[Criterion]) -> None:
            for criterion in criteria:
                for name in _uses(criterion):
                    stands = self.program.lowering.definitions.get(name)
                    if stands is not None and name not in found and not is_version(name):
                        found[name] = stands
                        visit(stands.criteria)

        for section in self.text.sections:
            for rule in section.rules:
                visit(rule.criteria)
                for exception in rule.exceptions:
                    visit(exception)
        for definition in self.text.definitions:
            visit(definition.criteria)
        visit(self.program.consolidated.policy.applies)
        own = {definition.name for definition in self.text.definitions}
        package = f"{self.program.package}."
        return {name: each for name, each in found.items() if name.removeprefix(package) not in own}

    # ---- criteria

    def criteria(self, criteria: tuple[Criterion, ...], depth: int) -> Iterator[Row]:
        for criterion in criteria:
            yield from self.criterion(criterion, depth)

    def criterion(self, criterion: Criterion, depth: int) -> Iterator[Row]:
        """A criterion as it was written; one of several lines, or amended inside, as a list of its own."""
        condition = criterion.condition
        whole = as_written(criterion) or isinstance(condition, InForce)
        if isinstance(condition, InForce):
            row = self.names.set(register_words(self.program, criterion.span))
            words = (*row, *self.on_days(condition.validity))
        elif whole:
            words = self.names.set(bare(criterion))
        else:
            assert isinstance(condition, Group | Quantified)
            words = self.names.set(opening(condition))
        yield Row(
            depth,
            spaced(criterion.label or ""),
            words,
            "criterion",
            criterion.citation,
            criterion.assumptions,
            self.revision(criterion.revision),
        )
        if not whole:
            yield from self.criteria(criteria_of(criterion), depth + 1)

    # ---- codes, orders, assumptions, facts

    def code(self, row: ListedCode) -> CodeLine:
        codes = Codes(self.program, self.on, self.known_on)
        entries = codes.entries(row.code)
        entry = codes.entry(row.code)
        shown = entry or (entries[-1] if entries else None)
        per = f"{plain(shown.per[0])} {shown.per[1]}" if shown is not None and shown.per else ""
        when = " and ".join(validity(e.validity.start, e.validity.end) for e in entries)
        when = when.replace("always valid", "always").replace("valid ", "")
        then = successors(codes.successors(shown)).removeprefix(", then ") if shown is not None else ""
        assumptions = [needed.assumption for needed in row.needs] + [row.assumption]
        return CodeLine(
            row.code,
            (shown.label if shown is not None else None) or "",
            per,
            when,
            then,
            " or ".join(needed.code for needed in row.needs),
            row.acknowledged or "",
            tuple(assumption for assumption in assumptions if assumption is not None),
            entry is not None or not entries,
            self.revision(row.revision),
        )

    def table(self) -> Iterator[Row]:
        table = self.text.table
        if table is None:
            return
        opened = "The list is open"
        stating = " and ".join(table.stating)
        said = f"{opened}: it also takes in lines that state " if table.stating else f"{opened}."
        words = (
            (Word(said), *self.names.set(stating)) if table.open else (Word("No other code is taken in."),)
        )
        yield Row(0, "", words, "note", table.citation, (), self.revision(table.revision))

    def orders(self) -> Iterator[Row]:
        for order in self.text.overrides:
            words = (
                Word(order.winner, "name", f"section-{order.winner}"),
                Word(" overrides "),
                Word(order.loser, "name", f"section-{order.loser}"),
            )
            yield Row(0, "", words, "item", revision=self.revision(order.revision))

    def standing(self) -> Iterator[Row]:
        for assumption in self.text.assumptions:
            yield Row(0, "", (), "assumption", None, (assumption,))

    def promises(self) -> Iterator[Row]:
        """What the author states of all claims."""
        for promise in self.program.consolidated.policy.promises:
            said = " or ".join(map(spaced, promise.determinations))
            said = f"{'always' if promise.always else 'never'} {said}".rstrip()
            said = said if promise.equal_to is None else f"decided as {promise.equal_to} decides it"
            least = ("if" if promise.always or promise.equal_to else "unless",) if promise.criteria else ()
            given = [] if promise.implied else [Word(f" {word}") for word in least]
            if promise.known:
                given += [Word(" unless these are known: "), *self.names.set(" and ".join(promise.known))]
            yield Row(0, promise.title, (Word(said), *self.on_days(promise.validity), *given), "rule")
            yield from self.criteria(promise.implied, 1)
            if promise.implied:
                yield Row(0, "", tuple(map(Word, least)), "rule")
            yield from self.criteria(promise.criteria, 1)

    def concepts(self, rows: Iterable[Row]) -> list[str]:
        """The concepts of which the rows speak, those that hold others once with them."""
        found = [
            word.anchor.removeprefix("concept-")
            for row in rows
            for word in row.words
            if word.anchor.startswith("concept-")
        ]
        whole = dict.fromkeys(found)
        return [id_ for id_ in whole if not any(id_.startswith(f"{other}.") for other in whole)]

    def facts(self, rows: Iterable[Row]) -> Iterator[Row]:
        anchors = {word.anchor for row in rows for word in row.words if word.kind == "name"}
        for path, fact in self.program.facts.items():
            if f"fact-{path}" in anchors:
                yield fact_row(fact)


def _uses(criterion: Criterion) -> Iterator[str]:
    """The definitions that a criterion uses."""
    condition = asked_of(criterion.condition)
    if isinstance(condition, Use):
        yield condition.definition
    for inner in inside(condition):
        yield from _uses(inner)


def denied_with(reasons: ReasonCodes) -> str:
    """The reason codes of a denial, in words."""
    codes = [f"CARC {reasons.carc.code}", *(f"RARC {each.code}" for each in reasons.rarc)]
    return f"Reason codes: {', '.join(codes)}"


def _concept_label(program: Program, id_: str) -> str:
    declared = program.lowering.concepts[id_]
    return declared.label or spaced(id_.rpartition(".")[2])
