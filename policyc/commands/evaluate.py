"""`policyc eval`: claims in, decisions out, each as it comes."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, NamedTuple

import typer

from compiler.runtime.claims import read_claims
from compiler.runtime.errors import ClaimError, key_named
from policyc.commands.calls import FINE, FOUND, existing, policies_of, reason, say, stop
from policyc.library import PolicyLibrary
from policyc.options import DecisionFormat, KnownOn, Roots
from policyc.policy import Policy
from policyc.words.render import HEADER, Marks, counted, printable, table

if TYPE_CHECKING:
    from policyc.commands.recorder import Recorder
    from policyc.words.quotes import Quotes

Result = dict[str, Any]
MOST_KEYS = 20


class Recording(NamedTuple):
    """Where records go, with which key identifiers are hidden, and where the head is written."""

    file: Path
    key_file: Path | None
    head_file: Path | None


class Asked(NamedTuple):
    """What the call asks for, beside policy and claims."""

    known_on: date | None
    explain: bool
    counterfactual: bool
    unmade: tuple[str, ...]
    form: str
    everything: bool
    ignore_extra: bool
    recording: Recording | None
    version: str | None
    source: Path | None
    wordings: Path | None


def command(
    policy: Annotated[Path, typer.Argument(metavar="POLICY", help="A .pol file or a folder of them.")],
    claims: Annotated[str, typer.Argument(metavar="CLAIMS", help="A JSON or NDJSON file, or - for stdin.")],
    known_on: KnownOn = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say why, criterion by criterion.")] = False,
    counterfactual: Annotated[
        bool,
        typer.Option("--counterfactual", help="Tell the nearest change that would be decided otherwise."),
    ] = False,
    without_assumption: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Decide without an assumption of the policy; may be repeated."),
    ] = None,
    form: Annotated[
        DecisionFormat | None,
        typer.Option("--format", help="By default a table on a terminal, ndjson into a pipe."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Of a folder, the policies that are silent on the claim too.")
    ] = False,
    ignore_extra: Annotated[
        bool, typer.Option("--ignore-extra", help="Keys that no policy declares are counted, not refused.")
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option("--record", metavar="FILE", help="Append to FILE what repeats each decision."),
    ] = None,
    record_key_file: Annotated[
        Path | None,
        typer.Option("--record-key-file", metavar="FILE", help="Record claims by a digest with this key."),
    ] = None,
    head_file: Annotated[
        Path | None,
        typer.Option("--head-file", metavar="FILE", help="Where the digest of the last record is written."),
    ] = None,
    version: Annotated[
        str | None, typer.Option(metavar="VERSION", help="By the history up to a revision, or as git has it.")
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--source", metavar="FILE", help="With --explain: the document, to show its passages."),
    ] = None,
    wordings: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --explain: the sentences of reasons in a plan's own words."),
    ] = None,
    root: Roots = None,
) -> None:
    """Decide claims."""
    if record is None and (record_key_file or head_file) is not None:
        raise typer.BadParameter("`--record-key-file` and `--head-file` need `--record`")
    if source is not None and (not explain or version is not None or policy.is_dir()):
        raise typer.BadParameter("`--source` needs `--explain` and one policy file, as it stands")
    if wordings is not None and not explain:
        raise typer.BadParameter("`--wordings` needs `--explain`")
    if record is not None and without_assumption:
        raise typer.BadParameter("`--record` keeps decisions under all assumptions: leave one out of the two")
    chosen = form.value if form else "table" if sys.stdout.isatty() else "ndjson"
    recording = Recording(record, record_key_file, head_file) if record is not None else None
    asked = Asked(
        known_on,
        explain,
        counterfactual,
        tuple(without_assumption or ()),
        chosen,
        everything,
        ignore_extra,
        recording,
        version,
        source,
        wordings,
    )
    raise typer.Exit(run(policy, claims, asked, root or []))


def run(policy: Path, claims: str, asked: Asked, roots: Sequence[Path]) -> int:
    """Decide all claims; status 1 if one of them could not be read."""
    existing_claims(claims)
    policies = _policies(policy, asked, roots)
    if asked.unmade:
        policies = _without(policies, asked.unmade)
    if asked.wordings is not None:
        _worded(policies, asked.wordings)
    recorder = None
    if asked.recording is not None:
        from policyc.commands.recorder import Recorder  # noqa: PLC0415  (seldom wanted, and takes time)

        recorder = Recorder(policies, asked.known_on, asked.recording)
    quotes = None
    if asked.source is not None:
        from policyc.words.quotes import Quotes  # noqa: PLC0415  (loads the compiler)

        existing(asked.source)
        quotes = Quotes(policy, asked.source, roots)
    evaluator = _Evaluator(policies, asked, recorder, quotes)
    with opened(claims) as stream:
        _write(evaluator.results(stream), asked)
    evaluator.tell()
    if recorder is not None:
        recorder.close()
    return FOUND if evaluator.unreadable else FINE


def _without(policies: Policy | PolicyLibrary, names: tuple[str, ...]) -> Policy | PolicyLibrary:
    """The policies that do not make some assumptions; of a folder, those that make them."""
    each = (policies,) if isinstance(policies, Policy) else policies.policies
    known = {name for policy in each for name in policy.program.assumptions}
    for name in names:
        if name not in known:
            from dsl.near import near  # noqa: PLC0415  (only where a name is wrong)

            found = near(name, sorted(known))
            stop(f"no assumption is called `{name}`" + (f": is `{found}` meant?" if found else ""))
    made = tuple(p.without(n for n in names if n in p.program.assumptions) for p in each)
    return made[0] if isinstance(policies, Policy) else PolicyLibrary(made, policies.known_on)


def _worded(policies: Policy | PolicyLibrary, file: Path) -> None:
    """Give policies the wordings of a file."""
    from policyc.words.wordings import WordingError, read_wordings  # noqa: PLC0415  (for reasons alone)

    try:
        wordings = read_wordings(file)
    except WordingError as error:
        stop(f"`{file}` holds no wordings: {error}")
    except OSError as error:
        stop(f"cannot read `{file}`: {reason(error)}")
    for policy in (policies,) if isinstance(policies, Policy) else policies.policies:
        policy.wordings = wordings


def _policies(policy: Path, asked: Asked, roots: Sequence[Path]) -> Policy | PolicyLibrary:
    if asked.version is None:
        return policies_of(policy, asked.known_on, roots)
    from policyc.commands.diff import version_of  # noqa: PLC0415  (loads the compiler)

    program = version_of(policy, asked.version, roots).side.program
    return Policy(program, lambda: program, asked.known_on)


def existing_claims(claims: str) -> None:
    """Stop where there is no such file of claims."""
    if claims == "-":
        return
    existing(Path(claims))
    if Path(claims).is_dir():
        stop(f"`{claims}` is a folder: name a file of claims, or `-`")


def opened(claims: str) -> AbstractContextManager[BinaryIO]:
    """The bytes of a file of claims, or of standard input."""
    if claims == "-":
        if sys.stdin is None:
            stop("cannot read the claims: standard input is closed")
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(claims).open("rb")
    except OSError as error:
        stop(f"cannot read `{claims}`: {reason(error)}")


class _Evaluator:
    def __init__(
        self,
        policies: Policy | PolicyLibrary,
        asked: Asked,
        recorder: Recorder | None,
        quotes: Quotes | None,
    ) -> None:
        self.policies = policies
        self.asked = asked
        self.recorder = recorder
        self.quotes = quotes
        self.read = 0
        self.unreadable = 0
        self.extra: Counter[str] = Counter()

    def results(self, stream: BinaryIO) -> Iterator[Result]:
        """The decisions of a stream, error records in the places of claims that cannot be read."""
        for claim in read_claims(stream):
            self.read += 1
            try:
                if isinstance(claim, ClaimError):
                    raise claim
                yield from self._decisions(claim)
            except ClaimError as error:
                self.unreadable += 1
                yield error.record()

    def _decisions(self, claim: Any) -> list[Result]:
        # A library reads the claim once a policy, and would tell of the same key as often.
        ignored: set[str] = set()
        extra = ignored.add if self.asked.ignore_extra else None
        if isinstance(self.policies, Policy):
            decided = [
                self.policies.decide(
                    claim,
                    explain=self.asked.explain,
                    counterfactual=self.asked.counterfactual,
                    extra=extra,
                )
            ]
        else:
            decided = self.policies.decide(
                claim,
                known_on=self.asked.known_on,
                explain=self.asked.explain,
                counterfactual=self.asked.counterfactual,
                extra=extra,
                everything=self.asked.everything,
            )
        self.extra.update(key_named(pointer) for pointer in ignored)
        if self.recorder is not None:
            for decision in decided:
                self.recorder.put(claim, decision)
        if self.quotes is not None:
            for decision in decided:
                self.quotes.add(decision)
        return decided

    def tell(self) -> None:
        """What is left to say to people."""
        tell_ignored(self.extra)
        if not self.read:
            say("there was no claim to decide")
        if self.unreadable:
            say(f"could not read {self.unreadable} of {counted(self.read, 'claim')}")


def tell_ignored(extra: Counter[str]) -> None:
    """Tell people what keys were ignored, the most frequent first."""
    if extra:
        told = [f"{printable(key)} ({count})" for key, count in extra.most_common(MOST_KEYS)]
        more = [f"{len(extra) - MOST_KEYS} more"] if len(extra) > MOST_KEYS else []
        say("ignored keys that no policy declares: " + ", ".join(told + more))


def _write(results: Iterator[Result], asked: Asked) -> None:
    match asked.form:
        case "table":
            _write_table(results)
        case "json":
            _write_json(results)
        case _:
            for result in results:
                _put(_json(result) + "\n")


def _write_table(results: Iterator[Result]) -> None:
    encoding = sys.stdout.encoding or "ascii"
    for number, result in enumerate(results):
        if number == 0:
            _put(HEADER + "\n", encoding)
        _put(table(result, Marks.of(encoding)) + "\n", encoding)


def _write_json(results: Iterator[Result]) -> None:
    """An object for one result, an array for more: the first waits until it is known which."""
    first = next(results, None)
    if first is None:
        _put("[]\n")
        return
    second = next(results, None)
    if second is None:
        _put(_json(first, 2) + "\n")
        return
    _put("[\n" + _json(first, 2))
    for result in chain([second], results):
        _put(",\n" + _json(result, 2))
    _put("\n]\n")


def _json(result: Result, indent: int | None = None) -> str:
    return json.dumps(result, ensure_ascii=False, indent=indent)


def _put(text: str, encoding: str = "utf-8") -> None:
    """Write at once: who waits for this decision must not wait for the next claim."""
    sys.stdout.buffer.write(text.encode(encoding, "replace"))
    sys.stdout.buffer.flush()
