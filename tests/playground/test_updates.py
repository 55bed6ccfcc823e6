"""Every update that people can cause is one that the real library understands."""

from collections.abc import Callable
from typing import Any

import pytest
from telegram import Bot, Update

from bot.playground.cast import Cast
from bot.playground.chats import ChatKind, Role
from bot.playground.people import DeedError
from bot.playground.server import PlaygroundServer

Deed = Callable[[PlaygroundServer, Cast], Any]


def _press(server: PlaygroundServer, cast: Cast) -> None:
    message = server.people.say(cast.alice, server.telegram.bot, "a message with a button")
    message.markup = {"inline_keyboard": [[{"text": "Why", "callback_data": "why"}]]}
    server.people.press(cast.alice, message, "Why")


def _block_and_unblock(server: PlaygroundServer, cast: Cast) -> None:
    server.people.block(cast.alice)
    server.people.unblock(cast.alice)


def _talk_after_leaving(server: PlaygroundServer, cast: Cast) -> None:
    server.people.leave(cast.xiaolin, cast.night_desk)
    server.people.say(cast.xiaolin, cast.night_desk, "x")


def _small_group(server: PlaygroundServer, cast: Cast) -> Any:
    group = server.telegram.create_chat(ChatKind.GROUP, "Small group", cast.alice)
    server.people.add_bot(group, cast.alice)
    return group


DEEDS: dict[str, tuple[Deed, str]] = {
    "a private message": (lambda s, c: s.people.say(c.alice, s.telegram.bot, "/start x"), "message"),
    "a message in a topic": (
        lambda s, c: s.people.say(c.alice, c.trading_floor, "/a", thread=c.alerts.id),
        "message",
    ),
    "a channel post": (lambda s, c: s.people.post(c.channel, "x"), "channel_post"),
    "a press": (_press, "callback_query"),
    "blocking": (lambda s, c: s.people.block(c.alice), "my_chat_member"),
    "unblocking": (_block_and_unblock, "my_chat_member"),
    "adding to a group": (_small_group, "my_chat_member"),
    "promoting": (lambda s, c: s.people.add_bot(c.night_desk, c.alice, Role.ADMINISTRATOR), "my_chat_member"),
    "removing": (lambda s, c: s.people.remove_bot(c.night_desk, c.alice), "my_chat_member"),
    "migrating": (lambda s, c: s.people.migrate(_small_group(s, c)), "message"),
    "joining": (lambda s, c: s.people.join(s.telegram.users[c.alice.id], c.channel), "chat_member"),
    "leaving": (lambda s, c: s.people.leave(c.xiaolin, c.night_desk), "message"),
}


@pytest.mark.parametrize(("deed", "kind"), DEEDS.values(), ids=DEEDS)
async def test_an_update_is_understood(
    playground: PlaygroundServer, cast: Cast, bot: Bot, deed: Deed, kind: str
) -> None:
    queue = playground.telegram.updates
    queue.allow(Update.ALL_TYPES)
    queue.waiting.clear()
    deed(playground, cast)
    updates = [Update.de_json(update, bot) for update in queue.waiting]
    assert kind in {name for update in updates for name in Update.ALL_TYPES if getattr(update, name)}
    for update in updates:
        assert update.to_dict().items() >= {"update_id": update.update_id}.items()
        # What the library does not know it keeps aside: there is none of that.
        assert not _unknown(update)


def _unknown(thing: Any) -> dict[str, Any]:
    parts = [getattr(thing, name) for name in Update.ALL_TYPES if getattr(thing, name)]
    return {key: value for part in parts for key, value in part.api_kwargs.items()}


async def test_a_command_in_a_message_is_marked(playground: PlaygroundServer, cast: Cast, bot: Bot) -> None:
    playground.people.say(cast.xiaolin, playground.telegram.bot, "🔴 /status@aftershock_bot now")
    message = (await bot.get_updates())[-1].message
    assert message is not None
    assert message.parse_entities() == {message.entities[0]: "/status@aftershock_bot"}
    assert message.from_user is not None
    assert message.from_user.language_code == "zh-hans"


async def test_a_user_who_changes_language_is_seen_so_in_what_they_do_next(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    playground.people.set_language(cast.alice, "zh-hans")
    playground.people.say(cast.alice, playground.telegram.bot, "x")
    message = (await bot.get_updates())[-1].message
    assert message is not None
    assert message.from_user is not None
    assert message.from_user.language_code == "zh-hans"


def test_writing_to_a_blocked_bot_unblocks_it(playground: PlaygroundServer, cast: Cast) -> None:
    playground.people.block(cast.alice)
    playground.people.say(cast.alice, playground.telegram.bot, "again")
    kinds = [kind for update in playground.telegram.updates.waiting[-2:] for kind in update]
    assert kinds == ["update_id", "my_chat_member", "update_id", "message"]


def test_a_bot_that_was_thrown_out_hears_nothing_more(playground: PlaygroundServer, cast: Cast) -> None:
    playground.people.remove_bot(cast.night_desk, cast.alice)
    heard = len(playground.telegram.updates.waiting)
    playground.people.say(cast.alice, cast.night_desk, "/status")
    assert len(playground.telegram.updates.waiting) == heard


def test_an_administrator_bot_hears_all(playground: PlaygroundServer, cast: Cast) -> None:
    playground.people.add_bot(cast.night_desk, cast.alice, Role.ADMINISTRATOR)
    playground.people.say(cast.xiaolin, cast.night_desk, "just talking")
    assert playground.telegram.updates.waiting[-1]["message"]["text"] == "just talking"


WRONG: dict[str, tuple[Deed, str]] = {
    "a stranger": (_talk_after_leaving, "is not in this chat"),
    "a stranger's press": (
        lambda s, c: s.people.press(c.xiaolin, s.people.say(c.alice, s.telegram.bot, "x"), "Why"),
        "is not in this chat",
    ),
    "empty text": (lambda s, c: s.people.say(c.alice, c.night_desk, "  "), "nothing to send"),
    "talking in a channel": (lambda s, c: s.people.say(c.alice, c.channel, "x"), "takes posts"),
    "posting in a group": (lambda s, c: s.people.post(c.night_desk, "x"), "only a channel"),
    "migrating a supergroup": (lambda s, c: s.people.migrate(c.night_desk), "only a small group"),
    "a button that is not there": (
        lambda s, c: s.people.press(c.alice, s.people.say(c.alice, c.night_desk, "x"), "Why"),
        "no button 'Why'",
    ),
}


@pytest.mark.parametrize(("deed", "reason"), WRONG.values(), ids=WRONG)
def test_what_people_cannot_do_is_said(
    playground: PlaygroundServer, cast: Cast, deed: Deed, reason: str
) -> None:
    with pytest.raises(DeedError, match=reason):
        deed(playground, cast)
