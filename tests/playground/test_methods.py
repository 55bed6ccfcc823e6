"""Bot API methods, called through the real library."""

import struct
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    ReplyParameters,
)
from telegram.error import BadRequest, EndPointNotFound, InvalidToken

from bot.playground.cast import Cast, gather_cast
from bot.playground.chats import Role
from bot.playground.server import PlaygroundServer
from tests.playground.stage import call, new_bot, new_playground, picture

KEYS = InlineKeyboardMarkup([[InlineKeyboardButton("Why", callback_data="why")]])


PICTURE = picture(40, 30)


@pytest.fixture
def alice(playground: PlaygroundServer, cast: Cast) -> int:
    return playground.telegram.private_chat(cast.alice).id


async def test_a_message_carries_the_servers_time() -> None:
    moment = datetime(2025, 11, 3, 20, 14, tzinfo=UTC)
    async with new_playground(clock=lambda: moment) as server, new_bot(server) as bot:
        cast = gather_cast(server.people)
        assert (await bot.send_message(cast.night_desk.id, "x")).date == moment


async def test_a_silent_message_in_a_topic_that_answers_another(
    bot: Bot, cast: Cast, playground: PlaygroundServer
) -> None:
    floor, topic = cast.trading_floor, cast.alerts.id
    first = await bot.send_message(floor.id, "first", message_thread_id=topic)
    second = await bot.send_message(
        floor.id,
        "second",
        disable_notification=True,
        message_thread_id=topic,
        reply_parameters=ReplyParameters(first.message_id),
    )
    assert second.reply_to_message is not None
    assert second.reply_to_message.text == "first"
    assert (second.message_thread_id, second.is_topic_message) == (topic, True)
    assert [message.is_silent for message in playground.sent(floor) if message.text] == [
        False,
        True,
    ]


async def test_an_answer_to_nothing_is_refused_unless_it_may_stand_alone(bot: Bot, alice: int) -> None:
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(alice, "x", reply_parameters=ReplyParameters(999))
    lone = ReplyParameters(999, allow_sending_without_reply=True)
    assert (await bot.send_message(alice, "x", reply_parameters=lone)).reply_to_message is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (" \n", "message text is empty"),
        ("<b></b>", "message text is empty"),
        ("a" * 4097, "message is too long"),
        ("<b>x", "can't parse entities: can't find end tag corresponding to start tag \"b\""),
    ],
)
async def test_text_that_telegram_refuses(bot: Bot, alice: int, text: str, complaint: str) -> None:
    with pytest.raises(BadRequest) as caught:
        await bot.send_message(alice, text, parse_mode="HTML")
    assert caught.value.message.lower() == complaint


