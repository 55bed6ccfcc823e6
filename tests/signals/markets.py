"""Markets made up for tests: a few sessions long, with gaps, live quotes, bars of two steps and ETF flows."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import strategies as st

from signals.adl_states import LOOKS, STATES
from signals.calendar import sessions
from signals.facts import BINANCE_BTC, BINANCE_ETH, COINBASE_BTC, COINBASE_USDT, EtfFlow, Instrument
from signals.gauges import Gauges, Measure, Series
from signals.levels import Band, Levels, LevelsSet
from signals.market import QUOTES, Bars, Market, Prices, Track
from signals.moments import DAY_MS, MINUTE_MS, SECOND_MS, to_ms
from signals.notices import Notice, NoticeKind

START = datetime(2025, 11, 24, tzinfo=UTC)
"""A Monday: Thursday of that week is Thanksgiving, Friday a half day."""

START_MS = to_ms(START)


def bars(instrument: Instrument, step: timedelta, closes: Sequence[tuple[int, float]]) -> Market:
    """Bars from (minute after START at which it closes, price)."""
    rows = ((START_MS + minute * MINUTE_MS, price) for minute, price in closes)
    return Market({Track(instrument, step): Prices.of((at, at, price) for at, price in rows)})


def joined(*markets: Market) -> Market:
    """All their facts."""
    result = Market()
    for market in markets:
        result = result.joined(market)
    return result


def premium_of(values: Sequence[tuple[int, float]], step_minutes: int = 15) -> Market:
    """A market whose premium, as a fraction, is `value` at each (minute after START, value)."""
    step = timedelta(minutes=step_minutes)
    return joined(
        bars(COINBASE_BTC, step, [(minute, 100_000 * (1 + value)) for minute, value in values]),
        bars(BINANCE_BTC, step, [(minute, 100_000.0) for minute, _ in values]),
    )


def session_minutes(day: date, step_minutes: int = 15) -> list[int]:
    """The minutes after START at which the bars of a session close."""
    [session] = sessions(day, day)
    opens, closes = (
        int((moment - START) / timedelta(minutes=1)) for moment in (session.opens, session.closes)
    )
    return list(range(opens + step_minutes, closes + 1, step_minutes))


def ratio_of(values: Sequence[tuple[int, float]], step_minutes: int = 60) -> Market:
    """A market whose ETH/BTC is `value` at each (minute after START, value)."""
    step = timedelta(minutes=step_minutes)
    return joined(
        bars(BINANCE_ETH, step, [(minute, 100_000 * value) for minute, value in values]),
        bars(BINANCE_BTC, step, [(minute, 100_000.0) for minute, _ in values]),
    )


def flow(day: date, total_musd: float, source: str = "test", after: timedelta = timedelta(days=1)) -> EtfFlow:
    """A final flow, known at 13:30 UTC on the day after its session."""
    known_at = datetime(day.year, day.month, day.day, 13, 30, tzinfo=UTC) + after
    return EtfFlow("BTC", day, source, total_musd * 1e6, known_at, known_at)


def flows_of(*flows: EtfFlow) -> Market:
    """A market of nothing but ETF flows."""
    return Market(flows={"BTC": flows})


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """A week or two of everything at once, with outages of any length and late answers."""
    days = draw(st.integers(2, 12))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    minutes = np.arange(1, days * 24 * 60 + 1)
    btc = 100_000 * np.exp(np.cumsum(random.normal(0, 4e-4, len(minutes))))
    volume = random.uniform(0.5, 1.5, len(minutes))
    for _ in range(draw(st.integers(0, 2))):
        _crash(draw, minutes, btc, volume)
    eth = btc * 0.035 * np.exp(np.cumsum(random.normal(0, 3e-4, len(minutes))))
    wave = 4e-4 * np.sin(minutes / draw(st.floats(100, 3000))) + random.normal(0, 5e-5, len(minutes))
    away = _outages(draw, len(minutes))
    prices, shapes = {}, {}
    for instrument, price, steps in (
        (COINBASE_BTC, btc * (1 + wave), (5,)),
        (BINANCE_BTC, btc, (5, 15)),
        (BINANCE_ETH, eth, (15,)),
        (COINBASE_USDT, np.full(len(minutes), 0.9995), (60,)),
    ):
        for step in steps:
            there = (minutes % step == 0) & ~away
            at = START_MS + minutes[there] * MINUTE_MS
            track = Track(instrument, timedelta(minutes=step))
            prices[track] = Prices(at, at, price[there])
            if instrument in {BINANCE_BTC, BINANCE_ETH}:
                shapes[track] = Bars(at, at, *_shapes(price, volume, step, there))
        prices[Track(instrument, QUOTES)] = _quotes(random, minutes, price, away)
    sessions_ = sessions(START.date(), (START + timedelta(days=days)).date())
    flows = [
        flow(s.day, draw(st.sampled_from((-300, -1, 0, 1, 300))))
        for s in sessions_
        if draw(st.integers(0, 9))
    ]
    levels = draw(st.lists(_levels_set(days), max_size=4))
    notices = draw(st.lists(_announcement(days) | _exploit(days), max_size=5))
    gauges = {**_adl_states(draw, days), **_numbers(draw, days)}
    return Market(prices, {"BTC": tuple(flows)}, shapes, tuple(levels), gauges, tuple(notices))


def _adl_states(draw: st.DrawFn, days: int) -> dict[Series, Gauges]:
    """States that go up now and then, and looks at announcements, with silences; some are known late."""
    states = {}
    for series in draw(st.lists(st.sampled_from((*STATES, *LOOKS)), max_size=3, unique=True)):
        random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        minutes = np.cumsum(random.choice([1, 5, 5, 5, 20, 45, 500], size=days * 60))
        at = START_MS + minutes[minutes <= days * 24 * 60] * MINUTE_MS
        risk = random.choice([0, 0, 0, 1, 2], size=len(at)).repeat(6)[: len(at)].astype(float)
        states[series] = Gauges(at, at + random.integers(0, 20, len(at)) * SECOND_MS, risk)
    return states


_NUMBERS = {
    Series("binance", "BTC", Measure.OPEN_INTEREST_USD): (9e9, 9.5e9, 10e9),
    Series("okx", "BTC", Measure.OPEN_INTEREST_USD): (3e9, 3.3e9),
    Series("binance", "BTC", Measure.FUNDING_8H): (-3e-4, 0.0, 1.5e-4, 6e-4),
    Series("okx", "BTC", Measure.FUNDING_8H): (-1e-4, 2e-4),
    Series("binance", "BTC", Measure.DEPTH_1PCT_USD): (10e6, 20e6, 22e6),
    Series("bybit", "ALL", Measure.LIQUIDATIONS_HEARD_SECONDS): (300.0,),
    Series("bybit", "ALL", Measure.LIQUIDATED_LONG_USD): (1e6, 200e6),
    Series("newyorkfed", "fed", Measure.REPO_USD): (1e9, 30e9),
}


def _numbers(draw: st.DrawFn, days: int) -> dict[Series, Gauges]:
    """What is neither price nor flow, every hour or few, with holes; some is known late."""
    found = {}
    for series in draw(st.lists(st.sampled_from(list(_NUMBERS)), max_size=5, unique=True)):
        random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        minutes = np.cumsum(random.choice([50, 55, 180, 300, 900], size=days * 8))
        at = START_MS + minutes[minutes <= days * 24 * 60] * MINUTE_MS
        values = random.choice(_NUMBERS[series], size=len(at))
        found[series] = Gauges(at, at + random.integers(0, 40, len(at)) * SECOND_MS, values)
    return found


@st.composite
def _exploit(draw: st.DrawFn, days: int) -> Notice:
    """An exploit, known hours or days after it happened; amounts are revised."""
    known_at = START + timedelta(hours=draw(st.integers(0, days * 24)))
    at, name = known_at - timedelta(hours=draw(st.sampled_from((3, 30, 300)))), draw(st.sampled_from("ab"))
    amount = draw(st.sampled_from((None, 20e6, 60e6, 128e6)))
    return Notice(NoticeKind.EXPLOIT, "defillama", f"d {name}", at, name, "", known_at, amount)


@st.composite
def _announcement(draw: st.DrawFn, days: int) -> Notice:
    """An announcement, known at once, late, or only when the bot first looked."""
    at = START + timedelta(minutes=draw(st.integers(-60, days * 24 * 60)))
    known_at = at + timedelta(minutes=draw(st.sampled_from((0, 1, 9, 300, 4_000))))
    source, key = draw(st.sampled_from(("okx", "bybit"))), draw(st.sampled_from("abc"))
    return Notice(
        NoticeKind.ANNOUNCEMENT, source, key, at, "Adjustments to ADL", "https://x.example", known_at
    )


@st.composite
def _levels_set(draw: st.DrawFn, days: int) -> LevelsSet:
    """Levels around the price where the made-up markets begin, set at any moment, or taken back."""
    known_at = START + timedelta(minutes=draw(st.integers(0, days * 24 * 60)))
    if not draw(st.integers(0, 5)):
        return LevelsSet(None, known_at)
    high_usd = draw(st.integers(97_000, 101_000))
    support, rally = Band(high_usd - 1_500, high_usd), Band(high_usd + 1_000, high_usd + 2_500)
    return LevelsSet(Levels(support, high_usd - 3_000, rally), known_at)


def _crash(
    draw: st.DrawFn,
    minutes: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    price: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    volume: "np.ndarray[tuple[int], np.dtype[np.float64]]",
) -> None:
    """Some hours in which the price falls by up to a sixth and much more is traded."""
    start, hours = draw(st.integers(0, len(minutes) - 1)), draw(st.integers(1, 30))
    down = np.interp(minutes, [start, start + 60 * hours], [0, draw(st.floats(0.02, 0.17))])
    price *= 1 - down
    volume[start : start + 60 * hours] *= draw(st.floats(1.5, 6))


def _shapes(
    price: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    volume: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    step: int,
    there: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
) -> "list[np.ndarray[tuple[int], np.dtype[np.float64]]]":
    """Highs, lows and volumes of the bars of a step that are there."""
    whole = len(price) // step * step
    by_bar = price[:whole].reshape(-1, step), volume[:whole].reshape(-1, step)
    kept = there[step - 1 :: step][: whole // step]
    return [by_bar[0].max(axis=1)[kept], by_bar[0].min(axis=1)[kept], by_bar[1].sum(axis=1)[kept]]


def _outages(draw: st.DrawFn, length: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    away = np.zeros(length, bool)
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, length - 1))
        away[start : start + draw(st.integers(1, 2 * 24 * 60))] = True
    return away


def _quotes(
    random: np.random.Generator,
    minutes: np.ndarray[tuple[int], np.dtype[np.int64]],
    price: np.ndarray[tuple[int], np.dtype[np.float64]],
    away: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> Prices:
    """Live quotes on the last day only, each known up to 90 seconds after its moment."""
    live = (minutes > minutes[-1] - 24 * 60) & ~away
    at = START_MS + minutes[live] * MINUTE_MS - random.integers(0, 50, live.sum()) * SECOND_MS
    return Prices(at, at + random.integers(0, 90, live.sum()) * SECOND_MS, price[live])


def moments(days: int = 14) -> st.SearchStrategy[list[int]]:
    """Moments at which to judge, ascending, the last one after everything."""
    inside = st.lists(st.integers(START_MS, START_MS + days * DAY_MS), max_size=40)
    return inside.map(lambda chosen: [*sorted(chosen), START_MS + days * DAY_MS])
