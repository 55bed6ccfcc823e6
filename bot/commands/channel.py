"""`/channel`: alerts in a channel, set up from the private chat of somebody who administers it."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from bot.commands.afar import SETTINGS, at
from bot.commands.mistakes import Misunderstood
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.texts import Html
from bot.words.wording import Wording
from storage import chats, keepers, outbox
from storage.chats import ChatRow, Mode
from storage.outbox import Delivery

_TEST = "test"
_ADD = "add"
_TEST_PAUSE = timedelta(minutes=1)
_TEST_LIFETIME = timedelta(minutes=10)


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
            return Answer(_settings(ask), _settings_buttons(ask.words))
        case ("test",):
            return _tested(ask)
        case _:
            raise Misunderstood(ask.args[0])


def _settings(ask: Ask) -> Html:
    return Html("\n".join(_lines(ask)))


def _lines(ask: Ask) -> Iterator[Html]:
    words, db, chat = ask.words, ask.desk.db, ask.chat
    yield _hears(words, chats.read_subscriptions(db, chat.id))
    yield words("channel.language", language=words.plain("language.own_name"))
    yield words("channel.times", zone=chat.timezone, clock=words.clock(words.now))
    if chat.muted_until and chat.muted_until > words.now:
        yield words("channel.muted", moment=words.moment(chat.muted_until))


def _hears(words: Wording, heard: Mapping[str, Mode]) -> Html:
    if not heard:
        return words("channel.hears_nothing")
    return words("channel.hears", names=words.listed([words.plain(f"name.{topic}") for topic in heard]))


def _settings_buttons(words: Wording) -> Buttons:
    def row(*names: str) -> tuple[Button, ...]:
        return tuple(Button(words.plain(f"button.its_{name}"), f"here:{name}") for name in names)

    test = Button(words.plain("button.test_post"), f"here:channel:{_TEST}")
    return (row("subscribe"), row("language", "timezone"), (*row("mute"), test))


def _tested(ask: Ask) -> Answer:
    """One post a minute: a button that is pressed again and again fills no channel."""
    db, words, now = ask.desk.db, ask.words, ask.desk.now
    if outbox.made_since(db, ask.chat.id, _TEST, now - _TEST_PAUSE):
        return Answer(words("channel.test_waits"), _settings_buttons(words))
    post = Delivery(
        chat_id=ask.chat.id,
        kind=_TEST,
        text=words("channel.test_post"),
        silent=True,
        created_at=now,
        expires_at=now + _TEST_LIFETIME,
    )
    outbox.enqueue(db, [post])
    return Answer(words("channel.tested"), _settings_buttons(words))
