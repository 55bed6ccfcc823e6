"""What may have reached Telegram within one second: all that is under way, or was answered since.

Messages arrive less evenly than they leave: one that was held up on its way arrives together with those
behind it. But each arrives before its answer does, so whoever counts until a second after the answers knows
that no second at Telegram's door holds more, however long messages take.
"""

from collections import deque
from datetime import datetime, timedelta

_SECOND = timedelta(seconds=1)


class LastSecond:
    """`most`: how many messages there may be in any second."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._answered: deque[datetime] = deque(maxlen=most)

    def count(self, now: datetime) -> None:
        """Telegram has answered: a message or an edit arrived there at the latest now."""
        self._answered.append(now)

    def room(self, now: datetime, under_way: int) -> int:
        """How many more there may be now, beside `under_way` that have no answer yet."""
        # Moments ahead are left from before the clock was set back.
        while self._answered and not now - _SECOND < self._answered[0] <= now:
            self._answered.popleft()
        return max(0, self._most - len(self._answered) - under_way)

    def room_at(self, now: datetime, under_way: int) -> datetime:
        """The earliest moment for one more: `now`, or later."""
        if self.room(now, under_way):
            return now
        too_many = len(self._answered) + under_way + 1 - self._most
        # One that is under way counts for a second more, even if its answer comes at once.
        last = self._answered[too_many - 1] if too_many <= len(self._answered) else now
        return last + _SECOND
