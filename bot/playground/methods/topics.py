"""Methods by which the bot opens, renames, closes and deletes the topics of a forum."""

from bot.playground.call import Call
from bot.playground.chats import Chat
from bot.playground.forum import MAX_NAME_UNITS, close_topic, delete_topic, open_topic, rename_topic
from bot.playground.json_types import Json
from bot.playground.refusals import bad_request
from bot.playground.telegram import Telegram
from bot.playground.topics import GENERAL, ICON_COLORS, Topic


def create_forum_topic(telegram: Telegram, call: Call) -> Json:
    """A new topic; its id is that of the service message that opens it."""
    chat = _find_forum(telegram, call, "create a topic")
    name = _read_name(call)
    color = call.number("icon_color", ICON_COLORS[0])
    if color not in ICON_COLORS:
        raise bad_request("TOPIC_ICON_INVALID")
    return open_topic(telegram, chat, name, telegram.bot, color).as_json()


def edit_forum_topic(telegram: Telegram, call: Call) -> bool:
    """A new name for a topic."""
    chat = _find_forum(telegram, call, "edit the topic")
    topic = _find_topic(chat, call)
    if call.has("name"):
        rename_topic(telegram, chat, topic, _read_name(call), telegram.bot)
    return True


def close_forum_topic(telegram: Telegram, call: Call) -> bool:
    """Only those who manage topics write in it from now on."""
    return _set_closed(telegram, call, is_closed=True)


def reopen_forum_topic(telegram: Telegram, call: Call) -> bool:
    """Everybody writes in it again."""
    return _set_closed(telegram, call, is_closed=False)


def delete_forum_topic(telegram: Telegram, call: Call) -> bool:
    """The topic and everything in it goes away."""
    chat = telegram.find_joined_chat(call.chat_id())
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    if not (chat.role(telegram.bot).administers and chat.may(telegram.bot, "can_delete_messages")):
        raise bad_request("not enough rights to delete the topic")
    delete_topic(telegram, chat, _find_topic(chat, call))
    return True


def unpin_all_forum_topic_messages(telegram: Telegram, call: Call) -> bool:
    """Unpin whatever is pinned in a topic."""
    chat = telegram.find_joined_chat(call.chat_id())
    if not chat.may(telegram.bot, "can_pin_messages"):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    topic = _find_topic(chat, call)
    telegram.unpin(chat, *(pin for pin in chat.pinned if chat.messages[pin].thread_id == topic.id))
    return True


def _set_closed(telegram: Telegram, call: Call, *, is_closed: bool) -> bool:
    chat = _find_forum(telegram, call, "close or reopen the topic")
    topic = _find_topic(chat, call)
    if topic.is_closed is is_closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    close_topic(telegram, chat, topic, telegram.bot, is_closed=is_closed)
    return True


def _find_forum(telegram: Telegram, call: Call, what: str) -> Chat:
    chat = telegram.find_joined_chat(call.chat_id())
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    if not (chat.role(telegram.bot).administers and chat.may(telegram.bot, "can_manage_topics")):
        raise bad_request(f"not enough rights to {what}")
    return chat


def _find_topic(chat: Chat, call: Call) -> Topic:
    topic = chat.topics.get(call.number("message_thread_id"))
    if topic is None or topic.id == GENERAL:
        raise bad_request("message thread not found")
    return topic


def _read_name(call: Call) -> str:
    name = call.text("name").strip()
    if not name:
        raise bad_request("topic name must be non-empty")
    if len(name) > MAX_NAME_UNITS:
        raise bad_request("TOPIC_TITLE_INVALID")
    return name
