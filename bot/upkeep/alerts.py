"""Alerts that somebody took or gave back: their messages are edited to say so when their chat has room."""

from datetime import datetime, timedelta

from bot.delivery.errors import Failure, Trouble
from bot.delivery.spare import Errand, Room
from bot.desk import Desk
from bot.upkeep.calls import Call, all_of, edit_caption, edit_text
from bot.words.taken import buttons_with_taken, taken_line, with_taken
from bot.words.texts import Html
from bot.words.wording import Wording, wording_for
from storage import acknowledgements, traffic
from storage.acknowledgements import ToShow
from storage.chats import ChatRow, read_chat
from storage.database import Database
from storage.sent_alerts import SentMessage, messages_of_alert
from storage.told import alerts_of_delivery

_RETRY = timedelta(minutes=1)
_LOOK_AGAIN = timedelta(seconds=1)
_TRIED_AGAIN = {
    Trouble.WAIT,
    Trouble.TEMPORARY,
    Trouble.GATEWAY,
    Trouble.UNSURE,
    Trouble.CONFLICT,
    Trouble.BAD_TOKEN,
}
"""Failures that pass. After any other the message stays as it is; `/why` knows who took the alert."""


class TakenAlerts:
    """Gives the sender an errand for every alert whose messages do not say who has it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._busy: set[tuple[int, int]] = set()
        self._again_at: datetime | None = None

    def claim(self, now: datetime, room: Room) -> Errand | None:
        """The next alert to edit."""
        self._again_at = None
        for show, not_before in acknowledgements.read_to_show(self._desk.db):
            if (show.chat_id, show.alert_id) in self._busy:
                continue
            chat = read_chat(self._desk.db, show.chat_id)
            assert chat is not None
            free_at = max(filter(None, (not_before, chat.not_before, now)))
            if free_at <= now and not traffic.has_open(self._desk.db, chat.id) and room(chat.id) > 1:
                return self._errand(show, chat)
            self._note_again(max(free_at, now + _LOOK_AGAIN))
        return None

    def next_due(self, now: datetime) -> datetime | None:
        """When some alert may be edited, as things stand."""
        return None if self._again_at is None else max(self._again_at, now + _LOOK_AGAIN)

    def _note_again(self, at: datetime) -> None:
        self._again_at = at if self._again_at is None else min(self._again_at, at)

    def _errand(self, show: ToShow, chat: ChatRow) -> Errand:
        key = show.chat_id, show.alert_id
        self._busy.add(key)
        words = wording_for(chat, self._desk.now)
        messages = messages_of_alert(self._desk.db, show.chat_id, show.alert_id)

        def settle(outcome: int | Failure | None, now: datetime) -> None:
            if isinstance(outcome, Failure) and outcome.trouble in _TRIED_AGAIN:
                acknowledgements.hold(self._desk.db, show, now + (outcome.retry_after or _RETRY))
            else:
                acknowledgements.note_shown(self._desk.db, show)
            self._busy.discard(key)

        call = all_of([_edit(words, self._desk.db, chat.id, each) for each in messages])
        return Errand(f"edit of alert A-{show.alert_id}", chat.id, call, settle)


def _edit(words: Wording, db: Database, chat_id: int, sent: SentMessage) -> Call:
    """The message with its own text, picture and buttons, and who has which of its alerts."""
    alert_ids = alerts_of_delivery(db, sent.delivery.id)
    taken = acknowledgements.read_taken(db, chat_id, alert_ids)
    of_several = len(alert_ids) > 1
    lines = [taken_line(words, each, number if of_several else None) for number, each in taken.items()]
    text = with_taken(sent.delivery.text, Html("\n".join(lines)))
    buttons = buttons_with_taken(words, sent.delivery.buttons, taken)
    edit = edit_text if sent.delivery.chart is None else edit_caption
    return edit(chat_id, sent.message_id, text, buttons)
