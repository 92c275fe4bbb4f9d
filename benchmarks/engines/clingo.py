"""Answer sets, by clingo: the rules are grounded with the facts of some lines, and the one model is asked."""

from importlib import import_module

from engines import Engine, Facts, beginnings, iv


def _listed(name: str, values: list[str]) -> str:
    return "".join(f'{name}("{value}"). ' for value in values)


RULES = f"""
{_listed("pain", iv.PAIN)}
{_listed("divided", iv.PAIN_DIVIDED)}
{_listed("exactly", iv.PAIN_EXACTLY)}
{_listed("psychiatric", iv.PSYCHIATRIC)}
{_listed("anesthetic", iv.DRUGS)}
{_listed("later", ["J2002", "J2003"])}
stopped(L, "not_in_force") :- line(L, D, _, _, _, _), D < {iv.BEGUN}.
stopped(L, "code_not_valid") :- line(L, D, "J2001", _, _, _), D >= {iv.CHANGE}.
stopped(L, "code_not_valid") :- line(L, D, C, _, _, _), D >= {iv.BEGUN}, D < {iv.CHANGE}, later(C).
infusion(L) :- line(L, _, _, D, "intravenous", "treatment"), anesthetic(D), not stopped(L, _).
painful(L) :- begins(L, B), pain(B).
painful(L) :- diagnosis(L, C), exactly(C).
painful(L) :- begins(L, B), divided(B), line(L, D, _, _, _, _), D >= {iv.DIVIDED}.
told(L, T) :- stopped(L, T).
told(L, "A") :- infusion(L), painful(L).
told(L, "B") :- infusion(L), begins(L, B), psychiatric(B).
#show told/2.
"""


def engine() -> Engine:
    control = import_module("clingo").Control

    def ask_all(lines: list[Facts]) -> list[str]:
        asked = control(["--warn=none"])
        asked.add("base", [], RULES + "".join(_facts(at, line) for at, line in enumerate(lines)))
        asked.ground([("base", [])])
        told = [""] * len(lines)
        with asked.solve(yield_=True) as found:
            for atom in sorted(found.model().symbols(shown=True)):
                at, text = atom.arguments
                told[at.number] += text.string
        return told

    return Engine(lambda line: ask_all([line])[0], ask_all)


def _facts(at: int, line: Facts) -> str:
    texts = ", ".join(f'"{line[fact]}"' for fact in ("code", "drug", "route", "purpose"))
    diagnoses = (f'diagnosis({at}, "{code}").' for code in line["diagnoses"])
    begun = (f'begins({at}, "{text}").' for text in beginnings(line["diagnoses"]))
    return f"line({at}, {line['day']}, {texts}). {''.join(diagnoses)} {''.join(begun)}\n"
