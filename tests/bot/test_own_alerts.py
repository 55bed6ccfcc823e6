"""The rules at work, on a real file: restarts, gaps, what is told, and what a broken look leaves behind."""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from bot.delivery.split import plain
from signals.facts import BINANCE_BTC, Candle
from signals.market import Market
from signals.own.live import run, ticks
from storage import chats, moving, own_alerts
from storage.database import StorageError
from storage.market import save_facts
from tests.bot.desks import NOW
from tests.bot.own_shop import ANN, DAY, GROUP, HOUR, MINUTE, Shop, shops


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    with shops(tmp_path) as start:
        yield start


def test_a_rule_fires_when_it_becomes_true_and_its_delivery_is_queued(opened):
    shop = opened()
    shop.trades_at(106_000)
    id_ = shop.arm("btc < 105000 expires never")
    shop.trades_at(105_500, 104_980)
    [delivery] = shop.sent()
    assert plain(delivery.text).startswith("🔔 BTC below 105,000: 104,980 now\n")
    assert (delivery.chat_id, delivery.kind, delivery.silent) == (ANN, "own", False)
    assert [b["data"] for b in delivery.buttons[0]] == ["chart:R-1", "alerts:on:1", "alerts:delete:1"]
    assert (shop.rule(id_).state, shop.rule(id_).fired, shop.rule(id_).last_fired_at) == ("done", 1, shop.now)
    assert shop.woken == 1


def test_what_is_true_when_it_is_set_waits_for_the_next_time(opened):
    shop = opened()
    shop.trades_at(104_000)
    shop.arm("btc < 105000")
    shop.trades_at(104_000, 103_000)
    assert shop.texts() == []
    shop.trades_at(106_000, 104_900)
    assert shop.texts() == ["🔔 BTC below 105,000: 104,900 now"]


def test_a_restart_goes_on_where_it_was_and_tells_what_it_missed_with_its_time(opened):
    first = opened()
    first.trades_at(106_000)
    first.arm("btc < 105000 repeat")
    first.trades_at(105_500, 104_000)
    # The bot is away: the price comes back and falls again.
    later = opened(first.now)
    later.trades_at(*[106_500] * 5, *[104_200] * 20, look=False)
    again = opened(later.now)
    again.own.look()
    assert len(again.texts()) == 2
    assert again.texts()[1] == "🔔 BTC below 105,000: 104,200 at 3 Nov 20:23 UTC"
    once_more = opened(again.now)
    once_more.own.look()
    assert len(once_more.texts()) == 2


def test_a_hold_goes_on_through_a_restart(opened):
    first = opened()
    first.trades_at(104_000)
    first.arm("btc > 105000 for 10m")
    first.trades_at(*[106_000] * 6)
    second = opened(first.now)
    second.trades_at(*[106_000] * 3)
    assert second.texts() == []
    second.trades_at(*[106_000] * 2)
    assert second.texts() == ["🔔 BTC above 105,000 for 10 min: 106,000 now"]


def test_what_cannot_be_stored_is_told_by_the_next_look(opened, monkeypatch: pytest.MonkeyPatch):
    shop = opened()
    shop.trades_at(106_000)
    id_ = shop.arm("btc < 105000")
    shop.trades_at(106_000)
    with monkeypatch.context() as broken:

        def full(*_: object) -> None:
            raise StorageError("disk full")

        broken.setattr("bot.own.backlog.enqueue", full)
        shop.trades_at(104_000)
    assert (shop.texts(), shop.rule(id_).state, shop.woken) == ([], "armed", 0)
    shop.passes(MINUTE / 2)
    assert shop.texts() == ["🔔 BTC below 105,000: 104,000 now"]


def test_a_bug_in_own_alerts_does_not_stop_the_watch(opened, monkeypatch, caplog):
    shop = opened()

    def broken(*_: object) -> None:
        raise RuntimeError("no rules today")

    monkeypatch.setattr("bot.own.alerts.run", broken)
    assert shop.own.look() == 0
    assert "no rules today" in caplog.text


def test_rules_of_one_thread_are_one_message_and_of_two_threads_two(opened):
    shop = opened()
    shop.trades_at(106_000)
    shop.arm("btc < 105000", GROUP, 5)
    shop.arm("btc < 104500", GROUP, 5)
    shop.arm("btc < 105000", GROUP)
    shop.trades_at(106_000, 104_000)
    rows = shop.db.rows("SELECT thread_id, text FROM deliveries WHERE kind = 'own' ORDER BY thread_id")
    assert [(thread, text.count("🔔")) for thread, text in rows] == [(0, 1), (5, 2)]


