"""The clock was set back: nothing is judged until it has caught up, and whoever looks is told until when."""

from datetime import timedelta

from bot.words.marks import WARNING
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.engine import Standings
from signals.moments import from_ms

TOLERATED = timedelta(seconds=30)
"""Clocks of two machines differ by a little, and so does one before and after it is set."""


def clock_line(words: Wording, standings: Standings) -> Html:
    """The line that says so; empty where what was judged is not ahead of the clock."""
    judged_until = from_ms(max(standing.judged_ms for standing in standings.values()))
    if judged_until <= words.now + TOLERATED:
        return Html()
    return words("clock.set_back", mark=WARNING, moment=words.moment(judged_until))
