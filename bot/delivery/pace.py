"""How fast the bot may write: Telegram's limits, kept by spacing messages out instead of by being refused.

Telegram takes about 30 messages a second in all, one a second in a chat and 20 a minute in a group, edits
included (core.telegram.org/bots/faq). A bucket that lets bursts through runs into refusals, and each refusal
costs seconds; evenly spaced messages do not. As they arrive less evenly than they leave, the answers of the
last second count, too (`bot.delivery.second`). Pure: every moment is passed in.
"""

import math
import sys
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.delivery.second import LastSecond

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Limits:
    """What we allow ourselves, a little less than Telegram: replies take their share, too.

    `kept_for_replies`: so many of a group's messages no alert takes, for replies do not wait for their turn.
    `under_way`: so many at once, each in another chat. `grain`: how far apart looks for slots are; where
    there are many slots they are taken together.
    """

    per_second: float = 28.0
    chat_gap: timedelta = timedelta(seconds=1.05)
    group_messages: int = 20
    group_window: timedelta = timedelta(seconds=60.5)
    kept_for_replies: int = 3
    under_way: int = 16
    grain: timedelta = timedelta(0)


TELEGRAM = Limits()
PAID = replace(TELEGRAM, per_second=1000.0, under_way=256, grain=timedelta(milliseconds=10))
"""What Telegram takes from those who pay for each message above the free thirty a second."""

# However much web processes answer, a quarter is left to alerts.
_MOST_OF_OTHERS = 0.75
# One chat that is limited is that chat's affair. So many at once mean that the bot is too fast.
_SEVERAL_CHATS = 3
_AT_ONCE = timedelta(seconds=10)
_LONGEST_PAUSE = timedelta(seconds=60)
_SLOWEST = 8
_CALM = timedelta(seconds=30)
# So late the loop may look at its slots without losing one: at high rates it cannot look at each in time.
_MADE_UP_FOR = timedelta(milliseconds=40)
# A slot further away than any pause can only come from a wall clock that was set back.
_BEYOND_REASON = timedelta(minutes=10)


class Pace:
    """When the next message may leave: overall (`next_slot`) and in each chat (`count`)."""

    def __init__(self, limits: Limits = TELEGRAM) -> None:
        self._limits = limits
        self._next_slot = _NEVER
        self._next_look = _NEVER
        self._paused_until = _NEVER
        self._others = 0
        self._slowness = 1
        self._slowed_at = _NEVER
        self._limited: dict[int, datetime] = {}
        self._group_log: dict[int, deque[datetime]] = {}
        self._last_second = _last_second(limits)

    @property
    def gap(self) -> timedelta:
        """The time between two messages to whatever chats, as it is at present."""
        return timedelta(seconds=self._slowness / (self._limits.per_second - self._others))

    def leave_room(self, per_second: int) -> None:
        """Other processes of the bot send so many messages a second: as many less leave here."""
        most = self._limits.per_second * _MOST_OF_OTHERS
        self._others = per_second if per_second <= most else math.floor(most)

    @property
    def slowness(self) -> int:
        """How many times slower than usual it is at present; 1 as a rule."""
        return self._slowness

    def next_slot(self, now: datetime, under_way: int = 0) -> datetime:
        """The earliest moment for the next message: `now`, or later. `under_way` have no answer yet."""
        if self._next_slot > now + _BEYOND_REASON:
            self._next_slot = self._next_look = now
        return max(
            self._next_slot, self._next_look, now, self._last_second.room_at(now, under_way + self._others)
        )

    def slots(self, now: datetime, under_way: int = 0) -> int:
        """How many messages may leave now: those whose moments have come, without a burst after a delay."""
        if self.next_slot(now, under_way) > now:
            return 0
        # Without a limit there is no gap either, and every look has its slot.
        due = (now - self._next_slot) // self.gap + 1 if self.gap and self._is_punctual(now) else 1
        return min(due, self._last_second.room(now, under_way + self._others))

    def take_slot(self, now: datetime) -> None:
        """A message leaves now. A short delay is made up for, a longer one is not."""
        self._recover(now)
        self._next_slot = (self._next_slot if self._is_punctual(now) else now) + self.gap
        self._next_look = now + self._limits.grain

    def _is_punctual(self, now: datetime) -> bool:
        return now - self._next_slot < max(self.gap, _MADE_UP_FOR)

    def count(self, chat_id: int, now: datetime) -> datetime:
        """A message or an edit has reached a chat: from when on may the next delivery?

        Counted when Telegram has answered, so that the spacing also holds at its end.
        """
        self._last_second.count(now)
        free_at = now + self._limits.chat_gap
        if chat_id > 0:  # a private chat; groups and channels have negative ids
            return free_at
        log = self._group_log.setdefault(chat_id, deque(maxlen=self._limits.group_messages))
        log.append(now)
        ours = max(self._limits.group_messages - self._limits.kept_for_replies, 1)
        if len(log) >= ours:
            free_at = max(free_at, log[-ours] + self._limits.group_window)
        return free_at

    def room(self, chat_id: int, now: datetime) -> int:
        """How many messages a chat could take at once before its limit; private chats have none by number."""
        if chat_id > 0:
            return self._limits.group_messages
        since = now - self._limits.group_window
        taken = sum(1 for at in self._group_log.get(chat_id, ()) if at > since)
        return self._limits.group_messages - taken

    def remember(self, sent: Iterable[tuple[int, datetime]]) -> None:
        """Take up the count where a last run left it: what arrived in which chat, the oldest first."""
        for chat_id, at in sent:
            self.count(chat_id, at)

    @property
    def most_under_way(self) -> int:
        """How many messages may be on their way at once."""
        return self._limits.under_way

    @property
    def chat_gap(self) -> timedelta:
        """The time between two messages to one chat."""
        return self._limits.chat_gap

    @property
    def memory(self) -> timedelta:
        """How long a message counts."""
        return self._limits.group_window

    def pause(self, until: datetime) -> None:
        """Nothing leaves before a moment."""
        self._paused_until = max(self._paused_until, until)
        self._next_slot = max(self._next_slot, until)

    def limited(self, chat_id: int, retry_after: timedelta, now: datetime) -> None:
        """Telegram refused a message as too fast. Where several chats are, everything slows down."""
        if now < self._paused_until:  # messages that were under way when the pause began
            return
        self._limited = {chat: at for chat, at in self._limited.items() if now - at < _AT_ONCE}
        self._limited[chat_id] = now
        if len(self._limited) >= _SEVERAL_CHATS:
            self._limited.clear()
            self._slowness = min(2 * self._slowness, _SLOWEST)
            self._slowed_at = now
            self.pause(now + min(retry_after, _LONGEST_PAUSE))

    def _recover(self, now: datetime) -> None:
        if self._slowness > 1 and now - self._slowed_at >= _CALM:
            self._slowness //= 2
            self._slowed_at = now


def _last_second(limits: Limits) -> LastSecond:
    """One more than evenly spaced ones ever are in a second, as answers take time."""
    return LastSecond(sys.maxsize if limits.per_second == math.inf else math.ceil(limits.per_second) + 1)