@pytest.mark.parametrize(
    ("button", "complaint"),
    [
        ({"text": "a", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        (
            {"text": "a"},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"text": "a", "url": "nonsense://x"}, "BUTTON_URL_INVALID"),
    ],
)
async def test_buttons_that_telegram_refuses(
    playground: PlaygroundServer, alice: int, button: dict[str, str], complaint: str
) -> None:
    answer = await call(
        playground, "sendMessage", chat_id=alice, text="x", reply_markup={"inline_keyboard": [[button]]}
    )
    assert answer["description"] == f"Bad Request: {complaint}"


async def test_an_edit_changes_text_and_buttons(bot: Bot, alice: int) -> None:
    sent = await bot.send_message(alice, "one", reply_markup=KEYS)
    edited = await sent.edit_text("<i>two</i>", parse_mode="HTML", reply_markup=KEYS)
    assert isinstance(edited, Message)
    assert (edited.text_html, edited.reply_markup) == ("<i>two</i>", KEYS)
    assert edited.edit_date is not None


async def test_an_edit_that_changes_nothing_is_refused(bot: Bot, alice: int) -> None:
    sent = await bot.send_message(alice, "one", reply_markup=KEYS)
    with pytest.raises(BadRequest, match="Message is not modified: specified new message content"):
        await sent.edit_text("one", reply_markup=KEYS)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await sent.edit_reply_markup(KEYS)


async def test_new_buttons_alone_are_no_edit_to_a_reader(bot: Bot, alice: int) -> None:
    sent = await bot.send_message(alice, "one", reply_markup=KEYS)
    bare = await sent.edit_reply_markup(None)
    assert isinstance(bare, Message)
    assert (bare.reply_markup, bare.edit_date) == (None, None)


async def test_what_cannot_be_edited_is_refused(
    bot: Bot, alice: int, cast: Cast, playground: PlaygroundServer
) -> None:
    text, photo = await bot.send_message(alice, "one"), await bot.send_photo(alice, PICTURE)
    theirs = playground.people.say(cast.alice, playground.telegram.bot, "mine")
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("x", alice, 999)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("x", alice, theirs.id)
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await photo.edit_text("x")
    with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
        await text.edit_caption("x")


async def test_a_photo_is_kept_and_can_be_fetched_and_sent_again(bot: Bot, alice: int) -> None:
    sent = await bot.send_photo(alice, PICTURE, caption="<b>premium</b>", parse_mode="HTML")
    assert (sent.photo[-1].width, sent.photo[-1].height) == (40, 30)
    assert sent.caption_html == "<b>premium</b>"
    stored = await bot.get_file(sent.photo[-1].file_id)
    assert bytes(await stored.download_as_bytearray()) == PICTURE
    again = await bot.send_photo(alice, sent.photo[-1].file_id)
    assert again.photo[-1].file_unique_id == sent.photo[-1].file_unique_id


async def test_a_photo_is_replaced_with_its_caption(bot: Bot, alice: int) -> None:
    sent = await bot.send_photo(alice, PICTURE, caption="old", reply_markup=KEYS)
    edited = await sent.edit_media(InputMediaPhoto(picture(60, 20), caption="<i>new</i>", parse_mode="HTML"))
    assert isinstance(edited, Message)
    assert (edited.photo[-1].width, edited.caption_html) == (60, "<i>new</i>")
    file = await sent.edit_media(InputMediaDocument(b"a,b", filename="a.csv"))
    assert isinstance(file, Message)
    assert file.document is not None
    assert file.document.file_name == "a.csv"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"no picture", "Image_process_failed"), (picture(9990, 20), "Photo_invalid_dimensions")],
)
async def test_a_picture_that_telegram_refuses(bot: Bot, alice: int, content: bytes, complaint: str) -> None:
    with pytest.raises(BadRequest, match=complaint):
        await bot.send_photo(alice, content)


async def test_the_size_of_a_jpeg_is_read(bot: Bot, alice: int) -> None:
    app0 = b"\xff\xe0" + struct.pack(">H", 16) + b"\0" * 14
    frame = b"\xff\xc0" + struct.pack(">HBHH", 17, 8, 30, 40) + b"\0" * 10
    sent = await bot.send_photo(alice, b"\xff\xd8" + app0 + frame)
    assert (sent.photo[-1].width, sent.photo[-1].height) == (40, 30)


async def test_a_document_keeps_its_name(bot: Bot, alice: int) -> None:
    sent = await bot.send_document(alice, b"a,b\n1,2\n", filename="premium.csv", caption="samples")
    assert sent.document is not None
    assert (sent.document.file_name, sent.document.file_size, sent.caption) == ("premium.csv", 8, "samples")


async def test_a_message_is_deleted_once(
    bot: Bot, alice: int, cast: Cast, playground: PlaygroundServer
) -> None:
    sent = await bot.send_message(alice, "x")
    assert await sent.delete()
    assert playground.sent(cast.alice) == []
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await sent.delete()


async def test_in_a_group_others_messages_are_deleted_by_administrators_only(
    bot: Bot, cast: Cast, playground: PlaygroundServer
) -> None:
    theirs = playground.people.say(cast.alice, cast.night_desk, "x")
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(cast.night_desk.id, theirs.id)
    playground.people.add_bot(cast.night_desk, cast.alice, Role.ADMINISTRATOR)
    assert await bot.delete_message(cast.night_desk.id, theirs.id)


