"""Who brought the bot into a group or channel: whom to tell what it cannot say there.

That somebody is noted gives no right: whether they still administer the chat is asked of Telegram each time.
"""

from datetime import datetime

from signals.moments import to_ms
from storage.chats import ChatKind, ChatRow, read_chat
from storage.database import Database


def keep(db: Database, chat_id: int, user_id: int) -> None:
    """Note that somebody set up a chat. The chat must be known."""
    db.execute(
        "INSERT INTO keepers (chat_id, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING", (chat_id, user_id)
    )


def forget_keeper(db: Database, chat_id: int, user_id: int) -> None:
    """Somebody turned out not to administer a chat any more."""
    db.execute("DELETE FROM keepers WHERE (chat_id, user_id) = (?, ?)", (chat_id, user_id))


def kept_by(db: Database, user_id: int, kind: ChatKind) -> list[ChatRow]:
    """The chats of a kind that somebody set up and that can be written to, by title."""
    rows = db.rows(
        """SELECT chat_id FROM keepers JOIN chats ON chats.id = chat_id
           WHERE user_id = ? AND kind = ? AND state <> 'blocked' ORDER BY title, chat_id""",
        (user_id, kind),
    )
    return [chat for (chat_id,) in rows if (chat := read_chat(db, chat_id))]


def keepers_of(db: Database, chat_id: int) -> list[ChatRow]:
    """The private chats of those who set up a chat, as far as they can be written to."""
    rows = db.rows(
        """SELECT user_id FROM keepers JOIN chats ON chats.id = user_id
           WHERE chat_id = ? AND state = 'active' ORDER BY user_id""",
        (chat_id,),
    )
    return [chat for (user_id,) in rows if (chat := read_chat(db, user_id))]


def claim_telling(db: Database, chat_id: int, now: datetime, not_since: datetime) -> bool:
    """Whether its keepers may hear now that the bot is mute in a chat: not if they did after `not_since`."""
    return bool(
        db.execute(
            "UPDATE chats SET rights_told_at = ? WHERE id = ? AND coalesce(rights_told_at, 0) <= ?",
            (to_ms(now), chat_id, to_ms(not_since)),
        )
    )
