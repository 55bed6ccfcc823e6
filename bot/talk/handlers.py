"""What the bot hears from Telegram, and who answers it: a thin layer, update -> Ask -> Answer -> reply.

/command, channel posts   -> bot.commands.table
other words               -> bot.commands.conversation
pressed buttons           -> bot.commands.buttons, bot.talk.elsewhere, bot.talk.admission
a channel, in private     -> bot.talk.elsewhere
added, removed, blocked   -> bot.talk.comings
somebody's other part     -> bot.talk.roles
@bot and some words       -> bot.commands.inline
a group's new id          -> storage
"""

from collections.abc import Callable
from dataclasses import replace
from html import escape
from typing import Any, TypeAlias

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import (
    Application,
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from bot.commands.afar import afar_of
from bot.commands.alert import means_own_alert
from bot.commands.buttons import draws, names_asker, press
from bot.commands.conversation import converse, draws_picture
from bot.commands.table import BY_NAME, answer, draws_by_name
from bot.desk import Desk
from bot.talk.admission import Admissions, is_about_admission
from bot.talk.asking import as_shown, ask_of, speaks_to
from bot.talk.comings import Comings
from bot.talk.elsewhere import SHOWS_CHANNEL, Elsewhere, channel_shown
from bot.talk.guard import Guard
from bot.talk.inline import answer_inline
from bot.talk.last_resort import failed, safely
from bot.talk.refusing import refusal_note, refusal_of
from bot.talk.replies import Replies, Sender
from bot.talk.requests import Refusal, Requests
from bot.talk.roles import Roles
from bot.words.answer import Answer, Ask, Place
from bot.words.texts import Html
from storage.chats import read_chat
from storage.moving import migrate_chat, present_id
from storage.nudges import nudge

# Any: the library's generic parameters for data that this bot keeps in its database instead.
_Context: TypeAlias = Any
_AnyApplication: TypeAlias = Application[Any, Any, Any, Any, Any, Any]

_SPOKEN = filters.UpdateType.MESSAGE | filters.UpdateType.CHANNEL_POST
_NOTHING = Answer(Html(), place=Place.NOWHERE)


def add_handlers(
    application: _AnyApplication, desk: Desk, sender: Sender, requests: Requests | None = None
) -> Callable[[], None]:
    """Let an application hear everything that this bot answers to; without `requests` nobody is limited.

    What comes back is to be called when another process was told that somebody's part in a chat has changed.
    """
    ears = _Ears(desk, sender, requests)
    handlers: list[BaseHandler[Update, Any, None]] = [
        MessageHandler(filters.StatusUpdate.MIGRATE, ears.hear_migration),
        MessageHandler(SHOWS_CHANNEL & _SPOKEN, ears.hear_of_channel),
        MessageHandler(filters.COMMAND & _SPOKEN, ears.hear_command),
        MessageHandler(filters.TEXT & filters.ChatType.PRIVATE & _SPOKEN, ears.hear_small_talk),
        MessageHandler(filters.TEXT & filters.ChatType.GROUPS & _SPOKEN, ears.hear_talk_in_a_group),
        CallbackQueryHandler(ears.hear_press),
        InlineQueryHandler(ears.hear_inline),
        ChatMemberHandler(ears.hear_membership, ChatMemberHandler.MY_CHAT_MEMBER),
        ChatMemberHandler(ears.hear_of_member, ChatMemberHandler.CHAT_MEMBER),
    ]
    application.add_handlers(handlers)
    return ears.forget_roles


class _Ears:
    """One method a kind of update."""

    def __init__(self, desk: Desk, sender: Sender, requests: Requests | None) -> None:
        self._desk = desk
        self._requests = requests
        self._replies = Replies(desk, sender)
        self._roles = Roles()
        self._guard = Guard(self._roles)
        self._admissions = Admissions(desk, sender)
        self._comings = Comings(desk, sender, self._replies, self._roles, self._admissions)
        self._elsewhere = Elsewhere(desk, sender, self._roles, self._admissions)

    async def hear_command(self, update: Update, _context: _Context) -> None:
        message = update.effective_message
        assert message is not None
        assert message.text is not None
        word, *args = message.text.split()
        name, _, addressee = word[1:].partition("@")
        if not _is_for_us(message, name, addressee) or self._is_greeted_already(update, name, args):
            return
        if refusal := self._refuse(update, draws=draws_by_name(name, args)):
            await self._say_refused(update, message, refusal)
            return
        said = await safely(update, lambda: self._answer(update, name, tuple(args)))
        if said is not None:
            await self._replies.reply(message, said, failed(update))

    async def _answer(self, update: Update, name: str, args: tuple[str, ...]) -> Answer | None:
        ask = self._ask(update, args)
        if self._admissions.awaits(ask.chat):
            return self._admissions.sentence(ask)
        return await self._guard.command(update, ask, name) or await answer(ask, name)

    def _is_greeted_already(self, update: Update, name: str, args: list[str]) -> bool:
        """A link that adds the bot to a group says /start there as well, with what the link brings along."""
        chat = update.effective_chat
        if chat is None or name.lower() != "start" or args not in ([], ["true"]):
            return False
        return self._comings.was_just_welcomed(chat.id, update.update_id)

    def _ask(self, update: Update, args: tuple[str, ...] = ()) -> Ask:
        """The question of an update, in a chat that is known and can be written to from now on."""
        chat = update.effective_chat
        assert chat is not None
        is_new = read_chat(self._desk.db, present_id(self._desk.db, chat.id)) is None
        ask = ask_of(update, self._desk, args)
        if is_new:
            self._admissions.note_newcomer(ask)
        if ask.chat.state == "blocked" and update.my_chat_member is None:
            # Whoever speaks to us can be written to again.
            self._comings.resume(ask.chat)
            ask = replace(ask, chat=read_chat(self._desk.db, ask.chat.id) or ask.chat)
        return ask

    async def hear_press(self, update: Update, _context: _Context) -> None:
        query = update.callback_query
        assert query is not None
        asked = afar_of(query.data or "")
        if refusal := self._refuse(update, draws=draws(asked.data if asked else query.data or "")):
            # An empty note too ends the waiting of the button.
            note = await refusal_note(update, self._desk, refusal) if refusal.is_told else ""
            await self._replies.pop_up(query, note)
            return
        said = await safely(update, lambda: self._pressed(update, query.data or ""))
        await self._replies.press(query, said or _NOTHING, failed(update))

    async def _pressed(self, update: Update, data: str) -> Answer:
        if update.effective_chat is None:
            return _NOTHING
        ask = self._ask(update)
        if self._admissions.awaits(ask.chat):
            return _only_noted(ask, "note.wait")
        if is_about_admission(data):
            return await self._decided(update, ask, data)
        if asked := afar_of(data):
            return await self._elsewhere.press(update, ask, asked)
        if refusal := await self._guard.press(update, ask, data):
            return refusal
        if names_asker(data):
            ask = replace(ask, asker=await as_shown(update, ask.asker))
        return await press(ask, data)

    async def _decided(self, update: Update, ask: Ask, data: str) -> Answer:
        said, chat = self._admissions.decide(ask, data)
        if chat is not None:
            await self._comings.decided(update.get_bot(), chat)
        return said

    async def hear_of_channel(self, update: Update, _context: _Context) -> None:
        """In private somebody chose a channel, or forwarded a post of it."""
        message = update.effective_message
        assert message is not None
        if refusal := self._refuse(update, draws=False):
            await self._say_refused(update, message, refusal)
            return
        said = await safely(update, lambda: self._about_channel(update, message))
        if said is not None:
            await self._replies.reply(message, said, failed(update))

    async def _about_channel(self, update: Update, message: Message) -> Answer:
        return await self._elsewhere.choose(update.get_bot(), self._ask(update), channel_shown(message))

    async def hear_talk_in_a_group(self, update: Update, context: _Context) -> None:
        """Only what answers the bot or names it: what people say to each other is none of its business."""
        assert update.effective_message is not None
        if speaks_to(update.effective_message, context.bot):
            await self.hear_small_talk(update, context)

    async def hear_small_talk(self, update: Update, _context: _Context) -> None:
        message = update.effective_message
        assert message is not None
        text = message.text or ""
        if refusal := self._refuse(update, draws=draws_picture(text, self._desk.now.date())):
            await self._say_refused(update, message, refusal)
            return
        said = await safely(update, lambda: self._small_talk(update))
        if said is not None and said.text:
            await self._replies.reply(message, said, failed(update))

    async def _small_talk(self, update: Update) -> Answer | None:
        assert update.effective_message is not None
        ask, text = self._ask(update), update.effective_message.text or ""
        if self._admissions.awaits(ask.chat):
            return None
        if means_own_alert(text) and (refusal := await self._guard.setting(update, ask)):
            return refusal
        return await converse(ask, text)

    async def hear_inline(self, update: Update, _context: _Context) -> None:
        query = update.inline_query
        assert query is not None
        if self._requests is None or self._requests.grants_inline(query.from_user.id):
            await answer_inline(query, self._desk)

    async def hear_membership(self, update: Update, _context: _Context) -> None:
        """The bot was added, removed, blocked, unblocked, promoted or restricted."""
        moved = update.my_chat_member
        assert moved is not None
        if present_id(self._desk.db, moved.chat.id) == moved.chat.id:
            # Of the group that became a supergroup everybody is gone, and nobody left.
            await self._comings.hear(moved, self._ask(update), update.update_id)
            nudge(self._desk.db, "roles")

    async def hear_of_member(self, update: Update, _context: _Context) -> None:
        """Somebody was promoted, demoted, came or went; Telegram tells only bots that administer the chat."""
        changed = update.chat_member
        assert changed is not None
        member = changed.new_chat_member
        self._roles.note(changed.chat.id, member.user.id, member.status)
        nudge(self._desk.db, "roles")

    def forget_roles(self) -> None:
        """Ask Telegram anew who may do what."""
        self._roles.forget_all()

    async def hear_migration(self, update: Update, _context: _Context) -> None:
        """A group became a supergroup; Telegram says so in both."""
        message = update.effective_message
        assert message is not None
        if message.migrate_to_chat_id is not None:
            migrate_chat(self._desk.db, message.chat_id, message.migrate_to_chat_id)
        elif message.migrate_from_chat_id is not None:
            migrate_chat(self._desk.db, message.migrate_from_chat_id, message.chat_id)
        # What waits for it, and its board, go on under the new number.
        self._desk.leave_work()
        self._desk.wake()

    def _refuse(self, update: Update, *, draws: bool) -> Refusal | None:
        return None if self._requests is None else refusal_of(self._requests, update, draws=draws)

    async def _say_refused(self, update: Update, message: Message, refusal: Refusal) -> None:
        if refusal.is_told:
            note = await refusal_note(update, self._desk, refusal)
            await self._replies.reply(message, Answer(Html(escape(note))), failed(update))


def _is_for_us(message: Message, name: str, addressee: str) -> bool:
    """Other bots' commands are theirs; in groups only our own unaddressed ones are meant for us."""
    if message.chat.type != ChatType.PRIVATE and message.forward_origin is not None:
        # A channel's posts come into its discussion group as well, and people quote each other.
        return False
    if addressee:
        return addressee.lower() == message.get_bot().username.lower()
    return message.chat.type == ChatType.PRIVATE or name.lower() in BY_NAME


def _only_noted(ask: Ask, key: str) -> Answer:
    return Answer(Html(), place=Place.NOWHERE, note=ask.words.plain(key))