async def test_a_pressed_button_is_answered_once(
    bot: Bot, alice: int, cast: Cast, playground: PlaygroundServer
) -> None:
    await bot.send_message(alice, "x", reply_markup=KEYS)
    query = playground.people.press(cast.alice, playground.sent(cast.alice)[0], "Why")
    assert await bot.answer_callback_query(query, "because", show_alert=True)
    with pytest.raises(
        BadRequest, match="Query is too old and response timeout expired or query id is invalid"
    ):
        await bot.answer_callback_query(query)


async def test_a_press_that_is_too_old_cannot_be_answered(
    bot: Bot, alice: int, cast: Cast, playground: PlaygroundServer
) -> None:
    await bot.send_message(alice, "x", reply_markup=KEYS)
    query = playground.people.press(cast.alice, playground.sent(cast.alice)[0], "why")
    playground.people.expire_queries()
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(query)


async def test_chats_and_their_members_are_described(
    bot: Bot, cast: Cast, playground: PlaygroundServer, alice: int
) -> None:
    group, channel, private = [
        await bot.get_chat(chat) for chat in (cast.night_desk.id, cast.channel.id, alice)
    ]
    assert [chat.type for chat in (group, channel, private)] == ["supergroup", "channel", "private"]
    assert (group.title, private.first_name) == ("Night desk", "Alice")
    assert await bot.get_chat_member_count(cast.night_desk.id) == 4
    members = [
        await bot.get_chat_member(cast.night_desk.id, user)
        for user in (cast.alice.id, cast.xiaolin.id, bot.id)
    ]
    assert [member.status for member in members] == ["creator", "member", "member"]
    assert [m.user.id for m in await bot.get_chat_administrators(cast.channel.id)] == [cast.alice.id, bot.id]
    playground.people.leave(cast.xiaolin, cast.night_desk)
    assert (await bot.get_chat_member(cast.night_desk.id, cast.xiaolin.id)).status == "left"


async def test_pins_need_rights_and_the_newest_stands_on_top(
    bot: Bot, cast: Cast, playground: PlaygroundServer
) -> None:
    chat = cast.night_desk.id
    first, second = await bot.send_message(chat, "first"), await bot.send_message(chat, "second")
    with pytest.raises(BadRequest, match="Not enough rights to manage pinned messages in the chat"):
        await first.pin()
    playground.people.add_bot(cast.night_desk, cast.alice, Role.ADMINISTRATOR)
    await first.pin()
    await second.pin()
    pinned = (await bot.get_chat(chat)).pinned_message
    assert pinned is not None
    assert pinned.message_id == second.message_id
    await bot.unpin_chat_message(chat)
    await bot.unpin_chat_message(chat, first.message_id)
    assert (await bot.get_chat(chat)).pinned_message is None
    with pytest.raises(BadRequest, match="Message to unpin not found"):
        await bot.unpin_chat_message(chat)


async def test_a_bot_that_left_is_no_member(bot: Bot, cast: Cast) -> None:
    assert await bot.leave_chat(cast.night_desk.id)
    with pytest.raises(Exception, match="bot is not a member of the supergroup chat"):
        await bot.get_chat(cast.night_desk.id)


async def test_a_channel_is_written_in_by_administrators_only(
    bot: Bot, cast: Cast, playground: PlaygroundServer
) -> None:
    assert (await bot.send_message(cast.channel.id, "x")).from_user is None
    playground.people.add_bot(cast.channel, cast.alice, Role.MEMBER)
    with pytest.raises(BadRequest, match="Need administrator rights in the channel chat"):
        await bot.send_message(cast.channel.id, "x")


