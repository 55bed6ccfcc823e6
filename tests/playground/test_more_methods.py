"""Methods beyond writing and editing: copies, forwards, reactions, rights that apps propose."""

import pytest
from telegram import (
    Bot,
    ChatAdministratorRights,
    MenuButtonCommands,
    MenuButtonDefault,
    MessageOriginUser,
)
from telegram.error import BadRequest

from bot.playground.cast import Cast
from bot.playground.chats import Role
from bot.playground.server import PlaygroundServer


@pytest.fixture
def alice(playground: PlaygroundServer, cast: Cast) -> int:
    return playground.telegram.private_chat(cast.alice).id


async def test_a_copy_shows_no_origin_and_a_forward_does(
    bot: Bot, alice: int, cast: Cast, playground: PlaygroundServer
) -> None:
    said = playground.people.say(cast.bob, cast.night_desk, "look")
    copied = await bot.copy_message(alice, cast.night_desk.id, said.id)
    forwarded = await bot.forward_message(alice, cast.night_desk.id, said.id)
    texts = [m.text for m in playground.sent(cast.alice)]
    assert texts == ["look", "look"]
    assert "forward_origin" not in playground.sent(cast.alice)[0].marks
    assert copied.message_id == playground.sent(cast.alice)[0].id
    assert isinstance(forwarded.forward_origin, MessageOriginUser)
    with pytest.raises(BadRequest, match="Message to copy not found"):
        await bot.copy_message(alice, cast.night_desk.id, 999)


async def test_several_messages_are_deleted_at_once_as_far_as_they_are_there(
    bot: Bot, alice: int, cast: Cast, playground: PlaygroundServer
) -> None:
    sent = [(await bot.send_message(alice, "x")).message_id for _ in range(3)]
    assert await bot.delete_messages(alice, [*sent[:2], 999])
    assert [message.id for message in playground.sent(cast.alice)] == sent[2:]


async def test_the_bot_reacts_to_a_message(bot: Bot, cast: Cast, playground: PlaygroundServer) -> None:
    said = playground.people.say(cast.bob, cast.night_desk, "done")
    assert await bot.set_message_reaction(cast.night_desk.id, said.id, "👍")
    assert said.reactions == ["👍"]
    await bot.set_message_reaction(cast.night_desk.id, said.id)
    assert said.reactions == []


async def test_all_pins_go_at_once(bot: Bot, cast: Cast, playground: PlaygroundServer) -> None:
    playground.people.add_bot(cast.night_desk, cast.alice, Role.ADMINISTRATOR)
    for text in ("one", "two"):
        await (await bot.send_message(cast.night_desk.id, text)).pin()
    assert await bot.unpin_all_chat_messages(cast.night_desk.id)
    assert cast.night_desk.pinned == []


async def test_the_menu_button_of_one_chat_or_of_all(bot: Bot, alice: int) -> None:
    assert isinstance(await bot.get_chat_menu_button(alice), MenuButtonDefault)
    await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    assert isinstance(await bot.get_chat_menu_button(alice), MenuButtonCommands)
    await bot.set_chat_menu_button(alice, MenuButtonDefault())
    assert isinstance(await bot.get_chat_menu_button(alice), MenuButtonDefault)


async def test_the_rights_that_apps_propose(bot: Bot) -> None:
    assert (await bot.get_my_default_administrator_rights()).can_pin_messages is False
    rights = ChatAdministratorRights.all_rights()
    await bot.set_my_default_administrator_rights(rights, for_channels=True)
    assert (await bot.get_my_default_administrator_rights(for_channels=True)).can_post_messages
    assert (await bot.get_my_default_administrator_rights()).can_pin_messages is False
