"""Programs become Python, built with the `ast` module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from types import CodeType

from attrs import Factory, define

from compiler import decision as d
from compiler.emit.literals import assign, call, identifier, literal, made, name, sequence
from compiler.interpret import assumptions_in
from compiler.program import Program
from compiler.runtime.questions import Questions
from compiler.runtime.tables import Version

RUN_TIME_NAMES = {
    "compiler.runtime.claim_values": ("FactSpec",),
    "compiler.runtime.compiled": ("CompiledPolicy", "all_held", "questions"),
    "compiler.runtime.conditions": (
        "all_of",
        "any_of",
        "assuming",
        "at_least",
        "code_in",
        "day_in",
        "element_code_in",
        "element_value_in",
        "elements",
        "negated",
        "value_in",
    ),
    "compiler.runtime.partition": ("Counted", "Ordered", "Values"),
    "compiler.runtime.tables": (
        "CodeRow",
        "EvidenceRule",
        "Held",
        "LineFacts",
        "Listed",
        "RevisionRow",
        "Version",
    ),
    "datetime": ("date",),
    "decimal": ("Decimal",),
}
"""What the generated statements use, by module."""

PLAIN = ("rules", "overrides", "listed", "open", "stating", "evidence", "assumptions", "order")
"""The fields of a version that are plain data."""


def emit(program: Program) -> list[ast.stmt]:
    """The statements that make a policy: its tables, its rules as functions, and `POLICY`."""
    return _Emitter(program).statements()


def code(program: Program) -> CodeType:
    """The compiled form of a program, for the installed run-time."""
    module = ast.fix_missing_locations(ast.Module([*imports(), *emit(program)], []))
    return compile(module, f"<{program.package}>", "exec")


def imports() -> list[ast.stmt]:
    """The imports of a generated module that stands on the installed run-time."""
    future = ast.ImportFrom("__future__", [ast.alias("annotations")], 0)
    return [
        future,
        *(
            ast.ImportFrom(module, [ast.alias(used) for used in names], 0)
            for module, names in RUN_TIME_NAMES.items()
        ),
    ]


@define
class _Emitter:
    program: Program
    made: list[ast.stmt] = Factory(list)
    shared: dict[str, str] = Factory(dict)
    rules: dict[str, str] = Factory(dict)
    taken: set[str] = Factory(set)

    def statements(self) -> list[ast.stmt]:
        program = self.program
        days, postings = program.lowering.day_cuts, program.lowering.posting_cuts
        versions: list[Version] = []
        numbers: list[str] = []
        grid: list[list[int | None]] = []
        for known_on in (date.min, *postings):
            row: list[int | None] = []
            for day in (date.min, *days):
                version = program.version(day, known_on)
                decision = program.decision(day, known_on)
                if version is None or decision is None:
                    row.append(None)
                    continue
                if not any(version is other for other in versions):
                    versions.append(version)
                    numbers.append(self._version(len(versions), decision, version, day))
                row.append(next(n for n, other in enumerate(versions) if other is version))
            grid.append(row)
        fields = {
            "package": literal(program.package),
            "digest": literal(program.digest),
            "schema": literal(program.schema),
            "absent": literal(program.absent),
            "governed_by": literal(program.governed_by),
            "subject_to": literal(program.subject_to),
            "revisions": literal(program.revisions),
            "code_rows": literal(program.code_rows),
            "days": literal(days),
            "postings": literal(postings),
            "grid": literal(tuple(tuple(row) for row in grid)),
            "versions": sequence(name(number) for number in numbers),
        }
        return [*self.made, assign("POLICY", made("CompiledPolicy", fields))]

    def _unique(self, wanted: str) -> str:
        found, count = wanted, 1
        while found in self.taken:
            count += 1
            found = f"{wanted}_{count}"
        self.taken.add(found)
        return found

    def _version(self, number: int, decision: d.Decision, version: Version, day: date) -> str:
        """The constant that holds a version; its rules are functions made before it."""
        rules = [self._rule(rule) for rule in decision.rules]
        asked = version.questions
        fields = {
            **{field: literal(value) for field, value in version._asdict().items() if field in PLAIN},
            "held": call("all_held", *(name(rule) for rule in rules)),
            "questions": literal(None) if asked is None else self._questions(asked),
        }
        constant = self._unique(f"VERSION_{number}")
        self._constant(
            constant, made("Version", fields), f"What stands from {day} on, with what is posted then."
        )
        return constant

    def _constant(self, constant: str, value: ast.expr, said: str) -> None:
        statement = assign(constant, value)
        comment(statement, said)
        self.made.append(statement)

    def _shared(self, wanted: str, value: ast.expr, said: str) -> ast.Name:
        """The constant that holds a table; equal tables of several versions are one."""
        key = ast.dump(value)
        if key not in self.shared:
            self.shared[key] = self._unique(wanted)
            self._constant(self.shared[key], value, said)
        return name(self.shared[key])

    def _questions(self, asked: Questions) -> ast.Name:
        cells = [
            self._shared(
                f"CELLS_OF_{identifier(fact).upper()}",
                literal(partition),
                f"What the rules can tell apart about {fact}.",
            )
            for fact, partition in asked.partitions.items()
        ]
        partitions = ast.Dict([literal(fact) for fact in asked.partitions], list(cells))
        fields = {
            "partitions": partitions,
            "variables": literal(asked.variables),
            **{field: literal(table) for field, table in _nodes(asked).items()},
        }
        said = "The rules as a diagram, for the facts that a claim does not state."
        return self._shared("QUESTIONS", made("questions", fields), said)

    def _rule(self, rule: d.Rule) -> str:
        """The function of a rule; equal rules of several versions are one function."""
        value = self._condition(rule.condition.condition, ())
        if rule.condition.assumptions:
            value = call("assuming", value, *(literal(a) for a in rule.condition.assumptions))
        key = f"{rule.section} {ast.dump(value)}"
        if key not in self.rules:
            function = self._unique(f"section_{identifier(rule.section)}")
            cited = rule.condition.citation
            where = f" ({cited.place})" if cited else ""
            described = f"Section {rule.section}, {rule.condition.name}{where}: {rule.determination}."
            function_def = ast.parse("def rule(facts: LineFacts) -> Held: pass").body[0]
            assert isinstance(function_def, ast.FunctionDef)
            function_def.name = function
            function_def.body = [ast.Expr(ast.Constant(described)), ast.Return(value)]
            self.made.append(function_def)
            self.rules[key] = function
        return self.rules[key]

    def _codes(self, atom: d.CodeIs) -> ast.expr:
        """The constant that holds a set of codes."""
        said = f"Codes of {atom.system}, each pair from the first to before the second."
        return self._shared(identifier(atom.name).upper(), literal(atom.codes), said)

    def _condition(self, condition: d.Condition, hands: tuple[str, ...]) -> ast.expr:
        """A condition as an expression; `hands` are the list elements in hand, the innermost last."""
        match condition:
            case d.Named():
                value = self._condition(condition.condition, hands)
                if condition.assumptions:
                    value = call("assuming", value, *(literal(a) for a in condition.assumptions))
                comment(value, condition.name)
                return value
            case d.Not(inner):
                return call("negated", self._condition(inner, hands))
            case d.AtLeast(count, conditions):
                parts = [self._condition(inner, hands) for inner in conditions]
                if count == len(parts):
                    return parts[0] if count == 1 else call("all_of", *parts)
                return call("any_of", *parts) if count == 1 else call("at_least", literal(count), *parts)
            case d.Elements():
                return self._elements(condition, hands)
            case d.ValueIs(fact, values):
                among = call("frozenset", ast.Set([literal(v) for v in values]) if values else sequence(()))
                if fact in hands:
                    return call("element_value_in", _hand(fact, hands), among)
                return call("value_in", name("facts"), literal(fact), among)
            case d.CodeIs(fact=fact):
                if fact in hands:
                    return call("element_code_in", _hand(fact, hands), self._codes(condition))
                rests = [literal(assumption) for assumption in condition.assumptions]
                return call("code_in", name("facts"), literal(fact), self._codes(condition), *rests)
            case d.DayIs(fact, start, end):
                return call("day_in", name("facts"), literal(fact), literal(start), literal(end))
        raise AssertionError(condition)

    def _elements(self, condition: d.Elements, hands: tuple[str, ...]) -> ast.expr:
        inside = (*hands, condition.element)
        test = self._condition(condition.where, inside)
        hand = ast.arg(_hand(condition.element, inside).id)
        return call(
            "elements",
            name("facts"),
            literal(condition.fact),
            literal(condition.count),
            ast.Lambda(ast.arguments([], [hand], None, [], [], None, []), test),
            *(literal(assumption) for assumption in dict.fromkeys(assumptions_in(condition.where))),
        )


def comment(node: ast.AST, text: str) -> None:
    """A comment to stand above a node when the module is written down."""
    node.comment = text  # type: ignore[attr-defined]


def _hand(element: str, hands: tuple[str, ...]) -> ast.Name:
    """The parameter that an element in hand is."""
    return name(f"{identifier(element)}_{hands.index(element) + 1}")


def _nodes(asked: Questions) -> dict[str, object]:
    """The nodes of the diagrams, each after those that it leads to, and where the roots are among them."""
    numbers: dict[int, int] = {}
    made: list[object] = []
    seen: set[int] = set()
    for root in (*asked.answers.values(), *asked.sections.values()):
        for node in _bottom_up(asked, root, seen):
            numbers[node] = len(made)
            level = asked.diagram.level(node)
            if level is None:
                made.append(asked.diagram.value(node))
            else:
                made.append((level, tuple(numbers[child] for child in asked.diagram.children(node))))
    return {
        "nodes": tuple(made),
        "answers": {key: numbers[root] for key, root in asked.answers.items()},
        "sections": {key: numbers[root] for key, root in asked.sections.items()},
    }


def _bottom_up(asked: Questions, node: int, seen: set[int]) -> Iterator[int]:
    if node not in seen:
        seen.add(node)
        for child in asked.diagram.children(node):
            yield from _bottom_up(asked, child, seen)
        yield node
