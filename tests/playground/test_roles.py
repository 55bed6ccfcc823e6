"""Parts that people and the bot play in a chat, and what they may do by them."""

import pytest
from telegram import Bot, ChatMemberAdministrator, ChatMemberRestricted, Update
from telegram.constants import ChatID
from telegram.error import BadRequest

from bot.playground.cast import Cast
from bot.playground.chats import ChatKind, Role
from bot.playground.people import DeedError
from bot.playground.server import PlaygroundServer
from tests.playground.hearing import forget_updates, last_message, updates
from tests.playground.stage import picture


async def _next(server: PlaygroundServer, bot: Bot) -> list[Update]:
    found = await updates(bot)
    forget_updates(server)
    return found


async def test_a_promotion_is_told_to_an_administrator_who_asked_for_such(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    people, desk = playground.people, cast.night_desk
    await _next(playground, bot)
    people.promote(cast.bob, desk, cast.alice)
    assert await _next(playground, bot) == []
    people.add_bot(desk, cast.alice, Role.ADMINISTRATOR)
    await _next(playground, bot)
    people.demote(cast.bob, desk, cast.alice)
    (told,) = await _next(playground, bot)
    assert told.chat_member is not None
    changed = told.chat_member.new_chat_member, told.chat_member.old_chat_member
    assert [member.status for member in changed] == ["member", "administrator"]
    assert (told.chat_member.from_user.id, changed[0].user.id) == (cast.alice.id, cast.bob.id)
    await bot.get_updates(allowed_updates=["message"])
    people.promote(cast.bob, desk, cast.alice)
    assert list(await bot.get_updates()) == []
    assert (await bot.get_chat_member(desk.id, cast.bob.id)).status == "administrator"


async def test_an_anonymous_administrator_writes_as_the_group_but_presses_as_themselves(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    people, desk = playground.people, cast.night_desk
    people.say(cast.alice, desk, "/mute 2h", anonymous=True)
    heard = await last_message(bot)
    assert heard.from_user is not None
    assert heard.sender_chat is not None
    assert (heard.from_user.id, heard.sender_chat.id) == (ChatID.ANONYMOUS_ADMIN, desk.id)
    sent = people.say(cast.alice, desk, "a message with a button")
    sent.markup = {"inline_keyboard": [[{"text": "Why", "callback_data": "why"}]]}
    people.press(cast.alice, sent, "Why")
    pressed = (await updates(bot))[-1].callback_query
    assert pressed is not None
    assert pressed.from_user.id == cast.alice.id


async def test_who_is_set_to_be_anonymous_stays_so_until_they_are_demoted(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    people, desk = playground.people, cast.night_desk
    people.promote(cast.bob, desk, cast.alice)
    people.set_anonymous(cast.bob, desk, is_anonymous=True)
    member = await bot.get_chat_member(desk.id, cast.bob.id)
    assert isinstance(member, ChatMemberAdministrator)
    assert member.is_anonymous
    people.say(cast.bob, desk, "/status")
    assert (await last_message(bot)).sender_chat is not None
    people.demote(cast.bob, desk, cast.alice)
    people.say(cast.bob, desk, "/status")
    assert (await last_message(bot)).sender_chat is None


async def test_only_administrators_of_supergroups_are_anonymous(
    playground: PlaygroundServer, cast: Cast
) -> None:
    small = playground.telegram.create_chat(ChatKind.GROUP, "Small", cast.alice)
    for user, chat in ((cast.bob, cast.night_desk), (cast.alice, small)):
        with pytest.raises(DeedError, match="write anonymously"):
            playground.people.say(user, chat, "x", anonymous=True)
        with pytest.raises(DeedError, match="write anonymously"):
            playground.people.set_anonymous(user, chat, is_anonymous=True)


async def test_a_bot_without_the_right_to_pin_pins_nothing(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    desk = cast.night_desk
    playground.people.add_bot(desk, cast.alice, Role.ADMINISTRATOR, lacking=["can_pin_messages"])
    sent = await bot.send_message(desk.id, "board")
    with pytest.raises(BadRequest, match="Not enough rights to manage pinned messages in the chat"):
        await sent.pin()
    itself = await bot.get_chat_member(desk.id, bot.id)
    assert isinstance(itself, ChatMemberAdministrator)
    assert (itself.can_pin_messages, itself.can_delete_messages) == (False, True)


async def test_a_group_that_lets_members_write_nothing_lets_the_bot_write_nothing(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    desk = cast.night_desk
    playground.people.forbid(desk, "can_send_messages", "can_send_photos")
    with pytest.raises(BadRequest, match="Not enough rights to send text messages to the chat"):
        await bot.send_message(desk.id, "x")
    with pytest.raises(BadRequest, match="Not enough rights to send photos to the chat"):
        await bot.send_photo(desk.id, picture(40, 30))
    await bot.send_document(desk.id, b"a,b", filename="a.csv")
    permissions = (await bot.get_chat(desk.id)).permissions
    assert permissions is not None
    assert permissions.can_send_messages is False
    with pytest.raises(DeedError, match="Bob may not write here"):
        playground.people.say(cast.bob, desk, "x")
    playground.people.add_bot(desk, cast.alice, Role.ADMINISTRATOR)
    await bot.send_message(desk.id, "administrators may")


async def test_a_restricted_bot_hears_of_it_and_cannot_write(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    playground.people.restrict_bot(cast.night_desk, cast.alice)
    told = (await updates(bot))[-1].my_chat_member
    assert told is not None
    assert isinstance(told.new_chat_member, ChatMemberRestricted)
    assert (told.new_chat_member.can_send_messages, told.new_chat_member.can_send_photos) == (False, True)
    with pytest.raises(BadRequest, match="Not enough rights to send text messages to the chat"):
        await bot.send_message(cast.night_desk.id, "x")


async def test_a_channel_needs_the_right_to_post(playground: PlaygroundServer, cast: Cast, bot: Bot) -> None:
    channel = cast.channel
    playground.people.add_bot(channel, cast.alice, Role.ADMINISTRATOR, lacking=["can_post_messages"])
    with pytest.raises(BadRequest, match="Need administrator rights in the channel chat"):
        await bot.send_message(channel.id, "x")


async def test_people_delete_pin_and_unpin_as_they_may(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    people, desk = playground.people, cast.night_desk
    people.add_bot(desk, cast.alice, Role.ADMINISTRATOR)
    sent = await bot.send_message(desk.id, "board")
    board = desk.messages[sent.message_id]
    for deed in (people.pin, people.unpin):
        with pytest.raises(DeedError, match="Bob may not"):
            deed(cast.bob, board)
    with pytest.raises(DeedError, match="Bob may not delete messages of others"):
        people.delete(board, by=cast.bob)
    people.pin(cast.alice, board)
    assert (await last_message(bot)).pinned_message is not None
    people.unpin(cast.alice, board)
    assert (await bot.get_chat(desk.id)).pinned_message is None
    await sent.pin()
    forget_updates(playground)
    people.delete(board, by=cast.alice)
    assert await updates(bot) == []
    assert (await bot.get_chat(desk.id)).pinned_message is None
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await sent.edit_text("x")
    own = people.say(cast.bob, desk, "mine")
    people.delete(own, by=cast.bob)


async def test_an_owner_stays_one(playground: PlaygroundServer, cast: Cast) -> None:
    for deed in (playground.people.demote, playground.people.promote, playground.people.kick):
        with pytest.raises(DeedError, match="Alice owns this chat"):
            deed(cast.alice, cast.night_desk, cast.alice)


async def test_migration_keeps_parts_and_rules_and_the_old_id_names_the_new_one(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    people = playground.people
    group = playground.telegram.create_chat(ChatKind.GROUP, "Small", cast.alice)
    people.join(cast.bob, group)
    people.add_bot(group, cast.alice, Role.ADMINISTRATOR, lacking=["can_pin_messages"])
    board = await bot.send_message(group.id, "x")
    forget_updates(playground)
    new = people.migrate(group)
    told = [update.message for update in await updates(bot) if update.message]
    assert [(m.chat.id, m.migrate_to_chat_id, m.migrate_from_chat_id) for m in told] == [
        (group.id, new.id, None),
        (new.id, None, group.id),
    ]
    with pytest.raises(Exception, match=f"New chat id: {new.id}"):
        await board.edit_text("y")
    itself = await bot.get_chat_member(new.id, bot.id)
    assert isinstance(itself, ChatMemberAdministrator)
    assert itself.can_pin_messages is False
    people.say(cast.bob, new, "here")
    with pytest.raises(DeedError, match="has become a supergroup"):
        people.say(cast.bob, group, "there")
    with pytest.raises(DeedError, match="only a small group"):
        people.migrate(group)
