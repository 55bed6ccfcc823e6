"""One look for everybody who hears of it: what is decided once a hearing becomes a row a place.

    messages -> letters -> hearers (a row a place) x messages (a row a hearing) -> outbox
    hearers (a row a place) x holds (rows a hearing)     -> held

`storage.hearers` gathers the hearers; all of this belongs into the transaction of the look. The tables on the
way are temporary; where the transaction is undone, they are gone with it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from signals.moments import to_ms
from storage.database import Database
from storage.kinds import KINDS, rank_of, turn_of
from storage.letters import Buttons, Letter, note_deliveries, write_letters

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


def lay_out(db: Database, messages: Iterable[Message], now: datetime) -> None:
    """Write what a look says, and lay it out for the statements that follow; until `fold_up`."""
    messages = list(messages)
    db.execute(
        """CREATE TEMPORARY TABLE messages (
               hearing TEXT PRIMARY KEY, letter_id BIGINT NOT NULL, alerts TEXT NOT NULL,
               rank INTEGER NOT NULL, silent INTEGER NOT NULL, has_held INTEGER NOT NULL)"""
    )
    db.execute(
        """CREATE TEMPORARY TABLE message_alerts (
               hearing TEXT NOT NULL, place INTEGER NOT NULL, alert_id BIGINT NOT NULL,
               PRIMARY KEY (hearing, place))"""
    )
    written = [(message, _letter(message, now)) for message in messages]
    said = {_identity(letter): letter for _, letter in written}
    ids = dict(zip(said, write_letters(db, said.values()), strict=True))
    db.execute_many(
        "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)",
        [_columns(message, ids[_identity(letter)]) for message, letter in written],
    )
    db.execute_many(
        "INSERT INTO message_alerts VALUES (?, ?, ?)",
        [(m.hearing, place, alert_id) for m in messages for place, alert_id in enumerate(m.alert_ids)],
    )


def fold_up(db: Database) -> None:
    """Forget the messages that were laid out."""
    for table in ("messages", "message_alerts"):
        db.execute(f"DROP TABLE {table}")


def _letter(message: Message, now: datetime) -> Letter:
    return Letter(
        kind=_KIND,
        text=message.text,
        buttons=message.buttons,
        alert_ids=tuple(message.alert_ids),
        created_at=now,
        expires_at=now + KINDS[_KIND].lifetime,
    )


def _identity(letter: Letter) -> tuple[object, ...]:
    """What makes it one letter, to whomever it goes."""
    return letter.alert_ids, letter.text, str(letter.buttons)


def _columns(message: Message, letter_id: int) -> tuple[object, ...]:
    return (
        message.hearing,
        letter_id,
        _listed(message.alert_ids),
        rank_of(_KIND, message.urgency),
        int(message.silent),
        int(message.has_held),
    )


def _listed(alert_ids: Iterable[int]) -> str:
    return ",".join(map(str, alert_ids))


def spread(db: Database, *, answering: bool) -> int:
    """Queue the messages that were laid out for all who hear of them; how many that makes.

    `answering`: some of them may answer an alert that was told before (`storage.turns`).
    """
    with db.wholesale():
        made = db.execute(
            f"""INSERT INTO outbox (chat_id, thread_id, letter_id, turn, rank, active_at, silent, state,
                                    attempts, unsure, answers_alert)
                SELECT hearers.chat_id, hearers.thread_id, messages.letter_id, :turn, messages.rank,
                       hearers.active_at, messages.silent, 'queued', 0, 0,
                       {"answered.alert_id" if answering else "NULL"}
                FROM hearers CROSS JOIN messages {_ANSWERED if answering else ""}
                WHERE messages.hearing = hearers.hearing""",  # noqa: S608  # one of two constants
            {"turn": turn_of(_KIND)},
        )
    note_deliveries(db, [letter_id for (letter_id,) in db.rows("SELECT DISTINCT letter_id FROM messages")])
    return made


_ANSWERED = """LEFT JOIN answered ON answered.chat_id = hearers.chat_id
                                 AND answered.thread_id = hearers.thread_id"""


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
    with db.wholesale():
        return db.execute(
            f"""UPDATE held SET outcome = :outcome
                WHERE outcome IS NULL AND until > 0 AND alert_id = :alert_id
                  AND NOT EXISTS (SELECT 1 FROM subscriptions
                                  WHERE subscriptions.chat_id = held.chat_id
                                    AND subscriptions.thread_id = held.thread_id
                                    AND topic IN ({spared}))
                  AND EXISTS (SELECT 1 FROM hearers JOIN messages ON messages.hearing = hearers.hearing
                              WHERE hearers.chat_id = held.chat_id AND hearers.thread_id = held.thread_id
                                AND messages.has_held = 1 AND messages.alerts = :told)""",  # noqa: S608  # names from here
            {"alert_id": alert_id, "told": _listed(told), "outcome": outcome, **topics},
        )
