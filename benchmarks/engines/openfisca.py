"""OpenFisca: a line is a group of diagnoses, and what is told of it a variable with dated formulas."""

# ruff: noqa: ANN001, ANN202

from importlib import import_module
from typing import Any

from engines import Engine, Facts, iv

TEXTS = ("code", "drug", "route", "purpose")


def engine() -> Engine:
    numpy, model = import_module("numpy"), import_module("openfisca_core.model_api")
    builder = import_module("openfisca_core.simulations").SimulationBuilder
    system = _system(numpy, model)

    def ask_all(lines: list[Facts]) -> list[str]:
        # A group has to have a member: each line has a diagnosis without a code too.
        codes = [(at, code) for at, line in enumerate(lines) for code in (*line["diagnoses"], "")]
        built = builder()
        built.create_entities(system)
        built.declare_person_entity("diagnosis", range(len(codes)))
        group = built.declare_entity("line", range(len(lines)))
        built.join_with_persons(group, numpy.array([at for at, _ in codes]), ["member"] * len(codes))
        asked = built.build(system)
        day = str(lines[0]["day"])
        period = f"{day[:4]}-{day[4:6]}-{day[6:]}"
        asked.set_input("diagnosis_code", period, numpy.array([code for _, code in codes]))
        for name in TEXTS:
            asked.set_input(name, period, numpy.array([line[name] for line in lines]))
        return asked.calculate("told", period).tolist()

    return Engine(lambda line: ask_all([line])[0], ask_all)


def _system(numpy: Any, model: Any) -> Any:
    build_entity = import_module("openfisca_core.entities").build_entity
    diagnosis = build_entity("diagnosis", "diagnoses", "", is_person=True)
    line = build_entity("line", "lines", "", roles=[{"key": "member", "plural": "members"}])

    def begins(codes: Any, prefixes: list[str]) -> Any:
        codes = codes.astype(str)
        lengths = sorted({*map(len, prefixes)})
        return sum(numpy.isin(codes.astype(f"U{n}"), [p for p in prefixes if len(p) == n]) for n in lengths)

    def text(name: str, of: Any) -> type:
        kind = {"value_type": str, "entity": of, "definition_period": model.DAY, "label": name}
        return type(name, (model.Variable,), kind)

    class painful(model.Variable):
        value_type, entity, definition_period = bool, diagnosis, model.DAY

        def formula(diagnosis, period):
            codes = diagnosis("diagnosis_code", period)
            return (begins(codes, iv.PAIN) + numpy.isin(codes.astype(str), iv.PAIN_EXACTLY)) > 0

        def formula_2023_10_01(diagnosis, period):
            codes = diagnosis("diagnosis_code", period)
            return (
                begins(codes, iv.PAIN + iv.PAIN_DIVIDED) + numpy.isin(codes.astype(str), iv.PAIN_EXACTLY)
            ) > 0

    class psychiatric(model.Variable):
        value_type, entity, definition_period = bool, diagnosis, model.DAY

        def formula(diagnosis, period):
            return begins(diagnosis("diagnosis_code", period), iv.PSYCHIATRIC) > 0

    class not_valid(model.Variable):
        value_type, entity, definition_period = bool, line, model.DAY

        def formula(line, period):
            return numpy.isin(line("code", period).astype(str), ["J2002", "J2003"])

        def formula_2024_10_01(line, period):
            return line("code", period) == "J2001"

    class told(model.Variable):
        value_type, entity, definition_period = str, line, model.DAY
        default_value = "not_in_force"

        def formula_2022_01_08(line, period):
            drug = numpy.isin(line("drug", period).astype(str), iv.DRUGS)
            route, purpose = line("route", period), line("purpose", period)
            infusion = drug & (route == "intravenous") & (purpose == "treatment")
            pain = infusion & line.any(line.members("painful", period))
            psychiatry = infusion & line.any(line.members("psychiatric", period))
            stopped = line("not_valid", period)
            return numpy.select(
                [stopped, pain & psychiatry, pain, psychiatry], ["code_not_valid", "AB", "A", "B"], ""
            )

    system = import_module("openfisca_core.taxbenefitsystems").TaxBenefitSystem([diagnosis, line])
    inputs = [text("diagnosis_code", diagnosis), *(text(name, line) for name in TEXTS)]
    for variable in (*inputs, painful, psychiatric, not_valid, told):
        system.add_variable(variable)
    return system
