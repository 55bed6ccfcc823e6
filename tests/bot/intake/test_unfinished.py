"""What was heard in the last minutes of a run, and a start soon after or long after."""

from datetime import timedelta

import pytest

from bot.intake.fetching import Collector
from bot.intake.unfinished import put_down, take_up
from signals.feeds.liquidation_totals import STRETCH
from signals.gauges import Gauge, Measure, Series
from signals.moments import to_ms
from storage.market import load_market
from tests.bot.intake.round import new_collector
from tests.signals.feeds.moments import NOW, Clock
from tests.venues import Venues

BEGINS = NOW.replace(minute=30, second=0)
HEARD, LONG = Measure.LIQUIDATIONS_HEARD_SECONDS, Measure.LIQUIDATED_LONG_USD


def hear(collector: Collector, longs_usd: float) -> None:
    """A minute of listening to OKX."""
    now = collector.now
    ends = BEGINS + ((now - BEGINS) // STRETCH + 1) * STRETCH
    told = {HEARD: 60.0, LONG: longs_usd}
    heard = [Gauge(Series("okx", "ALL", measure), ends, value, now) for measure, value in told.items()]
    collector.connections.listeners["okx"].resume(heard)


def stored(collector: Collector) -> dict[tuple[int, Measure], float]:
    """The totals, each with the minute at which its five end."""
    return {
        ((at_ms - to_ms(BEGINS)) // 60_000, series.measure): value
        for series, rows in load_market(collector.db).gauges.items()
        for at_ms, value in zip(rows.at_ms.tolist(), rows.value.tolist(), strict=True)
    }


@pytest.mark.parametrize(
    ("pause", "wanted"),
    [
        (timedelta(seconds=90), {(5, HEARD): 120, (5, LONG): 300}),
        (STRETCH, {(5, HEARD): 60, (5, LONG): 100, (10, HEARD): 60, (10, LONG): 200}),
    ],
    ids=["within the same five minutes", "in the next ones"],
)
async def test_a_restart_adds_to_what_is_stored_of_the_same_five_minutes(
    collector: Collector, venues: Venues, clock: Clock, pause: timedelta, wanted: dict[object, float]
) -> None:
    clock.now = BEGINS
    hear(collector, 100)
    put_down(collector.db, collector.connections)

    clock.now += pause
    again = new_collector(collector.db, clock, venues)
    async with again.connections:
        take_up(again.db, again.connections)
        hear(again, 200)
        put_down(again.db, again.connections)
        put_down(again.db, again.connections)

    assert stored(collector) == wanted


async def test_what_is_stored_of_minutes_that_are_not_over_is_known_when_they_are(
    collector: Collector, clock: Clock
) -> None:
    clock.now = BEGINS
    hear(collector, 100)
    put_down(collector.db, collector.connections)
    gauges = load_market(collector.db).gauges
    assert gauges
    assert all((rows.known_ms >= rows.at_ms).all() for rows in gauges.values())
