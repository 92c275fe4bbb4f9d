"""The IV policy's determinations as a programmer would write them in SQL, with and without other lines."""

from lines import DRUGS, MIND, OTHER_DRUGS, PAIN

IN_SCOPE = ", ".join(f"'{code}'" for code in [*PAIN, *MIND])
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


def _truth(drug: str, route: str) -> str:
    """Whether both sections' common criterion holds: true, false, or null."""
    # G43.E09 is in its concept only from 2023-10-01 on.
    listed = IN_SCOPE.replace("'G43.E09', ", "")
    return f"""(
        CASE WHEN {drug} IS NULL THEN NULL ELSE {drug} IN ('ketamine', 'lidocaine') END
        AND CASE WHEN {route} IS NULL THEN NULL ELSE {route} = 'intravenous' END
        AND coalesce(purpose, 'treatment') = 'treatment'
        AND CASE
            WHEN diagnoses IS NULL THEN NULL
            WHEN list_has_any(diagnoses, [{listed}])
                OR (service_date >= DATE '2023-10-01' AND list_contains(diagnoses, 'G43.E09')) THEN true
            WHEN len(diagnoses) > list_aggregate(diagnoses, 'count') THEN NULL
            ELSE false
        END
    )"""


def _determination(truth: str) -> str:
    return f"""CASE
        WHEN service_date < DATE '2022-01-08' THEN 'not_in_force'
        WHEN NOT listed AND drug IS NULL THEN 'not_applicable'
        WHEN listed AND NOT valid THEN 'code_not_valid'
        WHEN {truth} THEN 'experimental_investigational'
        WHEN {truth} IS NULL THEN 'needs_information'
        ELSE 'not_applicable'
    END"""


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
    FROM read_parquet('{lines}') l LEFT JOIN drugs d ON l.drug = d.name
"""


def alone(lines: str, output: str) -> str:
    """Without evidence of other lines."""
    truth = _truth("own_drug", "own_route")
    query = (
        f"SELECT claim_id, line, {_determination(truth)} AS determination FROM ({_LINES.format(lines=lines)})"
    )
    return f"COPY ({query}) TO '{output}' (FORMAT parquet)"


def with_evidence(lines: str, output: str) -> str:
    """With the one drug, and the one route of an administration, that the other lines of the day name."""
    truth = _truth("the_drug", "the_route")
    query = f"""
    WITH lines AS ({_LINES.format(lines=lines)}),
    days AS (
        SELECT claim_id, service_date,
            min(own_drug) FILTER (valid) AS least_drug,
            max(own_drug) FILTER (valid) AS most_drug,
            coalesce(bool_or(valid AND drug IS NOT NULL AND own_drug IS NULL), false) AS unclear,
            min(own_route) FILTER (valid AND administers) AS least_route,
            max(own_route) FILTER (valid AND administers) AS most_route
        FROM (SELECT *, procedure IN ('96365', '96366', '96374') AS administers FROM lines)
        GROUP BY ALL
    ),
    told AS (
        SELECT lines.*,
            CASE WHEN drug IS NOT NULL OR own_drug IS NOT NULL THEN own_drug
                WHEN NOT unclear AND least_drug = most_drug THEN least_drug END AS the_drug,
            CASE WHEN own_route IS NOT NULL THEN own_route
                WHEN least_route = most_route THEN least_route END AS the_route
        FROM lines JOIN days USING (claim_id, service_date)
    )
    SELECT claim_id, line, {_determination(truth)} AS determination FROM told"""
    return f"COPY ({query}) TO '{output}' (FORMAT parquet)"
