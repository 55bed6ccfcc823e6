"""The health of the running program, for the operator to look at: since when it runs, what it complained of.

What outlives the program (feeds, jobs, deliveries) is in storage; this is the rest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.logs import Complaint


@dataclass(frozen=True, slots=True)
class Sending:
    """How the dispatcher is doing. `slowness`: how many times slower than usual it sends, 1 as a rule."""

    in_flight: int
    last_sent_at: datetime | None
    trouble: str | None
    slowness: int


def _nothing_is_sent() -> Sending:
    return Sending(0, None, None, 1)


@dataclass
class Health:
    """What the desk is given by whoever runs it. In the terminal nothing is sent and nothing was logged."""

    started_at: datetime
    complaints: Callable[[], Sequence[Complaint]] = tuple
    sending: Callable[[], Sending] = _nothing_is_sent

    def up_for(self, now: datetime) -> timedelta:
        """How long it has been running."""
        return now - self.started_at
