"""Which requests are granted: so many of a person, so many of a group, so many charts of a chat."""

from collections.abc import Callable, Container
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.talk.allowance import CHARTS_PER_CHAT, INLINE_PER_PERSON, PER_GROUP, PER_PERSON, Allowance, Grant


class Refusal(NamedTuple):
    """Why a request is not granted: the key of the sentence that says so, and when the next one is.

    `is_told` is False where it has been said before.
    """

    text: str
    wait: timedelta
    is_told: bool


class Requests:
    """Counts what is asked. `clock` gives aware UTC: that of people, who do not live in virtual time."""

    def __init__(self, clock: Callable[[], datetime], operators: Container[int] = ()) -> None:
        self._clock = clock
        self._operators = operators
        self._people = Allowance(PER_PERSON)
        self._groups = Allowance(PER_GROUP)
        self._charts = Allowance(CHARTS_PER_CHAT)
        self._inline = Allowance(INLINE_PER_PERSON)

    def grants_inline(self, person_id: int) -> bool:
        """Whether an inline query is granted; one that is not stays without results."""
        return self._inline.ask(person_id, self._clock()).grant is Grant.GRANTED

    def refuse(self, person_id: int, chat_id: int, *, draws: bool) -> Refusal | None:
        """Whether a request is one too many; None where it is granted. Operators ask as much as they like."""
        if person_id in self._operators:
            return None
        now = self._clock()
        for is_counted, allowance, key, text in (
            (True, self._people, person_id, "limit.requests"),
            (chat_id < 0, self._groups, chat_id, "limit.group"),
            (draws, self._charts, chat_id, "limit.charts"),
        ):
            verdict = allowance.ask(key, now) if is_counted else None
            if verdict is not None and verdict.grant is not Grant.GRANTED:
                return Refusal(text, verdict.wait, is_told=verdict.grant is Grant.TOLD)
        return None
