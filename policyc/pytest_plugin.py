"""Golden files as pytest items.

The compiler is imported where a golden file is met, so that other test runs do not pay for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

if TYPE_CHECKING:
    from policyc.golden.goldens import Runner

_RUNNER: pytest.StashKey[Runner] = pytest.StashKey()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> GoldenFile | None:
    """A JSON file under a `.golden` folder is a test."""
    if file_path.suffix != ".json" or not any(p.suffix == ".golden" for p in file_path.parents):
        return None
    return GoldenFile.from_parent(parent, path=file_path)


class GoldenFile(pytest.File):
    """One golden file."""

    def collect(self) -> Iterator[GoldenItem]:
        yield GoldenItem.from_parent(self, name=f"{self.path.parent.name}/{self.path.stem}")


class GoldenMismatch(Exception):
    """What is wrong with a golden file, and what it is about."""


class GoldenItem(pytest.Item):
    """Decides the claim of a golden file, and compares."""

    funcargs: ClassVar[dict[str, Any]] = {}
    """It takes no fixtures. Plugins look for them here, and pytest-lsp fails where it cannot."""

    def runtest(self) -> None:
        from policyc.golden.goldens import Runner  # noqa: PLC0415 - see above

        runner = self.session.stash.setdefault(_RUNNER, Runner())
        failure = runner.failure(self.path)
        if failure is not None:
            raise GoldenMismatch(*failure)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **options: Any) -> Any:
        if not isinstance(excinfo.value, GoldenMismatch):
            return super().repr_failure(excinfo, *args, **options)
        why, about = excinfo.value.args
        return f"{about}\n{why}" if about else why

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"golden {self.name}"
