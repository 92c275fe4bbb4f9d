"""The IV policy's determinations as a programmer would write them in SQL, with and without other lines."""

from typing import NamedTuple

from lines import DRUGS, MIND, OTHER_DRUGS, PAIN


class Dialect(NamedTuple):
    """What is written differently: whether the diagnoses have one of some codes, a code, and a null."""

    any_of: str
    one: str
    a_null: str


DUCKDB = Dialect(
    "list_has_any(diagnoses, [{codes}])",
    "list_contains(diagnoses, '{code}')",
    "len(diagnoses) > list_aggregate(diagnoses, 'count')",
)
SPARK = Dialect(
    "arrays_overlap(filter(diagnoses, x -> x IS NOT NULL), array({codes}))",
    "array_contains(filter(diagnoses, x -> x IS NOT NULL), '{code}')",
    "exists(diagnoses, x -> x IS NULL)",
)
# G43.E09 is in its concept only from 2023-10-01 on.
LATER = "G43.E09"
IN_SCOPE = ", ".join(f"'{code}'" for code in [*PAIN, *MIND] if code != LATER)
KNOWN = {
    "ketamine": "ketamine",
    "ketamine hcl": "ketamine",
    "lidocaine": "lidocaine",
    "esketamine": "esketamine",
    "ketamne": None,
}


def drugs() -> list[tuple[str, str | None]]:
    """What each spelling that occurs means: a drug, another, or (None) nothing that is clear."""
    return [(name, KNOWN.get(name.lower(), name)) for name in dict.fromkeys([*DRUGS, *OTHER_DRUGS])]


def _determined(told: str, dialect: Dialect) -> str:
    """The determinations of lines of which the drug and the route are told."""
    holds = f"""(
            the_drug IN ('ketamine', 'lidocaine') AND the_route = 'intravenous'
            AND coalesce(purpose, 'treatment') = 'treatment'
            AND CASE
                WHEN diagnoses IS NULL THEN NULL
                WHEN {dialect.any_of.format(codes=IN_SCOPE)}
                    OR (service_date >= DATE '2023-10-01' AND {dialect.one.format(code=LATER)}) THEN true
                WHEN {dialect.a_null} THEN NULL
                ELSE false
            END
        )"""
    return f"""
    SELECT claim_id, line, CASE
        WHEN service_date < DATE '2022-01-08' THEN 'not_in_force'
        WHEN NOT listed AND drug IS NULL THEN 'not_applicable'
        WHEN listed AND NOT valid THEN 'code_not_valid'
        WHEN {holds} THEN 'experimental_investigational'
        WHEN {holds} IS NULL THEN 'needs_information'
        ELSE 'not_applicable'
    END AS determination
    FROM ({told})"""


_LINES = """
    SELECT l.*,
        procedure IN ('96365', '96366', '96374', 'J2001', 'J2002', 'J2003') AS listed,
        CASE
            WHEN procedure = 'J2001' THEN service_date < DATE '2024-10-01'
            WHEN procedure IN ('J2002', 'J2003', 'J2004') THEN service_date >= DATE '2024-10-01'
            ELSE true
        END AS valid,
        CASE
            WHEN l.drug IS NOT NULL THEN d.means
            WHEN procedure = 'J2001' AND service_date < DATE '2024-10-01' THEN 'lidocaine'
            WHEN procedure IN ('J2002', 'J2003') AND service_date >= DATE '2024-10-01' THEN 'lidocaine'
            WHEN procedure = 'J2004' AND service_date >= DATE '2024-10-01' THEN 'lidocaine_epinephrine'
        END AS own_drug,
        CASE
            WHEN route IS NOT NULL THEN route
            WHEN procedure IN ('96365', '96366', '96374') THEN 'intravenous'
            WHEN procedure = 'J2001' AND service_date < DATE '2024-10-01' THEN 'intravenous'
        END AS own_route
    FROM {lines} l LEFT JOIN drugs d ON l.drug = d.name
"""


def alone(lines: str, dialect: Dialect) -> str:
    """Without evidence of other lines."""
    own = "own_drug AS the_drug, own_route AS the_route"
    return _determined(f"SELECT *, {own} FROM ({_LINES.format(lines=lines)})", dialect)


def with_evidence(lines: str, dialect: Dialect) -> str:
    """With the one drug, and the one route of an administration, that the other lines of the day name."""
    told = """
        SELECT told.*,
            CASE WHEN drug IS NOT NULL OR own_drug IS NOT NULL THEN own_drug
                WHEN NOT unclear AND least_drug = most_drug THEN least_drug END AS the_drug,
            CASE WHEN own_route IS NOT NULL THEN own_route
                WHEN least_route = most_route THEN least_route END AS the_route
        FROM told JOIN days USING (claim_id, service_date)"""
    return f"""
    WITH told AS ({_LINES.format(lines=lines)}),
    days AS (
        SELECT claim_id, service_date,
            min(own_drug) FILTER (valid) AS least_drug,
            max(own_drug) FILTER (valid) AS most_drug,
            coalesce(bool_or(valid AND drug IS NOT NULL AND own_drug IS NULL), false) AS unclear,
            min(own_route) FILTER (valid AND administers) AS least_route,
            max(own_route) FILTER (valid AND administers) AS most_route
        FROM (SELECT *, procedure IN ('96365', '96366', '96374') AS administers FROM told)
        GROUP BY ALL
    )
    {_determined(told, dialect)}"""
