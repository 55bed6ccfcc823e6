"""A market that was read while facts came in is the market of all facts, whenever it was read."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from signals.facts import BINANCE_BTC, COINBASE_BTC, Candle, EtfFlow, Fact, Quote
from signals.gauges import Gauge, Measure, Series
from signals.levels import Band, Levels, LevelsSet
from signals.market import Market
from signals.notices import Notice, NoticeKind
from signals.reread import caught_up
from tests.signals.markets import START

MINUTE = timedelta(minutes=1)

moments = st.integers(0, 12).map(lambda minute: START + minute * MINUTE)
prices = st.sampled_from([1.0, 2.0, 3.0])
instruments = st.sampled_from([COINBASE_BTC, BINANCE_BTC])
quotes = st.builds(
    lambda i, at, p, late: Quote(i, at, p, p, at + late * MINUTE),
    instruments,
    moments,
    prices,
    st.integers(0, 3),
)
candles = st.builds(lambda i, at, p: Candle(i, 5 * MINUTE, at, p, p, p, p, p), instruments, moments, prices)
gauges = st.builds(
    lambda at, value: Gauge(Series("okx", "BTC", Measure.OPEN_INTEREST_USD), at, value, at), moments, prices
)
flows = st.builds(lambda at, usd: EtfFlow("BTC", at.date(), "test", usd, at), moments, prices)
levels = st.builds(
    lambda at, p: LevelsSet(Levels(Band(p, p + 1), 0.5, Band(8.0, 9.0)), at, set_by=1), moments, prices
)
notices = st.builds(
    lambda at: Notice(NoticeKind.ANNOUNCEMENT, "okx", "a", at, "title", "https://okx.example/a", at), moments
)
facts = st.lists(quotes | candles | gauges | flows | levels | notices, max_size=25)


def told(market: Market) -> dict[str, object]:
    """The market as lists; of facts that are there once or more once."""
    columns = {
        f"{kind} {key}": [column.tolist() for column in rows.columns()]
        for kind in ("prices", "bars", "gauges")
        for key, rows in getattr(market, kind).items()
    }
    listed = (*market.flows.get("BTC", ()), *market.levels, *market.notices)
    return {**columns, "facts": sorted(set(map(repr, listed)))}


@settings(max_examples=60, deadline=None)
@given(facts, facts, facts)
def test_it_is_the_market_of_all_facts_whatever_was_read_of_those_that_came_meanwhile(
    at_first: list[Fact], then_read: list[Fact], then_not: list[Fact]
) -> None:
    """One fact at a time, as they come: those in the middle are in both."""
    before = now = Market().add(at_first)
    for fact in (*then_read, *then_not):
        now = now.add([fact])
    read = before.add(then_read)
    assert told(caught_up(read, before, now)) == told(now)
    assert told(caught_up(before, before, now)) == told(now)


@settings(max_examples=20, deadline=None)
@given(facts, facts)
def test_what_is_not_stored_any_more_is_gone(kept: list[Fact], gone: list[Fact]) -> None:
    before = Market().add(gone)
    assert told(caught_up(Market().add(kept), before, before)) == told(Market().add(kept))


def test_levels_that_were_read_from_storage_meanwhile_are_there_once() -> None:
    """Another process set some: the leader takes all of them anew, as other objects."""
    first, second = (
        LevelsSet(Levels(Band(p, p + 1), 0.5, Band(8.0, 9.0)), START, set_by=1) for p in (1.0, 2.0)
    )
    again = LevelsSet(first.levels, START, set_by=1)
    found = caught_up(Market(levels=(first,)), Market(levels=(first,)), Market(levels=(again, second)))
    assert found.levels == (first, second)
