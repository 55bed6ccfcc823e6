"""`/subscribe` and `/unsubscribe`: what a chat wants to hear, with a sound or silently."""

from collections.abc import Iterator, Mapping

from bot.commands.mistakes import Misunderstood
from bot.commands.subjects import subject_of
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.subjects import SHORT, WARNING_IDS
from bot.words.texts import Html
from bot.words.wording import Wording
from storage import chats
from storage.chats import Mode

TOPICS = tuple(SHORT)
"""One topic a subject."""

_WARNINGS = "warnings"
_GROUPS = {"all": TOPICS, _WARNINGS: WARNING_IDS}
"""Words that stand for more than one topic."""


async def subscribe(ask: Ask) -> Answer:
    """Without a word after it: what the chat hears, and buttons to change it."""
    if ask.args:
        topics, mode = _topics(ask.args[0]), _mode(ask.args[1:])
        with ask.desk.db.transaction():
            for topic in topics:
                chats.subscribe(ask.desk.db, ask.chat.id, topic, mode, thread_id=ask.thread_id)
    return _answer(ask)


async def unsubscribe(ask: Ask) -> Answer:
    """Without a word after it: the same buttons."""
    if ask.args:
        with ask.desk.db.transaction():
            for topic in _topics(ask.args[0]):
                chats.unsubscribe(ask.desk.db, ask.chat.id, topic, thread_id=ask.thread_id)
    return _answer(ask)


def _topics(word: str) -> tuple[str, ...]:
    return _GROUPS.get(word.lower()) or (subject_of(word),)


def _mode(rest: tuple[str, ...]) -> Mode:
    if rest and rest[0].lower() != "silent":
        raise Misunderstood(rest[0])
    return "silent" if rest else "sound"


def _answer(ask: Ask) -> Answer:
    heard = chats.read_subscriptions(ask.desk.db, ask.chat.id, thread_id=ask.thread_id)
    return Answer(Html("\n".join(_lines(ask.words, heard))), _buttons(ask.words, heard))


def _lines(words: Wording, heard: Mapping[str, Mode]) -> Iterator[Html]:
    yield words("subscribe.title" if heard else "subscribe.nothing")
    for topic in TOPICS:
        if topic in heard:
            yield words(f"subscribe.{heard[topic]}", name=words(f"topic.{topic}"))


def _buttons(words: Wording, heard: Mapping[str, Mode]) -> Buttons:
    single = (topic for topic in TOPICS if topic not in WARNING_IDS)
    rows = [_row(words, topic, SHORT[topic], heard.get(topic)) for topic in single]
    rows.append(_row(words, _WARNINGS, _WARNINGS, _mode_of_warnings(heard)))
    return tuple(map(tuple, rows))


def _mode_of_warnings(heard: Mapping[str, Mode]) -> Mode | None:
    """How all warnings are heard together; None where one of them is not."""
    modes = {heard.get(warning) for warning in WARNING_IDS}
    if None in modes:
        return None
    return "silent" if modes == {"silent"} else "sound"


def _row(words: Wording, topic: str, word: str, mode: Mode | None) -> Iterator[Button]:
    """On or off, and for what is on: with a sound or without. Warnings are one row together."""
    name = words.plain(f"name.{topic}")
    if mode is None:
        yield Button(words.plain("button.subscribe", name=name), f"here:subscribe:{word}")
        return
    yield Button(words.plain("button.unsubscribe", name=name), f"here:unsubscribe:{word}")
    if mode == "sound":
        yield Button(words.plain("button.silent"), f"here:subscribe:{word}:silent")
    else:
        yield Button(words.plain("button.sound"), f"here:subscribe:{word}")
