"""Programs become Python, built with the `ast` module."""

from __future__ import annotations

import ast
from datetime import date
from types import CodeType

from attrs import Factory, define

from compiler.emit.conditions import Conditions
from compiler.emit.layout import comment
from compiler.emit.literals import assign, call, identifier, literal, made, name, printable, sequence
from compiler.ir import decision as d
from compiler.ir.occurring import SCOPES
from compiler.partition import partition, partition_of
from compiler.program import Program
from compiler.runtime.line_facts import ASSUMPTION
from compiler.runtime.tables import Version

RUN_TIME_NAMES = {
    "compiler.runtime.claim_values": ("FactSpec",),
    "compiler.runtime.atoms": (
        "Amount",
        "AtLeast",
        "CodeIs",
        "Computed",
        "ComputedIs",
        "DayIs",
        "Elapsed",
        "Elements",
        "Fixed",
        "Newest",
        "Not",
        "NumberIs",
        "Open",
        "Resting",
        "Total",
        "ValueIs",
        "WindowIs",
    ),
    "compiler.runtime.compiled": ("CompiledPolicy", "all_held"),
    "compiler.runtime.conditions": (
        "Held",
        "all_of",
        "any_of",
        "assuming",
        "at_least",
        "code_in",
        "day_around",
        "day_in",
        "left_open",
        "negated",
        "number_in",
        "value_in",
    ),
    "compiler.runtime.judge": ("computed_in",),
    "compiler.runtime.line_facts": ("LineFacts",),
    "compiler.runtime.lists": ("elements", "newest"),
    "compiler.runtime.questions": ("RuleRow",),
    "compiler.runtime.windows": ("Offset", "Window"),
    "compiler.runtime.tables": (
        "Asked",
        "CodeRow",
        "EvidenceRule",
        "Giver",
        "LimitRow",
        "Listed",
        "RevisionRow",
        "Version",
    ),
    "datetime": ("date",),
    "decimal": ("Decimal",),
    "fractions": ("Fraction",),
}
"""What the generated statements use, by module."""

SHARED = {
    "rules": ("RULES", "The sections, in document order, each with its determination."),
    "listed": ("LISTED", "The code table."),
    "evidence": ("EVIDENCE", "What may be taken from the other lines of the same day."),
    "order": ("ORDER", "Facts and assumptions in order of occurrence."),
}
"""Tables that one version often has in common with the next: their constants, and what is said of each."""

