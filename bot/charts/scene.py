"""What a chart shows: the facts and changes of a stretch of time, in whose words, in which colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.charts.theme import Theme
from bot.charts.words import Words
from signals.calendar import NEW_YORK, Session, sessions
from signals.conditions import Change
from signals.market import Market
from signals.moments import to_ms


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a painter needs. The market holds nothing that was not known at `until`."""

    market: Market
    changes: Sequence[Change]
    since: datetime
    until: datetime
    words: Words
    theme: Theme

    @property
    def since_ms(self) -> int:
        """The left edge."""
        return to_ms(self.since)

    @property
    def until_ms(self) -> int:
        """The right edge."""
        return to_ms(self.until)

    def sessions(self) -> list[Session]:
        """The US sessions that are at least partly in the picture."""
        first, last = (moment.astimezone(NEW_YORK).date() for moment in (self.since, self.until))
        return [s for s in sessions(first, last) if s.opens < self.until and s.closes > self.since]