def test_fifty_rules_that_fire_at_once_fit_into_one_message(opened):
    shop = opened()
    shop.trades_at(106_000)
    for place in range(50):
        shop.arm(f"btc < {105_000 - place} and btc 24h < 50% and btc 7d < 60% and btc 1h < 20% for 1m repeat")
    save_facts(shop.db, bars := [_bar(NOW - 8 * DAY + n * HOUR) for n in range(8 * 24)])
    shop.desk.market = shop.desk.market.add(bars)
    shop.trades_at(106_000, 104_000, 104_000, 104_000)
    [delivery] = shop.sent()
    assert len(plain(delivery.text)) < 4096
    assert "Also true now: R-7" in plain(delivery.text)
    assert [b["data"] for b in delivery.buttons[0]] == ["alerts"]


def _bar(opened_at: datetime) -> Candle:
    return Candle(BINANCE_BTC, HOUR, opened_at, 106_000, 106_000, 106_000, 106_000, 1)


def test_a_muted_chat_is_told_afterwards(opened):
    shop = opened()
    shop.trades_at(106_000)
    id_ = shop.arm("btc < 105000")
    chats.mute(shop.db, ANN, shop.now + HOUR)
    shop.trades_at(106_000, 104_000)
    assert (shop.texts(), shop.rule(id_).fired) == ([], 1)
    shop.passes(HOUR)
    assert shop.texts() == ["🔔 BTC below 105,000: 104,000 at 3 Nov 20:17 UTC"]
    shop.passes(HOUR)
    assert len(shop.texts()) == 1


def test_what_fires_in_quiet_hours_is_one_message_in_the_morning_even_after_a_restart(opened):
    shop = opened()
    chats.set_quiet_hours(shop.db, ANN, (time(20, 10), time(7)))
    shop.trades_at(106_000)
    shop.arm("btc < 105000 repeat")
    shop.arm("btc < 104500")
    shop.trades_at(106_000, 104_900, 106_000, 104_400)
    assert shop.texts() == []
    later = opened(datetime(2025, 11, 4, 7, 1, tzinfo=NOW.tzinfo))
    later.own.look()
    [delivery] = later.sent()
    said = plain(delivery.text)
    assert "🔔 BTC below 105,000: 104,400 at 3 Nov 20:19 UTC" in said
    assert "R-1 · no. 2" in said
    assert "🔔 BTC below 104,500" in said
    later.passes(HOUR)
    assert len([text for text in later.texts() if "🔔" in text]) == 1


def test_what_became_true_more_than_a_day_ago_is_recorded_and_not_told(opened):
    first = opened()
    first.trades_at(106_000)
    id_ = first.arm("btc < 105000")
    first.trades_at(106_000)
    later = opened(first.now)
    later.trades_at(104_000, look=False)
    back = opened(later.now + 2 * DAY)
    back.own.look()
    assert (back.texts(), back.rule(id_).state) == ([], "done")


def test_a_rule_that_was_paused_or_deleted_does_not_fire(opened):
    shop = opened()
    shop.trades_at(106_000)
    paused, deleted = shop.arm("btc < 105000"), shop.arm("btc < 105000")
    shop.trades_at(106_000)
    own_alerts.set_state(shop.db, paused, "paused")
    own_alerts.delete_own(shop.db, ANN, deleted)
    shop.trades_at(104_000)
    assert shop.texts() == []
    assert len(shop.own) == 0


def test_the_rules_of_a_chat_that_was_forgotten_end(opened):
    shop = opened()
    shop.trades_at(106_000)
    shop.arm("btc < 105000 repeat")
    shop.arm("sol < 150")
    shop.own.look()
    own_alerts.note_all_changed(shop.db, ANN)
    shop.db.execute("DELETE FROM chats WHERE id = ?", (ANN,))
    shop.trades_at(106_000, 104_000)
    assert (shop.texts(), len(shop.own), shop.desk.coins.polled) == ([], 0, frozenset())


def test_a_rule_whose_time_is_up_says_so_without_a_sound(opened):
    shop = opened()
    shop.trades_at(106_000)
    over = shop.now + HOUR
    id_ = shop.arm(f"btc < 105000 until {over:%Y-%m-%dT%H:%M}Z")
    shop.trades_at(106_000)
    shop.passes(2 * HOUR)
    [delivery] = shop.sent()
    assert delivery.silent
    assert plain(delivery.text) == "R-1 is over, its time is up: BTC below 105,000"
    shop.trades_at(104_000)
    assert (shop.rule(id_).state, shop.rule(id_).fired) == ("done", 0)


