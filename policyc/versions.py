"""Versions of a policy as the command line names them: revisions, dates, files and git revisions."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from compiler.binding.amendments import Revision
from compiler.diff.cut import cut
from compiler.diff.side import Side
from compiler.program import Program, revision_name
from policyc.policy import compiled

_SOURCES = (".pol", ".csv", ".source.json")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class NoVersion(Exception):
    """What was named is no version of the policy; the message says why."""


@frozen(eq=False)
class Version:
    """A version as `name`d: `kind` is revision, date, file, git or whole (the policy as it stands).

    `policy` and `arguments` are what `eval` is called with to decide by it; `revisions` are those of its
    history.
    """

    kind: str
    name: str
    side: Side
    policy: str
    arguments: tuple[str, ...] = ()

    @property
    def revisions(self) -> tuple[Revision, ...]:
        return self.side.program.consolidated.policy.revisions


@frozen(eq=False)
class Versions:
    """The versions of one policy."""

    path: Path
    roots: tuple[Path, ...]
    program: Program

    def whole(self) -> Version:
        """The policy as it stands."""
        return Version("whole", "the policy as it stands", Side(self.program), str(self.path))

    def named(self, name: str, as_date: bool) -> Version:
        """The version of a name: a revision, a date, a file or a git revision, in this order; a date first if
        it shall be one.

        Raises NoVersion, and PolicyError where the version cannot be compiled.
        """
        number = self._revision(name)
        if number is not None and not as_date:
            part = cut(self.program, self.program.consolidated.policy.revisions[: number + 1])
            if part is None:
                raise NoVersion(f"the history up to revision {name} does not stand without the rest")
            return Version("revision", name, Side(part), str(self.path), ("--version", name))
        if DATE.fullmatch(name):
            try:
                day = date.fromisoformat(name)
            except ValueError:
                raise NoVersion(f"`{name}` is no day of the calendar") from None
            return Version("date", name, Side(self.program, day=day), str(self.path))
        if Path(name).is_file():
            return Version("file", name, Side(compiled(Path(name), self.roots)), name)
        program = self._git(name)
        return Version("git", name, Side(program), str(self.path), ("--version", name))

    def revises(self, name: str) -> bool:
        """Whether a name is that of a revision."""
        return self._revision(name) is not None

    def _revision(self, name: str) -> int | None:
        """The place of a revision in the history."""
        revisions = self.program.consolidated.policy.revisions
        names = [revision_name(revision.id, self.program.consolidated) for revision in revisions]
        return names.index(name) if name in names else None

    def _git(self, name: str) -> Program:
        """The policy as a git revision has it, with what that has of what it imports."""
        folder = self.path.resolve().parent
        top = _run(folder, "rev-parse", "--show-toplevel")
        commit = _run(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if top is None or not commit:
            known = ", ".join(
                revision_name(r.id, self.program.consolidated)
                for r in self.program.consolidated.policy.revisions
            )
            raise NoVersion(f"`{name}` is no revision ({known}), no date, no file and no git revision")
        root = Path(top.decode().rstrip("\n"))
        archive = _run(root, "archive", "--format=tar", commit.decode().strip())
        if archive is None:
            raise NoVersion(f"git cannot read `{name}`")
        with TemporaryDirectory() as there:
            with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
                files = [file for file in tar if file.isfile() and file.name.endswith(_SOURCES)]
                tar.extractall(there, files, filter="data")
            own = Path(there, self.path.resolve().relative_to(root))
            if not own.is_file():
                raise NoVersion(f"`{self.path}` is not in git revision `{name}`")
            return compiled(own, [_inside(each, root, Path(there)) for each in self.roots])


def _inside(path: Path, root: Path, there: Path) -> Path:
    """A folder of the repository, as it is in a copy; another one as it is."""
    own = path.resolve()
    return there / own.relative_to(root) if own.is_relative_to(root) else path


def _run(folder: Path, *arguments: str) -> bytes | None:
    """What git says, or None where it refuses or is not there."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
