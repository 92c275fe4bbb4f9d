"""The language server's command, and an open file of an editor that speaks with it."""

import asyncio
import sys

from lsprotocol import types

SERVER = [sys.executable, "-c", "import policyc.cli; policyc.cli.main()", "lsp"]


class Text:
    """An open file of the editor, and places in it by what stands there: `|` marks the place."""

    def __init__(self, client, path):
        self.client, self.path, self.uri = client, path, path.as_uri()
        self.text = path.read_text() if path.exists() else ""
        self.version = 0

    async def open(self, text=None):
        self.text = self.text if text is None else text
        item = types.TextDocumentItem(self.uri, "pol", 1, self.text)
        self.version = 1
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self.told()

    async def change(self, text):
        """Put another text in its place, by the smallest change."""
        before, after = self.text, text
        start = next(
            (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b),
            min(len(before), len(after)),
        )
        end = 0
        while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
            end += 1
        whole = types.Range(self.at(start), self.at(len(before) - end))
        part = types.TextDocumentContentChangePartial(range=whole, text=after[start : len(after) - end])
        self.text, self.version = text, self.version + 1
        named = types.VersionedTextDocumentIdentifier(uri=self.uri, version=self.version)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(named, [part]))
        return await self.told()

    async def told(self):
        """What the next diagnostics of this file say."""
        while True:
            said = await self.publication()
            if said.uri == self.uri:
                return list(said.diagnostics)

    async def publication(self):
        published = self.client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        return await asyncio.wait_for(published, timeout=60)

    async def until(self, codes):
        """Wait until the diagnostics of this file have some codes."""
        while [d.code for d in self.client.diagnostics[self.uri]] != codes:
            await self.publication()
        return self.client.diagnostics[self.uri]

    async def close(self):
        named = types.TextDocumentIdentifier(self.uri)
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(named))
        await self.told()

    def at(self, offset):
        before = self.text[:offset]
        line = before[before.rfind("\n") + 1 :]
        return types.Position(before.count("\n"), len(line.encode("utf-16-le")) // 2)

    def place(self, marked):
        where = self.text.index(marked.replace("|", ""))
        return self.at(where + marked.index("|"))

    def said(self, place):
        """The text of a range."""
        lines = self.text.split("\n")
        assert place.start.line == place.end.line
        return lines[place.start.line][place.start.character : place.end.character]

    def params(self, kind, marked=None, **more):
        named = types.TextDocumentIdentifier(self.uri)
        place = {} if marked is None else {"position": self.place(marked)}
        return kind(text_document=named, **place, **more)

    def edited(self, edits):
        """The text after some edits."""
        lines = self.text.splitlines(keepends=True)
        starts = [sum(map(len, lines[:n])) for n in range(len(lines) + 1)]
        found = self.text
        for edit in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
            start, end = (starts[p.line] + p.character for p in (edit.range.start, edit.range.end))
            found = found[:start] + edit.new_text + found[end:]
        return found
