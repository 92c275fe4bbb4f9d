"""Source documents as files: text, PDF, HTML."""

# ruff: noqa: PLC0415  (what reads a format is loaded where a file has it)

from __future__ import annotations

import re
from pathlib import Path

from attrs import frozen

from compiler.source.furniture import Line

_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?([\w-]+)", re.IGNORECASE)
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html)", re.IGNORECASE | re.DOTALL
)
_HTML_NAMES = {".html", ".htm", ".xhtml"}


class SourceError(Exception):
    """A document that cannot be read, and why."""


@frozen
class Document:
    """The lines of a document; `textless` are its pages without any text, as where they are pictures."""

    lines: list[Line]
    textless: tuple[int, ...] = ()


def read_document(path: Path) -> Document:
    """A document by what its file holds.

    Raises SourceError where it cannot be read; OSError where the file cannot.
    """
    raw = path.read_bytes()
    if raw.lstrip()[:5] == b"%PDF-":
        return _pdf(path)
    if path.suffix.lower() in _HTML_NAMES or _HTML.match(raw[:2000]):
        from policyc.reading.html_lines import html_lines

        declared = _CHARSET.search(raw[:2000])
        return Document(html_lines(_decoded(raw, declared[1].decode() if declared else "utf-8")))
    from compiler.source.documents import lines_of

    return Document(lines_of(_decoded(raw, "utf-8")))


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except (UnicodeDecodeError, LookupError):
        raise SourceError(f"it is no text in {encoding.upper()}") from None


def _pdf(path: Path) -> Document:
    try:
        from pypdf import PdfReader
    except ImportError:
        raise SourceError("it is a PDF, which needs `pip install 'policyc[pdf]'`") from None
    try:
        reader = PdfReader(path)
        locked = reader.is_encrypted and not reader.decrypt("")
        texts = [] if locked else [page.extract_text(extraction_mode="layout") for page in reader.pages]
    except OSError:
        raise
    except Exception as error:  # of a broken file, pypdf raises whatever its parts do
        raise SourceError(f"it is a broken PDF: {error or type(error).__name__}") from error
    if locked:
        raise SourceError("it is a PDF with a password")
    lines = [Line(line, number) for number, text in enumerate(texts, 1) for line in text.split("\n")]
    return Document(lines, tuple(number for number, text in enumerate(texts, 1) if not text.strip()))
