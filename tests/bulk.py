"""Claims as tables of lines, and what `eval` says of them, to compare with `batch`."""

import csv
import json
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq

from policyc import ClaimError
from policyc.bulk.output import outcomes_of
from policyc.bulk.run import Asked, run

PARTS = ("member", "contract")


def stated(value):
    """A claim without keys that say nothing: a table cannot tell a null from a missing value."""
    plain = {key: item for key, item in value.items() if item is not None}
    for part in PARTS:
        if part in plain:
            plain[part] = {key: item for key, item in plain[part].items() if item is not None}
    plain["lines"] = [
        {key: item for key, item in line.items() if item is not None} for line in value["lines"]
    ]
    return plain


def flat(claims):
    """A row a line."""
    for claim in claims:
        common = {"claim_id": claim["claim_id"]}
        for key, value in claim.items():
            if key in PARTS:
                common |= {f"{key}.{name}": each for name, each in value.items()}
            elif key not in ("claim_id", "lines"):
                common[f"claim.{key}"] = value
        for line in claim["lines"]:
            yield {**common, **line}


def write(path, claims):
    """The claims as a table of the kind that the name of the file says."""
    rows = list(flat(claims))
    titles = list(
        dict.fromkeys(["claim_id", "line", "procedure", "service_date", *(k for r in rows for k in r)])
    )
    if path.suffix == ".ndjson":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".csv":
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(titles)
            writer.writerows([cell(row.get(title)) for title in titles] for row in rows)
    else:
        columns = {title: [row.get(title) for row in rows] for title in titles}
        columns["service_date"] = [date.fromisoformat(day) for day in columns["service_date"]]
        pq.write_table(pa.table(columns), path)
    return path


def in_two_tables(folder, claims, named="claim_id"):
    """Lines in no order of claims, and what is said of claims, as NDJSON; there `named` has their names."""
    rows = list(flat(claims))
    of_claims = {row["claim_id"]: {named: row["claim_id"]} for row in rows}
    for row in rows:
        for key in [key for key in row if key.startswith(("claim.", "member."))]:
            of_claims[row["claim_id"]][key] = row.pop(key)
    tables = {"lines": sorted(rows, key=lambda row: row["line"]), "claims": [*of_claims.values()]}
    for name, table in tables.items():
        (folder / f"{name}.ndjson").write_text("".join(json.dumps(row) + "\n" for row in table))
    return tables


def cell(value):
    """A value as a cell of a CSV file."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)


def expected(policy, claims):
    """What `eval` says: the rows of the decisions, and the ids of claims that cannot be read."""
    rows, unread = [], []
    for claim in claims:
        try:
            decided = policy.decide(claim)
        except ClaimError as error:
            unread.append(error.claim_id)
            continue
        for decision in decided if isinstance(decided, list) else [decided]:
            for line in decision["lines"]:
                told = {key: value for key, value in line.items() if key not in ("procedure", "service_date")}
                rows.append({"claim_id": claim["claim_id"], "policy": decision["policy"], **told})
    return rows, unread


def batch(policy, path, output, **options):
    """What `batch` says of a table, in the same form."""
    told = run(Asked(policy, path, output, getattr(policy, "known_on", None), **options))
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    return rows, [error.claim_id for _, error in told.rejects]


def numbered_rows(output):
    """The rows of an output with numbers of outcomes, with what these say."""
    said = {row["outcome"]: row["decision"] for row in pq.read_table(outcomes_of(output)).to_pylist()}
    rows = pq.read_table(output).to_pylist()
    return [{"claim_id": r["claim_id"], "line": r["line"], **json.loads(said[r["outcome"]])} for r in rows]
