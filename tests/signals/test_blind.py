"""`blind`: what cannot be seen is said once, and when it is back."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.blind import WATCH, Blind
from signals.conditions import Change, Standing, Verdict
from signals.disputes import series_of
from signals.facts import BINANCE_BTC, BINANCE_ETH, COINBASE_BTC, Instrument
from signals.gauges import Gauges
from signals.market import QUOTES, Market, Prices, Track
from signals.moments import DAY_MS, HOUR_MS, MINUTE_MS, iso
from signals.warnings import Backdrop, Verdicts
from tests.signals.markets import START_MS, flow, flows_of, joined

BACKDROP = Backdrop(Verdicts((0,), (Verdict.FRAGILE,)))
ALL = (COINBASE_BTC, BINANCE_BTC, BINANCE_ETH)
OPEN = 14 * 60 + 30
"""When the session of the first day opens, in minutes."""


def quotes(instrument: Instrument, minutes: list[int], late_ms: int = 0) -> Market:
    at = [START_MS + minute * MINUTE_MS for minute in minutes]
    return Market({Track(instrument, QUOTES): Prices.of((ms, ms + late_ms, 100.0) for ms in at)})


def every_minute(until: int, *away: range, of: tuple[Instrument, ...] = ALL, beside: bool = True) -> Market:
    """Quotes of all venues every minute; some of them are away now and then."""
    rest = [quotes(i, list(range(1, until))) for i in ALL if i not in of] if beside else []
    there = [m for m in range(1, until) if not any(m in gone for gone in away)]
    return joined(*rest, *(quotes(instrument, there) for instrument in of))


def judged(market: Market, ends: list[int]) -> list[Change]:
    standing = Standing()
    changes: list[Change] = []
    for minute in ends:
        outcome = Blind().judge(standing, market, BACKDROP, START_MS + minute * MINUTE_MS)
        standing, changes = outcome.standing, [*changes, *outcome.changes]
    return changes


def told(market: Market, until: int) -> list[tuple[int, str, str]]:
    changes = judged(market, [until])
    return [((c.at_ms - START_MS) // MINUTE_MS, c.to_state, c.reason) for c in changes][1:]


def test_a_feed_that_is_away_is_told_once_and_again_as_it_is_back():
    market = every_minute(400, range(190, 222), of=(BINANCE_BTC,))
    gone, back = judged(market, [399])[1:]

    assert told(market, 399) == [(199, "on", "silent"), (222, "off", "back")]
    assert gone.evidence == {
        "silent_feeds": [["binance BTC/USDT", "2025-11-24T03:09:00Z"]],
        "unjudged_conditions": ["premium", "eth_btc"],
    }
    assert back.evidence["over_outages"] == [
        ["binance BTC/USDT", "2025-11-24T03:09:00Z", "2025-11-24T03:42:00Z"]
    ]
    assert "coverage_share" not in back.evidence


def test_feeds_that_fail_together_are_one_message():
    market = every_minute(400, range(190, 222))
    gone, back = judged(market, [399])[1:]

    assert [feed for feed, _ in gone.evidence["silent_feeds"]] == list(map(str, ALL))
    assert len(back.evidence["over_outages"]) == 3


def test_another_feed_that_goes_is_told_and_all_that_were_away_when_the_last_one_is_back():
    one, other = (quotes(i, [m for m in range(1, 400) if m not in gone]) for i, gone in (
        (COINBASE_BTC, range(100, 130)), (BINANCE_BTC, range(110, 150)))
    )  # fmt: skip
    market = joined(one, other, quotes(BINANCE_ETH, list(range(1, 400))))

    assert told(market, 399) == [(109, "on", "silent"), (119, "on", "more"), (150, "off", "back")]
    assert len(judged(market, [399])[-1].evidence["over_outages"]) == 2


@pytest.mark.parametrize("length", [1, 5, 9])
def test_a_short_silence_is_none(length: int):
    assert told(every_minute(400, range(190, 190 + length), of=(BINANCE_BTC,)), 399) == []


def test_what_never_was_there_is_not_missed():
    assert told(quotes(BINANCE_BTC, list(range(1, 400))), 399) == []


def test_bars_are_waited_for_twice_their_length():
    at = [START_MS + minute * MINUTE_MS for minute in (60, 120, 240, 420, 480)]
    market = Market({Track(BINANCE_BTC, timedelta(hours=1)): Prices.of((ms, ms, 100.0) for ms in at)})

    assert told(market, 490) == [(360, "on", "silent"), (420, "off", "back")]


def test_when_it_is_back_it_says_how_much_of_todays_session_is_covered():
    market = every_minute(OPEN + 200, range(OPEN + 60, OPEN + 80), of=(COINBASE_BTC,))
    back = judged(market, [OPEN + 100])[-1]

    assert back.reason == "back"
    assert back.evidence["coverage_share"] == pytest.approx(60 / 80, abs=0.02)


def test_a_dispute_is_told_from_silence():
    at = START_MS + 195 * MINUTE_MS
    dispute = Market(gauges={series_of("BTC"): Gauges.of([(at, at, 1.0)])})
    market = joined(every_minute(400, range(190, 222), of=(BINANCE_BTC, COINBASE_BTC)), dispute)

    assert told(market, 399)[0] == (199, "on", "disputed")


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ((24, 25, 26), []),
        # Thursday is a holiday: Friday's number is due on Saturday, and missed after midnight.
        ((24, 25), ["2025-11-28T00:00:00Z"]),
    ],
)
def test_flows_are_missed_only_where_there_was_a_session(days: tuple[int, ...], expected: list[str]):
    market = flows_of(*(flow(date(2025, 11, day), 10.0) for day in days))
    changes = Blind().judge(Standing(), market, BACKDROP, START_MS + 5 * DAY_MS + 20 * HOUR_MS).changes

    assert [iso(c.at_ms) for c in changes if c.to_state == "on"] == expected


def test_a_pause_of_the_bots_own_is_told_though_no_feed_was_away():
    at = START_MS + 222 * MINUTE_MS
    market = joined(every_minute(400), Market(gauges={WATCH: Gauges.of([(at, at, 32 * 60.0)])}))
    [pause] = judged(market, [399])[1:]

    assert (pause.from_state, pause.to_state, pause.reason) == ("off", "off", "not_watched")
    assert pause.evidence == {"unwatched_span": ["2025-11-24T03:10:00Z", "2025-11-24T03:42:00Z"]}


def test_an_outage_that_is_filled_in_ends_with_the_next_look():
    standing, until = Standing(), START_MS + 210 * MINUTE_MS
    away = Blind().judge(standing, every_minute(190), BACKDROP, until)
    filled = Blind().judge(away.standing, every_minute(212), BACKDROP, until + MINUTE_MS)

    assert [c.reason for c in filled.changes] == ["back"]
    assert filled.standing.settled == "off"


@given(
    st.lists(st.tuples(st.sampled_from(ALL), st.integers(1, 380), st.integers(1, 90)), max_size=6),
    st.lists(st.integers(1, 480), max_size=25),
    st.sampled_from([0, 700, 61_000]),
)
def test_however_time_is_cut_the_same_is_told(gaps, ends, late_ms):
    market = joined(
        *(
            quotes(
                i,
                [m for m in range(1, 400) if not any(v == i and a <= m < a + n for v, a, n in gaps)],
                late_ms,
            )
            for i in ALL
        )
    )
    assert judged(market, [*sorted(ends), 480]) == judged(market, [480])