def test_stale_prices_fire_nothing_and_a_rule_that_rests_for_hours_says_so_once(opened):
    shop = opened()
    shop.trades_at(106_000)
    id_ = shop.arm("btc < 105000")
    shop.trades_at(106_000)
    for _ in range(5):
        shop.passes(HOUR)
    assert shop.texts() == []
    shop.passes(2 * HOUR)
    shop.passes(HOUR)
    [delivery] = shop.sent()
    assert delivery.silent
    assert "R-1 cannot be judged since 3 Nov 20:18 UTC: no data of BTC" in plain(delivery.text)
    again = opened(shop.now)
    again.passes(HOUR)
    assert len(again.texts()) == 1
    assert again.rule(id_).blind_at is not None
    again.trades_at(106_000)
    assert again.rule(id_).blind_at is None
    again.trades_at(104_000)
    assert again.texts()[1] == "🔔 BTC below 105,000: 104,000 now"


def test_a_chat_that_is_muted_hears_of_blindness_afterwards(opened):
    shop = opened()
    shop.trades_at(106_000)
    shop.arm("btc < 105000")
    chats.mute(shop.db, ANN, shop.now + 8 * HOUR)
    shop.trades_at(106_000)
    shop.passes(7 * HOUR)
    assert shop.texts() == []
    shop.passes(2 * HOUR)
    assert len(shop.texts()) == 1


def test_a_group_that_moved_hears_its_rules_in_its_new_place(opened):
    shop = opened()
    shop.trades_at(106_000)
    shop.arm("btc < 105000", GROUP, 5)
    shop.trades_at(106_000)
    moving.migrate_chat(shop.db, GROUP, -200)
    shop.trades_at(104_000)
    [delivery] = shop.sent()
    assert (delivery.chat_id, delivery.thread_id) == (-200, 5)


def test_nothing_is_judged_while_the_clock_is_behind(opened):
    shop = opened()
    shop.trades_at(106_000)
    shop.arm("btc < 105000")
    shop.trades_at(106_000)
    shop.now -= HOUR
    assert shop.own.look() == 0


def test_only_coins_that_armed_rules_name_are_polled(opened):
    shop = opened()
    id_ = shop.arm("sol < 150")
    shop.arm("btc < 105000")
    shop.own.look()
    assert shop.desk.coins.polled == {"SOL"}
    own_alerts.set_state(shop.db, id_, "paused")
    shop.own.look()
    assert shop.desk.coins.polled == frozenset()


def test_what_takes_weeks_of_prices_to_work_out_is_looked_at_once_a_minute(opened, monkeypatch):
    shop = opened()
    asked: list[str] = []

    def noted(refs, *rest):
        asked.extend(ref.reading for ref in refs)
        return ticks(refs, *rest)

    shop.arm("eth/btc regained > 50")
    shop.arm("btc < 105000")
    shop.own.look()
    monkeypatch.setattr("bot.own.alerts.ticks", noted)
    shop.trades_at(*[106_000.0] * 12, every=timedelta(seconds=10))
    assert (asked.count("price"), asked.count("eth_btc_regained")) == (12, 2)


def test_a_rule_that_cannot_be_read_harms_no_other(opened, caplog):
    shop = opened()
    shop.trades_at(106_000)
    shop.arm("gibberish ! of an older version")
    shop.arm("btc < 105000")
    shop.trades_at(106_000, 104_000)
    assert "R-1 cannot be read" in caplog.text
    assert len(shop.texts()) == 1


def test_a_market_that_is_empty_is_no_trouble(opened):
    shop = opened()
    shop.desk.market = Market()
    shop.arm("premium > 0 for 1h and funding > 0.01% and etf btc < -300 and eth/btc new low 7d")
    assert shop.own.look() == 0


def test_a_rule_that_another_process_changes_while_it_is_judged_begins_anew(opened, monkeypatch):
    shop = opened()
    shop.trades_at(106_000)
    id_ = shop.arm("btc < 105000")
    shop.trades_at(106_000)
    with monkeypatch.context() as meanwhile:

        def judged_slowly(*asked: object) -> object:
            firings = run(*asked)  # type: ignore[arg-type]  # as it was asked
            own_alerts.reword(shop.db, id_, "btc < 90000 repeat expires never", None)
            return firings

        meanwhile.setattr("bot.own.alerts.run", judged_slowly)
        shop.trades_at(104_000)
    assert (shop.texts(), shop.rule(id_).state, shop.rule(id_).progress) == ([], "armed", None)
    shop.trades_at(95_000, 89_000)
    assert shop.texts() == ["🔔 BTC below 90,000: 89,000 now"]
