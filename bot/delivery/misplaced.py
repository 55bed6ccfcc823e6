"""What is said where a message cannot go where it was meant to: in the chat itself, or to its keepers."""

from datetime import datetime, timedelta

from bot.delivery.errors import Trouble
from bot.words.texts import Html
from bot.words.wording import wording_for
from storage.chats import read_chat
from storage.database import Database
from storage.keepers import claim_telling, keepers_of
from storage.outbox import Delivery, enqueue

_KEEPERS_HEAR_AGAIN_AFTER = timedelta(days=1)

_LOST = {Trouble.NO_THREAD: "place.deleted", Trouble.THREAD_CLOSED: "place.closed"}


def note_of_lost_topic(db: Database, chat_id: int, trouble: Trouble, now: datetime) -> Html:
    """The line below the first message that comes to the chat itself since its topic is no more."""
    chat = read_chat(db, chat_id)
    assert chat is not None
    return wording_for(chat, now)(_LOST[trouble])


def tell_keepers(db: Database, chat_id: int, now: datetime) -> None:
    """Tell those who brought the bot into a chat that it may not write there: at most once a day."""
    chat = read_chat(db, chat_id)
    if chat is None or not claim_telling(db, chat_id, now, now - _KEEPERS_HEAR_AGAIN_AFTER):
        return
    enqueue(
        db,
        [
            Delivery(
                chat_id=keeper.id,
                kind="rights",
                text=wording_for(keeper, now)(f"rights.{chat.kind}", title=chat.title),
                created_at=now,
            )
            for keeper in keepers_of(db, chat_id)
        ],
    )
