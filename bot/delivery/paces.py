"""The usual pace, and beside it the faster one of what is paid for: what concerns one concerns both.

Every message counts for either: an edit, which nobody can pay for, waits until a paid bulk is through.
"""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.delivery.pace import Pace


class Paces:
    """`paid` is None where nothing is paid for."""

    def __init__(self, usual: Pace, paid: Pace | None = None) -> None:
        self.usual = usual
        self.paid = paid
        self._all = [usual] if paid is None else [usual, paid]

    @property
    def per_second(self) -> float:
        """How many messages may leave in a second, as it is at present."""
        gap = min(pace.gap for pace in self._all)
        return timedelta(seconds=1) / gap if gap else math.inf

    def count(self, chat_id: int, now: datetime) -> datetime:
        """A message or an edit has reached a chat: from when on may the next delivery?"""
        return max(pace.count(chat_id, now) for pace in self._all)

    def limited(self, chat_id: int, retry_after: timedelta, now: datetime) -> None:
        """Telegram refused a message as too fast."""
        for pace in self._all:
            pace.limited(chat_id, retry_after, now)

    def pause(self, until: datetime) -> None:
        """Nothing leaves before a moment."""
        for pace in self._all:
            pace.pause(until)

    def remember(self, sent: Iterable[tuple[int, datetime]]) -> None:
        """Take up the count where a last run left it: what arrived in which chat, the oldest first."""
        for chat_id, at in sent:
            self.count(chat_id, at)
