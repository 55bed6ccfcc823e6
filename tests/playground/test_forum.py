"""Topics of a forum, and the threads that replies make, through the real library."""

import pytest
from telegram import Bot, ReplyParameters
from telegram.error import BadRequest

from bot.playground.cast import Cast
from bot.playground.chats import ChatKind, Role
from bot.playground.people import DeedError
from bot.playground.server import PlaygroundServer
from tests.playground.hearing import forget_updates, last_message, updates


@pytest.fixture
def manager(playground: PlaygroundServer, cast: Cast) -> None:
    playground.people.add_bot(cast.trading_floor, cast.alice, Role.ADMINISTRATOR)


async def test_a_message_in_a_topic_says_so_and_answers_its_first_message(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    playground.people.say(cast.xiaolin, cast.trading_floor, "/status", cast.alerts.id)
    heard = await last_message(bot)
    assert heard.chat.is_forum
    assert (heard.message_thread_id, heard.is_topic_message) == (cast.alerts.id, True)
    assert heard.reply_to_message is not None
    assert heard.reply_to_message.forum_topic_created is not None
    assert heard.reply_to_message.forum_topic_created.name == "Alerts"


async def test_a_message_in_general_is_in_no_thread(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    playground.people.say(cast.xiaolin, cast.trading_floor, "/status", 1)
    heard = await last_message(bot)
    assert (heard.message_thread_id, heard.is_topic_message) == (None, None)


@pytest.mark.parametrize("place", ["night_desk", "trading_floor"])
async def test_outside_of_topics_replies_make_a_thread_that_is_no_topic(
    playground: PlaygroundServer, cast: Cast, bot: Bot, place: str
) -> None:
    chat = getattr(cast, place)
    first = await bot.send_message(chat.id, "first")
    second = playground.people.say(
        cast.alice, chat, "why?", reply_to=playground.telegram.chats[chat.id].messages[first.message_id]
    )
    heard = await last_message(bot)
    assert (heard.message_thread_id, heard.is_topic_message) == (first.message_id, None)
    third = await bot.send_message(chat.id, "because", reply_parameters=ReplyParameters(second.id))
    assert (third.message_thread_id, third.is_topic_message) == (first.message_id, None)


async def test_an_answer_goes_to_the_topic_of_what_it_answers(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    asked = playground.people.say(cast.alice, cast.trading_floor, "/status", cast.chatter.id)
    answer = await bot.send_message(cast.trading_floor.id, "x", reply_parameters=ReplyParameters(asked.id))
    assert (answer.message_thread_id, answer.is_topic_message) == (cast.chatter.id, True)


@pytest.mark.parametrize("thread", [1, 999])
async def test_a_thread_that_cannot_be_named_is_not_found(cast: Cast, bot: Bot, thread: int) -> None:
    for chat in (cast.trading_floor, cast.night_desk, cast.channel):
        with pytest.raises(BadRequest, match="Message thread not found"):
            await bot.send_message(chat.id, "x", message_thread_id=thread)


async def test_a_deleted_topic_is_gone_with_its_messages_and_nobody_is_told(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    sent = await bot.send_message(cast.trading_floor.id, "x", message_thread_id=cast.alerts.id)
    forget_updates(playground)
    playground.people.delete_topic(cast.alice, cast.trading_floor, cast.alerts.id)
    assert await updates(bot) == []
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(cast.trading_floor.id, "x", message_thread_id=cast.alerts.id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await sent.edit_text("y")


async def test_in_a_closed_topic_only_those_write_who_manage_topics(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    floor, people = cast.trading_floor, playground.people
    people.close_topic(cast.alice, floor, cast.alerts.id)
    assert (await last_message(bot)).forum_topic_closed is not None
    with pytest.raises(BadRequest, match="Topic_closed"):
        await bot.send_message(floor.id, "x", message_thread_id=cast.alerts.id)
    with pytest.raises(DeedError, match="this topic is closed"):
        people.say(cast.bob, floor, "x", cast.alerts.id)
    people.say(cast.alice, floor, "the owner may", cast.alerts.id)
    people.add_bot(floor, cast.alice, Role.ADMINISTRATOR)
    await bot.send_message(floor.id, "x", message_thread_id=cast.alerts.id)
    people.add_bot(floor, cast.alice, Role.ADMINISTRATOR, lacking=["can_manage_topics"])
    with pytest.raises(BadRequest, match="Topic_closed"):
        await bot.send_message(floor.id, "x", message_thread_id=cast.alerts.id)
    people.reopen_topic(cast.alice, floor, cast.alerts.id)
    await bot.send_message(floor.id, "x", message_thread_id=cast.alerts.id)


async def test_general_can_be_closed_too(playground: PlaygroundServer, cast: Cast, bot: Bot) -> None:
    playground.people.close_topic(cast.alice, cast.trading_floor, 1)
    with pytest.raises(BadRequest, match="Topic_closed"):
        await bot.send_message(cast.trading_floor.id, "x")
    with pytest.raises(DeedError, match="General stays"):
        playground.people.delete_topic(cast.alice, cast.trading_floor, 1)


@pytest.mark.usefixtures("manager")
async def test_a_bot_that_manages_topics_opens_renames_closes_and_deletes_one(cast: Cast, bot: Bot) -> None:
    floor = cast.trading_floor
    topic = await bot.create_forum_topic(floor.id, "Watch")
    thread = topic.message_thread_id
    await bot.send_message(floor.id, "x", message_thread_id=thread)
    await bot.edit_forum_topic(floor.id, thread, name="Premium")
    assert floor.topics[thread].name == "Premium"
    await bot.close_forum_topic(floor.id, thread)
    with pytest.raises(BadRequest, match="Topic_not_modified"):
        await bot.close_forum_topic(floor.id, thread)
    await bot.reopen_forum_topic(floor.id, thread)
    await bot.delete_forum_topic(floor.id, thread)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.edit_forum_topic(floor.id, thread, name="x")


async def test_topics_need_a_forum_and_the_right_to_manage_them(cast: Cast, bot: Bot) -> None:
    with pytest.raises(BadRequest, match="The chat is not a forum"):
        await bot.create_forum_topic(cast.night_desk.id, "x")
    with pytest.raises(BadRequest, match="Not enough rights to create a topic"):
        await bot.create_forum_topic(cast.trading_floor.id, "x")


async def test_new_and_renamed_topics_are_told(playground: PlaygroundServer, cast: Cast, bot: Bot) -> None:
    topic = playground.people.create_topic(cast.alice, cast.trading_floor, "ETF")
    created = await last_message(bot)
    assert (created.message_id, created.message_thread_id) == (topic.id, topic.id)
    assert created.forum_topic_created is not None
    playground.people.rename_topic(cast.alice, cast.trading_floor, topic.id, "Flows")
    renamed = (await last_message(bot)).forum_topic_edited
    assert renamed is not None
    assert renamed.name == "Flows"


@pytest.mark.usefixtures("manager")
async def test_a_pin_in_a_topic_is_told_there(cast: Cast, bot: Bot) -> None:
    sent = await bot.send_message(cast.trading_floor.id, "board", message_thread_id=cast.alerts.id)
    await sent.pin()
    note = list(cast.trading_floor.messages.values())[-1]
    assert (note.thread_id, note.is_in_topic, "pinned_message" in note.service) == (
        cast.alerts.id,
        True,
        True,
    )
    await bot.unpin_all_forum_topic_messages(cast.trading_floor.id, cast.alerts.id)
    assert cast.trading_floor.pinned == []


async def test_a_small_group_that_becomes_a_forum_moves(playground: PlaygroundServer, cast: Cast) -> None:
    group = playground.telegram.create_chat(ChatKind.GROUP, "Small", cast.alice)
    forum = playground.people.make_forum(group)
    assert (group.migrated_to, forum.is_forum, forum.kind) == (forum.id, True, ChatKind.SUPERGROUP)


async def test_what_only_managers_of_topics_do(playground: PlaygroundServer, cast: Cast) -> None:
    people, floor = playground.people, cast.trading_floor
    with pytest.raises(DeedError, match="Bob may not manage topics here"):
        people.create_topic(cast.bob, floor, "mine")
    with pytest.raises(DeedError, match="only a forum has topics"):
        people.create_topic(cast.alice, cast.night_desk, "x")
    with pytest.raises(DeedError, match="there is no such topic"):
        people.say(cast.bob, floor, "x", 999)
