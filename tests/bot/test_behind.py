"""A clock that was fast and is set back: whoever looks is told until when nothing is judged."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands.status import status
from bot.commands.table import answer
from bot.desk import Desk
from bot.playground.markup import parse_html
from bot.words.board import read_board
from bot.words.pinned import pinned_text
from signals.moments import to_ms
from tests.bot.desks import FRAGILE, NOW, ask_of, market_of_two_days, new_desk

LINES = {
    "en": "⚠ The bot's clock was set back: nothing new is judged before 5 Nov 23:14 UTC",
    "zh": "⚠ 机器人的时钟被往回调过：11 月 5 日 23:14 UTC 之前不作新的判定",
}
OPERATOR = 1001


@pytest.fixture
def desk() -> Iterator[Desk]:
    with new_desk(market_of_two_days()) as desk:
        desk.settings = desk.settings.model_copy(update={"owner_ids": frozenset({OPERATOR})})
        desk.standings = FRAGILE
        yield desk


def judge_ahead(desk: Desk, ahead: timedelta) -> None:
    desk.standings = {
        **FRAGILE,
        "premium": replace(FRAGILE["premium"], judged_ms=to_ms(NOW + ahead)),
    }


async def shown(desk: Desk, language: str) -> list[str]:
    """What the board, the pinned board and the operator's page say."""
    ask = ask_of(desk, language=language)
    pinned = pinned_text(ask.words, read_board(desk), desk.rules.eth_btc)
    texts = [(await status(ask)).text, pinned, (await answer(ask, "admin")).text]
    return [parse_html(text).text for text in texts]


@pytest.mark.parametrize("language", LINES)
async def test_the_board_and_the_operators_page_say_until_when(desk: Desk, language: str) -> None:
    judge_ahead(desk, timedelta(days=2, hours=3))
    for text in await shown(desk, language):
        assert LINES[language] in text
    assert len((await shown(desk, language))[0].splitlines()) <= 12


@pytest.mark.parametrize("language", LINES)
async def test_nothing_is_said_of_clocks_that_differ_by_seconds(desk: Desk, language: str) -> None:
    judge_ahead(desk, timedelta(seconds=20))
    for text in await shown(desk, language):
        assert LINES[language][:12] not in text
