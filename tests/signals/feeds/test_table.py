from signals.feeds.feed import Brings
from signals.feeds.table import FEEDS
from signals.feeds.venues import VENUES
from tests.venues import SOURCES


def test_every_feed_has_a_name_of_its_own() -> None:
    assert len({feed.name for feed in FEEDS}) == len(FEEDS)


def test_every_feed_has_a_source_on_loopback_for_tests() -> None:
    assert {feed.source for feed in FEEDS} <= set(SOURCES)


def test_every_venue_brings_quotes_and_candles() -> None:
    for brings in (Brings.QUOTES, Brings.CANDLES):
        assert {feed.source for feed in FEEDS if feed.brings is brings} == set(VENUES)


def test_the_tries_of_a_feed_end_before_it_is_due_again() -> None:
    assert [feed.name for feed in FEEDS if feed.within >= feed.interval] == []
