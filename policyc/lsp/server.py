"""The server: which request goes to which feature."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from attrs import Factory, define
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams, PyglsError
from pygls.lsp.server import LanguageServer

from dsl.diagnostics import Report
from dsl.formatted import formatted
from dsl.parse import parse
from dsl.source import Source, Span
from policyc.lsp import lenses
from policyc.lsp.actions import actions
from policyc.lsp.completion import completion
from policyc.lsp.desk import Analysis, Desk
from policyc.lsp.diagnostics import diagnostics
from policyc.lsp.hints import hints
from policyc.lsp.hover import hover
from policyc.lsp.lenses import Lenses
from policyc.lsp.navigation import CannotRenameError, definition, references, renamable, rename
from policyc.lsp.places import offset_of, path_of, range_of, uri_of
from policyc.lsp.symbols import symbols

SHOW_ON = "policyc.showOn"
_SOON = 0.01  # seconds of rest after which a change is looked at


@define(eq=False)
class State:
    """What the server knows: the files, and what its user chose."""

    desk: Desk
    lenses: Lenses = Factory(Lenses)
    day: date | None = None
    """The day of the inlay hints; None shows none."""
    waiting: dict[Path, asyncio.Task[None]] = Factory(dict)
    told: dict[Path, Analysis] = Factory(dict)


def server(roots: list[Path]) -> LanguageServer:
    """A server that speaks for `.pol` files; imports are found under the given roots too."""
    server = LanguageServer("policyc", version("policyc"))
    state = State(Desk(roots=roots))
    _files(server, state)
    _questions(server, state)
    _changes(server, state)
    _commands(server, state)
    return server


def _files(server: LanguageServer, state: State) -> None:
    """What is opened, changed and closed."""

    @server.feature(types.INITIALIZED)
    def initialized(ls: LanguageServer, params: types.InitializedParams) -> None:
        state.desk.units = ls.workspace.position_codec.client_num_units

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(ls: LanguageServer, params: types.DidOpenTextDocumentParams) -> None:
        _changed(ls, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(ls: LanguageServer, params: types.DidChangeTextDocumentParams) -> None:
        _changed(ls, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(ls: LanguageServer, params: types.DidSaveTextDocumentParams) -> None:
        _changed(ls, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: LanguageServer, params: types.DidCloseTextDocumentParams) -> None:
        state.desk.texts.pop(path_of(params.text_document.uri), None)
        state.told.pop(path_of(params.text_document.uri), None)
        _publish(ls, params.text_document.uri, [])
        _look_soon(ls, list(state.desk.texts))  # they may rest on what was not saved

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def changed_on_disk(ls: LanguageServer, params: types.DidChangeWatchedFilesParams) -> None:
        _look_soon(ls, list(state.desk.texts))

    def _changed(ls: LanguageServer, uri: str) -> None:
        """Take a text in; look at it, and at the open files that rest on it, once typing rests."""
        path = path_of(uri)
        state.desk.texts[path] = ls.workspace.get_text_document(uri).source
        _look_soon(ls, [path, *(other for other in state.desk.texts if other != path)])

    def _look_soon(ls: LanguageServer, paths: Iterable[Path]) -> None:
        for path in paths:
            if path in state.waiting:
                state.waiting[path].cancel()
            state.waiting[path] = asyncio.ensure_future(_look(ls, path))

    async def _look(ls: LanguageServer, path: Path) -> None:
        await asyncio.sleep(_SOON)
        try:
            _tell(ls, path)
        except Exception as error:
            ls.report_server_error(error, PyglsError)

    def _tell(ls: LanguageServer, path: Path) -> None:
        if path not in state.desk.texts:
            return
        analysis = state.desk.analysis(path)
        if path not in state.told:
            gc.collect()
            gc.freeze()  # what stays as it is need not be looked through at each keystroke
        if state.told.get(path) is not analysis:
            state.told[path] = analysis
            _publish(ls, uri_of(path), diagnostics(analysis, state.desk))

    def _publish(ls: LanguageServer, uri: str, found: list[types.Diagnostic]) -> None:
        ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found))


def _questions(server: LanguageServer, state: State) -> None:
    """What is asked of a text, and changes nothing."""
    desk = state.desk

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def on_hover(params: types.HoverParams) -> types.Hover | None:
        return hover(*_at(params, desk), desk)

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[".", " ", '"', "{"])
    )
    def on_completion(params: types.CompletionParams) -> types.CompletionList:
        analysis, offset = _at(params, desk)
        return types.CompletionList(False, completion(analysis, desk.texts[analysis.path], offset, desk))

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def on_definition(params: types.DefinitionParams) -> list[types.Location]:
        return definition(*_at(params, desk), desk)

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    def on_references(params: types.ReferenceParams) -> list[types.Location]:
        analysis, offset = _at(params, desk)
        return references(analysis.path, offset, params.context.include_declaration, desk)

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def on_symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        return symbols(_analysis(params, desk), desk)

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    def on_hints(params: types.InlayHintParams) -> list[types.InlayHint]:
        return hints(_analysis(params, desk), state.day, desk) if state.day is not None else []

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    def on_lenses(params: types.CodeLensParams) -> list[types.CodeLens]:
        return state.lenses.lenses(_analysis(params, desk), desk)


def _changes(server: LanguageServer, state: State) -> None:
    """What offers edits of a text."""
    desk = state.desk

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
    )
    def on_actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return actions(_analysis(params, desk), params.range, desk)

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def on_prepare_rename(params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        return renamable(*_at(params, desk), desk)

    @server.feature(types.TEXT_DOCUMENT_RENAME)
    def on_rename(params: types.RenameParams) -> types.WorkspaceEdit | None:
        analysis, offset = _at(params, desk)
        try:
            return rename(analysis.path, offset, params.new_name, desk)
        except CannotRenameError as error:
            raise JsonRpcInvalidParams(str(error)) from None

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def on_formatting(params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        path = path_of(params.text_document.uri)
        source = Source(path.as_posix(), desk.texts[path])
        if parse(source, Report()) is None:
            return []
        found = formatted(source.text)
        everything = range_of(Span(source, 0, len(source.text)), desk)
        return [types.TextEdit(everything, found)] if found != source.text else []


def _commands(server: LanguageServer, state: State) -> None:
    """What an editor asks to be done."""

    @server.command(lenses.RUN)
    def run_goldens(ls: LanguageServer, goldens: list[str]) -> dict[str, Any]:
        found = lenses.run(goldens)
        failed = len(found["failures"])
        words = f"{found['passed']} passed, {failed} failed"
        kind = types.MessageType.Warning if failed else types.MessageType.Info
        ls.window_show_message(types.ShowMessageParams(kind, words))
        for path, why in found["failures"].items():
            ls.window_log_message(types.LogMessageParams(types.MessageType.Warning, f"{path}\n{why}"))
        return found

    @server.command(SHOW_ON)
    def show_on(ls: LanguageServer, day: str | None = None) -> None:
        try:
            state.day = date.fromisoformat(day) if day else None
        except ValueError:
            raise JsonRpcInvalidParams(f"`{day}` is no date: expected YYYY-MM-DD") from None
        workspace = ls.client_capabilities.workspace
        if (
            workspace is not None
            and workspace.inlay_hint is not None
            and workspace.inlay_hint.refresh_support
        ):
            ls.workspace_inlay_hint_refresh(None)


def _analysis(params: Any, desk: Desk) -> Analysis:
    return desk.analysis(path_of(params.text_document.uri))


def _at(params: Any, desk: Desk) -> tuple[Analysis, int]:
    """A text and a place in it."""
    analysis = _analysis(params, desk)
    return analysis, offset_of(desk.texts[analysis.path], params.position, desk)
