"""Runs of batch at one time in the threads of one process."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

pytest.importorskip("pyarrow")

import pyarrow as pa

from policyc import load
from policyc.bulk.run import Asked, run

IV = Path(__file__).parents[1] / "policies" / "bcbsks" / "iv_anesthetics.pol"


def test_the_memory_of_arrow_is_as_it_was_whichever_run_ends_last(tmp_path):
    source = tmp_path / "lines.csv"
    source.write_text("claim_id,line,procedure,service_date\nA,1,J2003,2024-11-05\n")
    policy, before = load(IV), pa.default_memory_pool().backend_name
    began, ended = Event(), Event()

    def wait(_done, _of):
        began.set()
        ended.wait(60)

    with ThreadPoolExecutor(1) as pool:
        others = []

        def begin(_done, _of):
            others.append(pool.submit(run, Asked(policy, source, tmp_path / "other.ndjson", progress=wait)))
            assert began.wait(60), "the other run began"

        try:
            run(Asked(policy, source, tmp_path / "one.ndjson", progress=begin))
            meanwhile = pa.default_memory_pool().backend_name
        finally:
            ended.set()
        assert others[0].result().lines == 1
    assert before != meanwhile == "system"
    assert pa.default_memory_pool().backend_name == before
