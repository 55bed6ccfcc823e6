"""One long story that calls every function of storage/ that asks the database, in an order that makes sense.

It is told on each engine, and what it answers has to be the same. Whoever adds a function adds a line here.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from signals.coins import Coin
from signals.conditions import Change, Kind, Standing
from signals.facts import COINBASE_BTC, Candle, EtfFlow, Funding, Instrument, Quote
from signals.gauges import Gauge, Measure, Series
from signals.levels import Band, Levels, LevelsSet, Origin
from signals.moments import to_ms
from signals.notices import Notice, NoticeKind
from storage import (
    acknowledgements,
    admissions,
    alerts,
    audience,
    boards,
    briefs,
    broadcasts,
    census,
    chats,
    clock,
    coins,
    copying,
    fanout,
    feed_runs,
    flows,
    gauges,
    hearers,
    heartbeat,
    held,
    inbox,
    keepers,
    lease,
    letters,
    levels,
    maintenance,
    market,
    moving,
    notices,
    nudges,
    outbox,
    own_alerts,
    own_firings,
    personal,
    processes,
    progress,
    retention,
    returns,
    sent_alerts,
    sole,
    spans,
    standings,
    tables,
    thinning,
    told,
    told_late,
    topic_mutes,
    tracks,
    traffic,
    turns,
    unfinished,
)
from storage.acknowledgements import Taken, ToShow
from storage.admissions import Person
from storage.database import IN_MEMORY, open_database
from storage.held import HeldRow
from storage.inbox import Received
from storage.kinds import Lane
from storage.outbox import Delivery
from storage.own_alerts import Held
from storage.own_firings import Fired
from storage.retention import Retention
from tests.storage.holding import hold

Do = Callable[..., Any]
"""Calls a function with the database before the other arguments, and gives its answer."""

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ANN, DESK, FORUM, SUPERGROUP = 7, -100, -200, -1_000_000_000_100
NAME = "爆仓 <b>&\N{RIGHT-TO-LEFT MARK} 'x' \"y\" \\ %s ? :name"
PERPETUAL = Instrument("binance", "BTC/USDT:USDT")
OPEN_INTEREST = Series("okx", "BTC", Measure.OPEN_INTEREST_USD)
LEVELS = Levels(Band(105_000.0, 107_000.0), 103_000.0, Band(109_000.0, 111_000.0))


def tell(do: Do) -> None:
    """Everything, from the first chat to the last row that goes."""
    for chapter in (
        _chats, _market, _alerts, _outbox, _held, _told, _fanout, _boards, _own_alerts, _broadcasts, _groups,
        _program, _numbers, _moved, _processes, _endings,
    ):  # fmt: skip
        chapter(do)


def _chats(do: Do) -> None:
    do(chats.ensure_chat, ANN, "private", NAME, NOON)
    do(chats.ensure_chat, DESK, "group", "Desk", NOON)
    do(chats.ensure_chat, FORUM, "supergroup", "Forum", NOON)
    do(chats.ensure_chat, FORUM, "supergroup", "Forum!", NOON + MINUTE)
    do(chats.set_language, ANN, "zh")
    for code in ("zh-hans", "zh-hans", None, "en"):
        do(chats.note_app_language, ANN, code)
    do(chats.set_timezone, ANN, "Asia/Shanghai")
    do(chats.mute, ANN, NOON + DAY)
    do(chats.set_quiet_hours, ANN, (time(23), time(7)))
    do(chats.set_verdict_always, ANN, True)
    do(chats.set_daily_cap, ANN, 5)
    do(chats.pause, ANN, "/stop")
    do(chats.block, ANN, "blocked", NOON)
    do(chats.read_chat, ANN)
    do(chats.unblock, ANN)
    do(chats.read_chat, ANN)
    do(chats.resume, ANN)
    do(chats.block, ANN, "blocked", NOON)
    do(chats.unblock, ANN)
    do(chats.read_chat, 404)
    for topic, mode, thread_id in (
        ("verdict", "sound", 0),
        ("premium", "silent", 0),
        ("premium", "sound", 17),
    ):
        do(chats.subscribe, FORUM, topic, mode, thread_id=thread_id)
    do(chats.subscribe, ANN, "verdict", "sound")
    do(chats.subscribe, ANN, "verdict", "silent")
    do(chats.subscribe, ANN, "eth_btc", "sound")
    do(chats.unsubscribe, ANN, "eth_btc")
    do(chats.read_subscriptions, FORUM)
    do(briefs.choose, ANN, time(8), thread_id=0, silent=True)
    do(briefs.choose, DESK, time(9))
    do(briefs.note_day, ANN, date(2025, 11, 3))
    do(briefs.read_brief, ANN)
    do(briefs.read_wishes)
    do(briefs.brief_of, ANN)
    do(briefs.brief_of, 404)
    do(briefs.stop, DESK)
    do(returns.claim_welcome, ANN, NOON)
    do(returns.claim_welcome, ANN, NOON)
    do(returns.hears_anything, ANN)
    do(topic_mutes.mute_topic, (FORUM, 17), "premium", NOON + DAY)
    do(topic_mutes.mute_topic, (FORUM, 17), "premium", NOON + 2 * DAY)
    do(topic_mutes.mute_topic, (FORUM, 17), "verdict", None)
    do(topic_mutes.muted_until, (FORUM, 17), "premium")
    do(topic_mutes.is_muted, (FORUM, 17), "premium", NOON)
    do(topic_mutes.muted_topics, (FORUM, 17), NOON)


def _market(do: Do) -> None:
    flow = EtfFlow("BTC", NOON.date(), "farside", -186.5e6, NOON, complete=True, funds_usd={"IBIT": -186.5e6})
    facts = [
        Candle(COINBASE_BTC, 5 * MINUTE, NOON, 100.0, 110.0, 90.0, 105.0, 12.5),
        Quote(COINBASE_BTC, NOON, 104.0, 106.0, NOON + MINUTE),
        Funding(PERPETUAL, NOON, 0.0001, timedelta(hours=8)),
        Gauge(OPEN_INTEREST, NOON, 2.3e9, NOON),
        Notice(NoticeKind.EXPLOIT, "defillama", "balancer", NOON, NAME, "", NOON, 128e6),
        LevelsSet(LEVELS, NOON, Origin.OPERATOR, ANN),
        flow,
    ]
    do(market.save_facts, facts)
    do(market.save_facts, facts)
    do(market.save_facts, [Quote(COINBASE_BTC, NOON, 104.5, 106.0, NOON + MINUTE)])
    do(market.load_market)
    do(market.load_market, NOON - DAY, NOON + DAY)
    do(market.read_candles, COINBASE_BTC, 5 * MINUTE)
    do(market.load_bars, {COINBASE_BTC}, NOON - DAY, NOON + DAY)
    do(market.read_funding, PERPETUAL)
    do(tracks.known_instruments)
    do(tracks.timeframes_ms, 1)
    later = EtfFlow("BTC", NOON.date(), "farside", -200e6, NOON + DAY, NOON + DAY, complete=True)
    do(flows.save_flow, later)
    do(flows.save_flow, later)
    do(flows.read_flows, NOON + MINUTE)
    do(flows.read_flow_observations, "BTC", NOON.date())
    do(gauges.save_gauges, [Gauge(OPEN_INTEREST, NOON, value, NOON) for value in (2.3e9, 2.4e9)])
    do(gauges.load_gauges, to_ms(NOON), to_ms(NOON + DAY))
    do(notices.save_notice, Notice(NoticeKind.EXPLOIT, "defillama", "a", NOON, "A", "", NOON, None))
    do(notices.read_notices, NOON)
    do(levels.save_levels, LevelsSet(None, NOON + DAY))
    do(levels.read_levels)
    do(spans.span)
    do(coins.save_coin, Coin("SOL", Instrument("binance", "SOL/USDT"), "SOLUSDT"))
    do(coins.save_coin, Coin("SOL", Instrument("kraken", "SOL/USD"), "SOLUSD"))
    do(coins.read_coins)


def _change(subject: str, to: str, at: datetime = NOON) -> Change:
    kind = Kind.VERDICT if subject == "verdict" else Kind.CONDITION
    return Change(to_ms(at), kind, subject, "fragile", to, "all_met", {"text": NAME, "number": 0.1})


def _alerts(do: Do) -> None:
    do(alerts.raise_alert, NOON, NOON, [_change("verdict", "broken"), _change("premium", "met")])
    do(alerts.raise_alert, NOON + MINUTE, NOON + MINUTE, [_change("verdict", "fragile", NOON + MINUTE)])
    do(alerts.save_changes, [_change("eth_btc", "holding")])
    do(alerts.read_alert, 1)
    do(alerts.read_changes, limit=2)
    do(alerts.read_changes, limit=9, before=3, kind=Kind.VERDICT)
    do(alerts.last_change, "verdict")
    do(alerts.last_change_by, "verdict", NOON)
    do(standings.save_standings, {"verdict": Standing(state="broken"), "premium": Standing(since_ms=5)})
    do(standings.save_standings, {"verdict": Standing(state="fragile", evidence={"a": [1, 0.5]})})
    do(standings.read_standings)
    do(returns.away_since, 1, NOON)
    do(returns.unheard_since, ANN, NOON)
    do(returns.missed_alerts, FORUM, NOON)


def _delivery(chat_id: int, alert_id: int | None = None, **more: Any) -> Delivery:
    usual = Delivery(chat_id=chat_id, alert_id=alert_id, kind="alert", text=NAME, created_at=NOON)
    delivery: Delivery = replace(usual, **more)
    return delivery


def _outbox(do: Do) -> None:
    buttons = [[{"text": NAME, "data": "why:1"}]]
    do(
        outbox.enqueue,
        [_delivery(ANN, 1, buttons=buttons, more_alerts=(2,)), _delivery(DESK, 1), _delivery(DESK, 2)],
    )
    do(outbox.enqueue, [_delivery(FORUM, 2, thread_id=17, answers_alert=1, silent=True, chart="premium")])
    do(outbox.enqueue, [_delivery(ANN, kind="answer", expires_at=NOON + MINUTE)])
    do(outbox.next_due)
    do(outbox.claim, NOON, 9, before=Lane.ALERT)
    do(outbox.claim, NOON, 9)
    do(outbox.claim, NOON, 9)
    do(outbox.mark_sent, 1, 55, NOON)
    do(outbox.keep_rest, 2, "the rest")
    do(outbox.hold_chat, DESK, NOON + 2 * MINUTE)
    do(outbox.hold_chat, DESK, NOON + MINUTE)
    do(outbox.next_due)
    do(outbox.requeue, 4, NOON + 3 * MINUTE, "429", unsure=True)
    do(outbox.leave_thread, 4, "the topic is gone")
    do(outbox.expire, NOON + MINUTE)
    do(outbox.claim, NOON + 5 * MINUTE, 1)
    do(outbox.mark_failed, 2, "too long")
    do(outbox.claim, NOON + 5 * MINUTE, 9)
    do(outbox.reclaim)
    do(sent_alerts.message_of_alert, ANN, 2)
    do(letters.end_overdue, NOON + MINUTE)
    letter = letters.Letter(kind="answer", text=NAME, created_at=NOON, expires_at=NOON + MINUTE)
    written = do(letters.write_letters, [letter, letter])
    do(letters.note_deliveries, written)
    do(letters.deliveries_of, "kind = :kind", {"kind": "answer"})
    do(letters.drop_unread, [1, *written])
    do(traffic.made_since, ANN, "answer", NOON - MINUTE)
    do(traffic.has_open, DESK)
    do(traffic.sent_since, NOON - MINUTE)
    do(outbox.count_by_state)


def _held(do: Do) -> None:
    row = HeldRow(chat_id=ANN, thread_id=0, alert_id=1, reason="muted", held_at=NOON, until=NOON + DAY)
    other = HeldRow(
        chat_id=FORUM, thread_id=17, alert_id=2, reason="cooldown", held_at=NOON, until=NOON + DAY
    )
    do(hold, [row, other])
    do(held.postpone, row, "cap", NOON + 2 * DAY)
    do(held.hurry, ANN, NOON)
    do(held.hurry, FORUM, NOON)
    do(held.due_places, NOON, None, 9)
    do(held.due_places, NOON + 3 * DAY, ANN, 9)
    do(held.read_open, (ANN, 0))
    do(held.held_subjects, (ANN, 0))
    do(held.settle, row, "told")
    do(held.count_held, ANN)
    do(held.count_held, FORUM)


def _told(do: Do) -> None:
    do(told.alerts_of_delivery, 3)
    do(told_late.note_told_late, ["premium", "verdict"], NOON - MINUTE)
    do(told_late.forget_told_late)
    do(told.last_told, (ANN, 0), NOON - MINUTE)
    do(told.told_since, (ANN, 0), 1)
    do(told.count_alerts, ANN, NOON)
    do(sent_alerts.last_told, (ANN, 0), "verdict")
    do(sent_alerts.messages_of_alert, ANN, 1)


def _fanout(do: Do) -> None:
    """One look that finds two alerts, of which one is told and one is held."""
    change = Change(to_ms(NOON), Kind.VERDICT, "verdict", "fragile", "broken", "all_met", {})
    first, second = (do(alerts.raise_alert, NOON, NOON, [change]) for _ in range(2))
    zones = do(hearers.zones_in_use, answer=sorted)
    look = hearers.Look(["premium", "verdict"], NOON, NOON - DAY, dict.fromkeys(zones, NOON - DAY), 30)
    alike = do(hearers.gather, look, answer=lambda found: sorted(map(str, found)))
    do(hearers.find_by_place)
    # Deliveries of one look are numbered in any order, so there is only one.
    [ann] = [each.hearing for each in alike if each.chat.kind == "private"]
    do(fanout.withhold, [fanout.Withheld(ann, second, "cap", NOON + DAY)], NOON)
    message = fanout.Message(ann, [first, second], 0, NAME, [[]], silent=False, has_held=True)
    do(fanout.lay_out, [message], NOON)
    do(turns.alerts_about, "verdict")
    do(turns.note_turns, [turns.Turn(second, "verdict", "broken")])
    do(fanout.held_alerts)
    do(fanout.settle_held, second, [first, second], ["premium"], "superseded")
    do(fanout.spread, answering=True)
    do(fanout.fold_up)
    do(turns.forget_turns)
    do(hearers.let_go)
    do(progress.alerts_under_way, 9)
    do(progress.count_open)
    do(told.count_alerts, FORUM, NOON - DAY)


def _boards(do: Do) -> None:
    do(boards.want, FORUM, 17)
    do(boards.want, FORUM, 17)
    do(boards.want, ANN, 0)
    do(boards.note_sent, FORUM, 17, message_id=5, text_hash="x", at=NOON)
    do(boards.note_pin, FORUM, 17, "done")
    do(boards.note_edited, FORUM, 17, text_hash="y", at=NOON + MINUTE)
    do(boards.hold, FORUM, 17, NOON + DAY, "429")
    do(boards.read_boards)
    do(boards.note_lost, FORUM, 17)
    do(boards.end, ANN, 0)
    do(boards.leave, ANN, 0)
    do(boards.leave, FORUM, 17)
    do(boards.read_board, FORUM, 17)
    do(boards.forget, FORUM, 17)
    do(boards.end, FORUM, 17)


def _own_alerts(do: Do) -> None:
    for text in ("btc < 105000", "eth_btc < 0.03", "never saved"):
        do(own_alerts.draft, ANN, 0, text, NOON + DAY, made_by=ANN, now=NOON)
    do(own_alerts.set_state, 1, "armed")
    do(own_alerts.set_state, 2, "armed")
    do(own_alerts.forget_drafts, NOON + MINUTE)
    do(own_alerts.save_progress, [({"phase": "armed", "at": [1, None]}, [1]), (None, [2])])
    waits = Held(NOON, (0.5, 1.0))
    do(own_firings.note_fired, {Fired(NOON, 1, True, None): [1], Fired(NOON, 2, False, waits): [2]})
    do(own_firings.waiting_chats)
    do(own_firings.held_back, ANN)
    do(own_firings.release, [1, 2, 404])
    do(own_alerts.note_blind, [1, 2], NOON)
    do(own_alerts.read_rules, [2, 1, 404])
    do(own_alerts.reword, 1, "btc < 100000", None)
    do(own_alerts.read_own, ANN, 1)
    do(own_alerts.list_own, ANN)
    do(own_alerts.armed)
    do(own_alerts.count_armed)
    do(own_alerts.count_saved, ANN)
    do(own_alerts.delete_own, ANN, 1)
    do(own_alerts.changed_since, answer=sorted)
    do(own_alerts.take_changed, answer=sorted)
    do(own_alerts.note_all_changed, ANN)
    do(own_alerts.take_changed, answer=sorted)
    do(own_alerts.save_looked, NOON)
    do(own_alerts.save_looked, NOON + MINUTE)
    do(own_alerts.read_looked)


def _broadcasts(do: Do) -> None:
    for _ in range(2):
        do(broadcasts.draft, ANN, NAME, ["private", "groups"], NOON)
    do(broadcasts.choose, 1, kinds=["private"], language="zh", silent=True)
    do(audience.count_crowds, answer=lambda crowds: sorted(map(str, crowds)))
    do(
        broadcasts.send,
        1,
        NOON,
        lambda: do(audience.queue_broadcast, 1, ["private", "group"], [("zh", "en"), (None, None)], NOON),
    )
    do(broadcasts.send, 1, NOON, lambda: 0)
    do(outbox.claim, NOON, 1)
    do(broadcasts.progress, 1)
    do(broadcasts.cancel, 1)
    do(broadcasts.drop, 2)
    do(broadcasts.read_broadcast, 1)
    do(broadcasts.last_broadcasts, 9)


def _groups(do: Do) -> None:
    do(keepers.keep, FORUM, ANN)
    do(keepers.keep, FORUM, ANN)
    do(keepers.kept_by, ANN, "supergroup")
    do(keepers.keepers_of, FORUM)
    do(keepers.claim_telling, FORUM, NOON, NOON - DAY)
    do(returns.release, FORUM)
    do(keepers.forget_keeper, FORUM, ANN)
    do(admissions.ask, DESK, Person(ANN, NAME), NOON)
    do(admissions.ask, FORUM, None, NOON)
    do(admissions.claim_telling, DESK, NOON, NOON - DAY)
    do(admissions.waiting)
    do(admissions.decide, DESK, "refused", Person(1, "Op"), NOON)
    do(admissions.decide, DESK, "admitted", Person(1, "Op"), NOON)
    do(admissions.decide, DESK, "refused", Person(1, "Op"), NOON)
    do(admissions.read_admission, DESK)
    do(acknowledgements.take, FORUM, 1, Taken(ANN, NAME, NOON))
    do(acknowledgements.take, FORUM, 1, Taken(8, "Bob", NOON))
    do(acknowledgements.read_taken, FORUM, [1, 2])
    do(acknowledgements.last_taken, FORUM, 9)
    do(acknowledgements.read_to_show)
    do(acknowledgements.note_shown, ToShow(FORUM, 1, Taken(ANN, NAME, NOON)))
    do(acknowledgements.give_back, FORUM, 1, ANN)
    do(acknowledgements.hold, ToShow(FORUM, 1, None), NOON)
    do(acknowledgements.read_to_show)
    do(acknowledgements.note_shown, ToShow(FORUM, 1, None))


def _program(do: Do) -> None:
    for feed in ("quotes", "flows"):
        do(feed_runs.record_success, feed, NOON)
        do(feed_runs.record_failure, feed, NOON, NAME, NOON + MINUTE)
        do(feed_runs.record_failure, feed, NOON, NAME)
        do(feed_runs.record_rejected, feed, 3, "too far")
    do(feed_runs.forget_feeds, ["flows"])
    do(feed_runs.read_feeds)
    do(feed_runs.record_job_started, "watch", NOON, timedelta(seconds=2))
    do(feed_runs.record_job_started, "watch", NOON)
    do(feed_runs.record_job_done, "watch", NOON)
    do(feed_runs.record_job_failed, "watch", NAME)
    do(feed_runs.record_job_missed, "watch", 2)
    do(feed_runs.record_job_skipped, "watch")
    do(feed_runs.read_jobs)
    do(heartbeat.record_beat, NOON)
    do(heartbeat.record_beat, NOON + MINUTE)
    do(heartbeat.last_beat)
    do(maintenance.set_note, NAME, NOON)
    do(maintenance.set_note, "moved", NOON)
    do(maintenance.read_note)
    do(maintenance.clear_note)
    updates = [Received(number, f'{{"message": {{"from": {{"id": {ANN}}}}}}}') for number in (12, 11, 13)]
    do(inbox.receive, updates, NOON)
    do(inbox.receive, updates, NOON)
    do(inbox.begin, 11)
    do(inbox.finish, 11)
    do(inbox.begin, 11)
    do(inbox.set_aside, 12, "unreadable")
    do(inbox.begin, 13, "web")
    do(inbox.take_over, "web")
    do(inbox.begin, 13, "web")
    do(inbox.newest)
    do(inbox.count_inbox)


def _processes(do: Do) -> None:
    do(clock.database_now, answer=lambda now: now.tzinfo)
    for name in ("one", "two", "three"):
        do(processes.say_alive, name, "worker")
    do(processes.say_alive, "two", "web", 7)
    do(processes.said_by_webs)
    do(processes.is_gone, "three")
    do(processes.read_processes, answer=lambda found: [each[:2] for each in found])
    do(processes.forget_dead)
    do(lease.read_lease)
    for name in ("one", "two"):
        do(lease.take_lease, name, 4711)
    do(lease.read_lease, answer=lambda held: held[:3])
    for epoch in (1, 2):
        do(lease.renew_lease, epoch)
        do(lease.is_leading, epoch)
    for _ in range(2):
        do(nudges.nudge, "work")
    do(nudges.count_nudges)


def _numbers(do: Do) -> None:
    do(census.count_chats)
    do(census.count_topics)
    do(census.oldest_queued)
    do(census.count_waiting)
    do(census.count_held, NOON)
    do(census.count_kept)
    do(census.last_failures, 9)
    assert do(census.measure, answer=lambda size: size.rows).bytes > 0
    do(tables.tables)
    do(tables.tables_with, "chat_id", "thread_id")
    do(tables.references, answer=sorted)
    for table in ("chats", "outbox", "subscriptions"):
        do(tables.table_columns, table, answer=sorted)
        do(tables.columns_of, table)
        do(tables.optional_columns_of, table)
        do(tables.key_of, table)
    with do(sole.sole_use, answer=lambda _: None):
        do(heartbeat.last_beat)


def _moved(do: Do) -> None:
    do(copying.in_order, answer=set)
    do(copying.count, answer=lambda rows: sorted(rows.items()))
    with closing(open_database(IN_MEMORY)) as elsewhere:
        do(copying.move, elsewhere, answer=lambda rows: sorted(rows.items()))
    do(unfinished.mark_unfinished, "elsewhere.db")
    do(unfinished.unfinished_source)
    do(unfinished.mark_finished)
    do(unfinished.refuse_unfinished)


def _endings(do: Do) -> None:
    do(chats.subscribe, FORUM, "premium", "sound", thread_id=5)
    do(moving.move_to_thread, FORUM, 5, only_from=17)
    do(moving.move_to_thread, FORUM, 6)
    do(moving.migrate_chat, DESK, SUPERGROUP)
    do(moving.present_id, DESK)
    do(personal.parts_about_a_chat)
    for chat_id in (ANN, SUPERGROUP, FORUM):
        do(personal.stored_about, chat_id)
    do(personal.stored_of_person, ANN)
    do(returns.drop_queued, SUPERGROUP)
    do(personal.forget, ANN)
    hours = [Candle(COINBASE_BTC, timedelta(hours=1), NOON, 100.0, 110.0, 90.0, 105.0, 12.5)]
    steps = (lambda *_: timedelta(hours=1)), (lambda _: hours)
    do(thinning.thin_candles, NOON + DAY, *steps, answer=list)
    do(market.read_candles, COINBASE_BTC, timedelta(hours=1))
    do(tracks.bar_tracks)
    do(tracks.oldest_quotes)
    do(retention.prune_quotes_in_steps, Retention(DAY, DAY, DAY, DAY), NOON + 2 * DAY, answer=list)
    do(retention.prune_in_steps, Retention(DAY, DAY, 30 * DAY, DAY), NOON + 30 * DAY, 1, answer=list)
    do(retention.prune, Retention(DAY, DAY, DAY, DAY, changes=DAY), NOON + 30 * DAY)
    do(alerts.read_changes, limit=9)
