"""From an update of Telegram to an Ask: which chat, in which words, and who may change its settings."""

import re
from typing import cast

from telegram import Chat, MaybeInaccessibleMessage, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import BadRequest

from bot.desk import Desk
from bot.words.answer import Ask, Asker
from bot.words.wording import wording_for
from storage.chats import ChatKind, ChatRow, ensure_chat, note_app_language, unblock

_ADMINISTRATORS = {ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR}


def ask_of(update: Update, desk: Desk, args: tuple[str, ...] = ()) -> Ask:
    """The question that an update asks; its chat is known from now on.

    Raises:
        StorageError: the database cannot be used.
    """
    assert update.effective_chat is not None
    chat = known_chat(update.effective_chat, desk)
    told = update.effective_user.language_code if update.effective_user else None
    # A group's alerts speak the language of whoever spoke first, as a rule of who added the bot.
    if told is not None and (chat.kind == "private" or chat.app_language is None):
        note_app_language(desk.db, chat.id, told)
    return Ask(
        chat,
        wording_for(chat, desk.now, told),
        desk,
        args,
        told,
        thread_id=thread_of(update.effective_message),
        asker=_asker(update),
    )


def thread_of(message: MaybeInaccessibleMessage | None) -> int:
    """The topic of a forum that a message is in; 0 outside of forums, and in their General topic.

    A chain of answers in an ordinary group has a thread id as well, to which nothing can be sent.
    """
    if not isinstance(message, Message) or not message.is_topic_message:
        return 0
    return message.message_thread_id or 0


def text_for_us(message: Message) -> str | None:
    """What a message says to the bot, without its name; None where it is meant for others.

    In private everything is; in a group an answer to the bot's own message, or words with its @name.
    """
    text, bot = message.text or "", message.get_bot()
    if message.chat.type == ChatType.PRIVATE:
        return text
    named = re.compile(rf"@{re.escape(bot.username)}(?!\w)", re.IGNORECASE)
    replied = message.reply_to_message
    if named.search(text):
        return named.sub(" ", text).strip()
    return text if replied and replied.from_user and replied.from_user.id == bot.id else None


def _asker(update: Update) -> Asker | None:
    """Who is behind an update. A message in a chat's own name comes from an account that stands for many."""
    user, message = update.effective_user, update.effective_message
    if user is None or (
        update.callback_query is None and message is not None and message.sender_chat is not None
    ):
        return None
    return Asker(user.id, user.full_name)


def known_chat(chat: Chat, desk: Desk) -> ChatRow:
    """The chat's row, made where it is new. Whoever speaks to us can be written to again."""
    title = chat.title or chat.full_name or ""
    row = ensure_chat(desk.db, chat.id, cast("ChatKind", str(chat.type)), title, desk.now)
    if row.state == "blocked":
        unblock(desk.db, chat.id)
    return row


async def administers(update: Update) -> bool:
    """Whether the update comes from somebody who may change what its chat hears.

    Raises:
        TelegramError: who administers the chat cannot be found out.
    """
    chat, user = update.effective_chat, update.effective_user
    if chat is None or chat.type == ChatType.PRIVATE:
        return chat is not None
    if update.callback_query is None and speaks_for_chat(update.effective_message, chat):
        return True
    # Also where an anonymous administrator pressed a button: the press comes under the own name.
    return user is not None and await _is_administrator(chat, user)


async def _is_administrator(chat: Chat, user: User) -> bool:
    try:
        member = await chat.get_member(user.id)
    except BadRequest:
        # Telegram's own accounts, such as the one that forwards a channel's posts, are nobody's members.
        return False
    return member.status in _ADMINISTRATORS


def speaks_for_chat(message: Message | None, chat: Chat) -> bool:
    """Whether a message is in the chat's own name: a channel's post, or an anonymous administrator's."""
    return message is not None and message.sender_chat is not None and message.sender_chat.id == chat.id
