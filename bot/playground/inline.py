"""Inline queries: what people ask by typing the bot's name in any chat, and what it offered them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from bot.playground.json_types import Json
from bot.playground.messages import Message

TOO_OLD_S = 10.0
"""Seconds after which Telegram takes no answer to an inline query any more."""


@dataclass(frozen=True)
class Offer:
    """The bot's answer to a query. `contents` holds, by a result's id, the message that it would post."""

    results: list[Json]
    contents: dict[str, Message]
    next_offset: str
    button: Json | None


@dataclass
class InlineQueries:
    """`now` is in monotonic seconds: an app waits in real time, however fast the playground's clock runs."""

    now: Callable[[], float] = time.monotonic
    offers: dict[str, Offer] = field(default_factory=dict)
    chosen: dict[str, Message] = field(default_factory=dict)
    _open: dict[str, tuple[Json, float]] = field(default_factory=dict)
    _ids: "count[int]" = field(default_factory=lambda: count(20_000_001))

    def ask(self, query: Json) -> Json:
        """`query` under an id of its own, waiting for an answer from now on."""
        asked = {"id": str(next(self._ids)), **query}
        self._open[asked["id"]] = asked, self.now()
        return asked

    def take(self, query_id: str) -> Json | None:
        """The query that waits under this id, which then waits no more; None where it is too old."""
        asked, since = self._open.pop(query_id, (None, 0.0))
        return asked if self.now() - since <= TOO_OLD_S else None

    def clear(self) -> None:
        """Forget what waits."""
        self._open.clear()

    def keep(self, message: Message) -> str:
        """Note a message that somebody chose; the id by which alone the bot knows it."""
        inline_id = f"inline-{len(self.chosen) + 1}"
        self.chosen[inline_id] = message
        return inline_id

    def id_of(self, message: Message) -> str | None:
        """The id of a chosen message; None for any other."""
        return next((key for key, chosen in self.chosen.items() if chosen is message), None)
