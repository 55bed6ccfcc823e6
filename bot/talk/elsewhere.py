"""A chat that is set up from somebody's private chat: who may is asked of Telegram at every press."""

import logging

from telegram import Bot, ChatFullInfo, Message, MessageOriginChannel, Update
from telegram.error import TelegramError
from telegram.ext import filters

from bot.commands.afar import SETTINGS, Afar, at, shown_afar
from bot.commands.buttons import press
from bot.delivery.errors import classify
from bot.desk import Desk
from bot.talk.admission import Admissions
from bot.talk.comings import is_there, may_post
from bot.talk.replies import Sender
from bot.talk.roles import Authority, Roles
from bot.words.answer import Answer, Ask, Button, Place
from bot.words.texts import Html
from bot.words.wording import wording_for
from storage import keepers
from storage.chats import ChatRow, ensure_chat, note_app_language, read_chat
from storage.moving import present_id

_log = logging.getLogger(__name__)

_REFUSALS = {Authority.NONE: "afar.not_administrator", Authority.UNKNOWN: "afar.administrators_unknown"}


class _FromChannel(filters.MessageFilter):
    """A post that was forwarded from a channel."""

    def filter(self, message: Message) -> bool:
        return isinstance(message.forward_origin, MessageOriginChannel)


SHOWS_CHANNEL = filters.ChatType.PRIVATE & (filters.StatusUpdate.CHAT_SHARED | _FromChannel())
"""Messages by which somebody shows a channel that they want to set up."""


def channel_shown(message: Message) -> int:
    """The id of the channel that such a message shows."""
    if message.chat_shared is not None:
        return message.chat_shared.chat_id
    assert isinstance(message.forward_origin, MessageOriginChannel)
    return message.forward_origin.chat.id


class Elsewhere:
    """Answers about a chat in another one."""

    def __init__(self, desk: Desk, sender: Sender, roles: Roles, admissions: Admissions) -> None:
        self._desk = desk
        self._sender = sender
        self._roles = roles
        self._admissions = admissions

    async def press(self, update: Update, ask: Ask, asked: Afar) -> Answer:
        """The answer to a press about another chat."""
        query = update.callback_query
        assert query is not None
        chat = read_chat(self._desk.db, present_id(self._desk.db, asked.chat_id))
        if chat is None or ask.chat.kind != "private" or ask.asker is None:
            return _only_noted(ask, "note.outdated")
        return await self._answer(query.get_bot(), ask, chat, asked.data)

    async def choose(self, bot: Bot, ask: Ask, chat_id: int) -> Answer:
        """Somebody shows a channel that they want to set up: its settings, or what is missing."""
        try:
            info = await bot.get_chat(chat_id)
        except TelegramError as error:
            _log.info("Chat %d cannot be set up: %s", chat_id, classify(error).reason)
            return Answer(ask.words("channel.not_there"))
        if info.type != "channel":
            return Answer(ask.words("channel.no_channel"))
        return await self._answer(bot, ask, self._noted(ask, info), SETTINGS)

    def _noted(self, ask: Ask, info: ChatFullInfo) -> ChatRow:
        db = self._desk.db
        is_new = read_chat(db, info.id) is None
        chat = ensure_chat(db, info.id, "channel", info.title or "", self._desk.now)
        if is_new:
            self._admissions.note_newcomer(_about(ask, chat))
        return chat

    async def _answer(self, bot: Bot, ask: Ask, chat: ChatRow, data: str) -> Answer:
        assert ask.asker is not None
        authority = await self._roles.of_user(bot, chat.id, ask.asker.id, fresh=True)
        if authority is not Authority.GIVEN:
            if authority is Authority.NONE:
                keepers.forget_keeper(self._desk.db, chat.id, ask.asker.id)
            return Answer(ask.words(_REFUSALS[authority], title=chat.title))
        if self._admissions.awaits(chat):
            return Answer(ask.words("admission.channel_waits", title=chat.title))
        self._keep(ask, chat)
        missing = await self._missing(bot, chat)
        if missing:
            again = Button(ask.words.plain("button.of_chat"), at(chat.id, SETTINGS))
            return Answer(ask.words(missing, title=chat.title), ((again,),))
        answer = await press(_about(ask, chat), data)
        self._sender.wake()
        return shown_afar(ask.words, answer, read_chat(self._desk.db, chat.id) or chat)

    def _keep(self, ask: Ask, chat: ChatRow) -> None:
        assert ask.asker is not None
        keepers.keep(self._desk.db, chat.id, ask.asker.id)
        if chat.app_language is None and ask.told_language is not None:
            # A channel's posts come from nobody whose app could say a language.
            note_app_language(self._desk.db, chat.id, ask.told_language)

    async def _missing(self, bot: Bot, chat: ChatRow) -> str | None:
        """What keeps the bot from being of use there, as the key of a sentence; None: nothing does."""
        try:
            member = await bot.get_chat_member(chat.id, bot.id)
        except TelegramError as error:
            _log.info("The bot's own part in chat %d is not known: %s", chat.id, classify(error).reason)
            return "channel.not_there"
        if not is_there(member):
            return "channel.not_there"
        return None if may_post(member, chat.kind) else "channel.mute"


def _about(ask: Ask, chat: ChatRow) -> Ask:
    """The same person's question about another chat, in that chat's own words."""
    return Ask(
        chat,
        wording_for(chat, ask.words.now, ask.told_language),
        ask.desk,
        told_language=ask.told_language,
        asker=ask.asker,
        afar=True,
    )


def _only_noted(ask: Ask, key: str) -> Answer:
    return Answer(Html(), place=Place.NOWHERE, note=ask.words.plain(key))
