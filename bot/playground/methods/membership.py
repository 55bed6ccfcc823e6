"""Methods about chats: what they are, who is in them, what is pinned, and going away."""

from bot.playground.call import Call
from bot.playground.chats import Chat, Role
from bot.playground.json_types import Json
from bot.playground.members import member_json
from bot.playground.messages import Message
from bot.playground.refusals import bad_request
from bot.playground.telegram import Telegram
from bot.playground.users import SERVICE_ACCOUNTS


def get_chat(telegram: Telegram, call: Call) -> Json:
    """All about a chat."""
    return telegram.find_joined_chat(call.chat_id()).as_full_json()


def get_chat_member(telegram: Telegram, call: Call) -> Json:
    """One user and the part that they play in a chat."""
    chat = telegram.find_joined_chat(call.chat_id())
    user_id = call.number("user_id")
    user = telegram.users.get(user_id) or SERVICE_ACCOUNTS.get(user_id)
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
    telegram.pin(chat, message, telegram.bot, is_silent=call.flag("disable_notification"))
    return True


def unpin_chat_message(telegram: Telegram, call: Call) -> bool:
    """Unpin the named message, or the newest pinned one."""
    chat, message = _find_pinnable(telegram, call)
    if message is None and not call.has("message_id"):
        message = chat.messages[chat.pinned[-1]] if chat.pinned else None
    if message is None or message.id not in chat.pinned:
        raise bad_request("message to unpin not found")
    telegram.unpin(chat, message.id)
    return True


def unpin_all_chat_messages(telegram: Telegram, call: Call) -> bool:
    """Unpin whatever is pinned."""
    chat, _message = _find_pinnable(telegram, call)
    telegram.unpin(chat, *chat.pinned)
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
    if not chat.may(telegram.bot, "can_edit_messages" if chat.is_channel else "can_pin_messages"):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat, chat.messages.get(call.number("message_id"))
