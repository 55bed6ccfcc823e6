"""What the bot hears from Telegram, and who answers it: a thin layer, update -> Ask -> Answer -> reply.

/command, channel posts   -> bot.commands.table
pressed buttons           -> bot.commands.buttons
added, removed, blocked   -> storage, and a greeting in groups
a group's new id          -> storage
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from telegram import Bot, ChatMember, Message, Update
from telegram.constants import ChatType
from telegram.error import TelegramError
from telegram.ext import (
    Application,
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    MessageHandler,
    filters,
)

from bot.commands.alert import means_own_alert, own_alert_from
from bot.commands.buttons import changes_settings, press
from bot.commands.table import BY_NAME, answer
from bot.delivery.errors import classify
from bot.desk import Desk
from bot.talk.asking import administers, ask_of, text_for_us
from bot.talk.replies import Replies, Sender
from bot.words.answer import Answer, Ask, Place
from bot.words.texts import Html, every_language, pick_language
from storage import chats

_log = logging.getLogger(__name__)

# Any: the library's generic parameters for data that this bot keeps in its database instead.
_Context: TypeAlias = Any
_AnyApplication: TypeAlias = Application[Any, Any, Any, Any, Any, Any]

_SPOKEN = filters.UpdateType.MESSAGE | filters.UpdateType.CHANNEL_POST
_AWAY = {ChatMember.LEFT, ChatMember.BANNED}
_GROUPS = {ChatType.GROUP, ChatType.SUPERGROUP}


def add_handlers(application: _AnyApplication, desk: Desk, sender: Sender) -> None:
    """Let an application hear everything that this bot answers to."""
    ears = _Ears(desk, Replies(desk, sender))
    handlers: list[BaseHandler[Update, Any, None]] = [
        MessageHandler(filters.StatusUpdate.MIGRATE, ears.hear_migration),
        MessageHandler(filters.COMMAND & _SPOKEN, ears.hear_command),
        MessageHandler(filters.TEXT & filters.ChatType.PRIVATE & _SPOKEN, ears.hear_small_talk),
        MessageHandler(filters.TEXT & filters.ChatType.GROUPS & _SPOKEN, ears.hear_group_talk),
        CallbackQueryHandler(ears.hear_press),
        ChatMemberHandler(ears.hear_membership, ChatMemberHandler.MY_CHAT_MEMBER),
    ]
    application.add_handlers(handlers)


class _Ears:
    """One method a kind of update."""

    def __init__(self, desk: Desk, replies: Replies) -> None:
        self._desk = desk
        self._replies = replies

    async def hear_command(self, update: Update, _context: _Context) -> None:
        message = update.effective_message
        assert message is not None
        assert message.text is not None
        word, *args = message.text.split()
        name, _, addressee = word[1:].partition("@")
        if not _is_for_us(message, name, addressee):
            return
        said = await self._safely(update, lambda: self._answer(update, name, tuple(args)))
        await self._replies.reply(message, said, self._failed(update))

    async def _answer(self, update: Update, name: str, args: tuple[str, ...]) -> Answer:
        ask = ask_of(update, self._desk, args)
        command = BY_NAME.get(name.lower())
        if command and command.changes_settings(args) and not await administers(update):
            return Answer(ask.words("mistake.not_administrator"))
        return await answer(ask, name)

    async def hear_press(self, update: Update, _context: _Context) -> None:
        query = update.callback_query
        assert query is not None
        said = await self._safely(update, lambda: self._pressed(update, query.data or ""))
        await self._replies.press(query, said, self._failed(update))

    async def _pressed(self, update: Update, data: str) -> Answer:
        if update.effective_chat is None:
            return Answer(Html(), place=Place.NOWHERE)
        ask = ask_of(update, self._desk)
        # What anybody presses in a channel would be published to all of it.
        guarded = ask.chat.kind == "channel" or changes_settings(data)
        if guarded and not await administers(update):
            return _only_noted(ask, "note.not_administrator")
        return await press(ask, data)

    async def hear_small_talk(self, update: Update, _context: _Context) -> None:
        assert update.effective_message is not None
        said = await self._safely(update, lambda: self._small_talk(update))
        await self._replies.reply(update.effective_message, said, self._failed(update))

    async def _small_talk(self, update: Update) -> Answer:
        ask = ask_of(update, self._desk)
        return await self._own_alert(update, ask) or Answer(ask.words("mistake.no_command"))

    async def hear_group_talk(self, update: Update, _context: _Context) -> None:
        """In groups only what is said to the bot: an answer to its message, or with its name."""
        message = update.effective_message
        assert message is not None
        if (said_to_us := text_for_us(message)) is None or not means_own_alert(said_to_us):
            return
        said = await self._safely(update, lambda: self._small_talk(update))
        await self._replies.reply(message, said, self._failed(update))

    async def _own_alert(self, update: Update, ask: Ask) -> Answer | None:
        """What comes of plain words that ask for an alert; None where they do not."""
        assert update.effective_message is not None
        text = text_for_us(update.effective_message) or ""
        if not means_own_alert(text):
            return None
        if not await administers(update):
            return Answer(ask.words("mistake.not_administrator"))
        return await own_alert_from(ask, text)

    async def hear_membership(self, update: Update, context: _Context) -> None:
        """The bot was added, removed, blocked or unblocked."""
        moved, ask = update.my_chat_member, ask_of(update, self._desk)
        assert moved is not None
        if moved.new_chat_member.status in _AWAY:
            chats.block(self._desk.db, ask.chat.id, f"the bot's status is {moved.new_chat_member.status}")
            return
        chats.unblock(self._desk.db, ask.chat.id)
        if moved.chat.type in _GROUPS and moved.old_chat_member.status in _AWAY:
            await _greet(context.bot, ask)

    async def hear_migration(self, update: Update, _context: _Context) -> None:
        """A group became a supergroup; Telegram says so in both."""
        message = update.effective_message
        assert message is not None
        if message.migrate_to_chat_id is not None:
            chats.migrate_chat(self._desk.db, message.chat_id, message.migrate_to_chat_id)
        elif message.migrate_from_chat_id is not None:
            chats.migrate_chat(self._desk.db, message.migrate_from_chat_id, message.chat_id)

    async def _safely(self, update: Update, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """An answer in any case: whoever asks is never met with silence."""
        try:
            return await work()
        except Exception:  # noqa: BLE001
            # The last resort for bugs and for a database or network that fails while somebody waits.
            _log.exception("Update %d could not be answered", update.update_id)
            failed = self._failed(update)
            return Answer(failed, place=Place.NOWHERE, note=failed)

    def _failed(self, update: Update) -> Html:
        """What is said when all else fails, without the database."""
        told = update.effective_user.language_code if update.effective_user else None
        return every_language()[pick_language(told)]("mistake.failed")


def _is_for_us(message: Message, name: str, addressee: str) -> bool:
    """Other bots' commands are theirs; in groups only our own unaddressed ones are meant for us."""
    if addressee:
        return addressee.lower() == message.get_bot().username.lower()
    return message.chat.type == ChatType.PRIVATE or name.lower() in BY_NAME


async def _greet(bot: Bot, ask: Ask) -> None:
    try:
        await bot.send_message(ask.chat.id, ask.words.plain("group.greeting"))
    except TelegramError as error:
        # Not every group lets its bots write; whoever asks for something is answered all the same.
        _log.info("Chat %d was not greeted: %s", ask.chat.id, classify(error).reason)


def _only_noted(ask: Ask, key: str) -> Answer:
    return Answer(Html(), place=Place.NOWHERE, note=ask.words.plain(key))
