from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from signals.facts import BINANCE_BTC, BINANCE_ETH, COINBASE_BTC, COINBASE_USDT, KRAKEN_BTC, Instrument
from signals.feeds.exchange import Exchanges
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.venues import VENUES
from tests.signals.feeds.moments import NOW, Clock
from tests.venues import Fault, Venues

BAR = timedelta(minutes=5)
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
EIGHT_DAYS = 8 * 24 * 12 - 1
"""Neither the bar that was open when they began nor the one that is open now is among them."""
LAST_CLOSED = datetime(2026, 11, 20, 14, 25, tzinfo=UTC)

ONE_OF_EACH_VENUE = pytest.mark.parametrize("instrument", [COINBASE_BTC, BINANCE_BTC, KRAKEN_BTC], ids=str)


@ONE_OF_EACH_VENUE
@pytest.mark.parametrize("timeframe", [BAR, QUARTER, HOUR], ids=str)
async def test_every_closed_bar_comes_once_and_in_order(
    instrument: Instrument, timeframe: timedelta, exchanges: Exchanges
) -> None:
    since = NOW - 50 * timeframe

    bars = await exchanges.fetch_candles(instrument, timeframe, since)

    assert since <= bars[0].opened_at < since + timeframe
    assert NOW - timeframe < bars[-1].at <= NOW
    assert {later.opened_at - earlier.opened_at for earlier, later in pairwise(bars)} == {timeframe}
    assert {(bar.instrument, bar.timeframe) for bar in bars} == {(instrument, timeframe)}


@ONE_OF_EACH_VENUE
async def test_a_bar_is_read_as_the_venue_wrote_it(
    instrument: Instrument, exchanges: Exchanges, venues: Venues
) -> None:
    venues.bars[instrument] = {LAST_CLOSED: (100.0, 130.0, 90.0, 120.0, 7.5)}

    [bar] = await exchanges.fetch_candles(instrument, BAR, LAST_CLOSED)

    assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == (100.0, 130.0, 90.0, 120.0, 7.5)
    assert (bar.opened_at, bar.known_at) == (LAST_CLOSED, LAST_CLOSED + BAR)


@pytest.mark.parametrize(("instrument", "pages"), [(COINBASE_BTC, 8), (BINANCE_BTC, 3)], ids=str)
async def test_a_week_is_fetched_page_by_page(
    instrument: Instrument, pages: int, exchanges: Exchanges, venues: Venues
) -> None:
    since = NOW - timedelta(days=8)

    bars = await exchanges.fetch_candles(instrument, BAR, since)

    assert len(bars) == EIGHT_DAYS
    assert len(venues[instrument.venue].requests) == pages


async def test_kraken_gives_the_720_bars_that_it_keeps(exchanges: Exchanges, venues: Venues) -> None:
    bars = await exchanges.fetch_candles(KRAKEN_BTC, BAR, NOW - timedelta(days=30))

    assert 719 <= len(bars) <= 720
    assert len(venues["kraken"].requests) <= 2


async def test_bars_from_one_moment_to_another(exchanges: Exchanges) -> None:
    since, until = NOW - timedelta(days=2), NOW - timedelta(days=1)

    bars = await exchanges.fetch_candles(BINANCE_ETH, BAR, since, until)

    assert len(bars) == 287
    assert bars[0].opened_at >= since
    assert bars[-1].at <= until


async def test_an_outage_of_a_whole_page_does_not_end_the_history(
    exchanges: Exchanges, venues: Venues
) -> None:
    outage_began = LAST_CLOSED - timedelta(days=3)
    venues.absent = {outage_began + n * BAR for n in range(VENUES["coinbaseexchange"].page * 2)}

    bars = await exchanges.fetch_candles(COINBASE_BTC, BAR, outage_began)

    assert bars[0].opened_at == outage_began + 600 * BAR
    assert bars[-1].opened_at == LAST_CLOSED


async def test_a_bar_that_is_open_by_the_venues_clock_is_not_closed_because_ours_is_ahead(
    exchanges: Exchanges, venues: Venues, clock: Clock
) -> None:
    venues["binance"].answer_date = NOW
    clock.now = NOW + timedelta(minutes=4)

    bars = await exchanges.fetch_candles(BINANCE_BTC, BAR, LAST_CLOSED)

    assert [bar.opened_at for bar in bars] == [LAST_CLOSED]


async def test_a_clock_behind_the_venues_only_makes_bars_come_later(
    exchanges: Exchanges, venues: Venues, clock: Clock
) -> None:
    venues["binance"].answer_date = NOW
    clock.now = NOW - timedelta(minutes=10)

    bars = await exchanges.fetch_candles(BINANCE_BTC, BAR, LAST_CLOSED - HOUR)

    assert bars[-1].at <= clock.now


@pytest.mark.parametrize(("seconds", "warnings"), [(-61, 1), (-59, 0), (0, 0), (59, 0), (61, 1)])
async def test_a_clock_that_is_wrong_by_more_than_a_minute_is_told_of_once(
    seconds: int, warnings: int, exchanges: Exchanges, venues: Venues, caplog: pytest.LogCaptureFixture
) -> None:
    venues["kraken"].answer_date = NOW - timedelta(seconds=seconds)

    for _ in range(2):
        await exchanges.fetch_quotes("kraken")

    assert caplog.text.count("the clock here says") == warnings


async def test_nothing_has_closed_yet(exchanges: Exchanges, venues: Venues) -> None:
    assert await exchanges.fetch_candles(COINBASE_USDT, BAR, NOW) == ()
    assert venues["coinbaseexchange"].requests == []


@pytest.mark.parametrize(
    ("bar", "why"),
    [
        ((100.0, 130.0, 90.0, float("nan"), 1.0), "not a number"),
        ((100.0, 130.0, 0.0, 120.0, 1.0), "zero"),
        ((100.0, 130.0, -90.0, 120.0, 1.0), "negative"),
        ((100.0, 110.0, 90.0, 120.0, 1.0), "the close above the high"),
        ((80.0, 130.0, 90.0, 120.0, 1.0), "the open below the low"),
    ],
)
async def test_a_bar_that_cannot_be_is_malformed(
    bar: tuple[float, float, float, float, float], why: str, exchanges: Exchanges, venues: Venues
) -> None:
    venues.bars[BINANCE_BTC] = {LAST_CLOSED: bar}

    with pytest.raises(FeedError) as caught:
        await exchanges.fetch_candles(BINANCE_BTC, BAR, LAST_CLOSED)

    assert caught.value.kind is FailureKind.MALFORMED, why


@pytest.mark.parametrize(
    "fault", [Fault.WRONG_TYPES, Fault.HTML, Fault.EMPTY, Fault.CUT, Fault.BROKEN, Fault.RATE_LIMITED]
)
@ONE_OF_EACH_VENUE
async def test_a_broken_answer_is_a_failure_and_never_an_empty_history(
    instrument: Instrument, fault: Fault, exchanges: Exchanges, venues: Venues
) -> None:
    venues[instrument.venue].fault = fault

    with pytest.raises(FeedError):
        await exchanges.fetch_candles(instrument, BAR, LAST_CLOSED)


async def test_history_comes_from_the_other_host_where_binance_is_geo_blocked(
    exchanges: Exchanges, venues: Venues
) -> None:
    venues["binance"].fault = Fault.GEO_BLOCKED

    bars = await exchanges.fetch_candles(BINANCE_BTC, BAR, NOW - timedelta(days=8))

    assert len(bars) == EIGHT_DAYS
    assert (len(venues["binance"].requests), len(venues["binance_vision"].requests)) == (1, 3)
