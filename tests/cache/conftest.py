"""A cache of its own for each test, and a policy that is not in it yet."""

import pytest
from cached import written

import policyc.policy
from policyc import cache


@pytest.fixture
def kept(tmp_path, monkeypatch):
    place = tmp_path / "cache"
    monkeypatch.setattr(cache, "folder", lambda: place)
    return place


@pytest.fixture
def compiled(monkeypatch):
    """How often something was compiled."""
    times = []
    compile_it = policyc.policy._compile
    monkeypatch.setattr(policyc.policy, "_compile", lambda *args: times.append(args) or compile_it(*args))
    return times


@pytest.fixture
def policy(tmp_path):
    return written(tmp_path / "policies")
