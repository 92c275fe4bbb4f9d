"""What benchmarks/proofs.py measures of a call."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "benchmarks"))

import proofs  # noqa: E402
import report  # noqa: E402


def test_a_call_is_measured_in_a_process_of_its_own():
    iv = ROOT / "policies" / "bcbsks" / "iv_anesthetics.pol"
    row = proofs.measured(["diff", str(iv), "2022-01-08", "2022-12-29"], "diff")
    assert list(row) == ["what", "CPU s", "wall s", "MB"]
    assert row["wall s"] > 0 < row["CPU s"]
    assert 10 < row["MB"] < 2000
    result = {"title": "T", "about": "A", "tables": {"C": [row]}}
    assert f"| diff | {row['CPU s']:.2f} |" in report.markdown(result)


def test_the_generated_policy_has_the_size_that_is_told():
    text = proofs.policy(1)
    assert text.count("\nrevision ") == proofs.REVISIONS == 20
    assert text.count(" if {") == 200
    assert len(list(proofs.facts())) + 2 == 40
