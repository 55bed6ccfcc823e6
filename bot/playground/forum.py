"""What happens to the topics of a forum, by whomever: the state changes and Telegram says so in the topic."""

from bot.playground.chats import Chat
from bot.playground.json_types import Json
from bot.playground.messages import Message
from bot.playground.telegram import Telegram
from bot.playground.topics import GENERAL, ICON_COLORS, Topic
from bot.playground.users import User

MAX_NAME_UNITS = 128


def make_forum(telegram: Telegram, chat: Chat) -> None:
    """A supergroup gets topics; what was written so far is in General."""
    chat.is_forum = True
    chat.topics.setdefault(GENERAL, Topic(GENERAL, "General"))
    telegram.changes.publish("people")


def open_topic(
    telegram: Telegram, chat: Chat, name: str, by: User, icon_color: int = ICON_COLORS[0]
) -> Topic:
    """A new topic, begun by `by`."""
    service = {"forum_topic_created": {"name": name, "icon_color": icon_color}}
    start = Message(telegram.clock(), by, service=service, author=by)
    telegram.write(chat, start)
    topic = chat.topics[start.id] = Topic(start.id, name, icon_color, start)
    telegram.changes.publish("people")
    return topic


def rename_topic(telegram: Telegram, chat: Chat, topic: Topic, name: str, by: User) -> Message:
    """Another name; the service message says which."""
    topic.name = name
    telegram.changes.publish("people")
    return _note(telegram, chat, topic, by, {"forum_topic_edited": {"name": name}})


def close_topic(telegram: Telegram, chat: Chat, topic: Topic, by: User, *, is_closed: bool) -> Message:
    """Close it, or open it again."""
    topic.is_closed = is_closed
    telegram.changes.publish("people")
    what = "forum_topic_closed" if is_closed else "forum_topic_reopened"
    return _note(telegram, chat, topic, by, {what: {}})


def delete_topic(telegram: Telegram, chat: Chat, topic: Topic) -> None:
    """The topic goes with all its messages; nobody is told."""
    del chat.topics[topic.id]
    for message in [m for m in chat.messages.values() if m.thread_id == topic.id]:
        telegram.erase(chat, message)
    telegram.changes.publish("people")


def _note(telegram: Telegram, chat: Chat, topic: Topic, by: User, service: Json) -> Message:
    thread_id = None if topic.id == GENERAL else topic.id
    return telegram.note_service(chat, by, service, thread_id=thread_id)
