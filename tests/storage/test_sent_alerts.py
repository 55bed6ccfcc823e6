from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from signals.conditions import Change, Kind
from signals.moments import to_ms
from storage import chats, outbox
from storage.alerts import raise_alert
from storage.database import Database
from storage.moving import migrate_chat
from storage.outbox import Delivery
from storage.retention import Retention, prune
from storage.sent_alerts import Told, last_told, message_of_alert, messages_of_alert

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KEEP = Retention(quotes=DAY, candles=DAY, outbox=30 * DAY, gauges=DAY)
ALERT = Delivery(chat_id=7, kind="alert", text="x", created_at=NOON)


@pytest.fixture(autouse=True)
def ann(db: Database) -> None:
    chats.ensure_chat(db, 7, "private", "Ann", NOON)


def told(db: Database, subject: str, to_state: str, *, thread_id: int = 0, arrives: bool = True) -> int:
    """An alert about a subject, which Ann gets."""
    change = Change(to_ms(NOON), Kind.WARNING, subject, "any", to_state, "any", {})
    alert_id = raise_alert(db, NOON, NOON, [change])
    outbox.enqueue(db, [replace(ALERT, alert_id=alert_id, thread_id=thread_id)])
    [delivery] = outbox.claim(db, NOON, 1)
    if arrives:
        outbox.mark_sent(db, delivery.id, alert_id + 100, NOON)
    else:
        outbox.mark_failed(db, delivery.id, "gone")
    return alert_id


def test_each_thread_has_its_own_last_alert_about_a_subject(db: Database) -> None:
    told(db, "support", "on")
    general, topic = told(db, "support", "off"), told(db, "support", "on", thread_id=5)
    told(db, "funding", "on")
    told(db, "support", "on", arrives=False)
    assert last_told(db, (7, 0), "support") == Told(general, "off")
    assert last_told(db, (7, 5), "support") == Told(topic, "on")
    assert last_told(db, (7, 0), "repo") is None


def test_what_was_told_last_of_a_subject_is_kept_for_whatever_takes_it_back(db: Database) -> None:
    first, last, other = told(db, "support", "on"), told(db, "support", "off"), told(db, "funding", "on")
    last_sent = NOON + 60 * DAY
    assert prune(db, KEEP, last_sent) == len(("delivery", "letter"))
    assert message_of_alert(db, 7, first) is None
    assert message_of_alert(db, 7, last) == last + 100
    assert last_told(db, (7, 0), "funding") == Told(other, "on")
    assert prune(db, KEEP, last_sent) == 0


def test_a_message_is_found_in_its_own_thread_only(db: Database) -> None:
    alert_id = told(db, "support", "on", thread_id=5)
    assert message_of_alert(db, 7, alert_id) is None
    assert message_of_alert(db, 7, alert_id, thread_id=5) == alert_id + 100
    [sent] = messages_of_alert(db, 7, alert_id)
    assert (sent.message_id, sent.delivery.thread_id) == (alert_id + 100, 5)


def test_after_a_move_the_messages_are_of_another_chat(db: Database) -> None:
    alert_id = told(db, "support", "on")
    migrate_chat(db, 7, 8)
    assert last_told(db, (8, 0), "support") == Told(alert_id, "on")
    assert messages_of_alert(db, 8, alert_id) == []


def test_the_rest_of_a_long_alert_answers_nothing(db: Database) -> None:
    alert_id = told(db, "support", "on")
    outbox.enqueue(db, [replace(ALERT, text="xy", alert_id=alert_id, answers_alert=alert_id)])
    [first] = outbox.claim(db, NOON, 1)
    outbox.keep_rest(db, first.id, "y")
    [rest] = outbox.claim(db, NOON, 1)
    assert (first.answers_alert, rest.answers_alert) == (alert_id, None)
