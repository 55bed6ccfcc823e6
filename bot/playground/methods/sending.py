"""Methods by which the bot writes: text, photos, documents, and that it is about to."""

from bot.playground.call import Call, Upload
from bot.playground.chats import Chat
from bot.playground.entities import Formatted
from bot.playground.files import StoredFile
from bot.playground.formatting import (
    MAX_CAPTION_UNITS,
    MAX_TEXT_UNITS,
    format_text,
)
from bot.playground.json_types import Json
from bot.playground.messages import Message
from bot.playground.methods.keyboards import read_keyboard
from bot.playground.refusals import bad_request
from bot.playground.telegram import Telegram


def send_message(telegram: Telegram, call: Call) -> Json:
    """Write text."""
    chat = telegram.find_writable_chat(call.chat_id())
    written = read_text(call)
    return _send(telegram, call, chat, written, {})


def send_photo(telegram: Telegram, call: Call) -> Json:
    """Show a picture, with a caption."""
    chat = telegram.find_writable_chat(call.chat_id())
    photo = read_file(telegram, call, "photo", "there is no photo in the request")
    return _send(telegram, call, chat, read_caption(call), {"photo": [photo.as_photo_json()]})


def send_document(telegram: Telegram, call: Call) -> Json:
    """Send a file, with a caption."""
    chat = telegram.find_writable_chat(call.chat_id())
    document = read_file(telegram, call, "document", "there is no document in the request")
    return _send(telegram, call, chat, read_caption(call), {"document": document.as_document_json()})


def send_chat_action(telegram: Telegram, call: Call) -> bool:
    """Show for a few seconds that something is on its way."""
    chat = telegram.find_writable_chat(call.chat_id())
    if not call.has("action"):
        raise bad_request("wrong parameter action in request")
    telegram.changes.publish("action", chat=chat.id, action=call.text("action"))
    return True


def read_text(call: Call) -> Formatted:
    """The `text` of a call. Raises: RefusedError, 400."""
    written = format_text(call.text("text"), call.text("parse_mode"), call.array("entities"), MAX_TEXT_UNITS)
    if not written.text:
        raise bad_request("message text is empty")
    return written


def read_caption(call: Call) -> Formatted:
    """The `caption` of a call, which may be empty. Raises: RefusedError, 400."""
    return format_text(
        call.text("caption"),
        call.text("parse_mode"),
        call.array("caption_entities"),
        MAX_CAPTION_UNITS,
    )


def read_file(telegram: Telegram, call: Call, name: str, missing: str) -> StoredFile:
    """A file of the call: uploaded with it, attached under another name, or known by its id.

    Raises: RefusedError, 400.
    """
    if name in call.uploads:
        return _keep(telegram, call.uploads[name])
    reference = call.text(name)
    if not reference:
        raise bad_request(missing)
    return find_file(telegram, call, reference)


def find_file(telegram: Telegram, call: Call, reference: str) -> StoredFile:
    """What `attach://name` or a file id stands for. Raises: RefusedError, 400."""
    if not reference.startswith("attach://"):
        return telegram.files.find(reference)
    upload = call.uploads.get(reference.removeprefix("attach://"))
    if upload is None:
        raise bad_request("attached file not found")
    return _keep(telegram, upload)


def _keep(telegram: Telegram, upload: Upload) -> StoredFile:
    return telegram.files.keep(upload.name, upload.mime_type, upload.content)


def _send(telegram: Telegram, call: Call, chat: Chat, written: Formatted, media: Json) -> Json:
    message = Message(
        date=telegram.clock(),
        sender=None if chat.is_channel else telegram.bot,
        written=written,
        media=media,
        reply_to=_read_reply(call, chat),
        markup=read_keyboard(call),
        thread_id=call.number("message_thread_id") or None,
        is_silent=call.flag("disable_notification"),
    )
    telegram.write(chat, message)
    return message.as_json(chat.as_json())


def _read_reply(call: Call, chat: Chat) -> Message | None:
    reply = call.object("reply_parameters")
    if reply is None:
        return None
    answered = chat.messages.get(int(reply.get("message_id", 0)))
    if answered is None and not reply.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return answered
