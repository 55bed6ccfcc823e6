"""From an update of Telegram to an Ask: which chat, in which words, and who asks."""

from typing import cast

from telegram import Bot, Chat, MaybeInaccessibleMessage, Message, MessageEntity, Update
from telegram.constants import ChatType, MessageEntityType
from telegram.error import BadRequest

from bot.desk import Desk
from bot.words.answer import Ask, Asker
from bot.words.texts import Html
from bot.words.wording import wording_for
from storage.chats import GENERAL, ChatKind, ChatRow, ensure_chat, note_app_language, read_chat
from storage.moving import present_id


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
        written=_written(update.message or update.channel_post),
    )


def thread_of(message: MaybeInaccessibleMessage | None) -> int:
    """The topic of a forum that a message is in; 0 outside of forums, and in their General topic.

    A chain of answers in an ordinary group has a thread id as well, to which nothing can be sent.
    """
    if not isinstance(message, Message) or not message.is_topic_message:
        return 0
    thread_id = message.message_thread_id or 0
    return 0 if thread_id == GENERAL else thread_id


def _written(message: Message | None) -> Html:
    """What follows the first word of a message, as Telegram's HTML."""
    if message is None or message.text is None:
        return Html()
    _, *rest = message.text.split(maxsplit=1)
    if not rest:
        return Html()
    begins_at = _units(message.text) - _units(rest[0])
    entities = [cut for each in message.entities if (cut := _cut_off(each, begins_at))]
    stand_in = Message(message.message_id, message.date, message.chat, text=rest[0], entities=entities)
    return Html(stand_in.text_html)


def _cut_off(entity: MessageEntity, begins_at: int) -> MessageEntity | None:
    """What is left of an entity where a text begins later, in UTF-16 units; None: nothing."""
    begin, end = max(entity.offset, begins_at), entity.offset + entity.length
    if begin >= end:
        return None
    return MessageEntity(
        entity.type,
        begin - begins_at,
        end - begin,
        url=entity.url,
        user=entity.user,
        language=entity.language,
        custom_emoji_id=entity.custom_emoji_id,
    )


def _units(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def speaks_to(message: Message, bot: Bot) -> bool:
    """Whether a message in a group answers the bot, or names it."""
    answered = message.reply_to_message
    if answered is not None and answered.from_user is not None and answered.from_user.id == bot.id:
        # In a forum every message answers the one that opened its topic.
        return answered.forum_topic_created is None
    names = message.parse_entities([MessageEntityType.MENTION]).values()
    return f"@{bot.username}".casefold() in {name.casefold() for name in names}


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
    """The chat's row, made where it is new. Of a group that moved it is that of the supergroup."""
    moved_to = present_id(desk.db, chat.id)
    if moved_to != chat.id and (row := read_chat(desk.db, moved_to)):
        return row
    title = chat.title or chat.full_name or ""
    return ensure_chat(desk.db, moved_to, cast("ChatKind", str(chat.type)), title, desk.now)
