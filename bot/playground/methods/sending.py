"""Methods by which the bot writes: text, photos, documents, and that it is about to."""

from bot.playground.call import Call, Upload
from bot.playground.chats import Chat
from bot.playground.discussion import forward_post, origin_of
from bot.playground.entities import Formatted
from bot.playground.files import StoredFile
from bot.playground.formatting import (
    MAX_CAPTION_UNITS,
    MAX_TEXT_UNITS,
    format_text,
)
from bot.playground.json_types import Json
from bot.playground.messages import Message
from bot.playground.methods.keyboards import read_markup
from bot.playground.refusals import bad_request
from bot.playground.telegram import Telegram
from bot.playground.threads import find_thread


def send_message(telegram: Telegram, call: Call) -> Json:
    """Write text."""
    chat = telegram.find_writable_chat(call.chat_id())
    written = read_text(call)
    return _send(telegram, call, chat, written, {})


def send_photo(telegram: Telegram, call: Call) -> Json:
    """Show a picture, with a caption."""
    chat = telegram.find_writable_chat(call.chat_id(), "can_send_photos")
    photo = read_file(telegram, call, "photo", "there is no photo in the request")
    return _send(telegram, call, chat, read_caption(call), {"photo": [photo.as_photo_json()]})


def send_document(telegram: Telegram, call: Call) -> Json:
    """Send a file, with a caption."""
    chat = telegram.find_writable_chat(call.chat_id(), "can_send_documents")
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


def copy_message(telegram: Telegram, call: Call) -> Json:
    """Write what a message says once more, with no sign of where it comes from."""
    original = _find_original(telegram, call)
    chat = telegram.find_writable_chat(call.chat_id(), _right_for(original))
    written = read_caption(call) if original.media and "caption" in call.fields else original.written
    return {"message_id": _send(telegram, call, chat, written, original.media)["message_id"]}


def forward_message(telegram: Telegram, call: Call) -> Json:
    """Show a message in another chat, with a sign of where it was first."""
    original = _find_original(telegram, call)
    chat = telegram.find_writable_chat(call.chat_id(), _right_for(original))
    marks = {"forward_origin": origin_of(telegram, original)}
    return _send(telegram, call, chat, original.written, original.media, marks=marks)


def _find_original(telegram: Telegram, call: Call) -> Message:
    source = telegram.find_joined_chat(call.chat_id("from_chat_id"))
    message = source.messages.get(call.number("message_id"))
    if message is None or message.service:
        raise bad_request(f"message to {call.method.removesuffix('Message')} not found")
    return message


def _right_for(message: Message) -> str:
    kinds = {"photo": "can_send_photos", "document": "can_send_documents"}
    return next((right for kind, right in kinds.items() if kind in message.media), "can_send_messages")


def _send(
    telegram: Telegram,
    call: Call,
    chat: Chat,
    written: Formatted,
    media: Json,
    *,
    marks: Json | None = None,
) -> Json:
    may_manage = chat.role(telegram.bot).administers and chat.may(telegram.bot, "can_manage_topics")
    reply_to = _read_reply(call, chat)
    named = call.number("message_thread_id") or (
        reply_to.thread_id if reply_to and reply_to.is_in_topic else None
    )
    markup, keyboard = read_markup(call, is_private=chat.user is not None)
    message = Message(
        date=telegram.clock(),
        sender=None if chat.is_channel else telegram.bot,
        written=written,
        media=media,
        reply_to=reply_to,
        markup=markup,
        keyboard=keyboard,
        thread_id=find_thread(chat, named, may_manage=may_manage),
        author=telegram.bot,
        marks=marks or {},
        is_silent=call.flag("disable_notification"),
    )
    telegram.write(chat, message)
    forward_post(telegram, message)
    return message.as_json(chat.as_json())


def _read_reply(call: Call, chat: Chat) -> Message | None:
    reply = call.object("reply_parameters")
    if reply is None:
        return None
    answered = chat.messages.get(int(reply.get("message_id", 0)))
    if answered is None and not reply.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return answered
