"""What of states and announcements is kept, and from when on it counts as known."""

from datetime import timedelta

from bot.intake.collect import collect
from bot.intake.fetching import Collector
from bot.intake.schedule import JOBS
from signals.adl_states import VENUES
from signals.facts import Fact
from signals.feeds.feed import Brings
from signals.feeds.table import FEEDS
from signals.gauges import Gauge, Measure
from signals.notices import Notice
from storage.market import load_market
from tests.bot.intake.round import health, later, named
from tests.signals.feeds.moments import NOW, Clock
from tests.venues import Fault, Venues

STATES = named("binance ADL", "bybit ADL", "okx ADL")
OKX = named("okx announcements en-US")
ALL = [feed for feed in FEEDS if feed.brings is Brings.ANNOUNCEMENTS]
MINUTE = timedelta(minutes=1)


def told(facts: tuple[Fact, ...]) -> dict[str, float]:
    """What of BTC was kept, by venue."""
    states = [fact for fact in facts if isinstance(fact, Gauge) and fact.series.subject == "BTC"]
    return {state.series.source: state.value for state in states}


def notices(facts: tuple[Fact, ...]) -> list[Notice]:
    return [fact for fact in facts if isinstance(fact, Notice)]


async def test_states_of_three_venues_are_kept(collector: Collector, venues: Venues):
    venues.adl.ratings["BTCUSDT"] = "MEDIUM"
    assert told(await collect(STATES, collector)) == {"binance": 1, "bybit": 0, "okx": 0}
    market = load_market(collector.db)
    assert market.sources_of("ETH", Measure.ADL_RISK) == ["binance", "bybit", "okx"]


async def test_a_state_is_kept_when_it_changes_and_else_every_five_minutes(
    collector: Collector, venues: Venues, clock: Clock
):
    kept = []
    for minute in range(8):
        venues.adl.ratings["BTCUSDT"] = "HIGH" if minute == 2 else "LOW"
        kept.append(told(await collect(STATES[:1], collector)))
        later(clock, minutes=1)
    assert kept == [{"binance": 0}, {}, {"binance": 2}, {"binance": 0}, {}, {}, {}, {}]


async def test_one_venue_that_fails_stops_no_other(collector: Collector, venues: Venues):
    venues["bybit"].fault = Fault.GEO_BLOCKED
    venues["okx_stream"].fault = Fault.BROKEN
    assert told(await collect(STATES, collector)) == {"binance": 0}
    assert health(collector, "bybit ADL").blocked_until == NOW + timedelta(hours=6)
    assert health(collector, "okx ADL").failures_in_a_row == 1


async def test_what_a_first_look_finds_was_known_when_it_was_published(
    collector: Collector, venues: Venues, clock: Clock
):
    before, after = NOW - timedelta(hours=5), NOW + 7 * MINUTE
    venues.adl.announced["okx", "en-US"] = [("ADL update", before)]
    [old] = notices(await collect(OKX, collector))
    now = later(clock, minutes=10)
    venues.adl.announced["okx", "en-US"] += [("Insurance fund update", after)]
    [new] = notices(await collect(OKX, collector))
    assert (old.at, old.known_at) == (before, before)
    assert (new.at, new.known_at) == (after, now)


async def test_a_first_look_that_failed_was_none(collector: Collector, venues: Venues, clock: Clock):
    venues["okx"].fault = Fault.CHALLENGE
    venues.adl.announced["okx", "en-US"] = [("ADL update", NOW - MINUTE)]
    assert await collect(OKX, collector) == ()
    venues["okx"].fault = None
    later(clock, hours=6)
    [notice] = notices(await collect(OKX, collector))
    assert notice.known_at == notice.at


async def test_what_is_known_already_is_not_told_again(collector: Collector, venues: Venues, clock: Clock):
    venues.adl.announced["okx", "en-US"] = [("ADL update", NOW)]
    assert len(notices(await collect(OKX, collector))) == 1
    later(clock, minutes=10)
    assert notices(await collect(OKX, collector)) == []


async def test_every_venue_and_language_is_asked(collector: Collector, venues: Venues):
    venues.adl.announced |= {
        ("okx", "en-US"): [("ADL update", NOW)],
        ("okx", "zh-CN"): [("自动减仓优化", NOW)],
        ("bybit", "en-US"): [("ADL update", NOW)],
        ("bybit", "zh-TW"): [("自動減倉優化", NOW - MINUTE)],
        ("binance", "en"): [("ADL update", NOW)],
    }
    assert len(notices(await collect(ALL, collector))) == 5
    assert sorted(
        load_market(collector.db).sources_of("announcements", Measure.ANNOUNCEMENTS_SEEN)
    ) == sorted(VENUES)
    assert len(load_market(collector.db).notices) == 5


def test_announcements_are_looked_at_every_ten_minutes_and_states_every_minute():
    intervals = {job.name: job.interval for job in JOBS}
    assert (intervals["announcements"], intervals["adl_states"]) == (10 * MINUTE, MINUTE)
