"""Whether the bot may be in a group or channel: where operators want to be asked, they are, and decide.

a chat is new -> noted, the operators are asked in private -> approve: a welcome | refuse: the bot leaves
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from telegram import Bot
from telegram.error import TelegramError

from bot.commands.afar import long_id, short_id
from bot.delivery.errors import classify
from bot.desk import Desk
from bot.talk.replies import Sender
from bot.words.answer import Answer, Ask, Button, Buttons, Place
from bot.words.texts import Html
from bot.words.wording import Wording, wording_for
from storage import admissions
from storage.admissions import Admission, AdmissionState, Person
from storage.chats import ChatRow, read_chat
from storage.moving import present_id
from storage.outbox import Delivery, enqueue

_log = logging.getLogger(__name__)

_ADMIT = "admit"
_DECISIONS: dict[str, AdmissionState] = {"yes": "admitted", "no": "refused"}
_TOLD_AGAIN_AFTER = timedelta(minutes=10)


class Decided(NamedTuple):
    """The answer to an operator's press, and the chat that it has decided about; None: it changed nothing."""

    answer: Answer
    chat: ChatRow | None


def is_about_admission(data: str) -> bool:
    """Whether the data of a button are an operator's decision."""
    return data.startswith(f"{_ADMIT}:")


class Admissions:
    """Keeps the door."""

    def __init__(self, desk: Desk, sender: Sender) -> None:
        self._desk = desk
        self._sender = sender

    def note_newcomer(self, ask: Ask) -> None:
        """A chat is new: note that it has to wait; an operator who is new hears who waits already."""
        owners = self._desk.settings.owner_ids
        if ask.chat.kind == "private":
            if ask.chat.id in owners:
                self._ask_operators([ask.chat], admissions.waiting(self._desk.db))
            return
        by = ask.asker
        if self._desk.settings.groups == "open" or (by is not None and by.id in owners):
            return
        with self._desk.db.transaction():
            if admissions.ask(self._desk.db, ask.chat.id, by and Person(*by), self._desk.now):
                self._ask_operators(self._operators(), [self._admission(ask.chat.id)])

    def awaits(self, chat: ChatRow) -> Admission | None:
        """What keeps a chat from using the bot; None: nothing does."""
        if self._desk.settings.groups == "open" or chat.kind == "private":
            return None
        admission = admissions.read_admission(self._desk.db, chat.id)
        return None if admission is None or admission.state == "admitted" else admission

    def sentence(self, ask: Ask) -> Answer | None:
        """What a chat that has to wait is told; None: it was told a moment ago, or is refused."""
        now = self._desk.now
        if not admissions.claim_telling(self._desk.db, ask.chat.id, now, now - _TOLD_AGAIN_AFTER):
            return None
        return Answer(ask.words("admission.wait"))

    def decide(self, ask: Ask, data: str) -> Decided:
        """What becomes of an operator's press; whoever else sends such data hears that the button is old."""
        _, short, word = (*data.split(":"), "", "")[:3]
        chat_id, state, by = long_id(short), _DECISIONS.get(word), ask.asker
        if chat_id is None or state is None or by is None or not self._is_operator(ask):
            return _outdated(ask)
        db, chat_id = self._desk.db, present_id(self._desk.db, chat_id)
        is_new = admissions.decide(db, chat_id, state, Person(*by), self._desk.now)
        chat, admission = read_chat(db, chat_id), admissions.read_admission(db, chat_id)
        if chat is None or admission is None:
            return _outdated(ask)
        note = ask.words.plain("note.done" if is_new else "note.decided_already")
        text, buttons = _standing(ask.words, chat, admission)
        return Decided(Answer(text, buttons, place=Place.INSTEAD, note=note), chat if is_new else None)

    def _is_operator(self, ask: Ask) -> bool:
        return ask.chat.kind == "private" and ask.chat.id in self._desk.settings.owner_ids

    def _operators(self) -> list[ChatRow]:
        found = [read_chat(self._desk.db, owner) for owner in sorted(self._desk.settings.owner_ids)]
        known = [chat for chat in found if chat is not None]
        if not known:
            _log.warning("A chat waits to be approved, and no operator has begun a private chat with the bot")
        return known

    def _admission(self, chat_id: int) -> Admission:
        admission = admissions.read_admission(self._desk.db, chat_id)
        assert admission is not None
        return admission

    def _ask_operators(self, operators: Sequence[ChatRow], waiting: Sequence[Admission]) -> None:
        db, now = self._desk.db, self._desk.now
        pairs = [(operator, each) for operator in operators for each in waiting]
        for operator, each in pairs:
            if (chat := read_chat(db, each.chat_id)) is None:
                continue
            text, buttons = _standing(wording_for(operator, now), chat, each)
            rows = [[button._asdict() for button in row] for row in buttons]
            question = Delivery(
                chat_id=operator.id, kind="admission", text=text, buttons=rows, created_at=now
            )
            enqueue(db, [question])
        if pairs:
            self._sender.wake()


def _standing(words: Wording, chat: ChatRow, admission: Admission) -> tuple[Html, Buttons]:
    """How a chat's admission stands, for operators, and what they can do about it."""
    kind = words.plain(f"chat.{chat.kind}")
    question = words("admission.question", title=chat.title, kind=kind)
    if admission.asked_by:
        by = words("admission.asked_by", name=admission.asked_by)
        question = words("sentences.two", first=question, second=by)
    if admission.state == "asked":
        return question, ((_button(words, chat.id, "yes"), _button(words, chat.id, "no")),)
    outcome = words(f"admission.{admission.state}", name=admission.decided_by)
    after_all = ((_button(words, chat.id, "yes", "after_all"),),) if admission.state == "refused" else ()
    return Html(f"{question}\n{outcome}"), after_all


def _button(words: Wording, chat_id: int, word: str, label: str = "") -> Button:
    return Button(words.plain(f"button.admit_{label or word}"), f"{_ADMIT}:{short_id(chat_id)}:{word}")


def _outdated(ask: Ask) -> Decided:
    return Decided(Answer(Html(), place=Place.NOWHERE, note=ask.words.plain("note.outdated")), None)


async def leave(bot: Bot, chat_id: int) -> None:
    """Go away from a chat; what was decided about it stays where that fails."""
    try:
        await bot.leave_chat(chat_id)
    except TelegramError as error:
        _log.warning("Chat %d could not be left: %s", chat_id, classify(error).reason)
