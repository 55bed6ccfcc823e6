"""Methods about chats: what they are, who is in them, what is pinned, and going away."""

from bot.playground.call import Call
from bot.playground.chats import Chat, Role, member_json
from bot.playground.json_types import Json
from bot.playground.messages import Message
from bot.playground.refusals import bad_request
from bot.playground.telegram import Telegram


def get_chat(telegram: Telegram, call: Call) -> Json:
    """All about a chat."""
    return telegram.find_joined_chat(call.chat_id()).as_full_json()


def get_chat_member(telegram: Telegram, call: Call) -> Json:
    """One user and the part that they play in a chat."""
    chat = telegram.find_joined_chat(call.chat_id())
    user = telegram.users.get(call.number("user_id"))
    if user is None:
        raise bad_request("invalid user_id specified")
    return member_json(chat, user)


def get_chat_administrators(telegram: Telegram, call: Call) -> list[Json]:
    """Those who run a group or channel."""
    chat = telegram.find_joined_chat(call.chat_id())
    if chat.user is not None:
        raise bad_request("there are no administrators in the private chat")
    # Telegram leaves out bots other than the asking one; here there are no others.
    return [member_json(chat, user) for user, role in telegram.members(chat) if role.administers]


def get_chat_member_count(telegram: Telegram, call: Call) -> int:
    """How many are in a chat, the bot included."""
    chat = telegram.find_joined_chat(call.chat_id())
    return sum(1 for _ in telegram.members(chat))


def pin_chat_message(telegram: Telegram, call: Call) -> bool:
    """Pin a message, above those that are pinned already."""
    chat, message = _find_pinnable(telegram, call)
    if message is None:
        raise bad_request("message to pin not found")
    if message.id in chat.pinned:
        chat.pinned.remove(message.id)
    chat.pinned.append(message.id)
    telegram.note_pin(chat, message, is_silent=call.flag("disable_notification"))
    return True


def unpin_chat_message(telegram: Telegram, call: Call) -> bool:
    """Unpin the named message, or the newest pinned one."""
    chat, message = _find_pinnable(telegram, call)
    if message is None and not call.has("message_id"):
        message = chat.messages[chat.pinned[-1]] if chat.pinned else None
    if message is None or message.id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message.id)
    telegram.changes.publish("pins", chat=chat.id, pinned=chat.pinned)
    return True


def leave_chat(telegram: Telegram, call: Call) -> bool:
    """Go away from a group or channel."""
    chat = telegram.find_joined_chat(call.chat_id())
    if chat.user is not None:
        raise bad_request("chat member status can't be changed in private chats")
    telegram.change_role(chat, telegram.bot, Role.LEFT, by=telegram.bot)
    return True


def _find_pinnable(telegram: Telegram, call: Call) -> tuple[Chat, Message | None]:
    chat = telegram.find_joined_chat(call.chat_id())
    if chat.user is None and not chat.role(telegram.bot).administers:
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat, chat.messages.get(call.number("message_id"))