OWN = ("overrides", "open", "stating", "assumptions", "limits", "asks_stated")
"""The other fields of a version that are plain data."""


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
    functions: dict[str, str] = Factory(dict)
    versions: dict[int, str] = Factory(dict)
    taken: set[str] = Factory(set)

    def statements(self) -> list[ast.stmt]:
        program = self.program
        days, postings = program.lowering.day_cuts, program.lowering.posting_cuts
        grid = [
            [self._cell(day, known_on) for day in (date.min, *days)] for known_on in (date.min, *postings)
        ]
        fields = {
            "package": literal(program.package),
            "digest": literal(program.digest),
            "schema": literal(program.schema),
            "absent": literal(program.absent),
            "governed_by": literal(program.governed_by),
            "subject_to": literal(program.subject_to),
            "revisions": literal(program.revisions),
            "code_rows": literal(program.code_rows),
            "givers": literal(program.givers),
            "days": literal(days),
            "postings": literal(postings),
            "grid": sequence(sequence(row) for row in grid),
            "changes": literal(partition(self.program, None).days),
        }
        comment(fields["absent"], "What it means that a claim does not state a fact.")
        comment(
            fields["code_rows"],
            "The codes of the libraries, procedures, diagnoses and what gives facts, in their validity.",
        )
        comment(fields["givers"], "The facts whose codes give other facts.")
        comment(fields["days"], "The days on which something changes.")
        comment(fields["grid"], "A row before the first posting and from each on, a cell for days likewise.")
        return [*self.made, assign("POLICY", made("CompiledPolicy", fields))]

    def _asked(self, decision: d.Decision) -> ast.expr:
        """What a version asks of facts."""
        parts = partition_of(self.program, [decision])
        conditions = Conditions(self._codes, self._apart)
        tests: dict[str, list[ast.expr]] = {}
        for path, asked in parts.asked.items():
            tests[path] = [sequence([literal(path), conditions.test(atom)]) for atom in asked]
        for path, about in parts.elements.items():
            tests[path] = [sequence([literal(a.element), conditions.test(a.where)]) for a in about]
        paired = {path for atom in parts.windows for path in (atom.fact, atom.window.anchor)}
        whole = tuple(sorted(filter(_is_asked_for, parts.whole | paired)))
        facts = ast.Dict([literal(path) for path in tests], [sequence(each) for each in tests.values()])
        return made("Asked", {"tests": facts, "whole": literal(whole)})

    def _cell(self, day: date, known_on: date) -> ast.expr:
        """What stands on a day as known on another: the constant of a version, or None."""
        version, decision = self.program.version(day, known_on), self.program.decision(day, known_on)
        if version is None or decision is None:
            return literal(None)
        if id(version) not in self.versions:
            said = f"What stands from {day} on, by what was posted until {known_on}."
            self.versions[id(version)] = self._version(decision, version, day, said)
        return name(self.versions[id(version)])

    def _unique(self, wanted: str) -> str:
        found, count = wanted, 1
        while found in self.taken:
            count += 1
            found = f"{wanted}_{count}"
        self.taken.add(found)
        return found

    def _version(self, decision: d.Decision, version: Version, day: date, said: str) -> str:
        """The constant that holds a version; its rules are functions made before it."""
        rules = [self._rule(rule, day) for rule in decision.rules]
        plain = version._asdict()
        fields = {
            **{field: self._shared(*about, literal(plain[field])) for field, about in SHARED.items()},
            **{field: literal(plain[field]) for field in OWN},
            "held": call("all_held", *(name(rule) for rule in rules)),
            "asked": self._asked(decision),
        }
        in_order = {field: fields[field] for field in Version._fields}
        constant = self._unique(f"VERSION_{len(self.versions) + 1}")
        self._constant(constant, made("Version", in_order), said)
        return constant

    def _constant(self, constant: str, value: ast.expr, said: str) -> None:
        statement = assign(constant, value)
        comment(statement, said)
        self.made.append(statement)

    def _shared(self, wanted: str, said: str, value: ast.expr) -> ast.expr:
        """The constant that holds a table; equal tables of several versions are one, and small ones none."""
        if isinstance(value, ast.Tuple | ast.Dict) and len(ast.unparse(value)) < len(wanted) + 10:
            return value
        key = f"{wanted} {ast.dump(value)}"
        if key not in self.shared:
            self.shared[key] = self._unique(wanted)
            self._constant(self.shared[key], value, said)
        return name(self.shared[key])

    def _rule(self, rule: d.Rule, day: date) -> str:
        """The function of a rule; equal rules of several versions are one function."""
        value = Conditions(self._codes, self._apart).rule(rule)
        cited = f" ({rule.condition.citation.place})" if rule.condition.citation else ""
        section = f"Section {rule.section}, {rule.condition.name}{cited}"
        where = ", where no other rule speaks" if rule.row.otherwise else ""
        said = f"{section}, from {day} on: {rule.determination}{where}."
        return self._function(f"section_{identifier(rule.section)}", value, said, rule.determination)

    def _apart(self, label: str, value: ast.expr) -> ast.expr:
        """The call of a criterion that is a function of its own."""
        return call(self._function(f"criterion_{identifier(label)}", value, label), name("facts"))

    def _function(self, wanted: str, value: ast.expr, said: str, *told: str) -> str:
        """The name of a function of a line's facts; an equal one is made once."""
        key = " ".join((wanted, *told, ast.dump(value)))
        if key not in self.functions:
            function = ast.parse("def function(facts: LineFacts) -> Held: pass").body[0]
            assert isinstance(function, ast.FunctionDef)
            function.name = self.functions[key] = self._unique(wanted)
            function.body = [ast.Expr(ast.Constant(printable(said))), ast.Return(value)]
            self.made.append(function)
        return self.functions[key]

    def _codes(self, atom: d.CodeIs) -> ast.expr:
        """The constant that holds a set of codes."""
        wanted = "CODES" if atom.name == "codes" else f"CODES_{identifier(atom.name).upper()}"
        return self._shared(wanted, f"Codes of {atom.system}.", literal(atom.codes))


def _is_asked_for(path: str) -> bool:
    """Whether a path is one of a claim, or of what nobody assumes: not one of a list element in hand."""
    return path.partition(".")[0] in SCOPES or path.startswith(ASSUMPTION)
