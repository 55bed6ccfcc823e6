"""`/channel`: alerts in a channel, set up from the private chat of somebody who administers it."""

from collections.abc import Mapping
from datetime import timedelta

from bot.commands.afar import SETTINGS, at
from bot.commands.mistakes import Misunderstood
from bot.commands.settings import lines_beside_topics, settings_buttons
from bot.commands.topics_said import TOPICS
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.texts import Html
from bot.words.wording import Wording
from storage import chats, keepers, outbox, traffic
from storage.chats import ChatRow, Mode
from storage.outbox import Delivery

_TEST = "test"
_ADD = "add"
_TEST_PAUSE = timedelta(minutes=1)


async def channel(ask: Ask) -> Answer:
    """In private: the channels that somebody set up, or how to. About one of them: its settings."""
    if ask.afar:
        return _of_the_chat(ask)
    if ask.chat.kind != "private":
        return Answer(ask.words("channel.in_private"))
    kept = keepers.kept_by(ask.desk.db, ask.asker.id, "channel") if ask.asker else []
    match ask.args:
        case ():
            return _list(ask.words, kept) if kept else _how(ask.words)
        case ("add",):
            return _how(ask.words)
        case _:
            raise Misunderstood(ask.args[0])


def _how(words: Wording) -> Answer:
    return Answer(words("channel.how"), channel_picker=words.plain("button.pick_channel"))


def _list(words: Wording, kept: list[ChatRow]) -> Answer:
    rows = [(Button(chat.title, at(chat.id, SETTINGS)),) for chat in kept]
    return Answer(
        words("channel.yours"), (*rows, (Button(words.plain("button.add_channel"), f"channel:{_ADD}"),))
    )


def _of_the_chat(ask: Ask) -> Answer:
    match ask.args:
        case ():
            return Answer(_settings(ask), _settings_buttons(ask))
        case ("test",):
            return _tested(ask)
        case _:
            raise Misunderstood(ask.args[0])


def _settings(ask: Ask) -> Html:
    heard = _hears(ask.words, chats.read_subscriptions(ask.desk.db, ask.chat.id))
    return Html("\n".join((heard, *lines_beside_topics(ask))))


def _hears(words: Wording, heard: Mapping[str, Mode]) -> Html:
    if not heard:
        return words("channel.hears_nothing")
    return words(
        "channel.hears",
        names=words.listed([words.plain(f"name.{topic}") for topic in TOPICS if topic in heard]),
    )


def _settings_buttons(ask: Ask) -> Buttons:
    board = Button(ask.words.plain("button.set_board"), "here:board")
    test = Button(ask.words.plain("button.test_post"), f"here:channel:{_TEST}")
    return (*settings_buttons(ask), (board, test))


def _tested(ask: Ask) -> Answer:
    """One post a minute: a button that is pressed again and again fills no channel."""
    db, words, now = ask.desk.db, ask.words, ask.desk.now
    if traffic.made_since(db, ask.chat.id, _TEST, now - _TEST_PAUSE):
        return Answer(words("channel.test_waits"), _settings_buttons(ask))
    post = Delivery(
        chat_id=ask.chat.id,
        kind=_TEST,
        text=words("channel.test_post"),
        silent=True,
        created_at=now,
    )
    outbox.enqueue(db, [post])
    return Answer(words("channel.tested"), _settings_buttons(ask))
