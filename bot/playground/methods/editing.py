"""Methods by which the bot changes or takes back what it wrote."""

from typing import NamedTuple

from bot.playground.call import Call
from bot.playground.chats import Chat
from bot.playground.entities import Formatted
from bot.playground.formatting import MAX_CAPTION_UNITS, format_text
from bot.playground.json_types import Json
from bot.playground.messages import Message
from bot.playground.methods.keyboards import read_inline_keyboard
from bot.playground.methods.sending import find_file, read_caption, read_text
from bot.playground.refusals import NOT_MODIFIED, bad_request
from bot.playground.telegram import Telegram

MAX_DELETED = 100


class _Content(NamedTuple):
    written: Formatted
    media: Json
    markup: Json | None


def edit_message_text(telegram: Telegram, call: Call) -> Json | bool:
    """New text and buttons for a text message of the bot."""
    chat, message = _find_own(telegram, call)
    if message.media:
        raise bad_request("there is no text in the message to edit")
    return _change(
        telegram, call, chat, message, _Content(read_text(call), message.media, read_inline_keyboard(call))
    )


def edit_message_caption(telegram: Telegram, call: Call) -> Json | bool:
    """New caption and buttons for a photo or document of the bot."""
    chat, message = _find_own(telegram, call)
    if not message.media:
        raise bad_request("there is no caption in the message to edit")
    return _change(
        telegram, call, chat, message, _Content(read_caption(call), message.media, read_inline_keyboard(call))
    )


def edit_message_media(telegram: Telegram, call: Call) -> Json | bool:
    """Another picture or document, with its caption, in place of what was shown."""
    chat, message = _find_own(telegram, call)
    wanted = call.object("media")
    if wanted is None:
        raise bad_request("media is empty")
    media = _read_media(telegram, call, wanted)
    caption = format_text(
        wanted.get("caption", ""),
        wanted.get("parse_mode"),
        wanted.get("caption_entities"),
        MAX_CAPTION_UNITS,
    )
    return _change(telegram, call, chat, message, _Content(caption, media, read_inline_keyboard(call)))


def edit_message_reply_markup(telegram: Telegram, call: Call) -> Json | bool:
    """New buttons, or none; the text stays."""
    chat, message = _find_own(telegram, call)
    return _change(
        telegram, call, chat, message, _Content(message.written, message.media, read_inline_keyboard(call))
    )


def delete_message(telegram: Telegram, call: Call) -> bool:
    """Take back a message: the bot's own, or any where it may."""
    chat = telegram.find_joined_chat(call.chat_id())
    message = chat.messages.get(call.number("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if not _may_delete(telegram, chat, message):
        raise bad_request("message can't be deleted")
    telegram.erase(chat, message)
    return True


def delete_messages(telegram: Telegram, call: Call) -> bool:
    """Take back several messages; those that are gone already are passed over."""
    chat = telegram.find_joined_chat(call.chat_id())
    wanted = [chat.messages.get(message_id) for message_id in call.numbers("message_ids")]
    if not 1 <= len(wanted) <= MAX_DELETED:
        raise bad_request("wrong number of message identifiers specified")
    for message in [found for found in wanted if found is not None]:
        if _may_delete(telegram, chat, message):
            telegram.erase(chat, message)
    return True


def _find_own(telegram: Telegram, call: Call) -> tuple[Chat, Message]:
    if call.has("inline_message_id"):
        chosen = telegram.inline.chosen.get(call.text("inline_message_id"))
        if chosen is None:
            raise bad_request("MESSAGE_ID_INVALID")
        return telegram.chats[chosen.chat_id], chosen
    chat = telegram.find_joined_chat(call.chat_id())
    message = chat.messages.get(call.number("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    # A message that changed the reader's keyboard stays as it is.
    if not _is_own(telegram, chat, message) or message.keyboard:
        raise bad_request("message can't be edited")
    return chat, message


def _is_own(telegram: Telegram, chat: Chat, message: Message) -> bool:
    """The bot's messages, and in a channel that it administers every post."""
    may_all = chat.is_channel and chat.may(telegram.bot, "can_edit_messages")
    return not message.service and (message.author is telegram.bot or may_all)


def _may_delete(telegram: Telegram, chat: Chat, message: Message) -> bool:
    may_others = chat.user is not None or chat.may(telegram.bot, "can_delete_messages")
    return may_others or _is_own(telegram, chat, message)


def _read_media(telegram: Telegram, call: Call, wanted: Json) -> Json:
    stored = find_file(telegram, call, wanted.get("media", ""))
    if wanted.get("type") == "photo":
        return {"photo": [stored.as_photo_json()]}
    if wanted.get("type") == "document":
        return {"document": stored.as_document_json()}
    raise bad_request("type of media is not played in the playground")


def _change(telegram: Telegram, call: Call, chat: Chat, message: Message, wanted: _Content) -> Json | bool:
    present = _Content(message.written, message.media, message.markup)
    if wanted == present:
        raise bad_request(NOT_MODIFIED)
    # A change of the buttons alone is no edit to a reader: Telegram shows no "edited" for it.
    if wanted != present._replace(markup=wanted.markup):
        message.edited = telegram.clock()
    message.written, message.media, message.markup = wanted
    telegram.show_edit(chat, message)
    # What was chosen inline may stand in a chat that the bot is not in.
    return call.has("inline_message_id") or message.as_json(chat.as_json())
