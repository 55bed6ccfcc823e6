from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from signals.conditions import Change, Kind
from signals.facts import BINANCE_BTC, COINBASE_BTC, Fact, Instrument, Quote
from signals.gauges import Gauge, Measure, Series
from signals.moments import to_ms
from signals.notices import Notice, NoticeKind
from storage.alerts import raise_alert, read_alert, read_changes, save_changes
from storage.census import measure
from storage.chats import ensure_chat
from storage.database import Database
from storage.market import load_market, read_candles, read_funding, save_facts, span
from storage.outbox import Delivery, claim, count_by_state, enqueue, mark_sent
from storage.retention import Retention, prune, prune_in_steps, prune_quotes_in_steps
from tests.storage.facts import FIVE, PERPETUAL, candle, flow, funding, quote

NOW = datetime(2026, 11, 3, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
COIN = Instrument("binance", "SOL/USDT")
OPEN_INTEREST = Series("okx", "BTC", Measure.OPEN_INTEREST_USD)
KEEP = Retention(quotes=DAY, candles=10 * DAY, outbox=5 * DAY, gauges=20 * DAY)


def test_what_is_older_than_its_time_goes_and_the_rest_stays(db: Database) -> None:
    kept: list[Fact] = [candle(NOW - 10 * DAY - FIVE), quote(NOW - DAY)]
    gone: list[Fact] = [candle(NOW - 10 * DAY - 2 * FIVE), quote(NOW - DAY - timedelta(seconds=1))]
    save_facts(db, [*kept, *gone])
    assert prune(db, KEEP, NOW) == 2
    assert read_candles(db, COINBASE_BTC, FIVE) == kept[:1]
    assert [s.rows for s in span(db) if s.kind == "quotes"] == [1]


def test_flows_funding_and_changes_are_kept_for_good(db: Database) -> None:
    save_facts(db, [flow(), funding()])
    alert_id = raise_alert(db, NOW - 1000 * DAY, NOW, [_change(NOW - 1000 * DAY)])
    assert prune(db, KEEP, NOW + 1000 * DAY) == 0
    assert len(span(db)) == 2
    assert read_funding(db, PERPETUAL) == [funding()]
    assert read_alert(db, alert_id)


def test_only_deliveries_that_are_over_are_forgotten(db: Database) -> None:
    ensure_chat(db, 1, "private", "Ann", NOW)
    old = Delivery(chat_id=1, kind="alert", text="x", created_at=NOW - 6 * DAY, expires_at=NOW + DAY)
    enqueue(db, [old, old, old, replace(old, created_at=NOW)])
    for _ in range(2):
        [delivery] = claim(db, NOW, 1)
        mark_sent(db, delivery.id, 1, NOW)
    assert prune(db, KEEP, NOW) == 2 * len(("delivery", "letter"))
    assert count_by_state(db) == {"queued": 2}


def test_old_changes_go_only_where_that_is_asked_for(db: Database) -> None:
    old, new = _change(NOW - 40 * DAY), _change(NOW)
    alert_id = raise_alert(db, NOW - 40 * DAY, NOW, [old])
    save_changes(db, [old, new])
    assert prune(db, replace(KEEP, changes=30 * DAY), NOW) == 3
    assert [saved.change for saved in read_changes(db, limit=9)] == [new]
    assert read_alert(db, alert_id) is None


def test_an_alert_with_an_open_delivery_stays(db: Database) -> None:
    ensure_chat(db, 1, "private", "Ann", NOW)
    alert_id = raise_alert(db, NOW - 40 * DAY, NOW, [_change(NOW - 40 * DAY)])
    enqueue(db, [Delivery(chat_id=1, alert_id=alert_id, kind="alert", text="x", created_at=NOW)])
    assert prune(db, replace(KEEP, changes=30 * DAY), NOW) == 1
    assert read_alert(db, alert_id)


def test_numbers_are_kept_for_their_own_time_and_notices_for_good(db: Database) -> None:
    old, new = (Gauge(OPEN_INTEREST, NOW - age * DAY, 1.0, NOW - age * DAY) for age in (21, 19))
    said = Notice(NoticeKind.EXPLOIT, "defillama", "a", NOW - 500 * DAY, "A", "", NOW - 500 * DAY)
    save_facts(db, [old, new, said])
    assert prune(db, KEEP, NOW) == 1
    market = load_market(db)
    assert len(market.gauges[OPEN_INTEREST]) == len(market.notices) == 1


def test_what_is_told_of_the_present_alone_goes_earlier(db: Database) -> None:
    seen, within = (Series("okx", "BTC", m) for m in (Measure.DEPTH_SEEN_USD, Measure.DEPTH_1PCT_USD))
    at = NOW - 3 * DAY
    save_facts(db, [Gauge(series, at, 1.0, at) for series in (seen, within)])
    assert prune(db, KEEP, NOW) == 0
    assert prune(db, replace(KEEP, passing_gauges=2 * DAY), NOW) == 1
    assert list(load_market(db).gauges) == [within]


def test_quotes_of_coins_that_only_own_alerts_look_at_go_earlier(db: Database) -> None:
    ours, theirs = quote(NOW - 20 * HOUR), Quote(COIN, NOW - 20 * HOUR, 1.5, 2.5, NOW)
    save_facts(db, [ours, theirs, replace(theirs, at=NOW - HOUR), candle(NOW - 20 * DAY)])
    assert sum(prune_quotes_in_steps(db, KEEP, NOW)) == 0
    kept = replace(KEEP, ours={BINANCE_BTC}, coin_quotes=HOUR)
    assert sum(prune_quotes_in_steps(db, kept, NOW)) == 1
    assert [(s.kind, s.subject, s.rows) for s in span(db)] == [
        ("candles", " ".join(COINBASE_BTC), 1),
        ("quotes", " ".join(BINANCE_BTC), 1),
        ("quotes", " ".join(COIN), 1),
    ]


def test_a_shorter_time_for_all_quotes_is_one_for_those_of_coins_too(db: Database) -> None:
    save_facts(db, [Quote(COIN, NOW - 30 * HOUR, 1.5, 2.5, NOW)])
    assert sum(prune_quotes_in_steps(db, replace(KEEP, coin_quotes=2 * DAY), NOW)) == 1


def _change(at: datetime) -> Change:
    return Change(to_ms(at), Kind.CONDITION, "premium", "unmet", "met", "session_positive", {})


def test_a_file_that_loses_as_much_as_it_gets_does_not_grow(db: Database, path: Path) -> None:
    pages = []
    for day in range(8):
        since = NOW + day * DAY
        save_facts(db, [quote(since + minute * timedelta(minutes=1)) for minute in range(1_440)])
        prune(db, KEEP, since + DAY)
        pages.append(measure(db).bytes)
    assert path.exists()
    assert pages[-1] < 1.05 * pages[2]


def test_steps_are_small_and_come_to_the_same(db: Database) -> None:
    facts: list[Fact] = [quote(NOW - 2 * DAY - n * timedelta(seconds=1)) for n in range(25)]
    facts += [candle(NOW - 20 * DAY - n * FIVE) for n in range(25)]
    facts += [Gauge(OPEN_INTEREST, NOW - (30 + n) * DAY, 1.0, NOW) for n in range(25)]
    save_facts(db, [*facts, quote(NOW), candle(NOW), Gauge(OPEN_INTEREST, NOW, 1.0, NOW)])
    steps = [rows for rows in prune_in_steps(db, KEEP, NOW, limit=10) if rows]
    assert sum(steps) == 75
    assert max(steps) == 10
    assert [s.rows for s in span(db)] == [1, 1, 1]
