"""What was found out once, kept for the next time in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

MOST_KEPT = 4096

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(dict[K, V]):
    """Answers by question. When there are as many as it may hold, it forgets them all."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        super().__init__()
        self.most = most

    def keep(self, question: K, answer: V) -> V:
        """Keep an answer, and give it back."""
        if len(self) >= self.most:
            self.clear()
        self[question] = answer
        return answer


class Found(Kept[K, V]):
    """Answers that are found out when they are first asked for."""

    def __init__(self, find: Callable[[K], V], most: int = MOST_KEPT) -> None:
        super().__init__(most)
        self.find = find

    def __missing__(self, question: K) -> V:
        return self.keep(question, self.find(question))
