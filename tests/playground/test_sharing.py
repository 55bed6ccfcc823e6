"""How chats come to the bot: keys that ask for one, forwarded posts, links that start it."""

import pytest
from telegram import (
    Bot,
    ChatAdministratorRights,
    ForceReply,
    KeyboardButton,
    KeyboardButtonRequestChat,
    MessageOriginChannel,
    MessageOriginUser,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.error import BadRequest

from bot.playground.cast import Cast
from bot.playground.chats import ChatKind, Role
from bot.playground.deeplinks import Kind, Link, parse_link
from bot.playground.messages import Message
from bot.playground.people import DeedError
from bot.playground.server import PlaygroundServer
from tests.playground.hearing import forget_updates, last_message, updates

RIGHTS = ChatAdministratorRights(
    **{  # type: ignore[arg-type]  # all are flags
        **dict.fromkeys(ChatAdministratorRights.__slots__, False),
        "can_manage_chat": True,
        "can_post_messages": True,
        "can_edit_messages": True,
    }
)
REQUEST = KeyboardButtonRequestChat(
    7,
    chat_is_channel=True,
    user_administrator_rights=RIGHTS,
    bot_administrator_rights=RIGHTS,
    request_title=True,
)
KEYS = ReplyKeyboardMarkup([[KeyboardButton("Pick a channel", request_chat=REQUEST), "Cancel"]])


@pytest.fixture
async def asking(playground: PlaygroundServer, cast: Cast, bot: Bot) -> Message:
    """A message to Alice that brings her keys."""
    chat = playground.telegram.private_chat(cast.alice)
    sent = await bot.send_message(chat.id, "Which channel?", reply_markup=KEYS)
    forget_updates(playground)
    return chat.messages[sent.message_id]


async def test_picking_a_channel_brings_the_bot_there_and_shares_its_id(
    playground: PlaygroundServer, cast: Cast, bot: Bot, asking: Message
) -> None:
    channel = playground.telegram.create_chat(ChatKind.CHANNEL, "Desk notes", cast.alice)
    playground.people.share_chat(cast.alice, asking, "Pick a channel", channel)
    added, shared = await updates(bot)
    assert added.my_chat_member is not None
    assert added.my_chat_member.new_chat_member.status == "administrator"
    assert shared.message is not None
    assert shared.message.chat_shared is not None
    told = shared.message.chat_shared
    assert (told.request_id, told.chat_id, told.title) == (7, channel.id, "Desk notes")
    await bot.send_message(channel.id, "here I am")


async def test_a_bot_that_is_there_already_is_not_added_again(
    playground: PlaygroundServer, cast: Cast, bot: Bot, asking: Message
) -> None:
    playground.people.share_chat(cast.alice, asking, "Pick a channel", cast.channel)
    assert [update.my_chat_member for update in await updates(bot)] == [None]


@pytest.mark.parametrize(
    ("place", "reason"),
    [("night_desk", "a channel is asked for"), ("channel", "Alice lacks .*can_post_messages")],
)
async def test_a_chat_that_does_not_fit_cannot_be_picked(
    playground: PlaygroundServer, cast: Cast, asking: Message, place: str, reason: str
) -> None:
    other = playground.telegram.create_chat(ChatKind.CHANNEL, "Of 小林", cast.xiaolin)
    playground.people.join(cast.alice, other)
    chat = cast.night_desk if place == "night_desk" else other
    with pytest.raises(DeedError, match=reason):
        playground.people.share_chat(cast.alice, asking, "Pick a channel", chat)


async def test_a_plain_key_says_what_stands_on_it(
    playground: PlaygroundServer, cast: Cast, bot: Bot, asking: Message
) -> None:
    playground.people.press_key(cast.alice, asking, "Cancel")
    assert (await last_message(bot)).text == "Cancel"
    with pytest.raises(DeedError, match="asks for something to be picked"):
        playground.people.press_key(cast.alice, asking, "Pick a channel")


async def test_keyboards_of_the_reader_are_kept_and_not_given_back(
    playground: PlaygroundServer, cast: Cast, bot: Bot, asking: Message
) -> None:
    for markup in (ForceReply(), ReplyKeyboardRemove()):
        sent = await bot.send_message(cast.alice.id, "x", reply_markup=markup)
        assert sent.reply_markup is None
        assert playground.telegram.chats[cast.alice.id].messages[sent.message_id].keyboard
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("y", cast.alice.id, asking.id)


async def test_chats_are_asked_for_in_private_only(cast: Cast, bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Chats can be requested in private chats only"):
        await bot.send_message(cast.night_desk.id, "x", reply_markup=KEYS)


async def test_a_forwarded_post_names_its_channel(playground: PlaygroundServer, cast: Cast, bot: Bot) -> None:
    people = playground.people
    people.sign_posts(cast.channel, signs=True)
    post = people.post(cast.channel, "Fragile", by=cast.alice)
    heard = await last_message(bot)
    assert (heard.author_signature, heard.from_user) == ("Alice", None)
    people.forward(cast.xiaolin, post, playground.telegram.bot)
    origin = (await last_message(bot)).forward_origin
    assert isinstance(origin, MessageOriginChannel)
    assert (origin.chat.id, origin.message_id, origin.author_signature) == (cast.channel.id, post.id, "Alice")


async def test_a_forwarded_message_names_its_author(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    said = playground.people.say(cast.bob, cast.night_desk, "look")
    playground.people.forward(cast.alice, said, playground.telegram.bot)
    origin = (await last_message(bot)).forward_origin
    assert isinstance(origin, MessageOriginUser)
    assert origin.sender_user.id == cast.bob.id


async def test_posts_come_into_the_discussion_group_by_themselves(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    playground.people.link(cast.channel, cast.night_desk)
    assert (await bot.get_chat(cast.channel.id)).linked_chat_id == cast.night_desk.id
    playground.people.post(cast.channel, "/status", by=cast.alice)
    _post, forwarded = [update.effective_message for update in (await updates(bot))[-2:]]
    assert forwarded is not None
    assert forwarded.from_user is not None
    assert forwarded.sender_chat is not None
    assert forwarded.is_automatic_forward
    assert (forwarded.from_user.id, forwarded.sender_chat.id) == (777000, cast.channel.id)
    await bot.send_message(cast.channel.id, "Fragile")
    assert list(cast.night_desk.messages.values())[-1].text == "Fragile"
    playground.people.link(cast.channel, None)
    await bot.send_message(cast.channel.id, "Broken")
    assert list(cast.night_desk.messages.values())[-1].text == "Fragile"


LINKS = {
    "https://t.me/aftershock_bot?start=subscribe_premium": Link(Kind.START, "subscribe_premium"),
    "t.me/Aftershock_Bot": Link(Kind.START, ""),
    "https://t.me/aftershock_bot?startgroup=a-1": Link(Kind.GROUP, "a-1"),
    "https://t.me/aftershock_bot?startgroup&admin=pin_messages+delete_messages": Link(
        Kind.GROUP, "", ("can_pin_messages", "can_delete_messages")
    ),
    "https://t.me/aftershock_bot?startchannel&admin=post_messages": Link(
        Kind.CHANNEL, "", ("can_post_messages",)
    ),
    "https://t.me/another_bot?start=x": None,
    "https://example.org/aftershock_bot?start=x": None,
    "https://t.me/aftershock_bot?start=a.b": None,
    f"https://t.me/aftershock_bot?start={'x' * 65}": None,
}


@pytest.mark.parametrize(("url", "link"), LINKS.items())
def test_a_link_is_taken_apart(url: str, link: Link | None) -> None:
    assert parse_link(url, "aftershock_bot") == link


async def test_a_link_starts_the_bot_in_private_and_unblocks_it(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    playground.people.block(cast.bob)
    playground.people.follow(cast.bob, "t.me/aftershock_bot?start=subscribe_premium")
    heard = await last_message(bot)
    assert (heard.text, heard.chat.type) == ("/start subscribe_premium", "private")


async def test_a_link_brings_the_bot_into_a_group_and_starts_it_there(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    people = playground.people
    group = playground.telegram.create_chat(ChatKind.SUPERGROUP, "New", cast.alice)
    people.follow(cast.alice, "t.me/aftershock_bot?startgroup=board&admin=pin_messages", group)
    added, _note, started = (await updates(bot))[-3:]
    assert added.my_chat_member is not None
    assert started.message is not None
    assert started.message.text == "/start@aftershock_bot board"
    assert group.role(playground.telegram.bot) is Role.ADMINISTRATOR
    assert group.may(playground.telegram.bot, "can_pin_messages")
    assert not group.may(playground.telegram.bot, "can_delete_messages")


async def test_a_link_makes_the_bot_an_administrator_of_a_channel(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    channel = playground.telegram.create_chat(ChatKind.CHANNEL, "New", cast.alice)
    url = "t.me/aftershock_bot?startchannel&admin=post_messages+edit_messages"
    assert playground.people.follow(cast.alice, url, channel) is None
    await bot.send_message(channel.id, "x")


async def test_a_link_that_cannot_be_followed_says_why(playground: PlaygroundServer, cast: Cast) -> None:
    people = playground.people
    for url, chat, reason in (
        ("t.me/other_bot?start=x", None, "no link to @aftershock_bot"),
        ("t.me/aftershock_bot?startgroup=x", None, "pick a chat"),
        ("t.me/aftershock_bot?startgroup=x", cast.channel, "is for a group"),
        ("t.me/aftershock_bot?startchannel", cast.night_desk, "is for a channel"),
        ("t.me/aftershock_bot?startgroup=x&admin=pin_messages", cast.night_desk, "may not appoint"),
    ):
        with pytest.raises(DeedError, match=reason):
            people.follow(cast.bob, url, chat)
