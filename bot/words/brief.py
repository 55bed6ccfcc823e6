"""The brief: one message a day with the verdict, what holds it, what changed, and the playbook's marks."""

from collections.abc import Iterator
from datetime import timedelta

from bot.desk import Desk
from bot.words.board import CONDITIONS, read_board
from bot.words.gist import price_gist
from bot.words.marks import MARKS
from bot.words.playbook import marks_line, read_points
from bot.words.texts import Html
from bot.words.warned import warnings_line
from bot.words.wording import Wording
from signals.conditions import State
from signals.moments import to_ms
from signals.policy import is_worth_telling
from storage.alerts import read_changes

_DAY = timedelta(days=1)
_LOOKED_AT = 200


def brief_text(words: Wording, desk: Desk) -> Html:
    """The brief as it is now."""
    return Html("\n".join(filter(None, _lines(words, desk))))


def _lines(words: Wording, desk: Desk) -> Iterator[Html]:
    board = read_board(desk)
    met = len(board.conditions_in(State.MET))
    yield words("brief.title", day=words.weekday(words.now.astimezone(words.zone).date()))
    verdict = board.verdict.state
    yield words(f"status.{verdict}", mark=MARKS[verdict], n=met, all=len(CONDITIONS))
    yield words.joined([price_gist(words, price) for price in board.prices])
    yield words.joined(
        [
            words(
                "brief.condition",
                mark=MARKS[board.standings[condition].state],
                name=words(f"name.{condition}"),
                state=words(f"state.{board.standings[condition].state}"),
            )
            for condition in CONDITIONS
        ]
    )
    yield warnings_line(words, board.standings)
    yield words("brief.changes", n=_changes_of_a_day(desk))
    yield marks_line(words, read_points(desk))
    yield words.joined(
        [words("status.as_of", clock=words.clock(words.now)), words("status.disclaimer"), words("brief.more")]
    )


def _changes_of_a_day(desk: Desk) -> int:
    since_ms = to_ms(desk.now - _DAY)
    saved = read_changes(desk.db, limit=_LOOKED_AT)
    return sum(is_worth_telling(each.change) for each in saved if each.change.at_ms > since_ms)
