"""Why nothing arrives at present: said once, however many messages meet it and however long it lasts.

Where Telegram does not know the token nothing is sent for a while. As proxies say 404 as well, and a message
is worth more than a request, it is asked again after seconds at first, and after minutes only where it goes
on refusing.
"""

import logging
from datetime import UTC, datetime, timedelta

from bot.delivery.errors import Failure, Trouble

_log = logging.getLogger(__name__)

_CONCERNS_ALL = {Trouble.BAD_TOKEN, Trouble.TEMPORARY, Trouble.GATEWAY}
_FIRST_REST, _LONGEST_REST = timedelta(seconds=2), timedelta(minutes=5)
_NEVER = datetime.min.replace(tzinfo=UTC)


class Troubles:
    """Of one dispatcher. Pure but for its log: every moment is passed in."""

    def __init__(self) -> None:
        self.present: Failure | None = None
        """None: what was sent last arrived, or was refused for what it is."""
        self._rest = _FIRST_REST
        self._rests_until = _NEVER
        self._refused_since: datetime | None = None

    @property
    def reason(self) -> str | None:
        """Why nothing arrives at present, in words; None: the last message arrived."""
        return self.present.reason if self.present else None

    def concerns_all(self, failure: Failure) -> bool:
        """Whether a failure has nothing to do with its chat; then it is noted, and said where it is new.

        Any other that Telegram gives says that it is there and knows the token.
        """
        if failure.trouble not in _CONCERNS_ALL:
            if failure.trouble is not Trouble.UNSURE:
                self.are_over()
            return False
        if self.present is None or self.present.trouble is not failure.trouble:
            _log.error("Telegram takes no messages at present: %s", failure.reason)
        self.present = failure
        return True

    def are_over(self) -> None:
        """A message or an edit arrived, or was refused for what it is."""
        if self.present is not None:
            _log.info("Telegram takes messages again")
        self.present = self._refused_since = None
        self._rest = _FIRST_REST

    def rest_until(self, now: datetime) -> datetime:
        """Telegram does not know the token: until when nothing is sent."""
        if now < self._rests_until:  # what was under way when the rest began
            return self._rests_until
        if not self._goes_on(now):
            self._rest, self._refused_since = _FIRST_REST, now
        self._rests_until = now + self._rest
        self._rest = min(2 * self._rest, _LONGEST_REST)
        return self._rests_until

    def refused_since(self, now: datetime) -> datetime | None:
        """Since when Telegram has not known the token; None: it does, or was not asked for long."""
        return self._refused_since if self._goes_on(now) else None

    def _goes_on(self, now: datetime) -> bool:
        return self._refused_since is not None and now - self._rests_until < _LONGEST_REST
