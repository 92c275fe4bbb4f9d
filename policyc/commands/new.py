"""`policyc new`: the skeleton of a policy, from questions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, TypeVar, cast

import typer

from dsl.near import near
from policyc import shipped
from policyc.commands import check
from policyc.commands.calls import FINE, reason, say, stop
from policyc.files import write_whole
from policyc.new import Answers, Code, Section, Unlabelled, files, first_golden, package_name, place
from policyc.options import day

Said = TypeVar("Said")


def command(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The root under which policies and libraries stand.")
    ] = Path("."),
    payer: Annotated[str | None, typer.Option(help="Whose policy it is.")] = None,
    title: Annotated[str | None, typer.Option(help="What the document is called.")] = None,
    package: Annotated[str | None, typer.Option(help="By default made from payer and title.")] = None,
    source: Annotated[str | None, typer.Option(help="A short name of the document.")] = None,
    effective: Annotated[
        date | None, typer.Option(parser=day, metavar="DATE", help="Since when the oldest text holds.")
    ] = None,
    section: Annotated[
        list[str] | None,
        typer.Option("--section", metavar="MARK=TITLE", help="A part that decides; repeatable."),
    ] = None,
    code: Annotated[
        list[str] | None,
        typer.Option("--code", metavar="CODE[=LABEL]", help="A procedure code; repeatable."),
    ] = None,
    imports: Annotated[
        list[str] | None,
        typer.Option("--import", metavar="PACKAGE", help="A shipped library to bring too; repeatable."),
    ] = None,
) -> None:
    """Begin a policy: a skeleton that checks, its libraries, a golden file. What is not said is asked."""
    payer = _said(payer, "Payer", _text)
    title = _said(title, "Title of the policy", _text)
    package = _said(package, "Package", _package, package_name(payer, title))
    source = _said(source, "Short name of the source document", _text, package.split(".")[-1])
    effective = effective or _said(None, "Since when does its oldest text hold? YYYY-MM-DD", day)
    sections = [_section(each) for each in section or []] or [*_listed("Section, as MARK=TITLE", _section)]
    codes = [_code(each) for each in code or []] or [*_listed("Procedure code, as CODE=LABEL", _code)]
    brought = tuple(map(_shipped, imports or ()))
    answers = Answers(package, payer, title, source, effective, tuple(sections), tuple(codes), brought)
    raise typer.Exit(run(folder, answers))


def run(folder: Path, answers: Answers) -> int:
    """Write what is not there yet, and check it; status 1 where it does not check."""
    policy = folder / place(answers.package)
    if policy.exists():
        stop(f"`{policy}` is there already")
    try:
        made = files(answers)
    except Unlabelled as error:
        codes, first = ", ".join(error.codes), error.codes[0]
        stop(f"no shipped library has {codes}: say what it is, as in `--code {first}=...`")
    for at, text in made.items():
        if not (folder / at).exists():
            _write(folder / at, text)
    status = check.run([policy], False, [], False)
    if status == FINE:
        golden = first_golden(policy, answers)
        _write(golden.path, golden.text())
        say("write its rules, then: policyc check, policyc test")
    return status


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as error:
        stop(f"cannot write `{path}`: {reason(error)}")
    say(f"wrote {path}")


def _said(given: str | None, question: str, read: Callable[[str], Said], default: str | None = None) -> Said:
    """What an option says, or the answer to a question, which is put until it can be read."""
    if given is not None:
        return read(given)
    try:
        return cast("Said", typer.prompt(question, default=default, value_proc=read, err=True))
    except typer.Abort:
        if default is None:
            stop(f"nobody is there to ask: {question}")
        return read(default)


def _listed(question: str, read: Callable[[str], Said]) -> Iterator[Said]:
    """Answers until an empty one; at least one."""

    def another(said: str) -> Said | None:
        return read(said) if said else None

    yield _said(None, question, read)
    while (more := _said(None, "Another, or nothing", another, "")) is not None:
        yield more


def _text(said: str) -> str:
    if not said.strip() or "\n" in said:
        raise typer.BadParameter("expected some words on one line")
    return said.strip()


def _package(said: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", said):
        raise typer.BadParameter(
            f"`{said}` is no package: expected names with a dot, as in `prairie.knee_brace`"
        )
    return said


def _section(said: str) -> Section:
    mark, _, title = (part.strip() for part in said.partition("="))
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", mark):
        raise typer.BadParameter(
            f"`{mark}` is no mark of a section: expected letters and digits, as in `A=Adults`"
        )
    return Section(mark, title or f"Section {mark}")


def _code(said: str) -> Code:
    code, _, label = (part.strip() for part in said.partition("="))
    if not re.fullmatch(r"[A-Z][0-9]{4}|[0-9]{4}[0-9A-Z]", code.upper()):
        raise typer.BadParameter(f"`{code}` is no procedure code: expected one as `J2001` or `96365`")
    return Code(code.upper(), label or None)


def _shipped(package: str) -> str:
    known = shipped.libraries().files
    if package not in known:
        close = near(package, known)
        stop(f"no library `{package}` is shipped" + (f"; did you mean `{close}`?" if close else ""))
    return package
