"""Threads: which one a message goes to, in a forum and where replies make them."""

from bot.playground.chats import Chat
from bot.playground.messages import Message
from bot.playground.refusals import RefusedError, bad_request
from bot.playground.topics import GENERAL, Topic


def find_thread(chat: Chat, thread_id: int | None, *, may_manage: bool) -> int | None:
    """The thread that a new message goes to, as the writer named it; None outside of threads.

    Raises: RefusedError, 400, where there is no such thread, or it is closed to the writer.
    """
    if not chat.is_forum:
        if thread_id and not any(message.thread_id == thread_id for message in chat.messages.values()):
            raise bad_request("message thread not found")
        return thread_id or None
    if thread_id == GENERAL:
        raise bad_request("message thread not found")
    topic = chat.topics.get(thread_id or GENERAL)
    if topic is None:
        raise bad_request("message thread not found")
    _check_open(topic, may_manage=may_manage)
    return thread_id or None


def _check_open(topic: Topic, *, may_manage: bool) -> None:
    """Raises: RefusedError, 400, where the topic is closed to those who do not manage topics."""
    if topic.is_closed and not may_manage:
        raise RefusedError(400, "TOPIC_CLOSED")


def place(chat: Chat, message: Message) -> None:
    """Give `message` the thread that it belongs to: that of its topic, or of what it answers.

    A chain of replies is a thread too, in a plain supergroup and in General; it is no topic.
    """
    if "forum_topic_created" in message.service:
        message.thread_id, message.topic_start = message.id, message
        return
    answered = message.reply_to
    if message.thread_id is None and answered is not None and chat.has_threads:
        message.thread_id = answered.thread_id or answered.id
    topic = chat.topics.get(message.thread_id or GENERAL)
    message.topic_start = topic.start if topic else None
