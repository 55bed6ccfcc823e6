"""What goes with a delivery beside its own words: the message that it answers, and that it may be a repeat.

The delivery itself is worth more than either: where they cannot be read it goes without.
"""

import logging
from datetime import datetime

from bot.delivery.send import Manner
from bot.words.texts import Html
from bot.words.wording import wording_for
from storage.chats import read_chat
from storage.database import Database, StorageError
from storage.kinds import KINDS
from storage.outbox import Delivery
from storage.sent_alerts import message_of_alert

_log = logging.getLogger(__name__)


def manner_of(db: Database, delivery: Delivery, now: datetime, *, is_paid: bool) -> Manner:
    """All of that, and whether Telegram is paid for it."""
    return Manner(_answered_message(db, delivery), _repeat_note(db, delivery, now), is_paid)


def _answered_message(db: Database, delivery: Delivery) -> int | None:
    """The message that told its thread of the alert that it takes back."""
    if delivery.answers_alert is None:
        return None
    place = delivery.chat_id, delivery.answers_alert
    try:
        return message_of_alert(db, *place, thread_id=delivery.thread_id)
    except StorageError as error:
        _log.error("What delivery %d answers cannot be read: %s", delivery.id, error)
        return None


def _repeat_note(db: Database, delivery: Delivery, now: datetime) -> Html:
    """The line by which what may have arrived already is recognised as a repeat, in the words of its chat.

    Empty for what carries a number: there the same A-12 or R-3 says it, and better.
    """
    if not delivery.unsure or KINDS[delivery.kind].is_numbered:
        return Html()
    try:
        chat = read_chat(db, delivery.chat_id)
    except StorageError as error:
        _log.error("How the chat of delivery %d is spoken to cannot be read: %s", delivery.id, error)
        return Html()
    return wording_for(chat, now)("sending.again") if chat else Html()
