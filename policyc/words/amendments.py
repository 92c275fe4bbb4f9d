"""Amendments in words."""

from __future__ import annotations

from typing import assert_never

from compiler.binding import amendments as a


def sentence(amendment: a.Amendment) -> str:
    """An amendment in words."""
    match amendment:
        case a.PutSection(section, replaces):
            return f"{'replaces' if replaces else 'adds'} section {section.name}, {section.title}"
        case a.RemoveSection(name):
            return f"removes section {name}"
        case a.AddNames(section, names, _):
            said = ", ".join(name.name.replace("_", " ") for name in names)
            return f"section {section} names {said}"
        case a.PutReasons(section, named):
            codes = f"CARC {named.carc.code}" + "".join(f", RARC {code.code}" for code in named.rarc)
            return f"section {section} gives {codes} as its reasons"
        case a.PutTable(table, replaces):
            codes = ", ".join(row.code for row in table.rows)
            return f"{'replaces the code table with' if replaces else 'lists the codes'} {codes}"
        case a.PutCodes(removed, added):
            came = ", ".join(row.code for row in added)
            if removed and added:
                return f"replaces {', '.join(removed)} with {came}"
            return f"adds {came}" if added else f"removes {', '.join(removed)}"
        case a.PutDefinition(definition):
            return f"defines {definition.name}"
        case a.ReplaceElement(path, _):
            return f"replaces {'.'.join(path)}"
        case a.PutVersion(name, _):
            return f"replaces {name}"
        case a.AddTo(path, criteria):
            count = len(criteria)
            return f"adds {count} criteri{'on' if count == 1 else 'a'} to {'.'.join(path)}"
        case a.RemoveElement(path):
            return f"removes {'.'.join(path)}"
        case a.PutOverride(override, removes):
            verb = "no longer overrides" if removes else "overrides"
            return f"section {override.winner} {verb} section {override.loser}"
        case a.PutAssumption(assumption):
            return f"assumes {assumption.name}"
        case a.RemoveAssumption(name):
            return f"no longer assumes {name}"
        case a.Retire(reason):
            return f"retires the policy: {reason}"
    assert_never(amendment)
