"""A library of policies as a folder of pages: no server, no network, and no script that it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import Factory, define, field, frozen

from compiler.binding.library import load as load_files
from compiler.coverage.coverage import Coverage
from compiler.runtime.errors import ClaimError
from compiler.runtime.reader import read_claim
from compiler.source.source_index import SourceIndex
from dsl.diagnostics import Report
from policyc.files import write_whole
from policyc.golden.goldens import NO_REVISION, GoldenError, collect, read
from policyc.pages import grounds
from policyc.pages.coverage import Covered, covered
from policyc.pages.decisions import Example, examples
from policyc.pages.grid import Cell, days, grid
from policyc.pages.ink import as_it_is, filled, static
from policyc.pages.readings import Page, pages
from policyc.pages.shown import ShownPage, shown
from policyc.pages.tidy import tidy
from policyc.pages.timeline import timeline
from policyc.policy import Policy
from policyc.words.history import RevisionChange, history

Mutation = Mapping[str, Any]
"""What `policyc mutate --format json` says of a policy."""


@frozen
class Source:
    """A policy with the file in which it stands, the roots of its imports, and its mutation score."""

    path: Path
    policy: Policy
    roots: Sequence[Path] = ()
    mutation: Mutation | None = None


@frozen
class Folder:
    """The golden files of a revision."""

    name: str
    examples: list[Example]

    @property
    def title(self) -> str:
        return "Not in force, or not read" if self.name == NO_REVISION else f"Revision {self.name}"

    @property
    def file(self) -> str:
        return f"decisions-{self.name}.html"


@define
class PolicyPages:
    """All that the pages of one policy show."""

    source: Source
    pages: tuple[Page, ...] = field(init=False)
    revisions: tuple[RevisionChange, ...] = field(init=False)
    folders: list[Folder] = field(init=False)
    index: SourceIndex | None = field(init=False)
    coverage: Covered | None = Factory(lambda self: _covered(self.source), takes_self=True)

    def __attrs_post_init__(self) -> None:
        program = self.source.policy.program
        self.pages = pages(program)
        self.revisions = history(program, None)
        found = grounds.by_folder(examples(self.source.path, self.source.policy))
        self.folders = [Folder(name, of) for name, of in found]
        self.index = load_files([self.source.path], self.source.roots, Report()).indexes.get(program.package)

    @property
    def package(self) -> str:
        return self.source.policy.program.package

    @property
    def title(self) -> str:
        return self.source.policy.program.consolidated.policy.title

    @property
    def payer(self) -> str:
        return self.source.policy.program.consolidated.policy.payer

    @property
    def document(self) -> str | None:
        return self.source.policy.program.consolidated.policy.document

    @property
    def edition(self) -> str:
        """The edition in which the policy reads its source where it names none."""
        edition = self.source.policy.program.consolidated.policy.edition
        return str(edition.edition) if edition is not None else ""

    @property
    def digest(self) -> str:
        return self.source.policy.program.digest

    @property
    def picture(self) -> str:
        """The history as SVG, which stands in the page as it is."""
        return as_it_is(timeline(self.source.policy.program, None))

    @property
    def latest(self) -> str:
        """The file of what is known now and in force last."""
        return [page.name for page in self.pages if page.today][-1]

    @property
    def tabs(self) -> list[tuple[str, str]]:
        found = [("Text", self.latest), ("History", "index.html"), ("Decisions", "decisions.html")]
        found += [
            ("Assumptions", "assumptions.html"),
            ("Source", "source.html"),
            ("Coverage", "coverage.html"),
        ]
        return [(name, href) for name, href in found if href not in self._absent]

    @property
    def _absent(self) -> set[str]:
        absent = set() if self.folders else {"decisions.html"}
        return absent if self.coverage or self.source.mutation else absent | {"coverage.html"}

    @property
    def days(self) -> list[str]:
        return days(self.pages)

    @property
    def grid(self) -> list[tuple[str, list[Cell]]]:
        return grid(self.pages)

    def files(self) -> Iterator[tuple[str, str]]:
        """The pages by file name."""
        yield "index.html", self._page("policy.html", "History", "index.html")
        for page in self.pages:
            yield page.name, self._page("reading.html", "Text", page.name, page=self._shown(page))
        all_ = [example for folder in self.folders for example in folder.examples]
        if self.folders:
            differing = sum(not example.holds for example in all_)
            given = {"folders": self.folders, "total": len(all_), "differing": differing}
            yield "decisions.html", self._page("decisions.html", "Decisions", "decisions.html", **given)
        for folder in self.folders:
            yield folder.file, self._page("examples.html", "Decisions", folder.file, folder=folder)
        program = self.source.policy.program
        rests = {"assumptions": grounds.assumptions(program, all_), "judgements": grounds.judgements(program)}
        yield "assumptions.html", self._page("assumptions.html", "Assumptions", "assumptions.html", **rests)
        cites = {"clauses": grounds.clauses(program, self.index), "set_aside": grounds.set_aside(program)}
        yield "source.html", self._page("source.html", "Source", "source.html", **cites)
        if "coverage.html" not in self._absent:
            told = {"covered": self.coverage, "mutation": self.source.mutation}
            yield "coverage.html", self._page("coverage.html", "Coverage", "coverage.html", **told)

    def _shown(self, page: Page) -> ShownPage:
        return shown(page, self.pages, self.revisions, self.source.policy.program)

    def _page(self, template: str, tab: str, file: str, **given: object) -> str:
        return filled(template, policy=self, tab=tab, file=file, up="../", **given)


def write_site(sources: Sequence[Source], out: Path) -> int:
    """Write the pages of some policies under a folder, and take away those that only an earlier call wrote;
    gives how many pages there are.

    Raises OSError where one cannot be written; NeedsJinja where what makes pages is not installed.
    """
    policies = [PolicyPages(source) for source in sources]
    files = {"index.html": filled("library.html", policies=policies, up="")}
    for policy in policies:
        files |= {f"{policy.package}/{name}": text for name, text in policy.files()}
    files["style.css"] = static("style.css")
    for name, text in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(out / name, text)
    tidy(out, files)
    return sum(name.endswith(".html") for name in files)


def _covered(source: Source) -> Covered | None:
    coverage, goldens = Coverage(source.policy.program), 0
    for file in collect(source.path):
        try:
            golden = read(file)
            claim = read_claim(golden.claim, source.policy.program.schema)
        except (GoldenError, ClaimError):
            continue  # decided as the error that it is, or told by `policyc test`
        coverage.add(claim, golden.known_on)
        goldens += 1
    return covered(coverage, goldens) if goldens else None
