"""A picture that somebody asks for: all that drawing it needs, ready to be handed to another process."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.charts import Subject, Words, can_draw, draw
from signals.conditions import Change
from signals.market import Market

LENGTH_BYTES = 8
"""Before each message between the bot and the process that draws."""


class Drawable(Protocol):
    """What can be handed to the process that draws."""

    @property
    def subject(self) -> str:
        """What it is of, for the log."""

    def drawn(self) -> bytes:
        """The picture as PNG bytes."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One subject over the `span` before `now`; `english` is for where no font has the reader's letters."""

    subject: Subject
    market: Market
    changes: Sequence[Change]
    now: datetime
    span: timedelta
    words: Words
    english: Words
    dark: bool

    def drawn(self) -> bytes:
        """The picture as PNG bytes. Takes tenths of a second, the first time seconds."""
        words = self.words if can_draw(self.words.text()) else self.english
        return draw(self.subject, self.market, self.changes, self.now, self.span, words, self.dark)
