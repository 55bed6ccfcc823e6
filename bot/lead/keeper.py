"""Keeping the lead: the lease is renewed by a thread, and another one sees to it that losing it is noticed.

    renew, every second -> look, five times a second -> go on | step down: fence closed, connection cut

Neither depends on the event loop. That may be busy for seconds, which is no reason to lose the lead, or wait
for a database that does not answer: then its connection is cut under it, and it goes on with an error.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from bot.lead.decision import RENEWED_EVERY, Act, Signs, go_on
from bot.lead.fence import Fence
from bot.lead.ticker import Ticker

_log = logging.getLogger(__name__)

LOOKS_EVERY = timedelta(seconds=0.2)


class Keeper:
    """Keeps a lead from `start` until `stop`, or until it is lost: then `cut` and `lost` are called, once.

    `renew` renews the lease over a connection of its own: False, somebody else has taken it. All three are
    called from threads.
    """

    def __init__(
        self,
        fence: Fence,
        renew: Callable[[], bool],
        cut: Callable[[], None],
        lost: Callable[[str], None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._fence = fence
        self._renew = renew
        self._cut = cut
        self._lost = lost
        self._clock = clock
        self._renewed_at = clock()
        self._is_taken: bool | None = None
        self._is_over = False
        self._renewing = Ticker(self.renew, RENEWED_EVERY, "lease")
        self._looking = Ticker(self.look, LOOKS_EVERY, "lead")

    def start(self) -> None:
        """Begin to renew and to look."""
        self._renewing.start()
        self._looking.start()

    def stop(self) -> None:
        """The lead is given up, or was lost."""
        self._is_over = True
        self._looking.stop()
        self._renewing.stop()

    def renew(self) -> None:
        """Renew the lease once.

        Raises:
            StorageError: the database did not answer.
        """
        asked_at = self._clock()
        self._is_taken = not self._renew()
        if not self._is_taken:
            # Counted from before: the database may have written it down at any moment since.
            self._renewed_at = asked_at

    def look(self) -> None:
        """See whether the lead is still there; what follows where it is not."""
        if self._is_over:
            return
        now = self._clock()
        ago = timedelta(seconds=now - self._renewed_at), timedelta(seconds=now - self._fence.spoke_at)
        decision = go_on(Signs(self._is_taken, *ago))
        if decision.act is Act.STEP_DOWN:
            self._is_over = True
            self._fence.close()
            _log.error("the lead is lost: %s", decision.reason)
            self._cut()
            self._lost(decision.reason)
