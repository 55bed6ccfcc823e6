"""What other venues contradict is nowhere taken for true: not drawn, not previewed, not compared."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest

from bot.charts.btc import VENUES
from bot.charts.curves import price_curve
from bot.commands.own_draft import tried
from bot.commands.table import answer
from bot.desk import Desk
from bot.pictures.chart import picture_of
from bot.playground.markup import parse_html
from bot.settings import Settings
from bot.verbs.replaying import replay_stored
from signals.conditions import Change, Kind
from signals.disputes import disputed_spans, series_of
from signals.facts import BINANCE_BTC, BINANCE_ETH, COINBASE_BTC, KRAKEN_BTC, Candle, Instrument
from signals.gauges import Gauge
from signals.market import Market, Prices, Track
from signals.moments import HOUR_MS, to_ms
from signals.own.grammar import parse
from storage.alerts import raise_alert
from storage.market import save_facts
from tests.bot.desks import NOW, ask_of, market_of_two_days, new_desk

FIVE, HOUR, DAY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)
LIED_FROM_MS = to_ms(NOW) - 2 * HOUR_MS
TRUE_USD, LIE_USD = 106_900.0, 60_000.0


def lied_to() -> Market:
    """For two hours Binance says something else of BTC than the two others."""
    market = market_of_two_days()
    honest = market.track(BINANCE_BTC, FIVE)
    false = np.where(honest.at_ms > LIED_FROM_MS, LIE_USD, honest.price)
    lie = Prices(honest.at_ms, honest.known_ms, false)
    return market.joined(
        Market({Track(KRAKEN_BTC, FIVE): market.track(COINBASE_BTC, FIVE), Track(BINANCE_BTC, FIVE): lie})
    )


@pytest.fixture
def desk() -> Iterator[Desk]:
    with new_desk(lied_to()) as desk:
        yield desk


async def said(desk: Desk, command: str, *args: str) -> str:
    return parse_html((await answer(ask_of(desk, *args), command)).text).text


async def test_a_chart_draws_no_lie(desk: Desk) -> None:
    picture = picture_of(ask_of(desk).words, desk, "btc", DAY)
    curve = price_curve(picture.market, VENUES, to_ms(NOW) - 24 * HOUR_MS, to_ms(NOW))
    assert curve.low_end > TRUE_USD * 0.9


async def test_a_preview_does_not_fire_on_one(desk: Desk) -> None:
    preview = await tried(ask_of(desk), parse("btc < 90000", NOW))
    assert preview.firings == ()
    assert preview.now == {}


async def test_levels_and_examples_name_none(desk: Desk) -> None:
    for command in ("levels", "alert", "compare"):
        assert "60,000" not in await said(desk, command)
        assert "58,800" not in await said(desk, command, *(("btc",) if command == "alert" else ()))


def stored(instrument: Instrument, prices: list[float], step: timedelta = HOUR) -> list[Candle]:
    begins = NOW.replace(minute=0) - timedelta(days=80)
    return [Candle(instrument, step, begins + n * step, p, p, p, p, 1.0) for n, p in enumerate(prices)]


async def test_the_scorecard_counts_none_out_of_storage() -> None:
    """Binance doubles while the others stand; of the hour after it was told there is no price then."""
    flat, doubled = [100.0] * 60, [100.0] * 10 + [200.0] * 50
    with new_desk(Market()) as desk:
        save_facts(desk.db, [*stored(COINBASE_BTC, flat), *stored(KRAKEN_BTC, flat)])
        save_facts(desk.db, [*stored(BINANCE_BTC, doubled), *stored(BINANCE_ETH, flat)])
        at = NOW.replace(minute=0) - timedelta(days=80) + 10 * HOUR
        change = Change(to_ms(at), Kind.CONDITION, "premium", "unmet", "met", "session_positive", {})
        raise_alert(desk.db, at, at, [change])
        text = await said(desk, "scorecard", "premium")
    assert "100.0 %" not in text
    assert "BTC not known" in text
    assert "ETH 0.0 %" in text


def test_the_tolerance_that_is_set_reaches_a_replay() -> None:
    """Two venues five percent apart: believed by whoever says that so much is no contradiction."""
    with new_desk(Market()) as desk:
        save_facts(desk.db, stored(COINBASE_BTC, [100.0] * 1_200, FIVE))
        save_facts(desk.db, stored(BINANCE_BTC, [105.0] * 1_200, FIVE))
        since, until = NOW - timedelta(days=80), NOW
        prices = []
        for tolerance in (0.02, 0.1):
            chosen = Settings(_env_file=None, AFTERSHOCK_QUORUM_TOLERANCE=tolerance)  # type: ignore[call-arg]  # pydantic's own
            replayed = replay_stored(desk.db, chosen, since, until)
            premium = [c for c in replayed.replay.changes if c.id == "premium"]
            prices.append((len(replayed.market.track(BINANCE_BTC, FIVE)), bool(premium)))
    assert prices == [(0, False), (1_200, True)]


async def test_a_chart_hatches_the_time_of_a_dispute(desk: Desk) -> None:
    """And says why, in either language; without one it looks as before."""
    plain = picture_of(ask_of(desk).words, desk, "btc", DAY)
    begins = NOW - timedelta(hours=2)
    told = [Gauge(series_of("BTC"), begins + timedelta(minutes=5 * n), 1.0, begins) for n in range(9)]
    desk.market = desk.market.add([*told, Gauge(series_of("BTC"), begins + HOUR, 0.0, begins + HOUR)])
    hatched = picture_of(ask_of(desk).words, desk, "btc", DAY)
    assert list(disputed_spans(hatched.market, "BTC", to_ms(NOW))) == [
        (to_ms(begins), to_ms(begins + timedelta(minutes=50)))
    ]
    assert hatched.words.disputed == "sources disagree"
    assert plain.drawn() != hatched.drawn()
