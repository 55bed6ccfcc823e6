"""Open interest and funding over venues, and the warnings `funding` and `relever`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.history.files import parse_funding
from signals.conditions import Alarm, Change, Standing
from signals.episode import Episode, Trough
from signals.facts import Instrument
from signals.funding import FundingWarning
from signals.gauges import Gauge, Measure, Series
from signals.left_out import left_out
from signals.leverage import funding_along, funding_at, mean_funding, totals
from signals.leverage_reading import Stance, read_leverage
from signals.market import Market
from signals.moments import to_ms
from signals.readings import Quality
from signals.rebuilt import rebuild, rebuilt_along
from signals.relever import Relever, ReleverRules
from signals.warnings import Backdrop, Episodes, Verdicts, WarningRule
from tests.signals.markets import START, joined, premium_of

HOUR = timedelta(hours=1)
FRAGILE = Verdicts((0,), ("fragile",))
DATA = Path(__file__).parents[2] / "../shared/data"


def told(measure: Measure, venues: Mapping[str, Sequence[tuple[float, float]]]) -> Market:
    """Numbers of BTC by venue as (hours after START, value)."""
    return Market().add(
        Gauge(Series(venue, "BTC", measure), START + hours * HOUR, value, START + hours * HOUR)
        for venue, rows in venues.items()
        for hours, value in rows
    )


def interest(**venues: Sequence[tuple[float, float]]) -> Market:
    return told(Measure.OPEN_INTEREST_USD, venues)


def funding(**venues: Sequence[tuple[float, float]]) -> Market:
    return told(Measure.FUNDING_8H, venues)


def at(hours: float) -> int:
    return to_ms(START + hours * HOUR)


def test_a_total_is_compared_only_over_the_venues_known_at_both_ends():
    market = interest(binance=[(0, 8.0), (24, 9.0)], okx=[(0, 4.0)], bybit=[(24, 5.0)])
    day = totals(market, "BTC", at(0), at(24))
    assert day is not None
    assert (day.venues, day.then_usd, day.now_usd) == (("binance",), 8.0, 9.0)
    assert totals(market, "BTC", at(0), at(30)) is None


def test_funding_is_weighted_by_open_interest_only_where_all_of_it_is_known():
    rates = funding(binance=[(1, 0.0001)], okx=[(1, 0.0004)])
    weighted = mean_funding(joined(rates, interest(binance=[(1, 3.0)], okx=[(1, 1.0)])), "BTC", at(1))
    plain = mean_funding(joined(rates, interest(binance=[(1, 3.0)])), "BTC", at(1))
    assert weighted is not None
    assert plain is not None
    assert weighted.is_weighted
    assert weighted.rate == pytest.approx(0.000175)
    assert not plain.is_weighted
    assert plain.rate == pytest.approx(0.00025)


@pytest.mark.parametrize(
    ("step", "age", "known"),
    [(1 / 12, 0.9, True), (1 / 12, 1.2, False), (8, 7.9, True), (8, 9.1, False)],
    ids=["polled", "polled, then silent", "settled", "a settlement overdue"],
)
def test_a_rate_stands_for_as_long_as_its_source_takes_between_two(step, age, known):
    market = funding(binance=[(n * step, 0.0001) for n in range(12)])
    assert (mean_funding(market, "BTC", at(11 * step + age)) is not None) == known


def judged(rule: WarningRule, market: Market, *ends: float, episodes: Episodes | None = None) -> list[Change]:
    standing, changes = Standing(), list[Change]()
    backdrop = Backdrop(FRAGILE, episodes or Episodes())
    for end in ends:
        found = rule.judge(standing, market, backdrop, at(end))
        standing = found.standing
        changes += found.changes
    return changes


def summed(changes: Iterable[Change]) -> list[tuple[str, str]]:
    return [(change.to_state, change.reason) for change in changes]


@pytest.mark.parametrize(
    ("rates", "states"),
    [
        ([0.0001, 0.0004], ["calm"]),
        ([0.0001, 0.0005, 0.0003, 0.0005, 0.0002], ["calm", "longs_pay", "calm"]),
        ([0.0, -0.0002, -0.00011, -0.00009], ["calm", "shorts_pay", "calm"]),
        ([0.0006, -0.0003], ["longs_pay", "shorts_pay"]),
    ],
    ids=["ordinary", "high, with a dip", "low", "from one end to the other"],
)
def test_funding_is_extreme_from_a_threshold_on_until_it_is_half_of_it(rates, states):
    market = funding(okx=[(n, rate) for n, rate in enumerate(rates)])
    assert [reason for _, reason in summed(judged(FundingWarning(), market, len(rates) - 0.5))] == states


def test_funding_that_is_heard_no_more_is_no_data():
    market = funding(okx=[(n / 12, 0.0001) for n in range(24)])
    assert summed(judged(FundingWarning(), market, 60)) == [
        (Alarm.OFF, "calm"),
        (Alarm.NO_DATA, "no_funding"),
    ]


SHOCK = Episode(
    opened_ms=at(26),
    reference_ms=at(24),
    btc_usd=110_000,
    eth_usd=None,
    low=Trough(105_000, at(27)),
    volume_change=1.0,
    known=("price", "volume"),
    fell_ms=at(26),
    told_low_usd=105_000,
    settled_low_usd=105_000,
    settled_ms=at(26),
)
OPEN = Episodes((0, SHOCK.opened_ms), (None, SHOCK))
FALL = [*((h, 100.0) for h in range(25)), (25, 98.0), (26, 93.0), (27, 90.0)]
"""Open interest of 100 before the shock, 90 at its lowest."""


def us_sells(hours: int, premium: float = -0.001) -> Market:
    return premium_of([(minute, premium) for minute in range(15, hours * 60 + 15, 15)])


def after(*levels: float) -> Market:
    """Open interest an hour after the low, two hours after it, and so on."""
    return interest(binance=[*FALL, *((28 + n, level) for n, level in enumerate(levels))])


def test_how_much_of_what_the_shock_took_is_back():
    found = rebuild(after(92.0, 95.0), SHOCK, "BTC", at(29))
    assert found is not None
    assert found.taken == pytest.approx(0.1)
    assert found.regained == pytest.approx(0.5)
    assert rebuild(after(92.0), None, "BTC", at(28)) is None
    assert rebuild(Market(), SHOCK, "BTC", at(28)) is None


@pytest.mark.parametrize(
    ("levels", "premium", "reasons"),
    [
        ([92.0, 93.9], -0.001, ["eased"]),
        ([92.0, 94.1], -0.001, ["eased", "rebuilt"]),
        ([92.0, 94.1], +0.001, ["eased"]),
        ([94.1, 93.1, 92.9], -0.001, ["eased", "rebuilt", "eased"]),
    ],
    ids=["not yet", "two fifths", "with US buyers", "hovers, then gives way"],
)
def test_leverage_is_rebuilt_where_two_fifths_are_back_while_the_us_sells(levels, premium, reasons):
    market = joined(after(*levels), us_sells(40, premium))
    changes = judged(Relever(), market, 28.4 + len(levels), episodes=OPEN)
    assert [change.reason for change in changes if change.reason != "no_interest"] == reasons


def test_two_days_after_the_shock_it_is_no_longer_a_rebuild():
    late = [(76, 91.0), (77, 99.0)]
    market = joined(interest(binance=[*FALL, (53, 90.0), *late]), us_sells(80))
    assert [c.reason for c in judged(Relever(), market, 77.5, episodes=OPEN)][-1] != "rebuilt"


def test_longs_that_pay_for_growing_positions_are_warned_of_without_a_shock():
    rising = interest(okx=[(h, 100.0 + h / 10) for h in range(40)])
    rates = funding(okx=[(h, 0.00012) for h in range(40)])
    found = judged(Relever(), joined(rising, rates, us_sells(40)), 39)
    assert found[-1].reason == "longs_pay_up"
    assert found[-1].evidence["interest_day_pct"] == pytest.approx(2.4, abs=0.1)


RISING = interest(okx=[(h, 100.0 + h / 10) for h in range(40)])


def test_what_longs_pay_in_a_quiet_market_is_nothing_to_warn_of():
    """0.01 % per eight hours is charged by every venue while its perpetual trades where spot does."""
    quiet = {venue: [(h, 0.0001) for h in range(40)] for venue in ("binance", "okx", "bybit")}
    everywhere = interest(**{venue: [(h, n + h / 10) for h in range(40)] for venue, n in WEIGHTS.items()})
    found = judged(Relever(), joined(everywhere, funding(**quiet), us_sells(40)), 39)
    assert [change.reason for change in found] == ["eased"]


@pytest.mark.parametrize(
    ("later", "reason"), [(0.00011, "longs_pay_up"), (0.0001, "eased"), (0.00008, "eased")]
)
def test_once_on_it_ends_where_longs_pay_no_more_than_in_a_quiet_market(later, reason):
    rates = funding(okx=[(h, 0.00012 if h < 30 else later) for h in range(40)])
    assert judged(Relever(), joined(RISING, rates, us_sells(40)), 39)[-1].reason == reason


def test_once_on_it_stays_while_open_interest_rises_a_little_less():
    slower = interest(okx=[(h, 100.0 + (h / 20 if h < 30 else 1.5 + (h - 30) / 40)) for h in range(50)])
    rates = funding(okx=[(h, 0.00012) for h in range(50)])
    found = [change.reason for change in judged(Relever(), joined(slower, rates, us_sells(50)), 45)]
    assert found == ["longs_pay_up"]


WEIGHTS = {"binance": 30.7, "okx": 11.3, "bybit": 20.9}


def test_without_the_us_premium_releveraging_is_neither_claimed_nor_denied():
    rates = funding(okx=[(h, 0.00012) for h in range(40)])
    found = judged(Relever(), joined(RISING, rates, us_sells(30)), 39)
    assert summed(found) == [
        (Alarm.ON, "longs_pay_up"),
        (Alarm.NO_DATA, "no_premium"),
    ]
    assert judged(Relever(), joined(RISING, rates), 39)[1:] == []


def test_without_funding_and_without_a_shock_there_is_nothing_to_judge():
    assert judged(Relever(), joined(RISING, us_sells(40)), 39) == []


def test_funding_that_open_interest_cannot_weigh_says_so():
    rates = funding(okx=[(h, 0.00012) for h in range(40)], bybit=[(h, 0.00014) for h in range(40)])
    found = judged(Relever(), joined(RISING, rates, us_sells(40)), 39)
    assert found[-1].evidence["unweighted_funding_8h"] == pytest.approx(0.00013)


def test_how_long_a_rebuild_counts_as_one_can_be_set():
    market = joined(interest(binance=[*FALL, (40, 99.0)]), us_sells(80))
    for within, reason in ((timedelta(hours=13), "eased"), (timedelta(hours=14), "rebuilt")):
        rule = Relever(ReleverRules(within=within))
        [*_, last] = judged(rule, joined(market, funding(binance=[(40, 0.0)])), 40.5, episodes=OPEN)
        assert last.reason == reason, within


def test_a_venue_that_falls_silent_rebuilds_nothing_and_takes_nothing():
    both = interest(binance=FALL, okx=FALL)
    [before] = rebuilt_along(both, "BTC", SHOCK.reference_ms, np.array([at(27.5)]))
    [after_it] = rebuilt_along(
        joined(both, interest(binance=[(h, 90.0) for h in range(28, 32)])),
        "BTC",
        SHOCK.reference_ms,
        np.array([at(31.5)]),
    )
    assert before is not None
    assert after_it is not None
    assert before[:2] == pytest.approx((0.1, 0.0))
    assert after_it[:2] == pytest.approx((0.1, 0.0))
    assert (before.venues, after_it.venues) == (("binance", "okx"), ("binance",))


def test_settled_funding_stands_as_long_whatever_is_polled_later():
    settled = funding(binance=[(n * 8, 0.0001) for n in range(5)])
    polled = joined(settled, funding(binance=[(40 + n / 12, 0.0001) for n in range(24)]))
    assert mean_funding(polled, "BTC", at(7.9)) == mean_funding(settled, "BTC", at(7.9)) is not None
    assert [c.reason for c in judged(FundingWarning(), polled, 41)] == ["calm"]


rows_of_a_venue = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 30), st.floats(1, 2)), max_size=30, unique_by=lambda r: r[0]
)


@given(rows_of_a_venue, st.lists(st.integers(0, 260), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_many_moments_at_once_are_the_same_as_one_by_one(rows, quarters):
    """Numbers may become known late, and in another order."""
    series = Series("okx", "BTC", Measure.FUNDING_8H)
    market = Market().add(
        Gauge(series, START + n * HOUR / 4, value, START + (n + late) * HOUR / 4) for n, late, value in rows
    )
    moments = np.array(sorted(at(n / 4) for n in quarters))
    along = funding_along(market, "BTC", moments)[1]
    one_by_one = [
        funding_at(market.known_by(moment), "BTC", moment).get("okx") for moment in moments.tolist()
    ]
    assert [None if np.isnan(value) else value for value in along.tolist()] == one_by_one


numbers = st.lists(st.tuples(st.integers(0, 300), st.sampled_from([90.0, 93.0, 95.0, 100.0])), max_size=25)
rates = st.lists(st.tuples(st.integers(0, 300), st.sampled_from([-3e-4, 0.0, 1.2e-4, 6e-4])), max_size=25)


@given(numbers, numbers, rates, st.lists(st.integers(0, 400), max_size=8))
@settings(max_examples=30, deadline=None)
def test_one_look_at_a_time_gives_the_same_as_all_at_once(first, second, some_rates, ends):
    def quarters(rows: Iterable[tuple[int, float]]) -> list[tuple[float, float]]:
        return [(n / 4, value) for n, value in rows]

    market = joined(
        interest(binance=[*FALL, *quarters(first)], okx=quarters(second)),
        funding(okx=quarters(some_rates)),
        us_sells(90),
    )
    for rule in (Relever(), FundingWarning()):
        pieces = judged(rule, market, *(end / 4 for end in sorted(ends)), 100, episodes=OPEN)
        assert pieces == judged(rule, market, 100, episodes=OPEN)


@pytest.mark.parametrize(
    ("rate", "levels", "stance"),
    [
        (-0.00002, [90.5], Stance.HEALTHY),
        (0.00002, [97.0], Stance.BUILDING),
        (-0.0002, [90.5], Stance.OPEN),
    ],
)
def test_slow_with_flat_funding_is_healthy_and_fast_is_not(rate, levels, stance):
    market = joined(after(*levels), funding(binance=[(28, rate)]))
    reading = read_leverage(market, SHOCK, START + 28 * HOUR)
    assert reading.stance is stance
    assert reading.rebuilt is not None
    assert reading.coins[0].total_usd == levels[-1]
    assert [venue.open_interest_usd for venue in reading.coins[0].venues] == [levels[-1], None, None]


@pytest.mark.parametrize(
    ("now", "stance"),
    [(100.5, Stance.HEALTHY), (102.0, Stance.OPEN), (103.0, Stance.BUILDING), (127.0, Stance.BUILDING)],
    ids=["barely", "rises", "as much as a shock takes", "soars"],
)
def test_without_a_shock_open_interest_that_soars_is_never_called_healthy(now, stance):
    market = joined(interest(binance=[(0, 100.0), (24, now)]), funding(binance=[(24, 0.00002)]))
    assert read_leverage(market, None, START + 24 * HOUR).stance is stance


def test_how_fast_it_is_rebuilt_is_unknown_without_open_interest_from_before_the_shock():
    late = interest(binance=[(h, 90.0) for h in range(25, 60)])
    market = joined(late, funding(binance=[(h, 0.00002) for h in range(25, 60)]))
    assert read_leverage(market, SHOCK, START + 55 * HOUR).stance is Stance.UNKNOWN
    assert read_leverage(market, None, START + 55 * HOUR).stance is Stance.HEALTHY


def test_without_any_number_nothing_is_claimed():
    reading = read_leverage(Market(), SHOCK, START)
    assert (reading.quality, reading.stance, reading.rebuilt) == (Quality.MISSING, Stance.UNKNOWN, None)


@pytest.mark.skipif(not DATA.is_dir(), reason="the recorded weeks are not here")
def test_over_the_recorded_weeks_settled_funding_was_never_extreme_and_its_absence_is_not_guessed():
    """Binance's settlements alone: -0.0085 % to +0.0100 % per eight hours."""
    path = DATA / "binance_perp_BTCUSDT_funding_8h.csv"
    perpetual = Instrument("binance", "BTC/USDT:USDT")
    with path.open(encoding="utf-8") as lines:
        market = Market().add(parse_funding(lines, perpetual, timedelta(hours=8)))
    rows = market.gauge("binance", "BTC", Measure.FUNDING_8H)
    assert len(rows) > 150
    until = datetime.fromisoformat("2025-11-14T00:00:00+00:00")
    found = FundingWarning().judge(Standing(), market, Backdrop(FRAGILE), to_ms(until))
    expected = [Alarm.OFF] if max(rows.value) < 0.0005 and min(rows.value) > -0.0002 else None
    assert [change.to_state for change in found.changes] == expected
    assert found.standing.evidence["mean_venues"] == ["binance"]
    assert any("relever" in sentence for sentence in left_out(market))
    assert Relever().judge(Standing(), market, Backdrop(FRAGILE), to_ms(until)).changes == ()
