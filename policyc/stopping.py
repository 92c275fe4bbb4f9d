"""Ctrl-C and `--timeout` stop a search with what it found; a terminal shows how far it is."""

from __future__ import annotations

import signal
import sys
import time
from _thread import interrupt_main
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from types import FrameType

from attrs import define

from compiler.diff.watch import Stopped, Watch

_PAUSE = 0.1
"""Seconds between two words about progress."""


@contextmanager
def stoppable(seconds: float | None) -> Iterator[Watch]:
    """Meanwhile the first Ctrl-C, or the end of some seconds, raises Stopped; gives what is to be told of
    progress. It raises Stopped again, lest a search within the search keeps it for itself.
    """
    stopped = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopped
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stopped = True
        raise Stopped

    def watch(what: str) -> None:
        if stopped:
            raise Stopped
        if progress is not None:
            progress.tell(what)

    timer = Timer(seconds, interrupt_main) if seconds is not None else None
    progress = _Progress() if sys.stderr.isatty() else None
    before = signal.signal(signal.SIGINT, stop)
    try:
        if timer is not None:
            timer.daemon = True
            timer.start()
        yield watch
    finally:
        if timer is not None:
            timer.cancel()
        signal.signal(signal.SIGINT, before)
        if progress is not None:
            progress.clear()


@define
class _Progress:
    """A line of standard error, written over again and again."""

    told: float = 0.0

    def tell(self, what: str) -> None:
        now = time.monotonic()
        if now - self.told >= _PAUSE:
            self.told = now
            print(f"\r{what}\x1b[K", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self.told:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
