"""The harness: `--bless` writes the expected texts of the cases anew."""

import os
from pathlib import Path

import pytest


def pytest_addoption(parser):
    parser.addoption("--bless", action="store_true", help="rewrite the .expect files of the cases")


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory):
    """Tests, and the processes that they start, keep compiled policies apart from the user's."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def expect(request):
    """Compare a text with the file that stands beside its case, or bless it."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--bless"):
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
            return
        assert path.exists(), f"{path.name} is missing: run pytest --bless and read what it writes"
        assert text == path.read_text(encoding="utf-8")

    return compare
