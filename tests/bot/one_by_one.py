"""Telling one thread of a chat after the other: what the fan-out has to come to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.desk import Desk
from bot.telling.alerts import ALERT_LIFETIME, FLAPPED, SUPERSEDED, Compose, News, cap_note
from bot.telling.answering import answered_alert
from bot.telling.listeners import Listener, listener_at
from bot.words.merged import merged
from bot.words.texts import Html
from signals.policy import Hold, decide, heard, loudness, urgency
from signals.summing import Sum, Told, sum_up, untangled
from storage.alerts import read_alert
from storage.chats import read_subscriptions
from storage.database import Database
from storage.held import HeldRow, Place, read_open, settle
from storage.letters import Buttons
from storage.outbox import Delivery, enqueue
from tests.storage.holding import hold


def tell_one_by_one(desk: Desk, compose: Compose, news: Sequence[News]) -> int:
    """Like `Telling.tell`."""
    topics = {change.id for each in news for change in each.changes}
    everybody = [listener_at(desk, place) for place in places(desk.db, topics)]
    made = [
        d for each in everybody if each.hearing.topics.keys() & topics for d in _to(desk, compose, each, news)
    ]
    return enqueue(desk.db, made)


def places(db: Database, topics: set[str]) -> list[Place]:
    rows = db.rows(
        """SELECT DISTINCT chat_id, thread_id, topic FROM subscriptions JOIN chats ON chats.id = chat_id
           WHERE state = 'active' ORDER BY chat_id, thread_id"""
    )
    return list(dict.fromkeys((chat_id, thread_id) for chat_id, thread_id, topic in rows if topic in topics))


def _to(desk: Desk, compose: Compose, listener: Listener, news: Sequence[News]) -> Iterator[Delivery]:
    ready, held = _decided(desk, listener, news)
    total = untangled(sum_up([Told(n.alert_id, n.changes) for n in ready], listener.hearing.topics))
    by_id = {each.alert_id: each for each in ready}
    said = {id_: compose(listener.chat, by_id[id_]) for id_ in [c.alert_ids[-1] for c in total.news]}
    back = {alert_id for course in total.back for alert_id in course.alert_ids}
    held += [
        _held(desk, listener, id_, Hold(FLAPPED if id_ in back else SUPERSEDED, desk.now), is_over=True)  # type: ignore[arg-type]
        for id_ in by_id
        if id_ not in said
    ]
    hold(desk.db, held)
    if said:
        _settle_outdone(desk, listener, [by_id[id_] for id_ in said])
        yield _delivery(desk, listener, said, total, by_id)


def _decided(desk: Desk, listener: Listener, news: Sequence[News]) -> tuple[list[News], list[HeldRow]]:
    ready, held, hearing = [], [], listener.hearing
    for each in news:
        decision = decide(each.changes, hearing, desk.now)
        if decision.tell:
            ready.append(each)
        elif decision.until is not None:
            why = Hold(decision.reason, decision.until)
            held.append(_held(desk, listener, each.alert_id, why))
            hearing = replace(hearing, held={**hearing.held, **{c.id: why for c in each.changes}})
    return ready, held


def _held(desk: Desk, listener: Listener, alert_id: int, why: Hold, *, is_over: bool = False) -> HeldRow:
    chat_id, thread_id = listener.place
    return HeldRow(
        chat_id=chat_id,
        thread_id=thread_id,
        alert_id=alert_id,
        reason=str(why.reason),
        held_at=desk.now,
        until=why.until,
        outcome=str(why.reason) if is_over else None,
    )


def _settle_outdone(desk: Desk, listener: Listener, told: Sequence[News]) -> None:
    if not listener.hearing.held:
        return
    chat_id, thread_id = listener.place
    newest = {
        change.id: each.alert_id for each in sorted(told, key=lambda n: n.alert_id) for change in each.changes
    }
    topics = read_subscriptions(desk.db, chat_id, thread_id=thread_id)
    for row in read_open(desk.db, listener.place):
        alert = read_alert(desk.db, row.alert_id)
        mine = heard(alert.changes, topics) if alert else []
        if all(newest.get(change.id, 0) > row.alert_id for change in mine):
            settle(desk.db, row, SUPERSEDED)


def _delivery(
    desk: Desk,
    listener: Listener,
    said: Mapping[int, tuple[str, Buttons]],
    total: Sum,
    news: Mapping[int, News],
) -> Delivery:
    first, *others = said
    answered = (answered_alert(desk.db, listener.place, news[id_].changes) for id_ in said)
    silent, _ = loudness([course.last for course in total.news], listener.hearing.topics)
    note = cap_note(listener.chat, listener.hearing, desk)
    return Delivery(
        chat_id=listener.chat.id,
        thread_id=listener.thread_id,
        alert_id=first,
        more_alerts=tuple(others),
        kind="alert",
        urgency=urgency(total.news[0].last),
        text=merged([*(Html(text) for text, _ in said.values()), *note]),
        buttons=said[first][1],
        silent=silent,
        created_at=desk.now,
        expires_at=desk.now + ALERT_LIFETIME,
        answers_alert=next(filter(None, answered), None),
    )