async def test_menus_are_chosen_by_scope_then_by_language(
    bot: Bot, cast: Cast, playground: PlaygroundServer, alice: int
) -> None:
    def menu(user: str, chat: int) -> list[str]:
        place = playground.telegram.chats[chat]
        return [
            entry["command"] for entry in playground.telegram.menus.commands_for(getattr(cast, user), place)
        ]

    await bot.set_my_commands([BotCommand("anywhere", "x")])
    await bot.set_my_commands([BotCommand("zhongwen", "中")], language_code="zh")
    assert (menu("alice", alice), menu("xiaolin", cast.night_desk.id)) == (["anywhere"], ["zhongwen"])
    await bot.set_my_commands([BotCommand("private", "x")], BotCommandScopeAllPrivateChats())
    await bot.set_my_commands([BotCommand("boss", "x")], BotCommandScopeAllChatAdministrators())
    assert (menu("alice", alice), menu("alice", cast.night_desk.id)) == (["private"], ["boss"])
    assert menu("xiaolin", cast.night_desk.id) == ["zhongwen"]
    await bot.set_my_commands([BotCommand("here", "x")], BotCommandScopeChat(cast.night_desk.id))
    assert menu("xiaolin", cast.night_desk.id) == ["here"]
    await bot.delete_my_commands(BotCommandScopeChat(cast.night_desk.id))
    assert menu("xiaolin", cast.night_desk.id) == ["zhongwen"]
    assert [command.command for command in await bot.get_my_commands(language_code="zh")] == ["zhongwen"]


@pytest.mark.parametrize(
    ("name", "description", "language", "complaint"),
    [
        ("Status", "x", "", "Bot_command_invalid"),
        ("status", "", "", "Command description must be non-empty"),
        ("status", "x", "zh-hans", "Invalid language code specified"),
    ],
)
async def test_a_menu_that_telegram_refuses(
    bot: Bot, name: str, description: str, language: str, complaint: str
) -> None:
    with pytest.raises(BadRequest, match=complaint):
        await bot.set_my_commands([BotCommand(name, description)], language_code=language or None)


async def test_descriptions_by_language(bot: Bot) -> None:
    await bot.set_my_description("Is it over?")
    await bot.set_my_description("结束了吗?", language_code="zh")
    await bot.set_my_short_description("Short")
    assert (await bot.get_my_description("zh")).description == "结束了吗?"
    assert (await bot.get_my_description("de")).description == "Is it over?"
    assert (await bot.get_my_short_description()).short_description == "Short"
    assert (await bot.get_my_name()).name == "Aftershock"


async def test_chat_actions_are_taken(bot: Bot, alice: int) -> None:
    assert await bot.send_chat_action(alice, "typing")


async def test_a_method_that_is_not_played_is_not_found(bot: Bot, playground: PlaygroundServer) -> None:
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("sendNothing")
    if playground.checks_spec:
        assert playground.violations == ["sendNothing: no such method"]
    playground.violations.clear()


@pytest.mark.parametrize(("token", "status"), [("1:wrong", 401), ("nonsense", 404)])
async def test_a_wrong_token_is_refused(playground: PlaygroundServer, token: str, status: int) -> None:
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{playground.bot_url}{token}/getMe")
    assert (answer.status_code, answer.json()["error_code"]) == (status, status)


async def test_a_wrong_token_is_the_librarys_invalid_token(playground: PlaygroundServer) -> None:
    with pytest.raises(InvalidToken):
        async with Bot("1:wrong", playground.bot_url):
            pytest.fail("the token was taken")


WAYS: dict[str, Callable[[httpx.AsyncClient, str, dict[str, Any]], Awaitable[httpx.Response]]] = {
    "query": lambda http, url, fields: http.get(url, params=fields),
    "form": lambda http, url, fields: http.post(url, data=fields),
    "json": lambda http, url, fields: http.post(url, json=fields),
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_call_may_come_in_any_of_telegrams_ways(
    playground: PlaygroundServer, cast: Cast, way: str
) -> None:
    playground.telegram.private_chat(cast.alice)
    fields = {"chat_id": cast.alice.id, "text": "5", "disable_notification": True}
    async with httpx.AsyncClient() as http:
        answer = await WAYS[way](http, f"{playground.bot_url}{playground.token}/sendMessage", fields)
    assert answer.json()["ok"]
    message = playground.sent(cast.alice)[0]
    assert (message.text, message.is_silent) == ("5", True)
    assert playground.calls[-1].params["text"] == "5"
