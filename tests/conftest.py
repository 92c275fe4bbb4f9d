"""The harness: `--bless` writes the expected texts of the cases anew."""

import os
import shutil
import signal
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium")
AXE = Path(__file__).parent / "browser" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def pytest_addoption(parser):
    parser.addoption("--bless", action="store_true", help="rewrite the .expect files of the cases")


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory):
    """Tests, and the processes that they start, keep compiled policies apart from the user's."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True, scope="session")
def _interruptible():
    """Processes that tests start can be interrupted also where the tests run in the background of a script,
    which ignores that.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


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


@pytest.fixture(scope="module")
def chromium():
    """Debian's Chromium, driven by Playwright, whose event loop must not outlive the tests that need it."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (slow to load, and of few tests)

    if CHROMIUM is None:
        pytest.skip("there is no Chromium: `apt-get install chromium`")
    # Chromium's own sandbox refuses to start for root.
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe():
    """What axe-core finds wrong with a page by WCAG 2.2 AA, as rule and place."""
    if not AXE.exists():
        pytest.skip("there is no axe-core: `npm ci --prefix tests/browser`")

    def violations(page):
        page.evaluate(AXE.read_text())
        found = page.evaluate(
            "tags => axe.run({runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", AA
        )
        return [(each["id"], node["html"][:200]) for each in found["violations"] for node in each["nodes"]]

    return violations


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The shipped policies as pages."""
    from typer.testing import CliRunner  # noqa: PLC0415

    from policyc.cli import app  # noqa: PLC0415

    out = tmp_path_factory.mktemp("site")
    policies = Path(__file__).parents[1] / "policies"
    result = CliRunner().invoke(app, ["render", str(policies), "-o", str(out)])
    assert result.exit_code == 0, result.output
    return out
