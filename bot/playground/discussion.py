"""The discussion group of a channel: Telegram forwards each post there by itself."""

from bot.playground.hearing import tell
from bot.playground.json_types import Json
from bot.playground.messages import Message
from bot.playground.telegram import Telegram
from bot.playground.users import FORWARDER


def forward_post(telegram: Telegram, post: Message) -> Message | None:
    """Put a channel's post into its discussion group, where it has one."""
    channel = telegram.chats[post.chat_id]
    if channel.linked_to is None:
        return None
    group = telegram.chats[channel.linked_to]
    marks = {
        "sender_chat": channel.as_json(),
        "forward_origin": origin_of(telegram, post),
        "is_automatic_forward": True,
    }
    copy = Message(
        telegram.clock(), FORWARDER, post.written, post.media, marks=marks, is_silent=post.is_silent
    )
    telegram.write(group, copy)
    tell(telegram, group, copy)
    return copy


def origin_of(telegram: Telegram, message: Message) -> Json:
    """Telegram's `MessageOrigin`: where a forwarded message was first."""
    if "forward_origin" in message.marks:
        return dict(message.marks["forward_origin"])
    chat = telegram.chats[message.chat_id]
    origin: Json = {"date": int(message.date.timestamp())}
    if chat.is_channel:
        origin |= {"type": "channel", "chat": chat.as_json(), "message_id": message.id}
    elif "sender_chat" in message.marks:
        origin |= {"type": "chat", "sender_chat": message.marks["sender_chat"]}
    else:
        assert message.sender is not None
        origin |= {"type": "user", "sender_user": message.sender.as_json()}
    if "author_signature" in message.marks:
        origin["author_signature"] = message.marks["author_signature"]
    return origin
