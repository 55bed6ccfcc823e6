"""What went to a chat, or is about to: asked by whoever keeps to limits, or waits until nothing is ahead."""

from datetime import datetime

from signals.moments import from_ms, to_ms
from storage.database import Database
from storage.kinds import Lane, first_rank
from storage.letters import SINCE


def made_since(db: Database, chat_id: int, kind: str, since: datetime) -> bool:
    """Whether something of a kind was made for a chat after a moment, whatever became of it."""
    row = db.row(
        f"""SELECT 1 FROM outbox CROSS JOIN letters
            WHERE outbox.chat_id = :chat AND {SINCE} AND letters.id = outbox.letter_id
              AND letters.kind = :kind AND letters.created_at > :since LIMIT 1""",  # noqa: S608  # the constant
        {"chat": chat_id, "kind": kind, "since": to_ms(since)},
    )
    return row is not None


def has_open(db: Database, chat_id: int) -> bool:
    """Whether something that goes before edits is still to be sent to a chat, or anything is being sent."""
    row = db.row(
        """SELECT 1 FROM outbox INDEXED BY outbox_open WHERE chat_id = ? AND state IN ('queued', 'sending')
           AND (rank < ? OR state = 'sending') LIMIT 1""",
        (chat_id, first_rank(Lane.EDIT)),
    )
    return row is not None


def sent_since(db: Database, moment: datetime) -> list[tuple[int, datetime]]:
    """What arrived since a moment, by chat, the oldest first."""
    rows = db.rows(
        "SELECT chat_id, sent_at FROM outbox WHERE sent_at > ? ORDER BY sent_at",
        (to_ms(moment),),
    )
    return [(chat_id, from_ms(sent_ms)) for chat_id, sent_ms in rows]
