"""From an update of Telegram to an Ask: which chat, in which words, and who may change its settings."""

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


def _asker(update: Update) -> Asker | None:
    """Who is behind an update. A message in a chat's own name comes from an account that stands for many."""
    user, message = update.effective_user, update.effective_message
    if user is None or (
        update.callback_query is None and message is not None and message.sender_chat is not None
    ):
        return None
    return Asker(user.id, user.full_name)


async def as_shown(update: Update, asker: Asker | None) -> Asker | None:
    """Who pressed a button, without the name of an administrator who is anonymous in the group.

    Raises:
        TelegramError: whether they are cannot be found out.
    """
    chat = update.effective_chat
    if asker is None or chat is None or chat.type == ChatType.PRIVATE:
        return asker
    try:
        member = await chat.get_member(asker.id)
    except BadRequest:
        return asker
    return asker._replace(name="") if getattr(member, "is_anonymous", False) else asker


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
