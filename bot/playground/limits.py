"""Telegram's limits on sending, as a model to be switched on: how fast is too fast.

Source of the numbers: core.telegram.org/bots/faq. The real server keeps its exact rule to
itself, so two models are given: a window counts what was accepted in the last so-many seconds, a
bucket also lets a short burst pass.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.playground.chats import Chat


@dataclass(frozen=True)
class Rate:
    """So many messages in so much time."""

    messages: int
    seconds: float


OVERALL = Rate(30, 1.0)
PAID = Rate(1000, 1.0)
_FREE, _PAID = "free", "paid"
PRIVATE_CHAT = Rate(1, 1.0)
GROUP = Rate(20, 60.0)


@dataclass
class Window:
    """At most `rate.messages` in any `rate.seconds`."""

    rate: Rate
    accepted: deque[float] = field(default_factory=deque)

    def wait_s(self, now: float) -> float:
        """Seconds until one more would be accepted; 0 for at once."""
        while self.accepted and self.accepted[0] <= now - self.rate.seconds:
            self.accepted.popleft()
        if len(self.accepted) < self.rate.messages:
            return 0.0
        return self.accepted[0] + self.rate.seconds - now

    def count(self, now: float) -> None:
        """One more was accepted."""
        self.accepted.append(now)


@dataclass
class Bucket:
    """Tokens refill steadily; a full bucket lets `rate.messages` pass in one burst."""

    rate: Rate
    tokens: float = math.inf
    filled_at: float = 0.0

    def wait_s(self, now: float) -> float:
        """Seconds until one more would be accepted; 0 for at once."""
        per_second = self.rate.messages / self.rate.seconds
        refilled = self.tokens + (now - self.filled_at) * per_second
        self.tokens, self.filled_at = min(refilled, float(self.rate.messages)), now
        return max(0.0, (1 - self.tokens) / per_second)

    def count(self, now: float) -> None:
        """One more was accepted."""
        self.filled_at = now
        self.tokens -= 1


@dataclass
class Limits:
    """Judges each message that is about to be accepted. `now` is in monotonic seconds.

    `penalty_s`: after a breach everything is refused for so long, as bots report of Telegram.
    """

    now: Callable[[], float]
    model: type[Window] | type[Bucket] = Window
    overall: Rate = OVERALL
    paid: Rate = PAID
    private_chat: Rate = PRIVATE_CHAT
    group: Rate = GROUP
    penalty_s: float = 0.0
    _gauges: dict[int | str, Window | Bucket] = field(default_factory=dict)
    _closed_until: float = -math.inf

    def retry_after_s(self, chat: Chat, *, is_paid: bool = False) -> int | None:
        """None where the message passes, and is then counted; else whole seconds to wait.

        What is paid for (`allow_paid_broadcast`) has a limit of its own, and the chat's.
        """
        now = self.now()
        overall = self._gauge(_PAID, self.paid) if is_paid else self._gauge(_FREE, self.overall)
        gauges = [overall, self._gauge(chat.id, self._rate_of(chat))]
        wait_s = max(self._closed_until - now, *(gauge.wait_s(now) for gauge in gauges))
        if wait_s > 0:
            if now >= self._closed_until:
                self._closed_until = now + self.penalty_s
            return max(1, math.ceil(wait_s))
        for gauge in gauges:
            gauge.count(now)
        return None

    def _gauge(self, key: int | str, rate: Rate) -> Window | Bucket:
        if key not in self._gauges:
            self._gauges[key] = self.model(rate)
        return self._gauges[key]

    def _rate_of(self, chat: Chat) -> Rate:
        return self.private_chat if chat.user is not None else self.group
