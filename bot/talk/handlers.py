"""What the bot hears from Telegram, and who answers it: a thin layer, update -> Ask -> Answer -> reply.

/command, channel posts   -> bot.commands.table
other words               -> bot.commands.conversation
pressed buttons           -> bot.commands.buttons
@bot and some words       -> bot.commands.inline
added, removed, blocked   -> storage, and a greeting in groups
a group's new id          -> storage
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from html import escape
from typing import Any, TypeAlias

from telegram import Bot, ChatMember, Message, Update
from telegram.constants import ChatType
from telegram.error import TelegramError
from telegram.ext import (
    Application,
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from bot.commands.alert import means_own_alert
from bot.commands.buttons import changes_settings, draws, names_asker, press
from bot.commands.conversation import converse, draws_picture
from bot.commands.table import BY_NAME, answer, draws_by_name
from bot.delivery.errors import classify
from bot.desk import Desk
from bot.talk.asking import administers, as_shown, ask_of, speaks_to
from bot.talk.inline import answer_inline
from bot.talk.replies import Replies, Sender
from bot.talk.requests import Refusal, Requests
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


def add_handlers(
    application: _AnyApplication, desk: Desk, sender: Sender, requests: Requests | None = None
) -> None:
    """Let an application hear everything that this bot answers to; without `requests` nobody is limited."""
    ears = _Ears(desk, Replies(desk, sender), requests)
    handlers: list[BaseHandler[Update, Any, None]] = [
        MessageHandler(filters.StatusUpdate.MIGRATE, ears.hear_migration),
        MessageHandler(filters.COMMAND & _SPOKEN, ears.hear_command),
        MessageHandler(filters.TEXT & filters.ChatType.PRIVATE & _SPOKEN, ears.hear_small_talk),
        MessageHandler(filters.TEXT & filters.ChatType.GROUPS & _SPOKEN, ears.hear_talk_in_a_group),
        CallbackQueryHandler(ears.hear_press),
        InlineQueryHandler(ears.hear_inline),
        ChatMemberHandler(ears.hear_membership, ChatMemberHandler.MY_CHAT_MEMBER),
    ]
    application.add_handlers(handlers)


class _Ears:
    """One method a kind of update."""

    def __init__(self, desk: Desk, replies: Replies, requests: Requests | None) -> None:
        self._desk = desk
        self._replies = replies
        self._requests = requests

    async def hear_command(self, update: Update, _context: _Context) -> None:
        message = update.effective_message
        assert message is not None
        assert message.text is not None
        word, *args = message.text.split()
        name, _, addressee = word[1:].partition("@")
        if not _is_for_us(message, name, addressee):
            return
        if refusal := self._refuse(update, draws=draws_by_name(name, args)):
            await self._say_refused(update, message, refusal)
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
        if refusal := self._refuse(update, draws=draws(query.data or "")):
            # An empty note too ends the waiting of the button.
            note = await self._refused(update, refusal) if refusal.is_told else ""
            await self._replies.pop_up(query, note)
            return
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
        if names_asker(data):
            ask = replace(ask, asker=await as_shown(update, ask.asker))
        return await press(ask, data)

    async def hear_talk_in_a_group(self, update: Update, context: _Context) -> None:
        """Only what answers the bot or names it: what people say to each other is none of its business."""
        assert update.effective_message is not None
        if speaks_to(update.effective_message, context.bot):
            await self.hear_small_talk(update, context)

    async def hear_small_talk(self, update: Update, _context: _Context) -> None:
        message = update.effective_message
        assert message is not None
        if refusal := self._refuse(update, draws=draws_picture(message.text or "", self._desk.now.date())):
            await self._say_refused(update, message, refusal)
            return
        said = await self._safely(update, lambda: self._small_talk(update))
        if said.text:
            await self._replies.reply(message, said, self._failed(update))

    async def _small_talk(self, update: Update) -> Answer:
        assert update.effective_message is not None
        ask, text = ask_of(update, self._desk), update.effective_message.text or ""
        if means_own_alert(text) and not await administers(update):
            return Answer(ask.words("mistake.not_administrator"))
        return await converse(ask, text)

    async def hear_inline(self, update: Update, _context: _Context) -> None:
        query = update.inline_query
        assert query is not None
        if self._requests is None or self._requests.grants_inline(query.from_user.id):
            await answer_inline(query, self._desk)

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

    def _refuse(self, update: Update, *, draws: bool) -> Refusal | None:
        """Why a request is one too many; None where it is granted."""
        chat, person = update.effective_chat, update.effective_sender
        if self._requests is None or chat is None:
            return None
        return self._requests.refuse(person.id if person else chat.id, chat.id, draws=draws)

    async def _say_refused(self, update: Update, message: Message, refusal: Refusal) -> None:
        if refusal.is_told:
            note = await self._refused(update, refusal)
            await self._replies.reply(message, Answer(Html(escape(note))), self._failed(update))

    async def _refused(self, update: Update, refusal: Refusal) -> str:
        """One short sentence, without markup."""

        async def sentence() -> Answer:
            words = ask_of(update, self._desk).words
            wait = words.duration(max(refusal.wait, timedelta(seconds=1)))
            return Answer(Html(), note=words.plain(refusal.text, wait=wait))

        return (await self._safely(update, sentence)).note

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
