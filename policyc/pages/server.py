"""The server of `policyc try`: one page, one question, for this machine alone, and nothing is kept.

The standard library suffices for one page and one POST: a framework and its server would be two more things
to install and to keep. What matters is here in sight: it listens on 127.0.0.1, answers only to its own name
(a page of another site that points its name here is refused), and takes only JSON, of its own page, and not
too much of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

from compiler.runtime.claim_values import read_date
from compiler.runtime.claims import decode
from compiler.runtime.errors import ClaimError
from policyc.pages.ink import static
from policyc.pages.trial import Side, answers, page
from policyc.policy import Policy

HERE = "127.0.0.1"
LARGEST = 1024 * 1024
"""Bytes of a request."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_JSON = "application/json"


class Refused(Exception):
    """A request that is not answered: its status, and why."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class TryServer(ThreadingHTTPServer):
    """Serves one policy at a port of this machine, by default a free one."""

    daemon_threads = True

    def __init__(self, policy: Policy, port: int = 0) -> None:
        super().__init__((HERE, port), _Handler)
        self.policy = policy
        self.files = {
            "/": ("text/html", page(policy)),
            "/style.css": ("text/css", static("style.css")),
            "/try.css": ("text/css", static("try.css")),
            "/try.js": ("text/javascript", static("try.js")),
        }
        self.deciding = Lock()

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{HERE}:{self.server_port}/"

    @property
    def names(self) -> frozenset[str]:
        """By what names it answers."""
        return frozenset(f"{name}:{self.server_port}" for name in (HERE, "localhost"))


class _Handler(BaseHTTPRequestHandler):
    server: TryServer
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        try:
            self._own()
            found = self.server.files.get(self.path.partition("?")[0])
            if found is None:
                raise Refused(HTTPStatus.NOT_FOUND, "there is no such page")
            self._send(HTTPStatus.OK, *found)
        except Refused as refused:
            self._refuse(refused)

    def do_POST(self) -> None:
        try:
            self._own()
            if self.path != "/decide":
                raise Refused(HTTPStatus.NOT_FOUND, "there is nothing of this name to ask")
            self._answer(self._asked())
        except Refused as refused:
            self._refuse(refused)

    def _own(self) -> None:
        """Refuse who calls by another name, and whoever asks from another page."""
        origin = self.headers.get("Origin")
        own = {f"http://{name}" for name in self.server.names}
        if self.headers.get("Host") not in self.server.names or (origin is not None and origin not in own):
            raise Refused(HTTPStatus.FORBIDDEN, "this page is for this machine alone")

    def _asked(self) -> object:
        """The body of a request, which no form of another page can send."""
        if self.headers.get("Content-Type", "").partition(";")[0].strip() != _JSON:
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"a question is {_JSON}")
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "a question says how long it is")
        if len(length) > len(str(LARGEST)) or int(length) > LARGEST:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "a question has at most 1 MiB")
        try:
            return decode(self.rfile.read(int(length)))
        except ClaimError as error:
            raise Refused(HTTPStatus.BAD_REQUEST, error.message) from None

    def _answer(self, asked: object) -> None:
        if not isinstance(asked, dict) or not isinstance(asked.get("sides"), list) or len(asked["sides"]) > 2:
            raise Refused(HTTPStatus.BAD_REQUEST, "a question is a claim and at most two sides")
        sides = [_side(each) for each in asked["sides"]]
        # A policy is decided by one at a time: what it keeps for later is no place for two.
        with self.server.deciding:
            told = answers(self.server.policy, asked.get("claim"), sides)
        self._send(HTTPStatus.OK, _JSON, json.dumps({"sides": told}))

    def _refuse(self, refused: Refused) -> None:
        # What was not read of a request must not be taken for the next one.
        self.close_connection = True
        self._send(refused.status, "text/plain", f"{refused}\n")

    def _send(self, status: HTTPStatus, kind: str, text: str) -> None:
        raw = text.encode()
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(raw)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged: a claim is nobody else's business."""


def _side(value: object) -> Side:
    if not isinstance(value, Mapping):
        raise Refused(HTTPStatus.BAD_REQUEST, "a side is a day and a day of knowledge")
    return Side(_day(value.get("day")), _day(value.get("known_on")))


def _day(value: object) -> date | None:
    """A day, or None where none is given."""
    if value in (None, ""):
        return None
    try:
        return read_date(value)
    except ClaimError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, error.message) from None
