"""How much this process says: so many messages a second since it was last asked."""

import math
from collections.abc import Callable
from time import monotonic


class Rate:
    """`count` gives how many there were in all; `clock` seconds that only go up. Asked by one thread."""

    def __init__(self, count: Callable[[], int], clock: Callable[[], float] = monotonic) -> None:
        self._count = count
        self._clock = clock
        self._seen, self._seen_at = count(), clock()

    def per_second(self) -> int:
        """Since the last time, rounded up: one that is too many costs less than one that is refused."""
        count, now = self._count(), self._clock()
        more, seconds = count - self._seen, max(now - self._seen_at, 1.0)
        self._seen, self._seen_at = count, now
        return math.ceil(more / seconds)
