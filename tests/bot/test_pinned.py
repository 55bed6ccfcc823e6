"""The words of the pinned board: few lines, and the same ones until there is something new to say."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.markup import parse_html
from bot.words.board import Board, read_board
from bot.words.pinned import as_of, pinned_buttons, pinned_text, steady
from bot.words.texts import every_language
from bot.words.wording import Wording
from signals.conditions import Alarm, Standing, State, Verdict
from signals.eth_btc import EthBtcRules
from signals.moments import to_ms
from signals.readings import Quality
from tests.bot.desks import FRAGILE, NOW, market_of_two_days, new_desk

LANGUAGES = tuple(every_language())
ALL_ON = {
    **{
        id_: replace(standing, state=Alarm.ON) for id_, standing in FRAGILE.items() if standing.state == "off"
    },
    "premium": Standing(State.NO_DATA, since_ms=to_ms(NOW)),
    "etf_flow": FRAGILE["etf_flow"],
    "eth_btc": FRAGILE["eth_btc"],
    "verdict": Standing(Verdict.UNKNOWN, since_ms=to_ms(NOW)),
    "shock": FRAGILE["shock"],
}


def words(language: str = "en", later: timedelta = timedelta(0)) -> Wording:
    return Wording(every_language()[language], ZoneInfo("Asia/Shanghai"), NOW + later)


@pytest.fixture
def board() -> Board:
    with new_desk(market_of_two_days()) as desk:
        desk.standings = FRAGILE
        return read_board(desk)


@pytest.mark.parametrize("language", LANGUAGES)
def test_time_alone_changes_nothing_but_the_last_line(board: Board, language: str):
    texts = {pinned_text(words(language, timedelta(hours=h)), board, EthBtcRules()) for h in (0, 1, 23, 200)}
    assert len(texts) == 1
    assert as_of(words(language)) != as_of(words(language, timedelta(minutes=1)))


def test_movements_of_a_thousandth_change_nothing(board: Board):
    price = board.prices[0].price
    assert price is not None
    moved = replace(board, prices=tuple(replace(each, price=price * 1.0005) for each in board.prices[:1]))
    still = replace(board, prices=board.prices[:1])
    assert pinned_text(words(), moved, EthBtcRules()) == pinned_text(words(), still, EthBtcRules())


@given(st.floats(1e-6, 1e9))
def test_a_steady_price_is_within_half_a_percent_and_round(price: float):
    shown = steady(price)
    assert abs(shown - price) <= price * 0.0025 * (1 + 1e-9)
    assert steady(shown) == pytest.approx(shown)


@pytest.mark.parametrize(
    ("price", "shown"), [(106_929, 107_000), (3_596, 3_600), (0.0336, 0.0336), (99.97, 100.0), (0, 0)]
)
def test_how_prices_are_rounded(price: float, shown: float):
    assert steady(price) == pytest.approx(shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_stays_below_twelve_lines_with_everything_on_and_old(board: Board, language: str):
    full = replace(
        board,
        standings=ALL_ON,
        premium=replace(board.premium, quality=Quality.DISPUTED, adjusted_pct=None, negative_streak=12),
        eth_btc=replace(board.eth_btc, quality=Quality.STALE),
        prices=tuple(replace(price, quality=Quality.STALE) for price in board.prices),
    )
    text = f"{pinned_text(words(language), full, EthBtcRules())}\n{as_of(words(language))}"
    assert len(text.split("\n")) <= 12
    shown = parse_html(text).text
    assert len(shown) < 4096
    assert "min" not in shown.split("\n")[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_any_data_it_says_that_there_is_none(language: str):
    with new_desk() as desk:
        empty = read_board(desk)
    text = pinned_text(words(language), empty, EthBtcRules())
    assert words(language)("gist.missing") in text


def test_its_buttons_lead_on():
    [row] = pinned_buttons(words())
    assert [button.data for button in row] == ["why", "status", "subscribe"]
