"""One look for everybody who hears of it: what is decided once a hearing becomes a row a place.

    hearers (a row a place) x messages (a row a hearing) -> outbox, told
    hearers (a row a place) x holds (rows a hearing)     -> held

`storage.hearers` gathers the hearers; all of this belongs into the transaction of the look. The tables on the
way are temporary; where the transaction is undone, they are gone with it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from signals.moments import to_ms
from storage.columns import json_text
from storage.database import Database
from storage.kinds import KINDS, rank_of, turn_of
from storage.outbox import Buttons, hasten_ahead

_KIND = "alert"

MUTED = "muted"
"""The reason to hold until the mute of each chat is over, instead of one moment for all."""


class Message(NamedTuple):
    """What every place with a hearing is told. `alert_ids`: the most urgent first."""

    hearing: str
    alert_ids: Sequence[int]
    urgency: int
    text: str
    buttons: Buttons
    silent: bool
    has_held: bool
    """Whether something is held back from those who hear it, so that it may be outdone."""


class Withheld(NamedTuple):
    """An alert that no place with a hearing is told of before `until`, or, with an `outcome`, ever."""

    hearing: str
    alert_id: int
    reason: str
    until: datetime
    outcome: str | None = None


def lay_out(db: Database, messages: Iterable[Message]) -> None:
    """Lay the messages of a look out for the statements that follow; until `fold_up`."""
    messages = list(messages)
    db.execute(
        """CREATE TEMPORARY TABLE messages (
               hearing TEXT PRIMARY KEY, alert_id BIGINT NOT NULL, alerts TEXT NOT NULL,
               rank INTEGER NOT NULL, text TEXT NOT NULL, buttons TEXT NOT NULL, silent INTEGER NOT NULL,
               has_held INTEGER NOT NULL)"""
    )
    db.execute(
        """CREATE TEMPORARY TABLE message_alerts (
               hearing TEXT NOT NULL, place INTEGER NOT NULL, alert_id BIGINT NOT NULL,
               PRIMARY KEY (hearing, place))"""
    )
    db.execute_many("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(_columns, messages))
    db.execute_many(
        "INSERT INTO message_alerts VALUES (?, ?, ?)",
        [(m.hearing, place, alert_id) for m in messages for place, alert_id in enumerate(m.alert_ids)],
    )


def fold_up(db: Database) -> None:
    """Forget the messages that were laid out."""
    for table in ("messages", "message_alerts"):
        db.execute(f"DROP TABLE {table}")


def _columns(message: Message) -> tuple[object, ...]:
    return (
        message.hearing,
        message.alert_ids[0],
        _listed(message.alert_ids),
        rank_of(_KIND, message.urgency),
        message.text,
        json_text([[dict(button) for button in row] for row in message.buttons]),
        int(message.silent),
        int(message.has_held),
    )


def _listed(alert_ids: Iterable[int]) -> str:
    return ",".join(map(str, alert_ids))


def spread(db: Database, now: datetime, *, answering: bool) -> int:
    """Queue the messages that were laid out for all who hear of them; how many that makes.

    `answering`: some of them may answer an alert that was told before (`storage.turns`).
    """
    waiting = _least_urgent_rank(db)
    made = db.execute(
        f"""INSERT INTO outbox (chat_id, thread_id, alert_id, kind, turn, rank, active_at, text, buttons,
                                silent, state, attempts, created_at, expires_at, unsure, answers_alert)
            SELECT hearers.chat_id, hearers.thread_id, messages.alert_id, 'alert', :turn, messages.rank,
                   hearers.active_at, messages.text, messages.buttons, messages.silent, 'queued', 0, :now,
                   :expires_at, 0, {_ANSWERED if answering else "NULL"}
            FROM hearers CROSS JOIN messages WHERE messages.hearing = hearers.hearing""",  # noqa: S608  # one of two constants
        {
            "turn": turn_of(_KIND),
            "now": to_ms(now),
            "expires_at": to_ms(now + KINDS[_KIND].lifetime),
        },
    )
    _note_told(db)
    _hasten(db, waiting)
    return made


def _least_urgent_rank(db: Database) -> int:
    [(rank,)] = db.rows("SELECT max(rank) FROM outbox WHERE state = 'queued'")
    return rank or 0


def _hasten(db: Database, waiting: int) -> None:
    """Hasten what is ahead in its chat: of what was `waiting` before, or in another thread of the chat.

    Where nothing of it can be less urgent, as a rule, no chat is asked.
    """
    [(first_id, most_urgent, least_urgent, threads)] = db.rows(
        """SELECT (SELECT min(id) FROM outbox WHERE alert_id IN (SELECT alert_id FROM messages)),
                  (SELECT min(rank) FROM messages), (SELECT max(rank) FROM messages),
                  (SELECT max(thread_id) FROM hearers)"""
    )
    if first_id is not None and (waiting > most_urgent or (threads and least_urgent > most_urgent)):
        hasten_ahead(db, first_id)


# Of the alerts in a message the most urgent one that takes something back decides, and of its changes the one
# that matters most.
_ANSWERED = """
    (SELECT last_told.alert_id
     FROM message_alerts
          JOIN turns ON turns.alert_id = message_alerts.alert_id
          JOIN last_told ON last_told.subject = turns.subject
               AND last_told.chat_id = hearers.chat_id AND last_told.thread_id = hearers.thread_id
          JOIN changes ON changes.alert_id = last_told.alert_id
               AND changes.subject = turns.subject AND changes.to_state = turns.told_state
     WHERE message_alerts.hearing = hearers.hearing
     ORDER BY message_alerts.place, turns.place LIMIT 1)"""


def _note_told(db: Database) -> None:
    """Which alerts each message tells of. An alert of this look is in no delivery of another one."""
    db.execute(
        """INSERT INTO told (alert_id, delivery_id)
           SELECT alert_id, id FROM outbox WHERE alert_id IN (SELECT alert_id FROM messages)"""
    )
    [(most,)] = db.rows("SELECT max(place) FROM message_alerts")
    if most:
        _note_others_told(db)


def _note_others_told(db: Database) -> None:
    """The alerts that share a message with a more urgent one."""
    db.execute(
        """INSERT INTO told (alert_id, delivery_id)
           SELECT others.alert_id, outbox.id
           FROM (SELECT messages.hearing, messages.alert_id AS first_id, message_alerts.alert_id
                 FROM messages JOIN message_alerts ON message_alerts.hearing = messages.hearing
                 WHERE message_alerts.place > 0) AS others
                JOIN hearers ON hearers.hearing = others.hearing
                JOIN outbox ON outbox.chat_id = hearers.chat_id AND outbox.thread_id = hearers.thread_id
                     AND outbox.alert_id = others.first_id"""
    )


def withhold(db: Database, withheld: Iterable[Withheld], now: datetime) -> int:
    """Hold alerts back from all who hear alike; how many rows that makes."""
    rows = [(w.hearing, w.alert_id, w.reason, to_ms(w.until), w.outcome) for w in withheld]
    if not rows:
        return 0
    db.execute(
        """CREATE TEMPORARY TABLE holds (
               hearing TEXT NOT NULL, alert_id BIGINT NOT NULL, reason TEXT NOT NULL, until BIGINT NOT NULL,
               outcome TEXT, PRIMARY KEY (hearing, alert_id))"""
    )
    db.execute_many("INSERT INTO holds VALUES (?, ?, ?, ?, ?)", rows)
    made = db.execute(
        """INSERT INTO held (chat_id, thread_id, alert_id, reason, held_at, until, outcome)
           SELECT hearers.chat_id, hearers.thread_id, holds.alert_id, holds.reason, :now,
                  CASE holds.reason WHEN :muted THEN hearers.muted_until ELSE holds.until END, holds.outcome
           FROM hearers CROSS JOIN holds WHERE holds.hearing = hearers.hearing""",
        {"now": to_ms(now), "muted": MUTED},
    )
    db.execute("DROP TABLE holds")
    return made


def held_alerts(db: Database) -> list[int]:
    """The alerts that are held back from anybody at present."""
    rows = db.rows("SELECT DISTINCT alert_id FROM held WHERE outcome IS NULL AND until > 0 ORDER BY alert_id")
    return [alert_id for (alert_id,) in rows]


def settle_held(
    db: Database, alert_id: int, told: Iterable[int], beside: Collection[str], outcome: str
) -> int:
    """An alert is not held any more from those who are told these, unless they hear of a topic `beside`."""
    topics = {f"topic{n}": topic for n, topic in enumerate(sorted(beside))}
    spared = ", ".join(f":{name}" for name in topics) or "NULL"
    return db.execute(
        f"""UPDATE held SET outcome = :outcome
            WHERE outcome IS NULL AND until > 0 AND alert_id = :alert_id
              AND EXISTS (SELECT 1 FROM hearers JOIN messages ON messages.hearing = hearers.hearing
                          WHERE hearers.chat_id = held.chat_id AND hearers.thread_id = held.thread_id
                            AND messages.has_held = 1 AND messages.alerts = :told)
              AND NOT EXISTS (SELECT 1 FROM subscriptions
                              WHERE subscriptions.chat_id = held.chat_id
                                AND subscriptions.thread_id = held.thread_id
                                AND topic IN ({spared}))""",  # noqa: S608  # names from here
        {"alert_id": alert_id, "told": _listed(told), "outcome": outcome, **topics},
    )
