"""People open, rename, close and delete the topics of a forum."""

from bot.playground.chats import Chat
from bot.playground.forum import MAX_NAME_UNITS, close_topic, delete_topic, open_topic, rename_topic
from bot.playground.people.crowd import Crowd, DeedError, check_right
from bot.playground.topics import GENERAL, Topic
from bot.playground.users import User


class Topics(Crowd):
    """Topics are named by their number, which is the thread of the messages in them; General is 1."""

    def create_topic(self, user: User, chat: Chat, name: str) -> Topic:
        """A new topic; its `id` is the thread to write in."""
        self._check(user, chat)
        topic = open_topic(self.telegram, chat, _checked_name(name), user)
        assert topic.start is not None
        self._tell_note(chat, topic.start)
        return topic

    def rename_topic(self, user: User, chat: Chat, thread: int, name: str) -> None:
        """Another name; the bot hears of it."""
        self._check(user, chat)
        topic = _find(chat, thread)
        self._tell_note(chat, rename_topic(self.telegram, chat, topic, _checked_name(name), user))

    def close_topic(self, user: User, chat: Chat, thread: int) -> None:
        """Only those who manage topics write in it from now on; the bot hears of it."""
        self._set_closed(user, chat, thread, is_closed=True)

    def reopen_topic(self, user: User, chat: Chat, thread: int) -> None:
        """Everybody writes in it again; the bot hears of it."""
        self._set_closed(user, chat, thread, is_closed=False)

    def delete_topic(self, user: User, chat: Chat, thread: int) -> None:
        """The topic goes with all that is in it; the bot is not told."""
        check_right(user, chat, "can_delete_messages", "delete topics")
        topic = _find(chat, thread)
        if topic.id == GENERAL:
            raise DeedError("General stays")
        delete_topic(self.telegram, chat, topic)

    def _set_closed(self, user: User, chat: Chat, thread: int, *, is_closed: bool) -> None:
        self._check(user, chat)
        topic = _find(chat, thread)
        if topic.is_closed is is_closed:
            raise DeedError(f"this topic is {'closed' if is_closed else 'open'} already")
        self._tell_note(chat, close_topic(self.telegram, chat, topic, user, is_closed=is_closed))

    def _check(self, user: User, chat: Chat) -> None:
        check_right(user, chat, "can_manage_topics", "manage topics")
        if not chat.is_forum:
            raise DeedError("only a forum has topics")


def _find(chat: Chat, thread: int) -> Topic:
    topic = chat.topics.get(thread)
    if topic is None:
        raise DeedError("there is no such topic")
    return topic


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME_UNITS:
        raise DeedError(f"a topic's name has 1 to {MAX_NAME_UNITS} characters")
    return name
