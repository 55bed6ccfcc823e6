"""`/admin chats`: chats by kind and state, and what they hear."""

from collections.abc import Iterator

from bot.words.answer import Ask
from bot.words.texts import Html
from bot.words.wording import Wording
from storage.census import ChatCount, count_chats, count_topics


def chat_lines(ask: Ask) -> Iterator[Html]:
    """A line a kind of chat, then a line a topic."""
    words, counts = ask.words, count_chats(ask.desk.db)
    yield words("admin.chats", count=words.number(sum(each.chats for each in counts), 0))
    for kind in dict.fromkeys(each.kind for each in counts):
        states = [_in_state(words, each) for each in counts if each.kind == kind]
        yield words("admin.kind", kind=words(f"admin.kind_{kind}"), states=words.joined(states))
    yield words("admin.topics")
    for topic in count_topics(ask.desk.db):
        name = _topic_name(words, topic.topic)
        sound, silent = words.number(topic.sound, 0), words.number(topic.silent, 0)
        yield words("admin.topic", name=name, sound=sound, silent=silent)


def _in_state(words: Wording, count: ChatCount) -> Html:
    return words(f"admin.state_{count.state}", count=words.number(count.chats, 0))


def _topic_name(words: Wording, topic: str) -> str:
    """What people call it; a topic of an older version by its id."""
    key = f"name.{topic}"
    return words.plain(key) if key in words.texts.forms else topic
