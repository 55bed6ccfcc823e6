"""Stories of channels: set up from private chat, by those who administer them and nobody else."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.commands.afar import at
from bot.playground.chats import Chat, ChatKind, Role
from bot.playground.messages import Message
from bot.playground.refusals import bad_request
from storage import chats
from storage.keepers import kept_by
from tests.bot.stories import Story, told

HOSTILE = "<b>News</b> & 🔥 \u202eabc"


@pytest.fixture
async def story() -> AsyncIterator[Story]:
    async with told() as story:
        story.say(story.cast.alice, "/about")
        await story.settled()
        yield story


def new_channel(story: Story, title: str = HOSTILE) -> Chat:
    return story.server.telegram.create_chat(ChatKind.CHANNEL, title, story.cast.alice)


async def picked(story: Story, channel: Chat) -> Message:
    """Alice asks how and picks her channel; what she is shown then."""
    story.say(story.cast.alice, "/channel add")
    asking = await story.hears(story.cast.alice, "Press the key below")
    story.people.share_chat(story.cast.alice, asking, "Choose a channel", channel)
    await story.settled()
    return story.server.sent(story.cast.alice)[-1]


async def test_a_board_is_brought_into_a_channel_from_afar_and_its_trouble_told_in_private(story: Story):
    alice, channel = story.cast.alice, new_channel(story)
    menu = await picked(story, channel)
    story.people.add_bot(channel, alice, Role.ADMINISTRATOR)
    story.server.faults.add(
        bad_request("not enough rights to manage pinned messages in the chat"), "pinChatMessage"
    )
    await story.press(alice, menu, "Board")
    await story.shows(menu, "The board comes as a post of the channel.")
    letter = await story.hears(alice, "I may not pin the board in")
    assert HOSTILE in letter.text
    assert [text.splitlines()[0][:1] for text in story.texts(channel)] == ["🔴"]
    await story.press(alice, menu, "End the board")
    await story.shows(menu, "The board is over")


async def test_a_paused_channel_stays_so_and_is_resumed_from_afar(story: Story):
    alice, channel = story.cast.alice, new_channel(story)
    await picked(story, channel)
    chats.pause(story.db, channel.id, "/stop")
    story.people.remove_bot(channel, alice)
    await story.settled()
    story.people.add_bot(channel, alice, Role.ADMINISTRATOR)
    await story.hears(alice, "It was paused with /stop and stays so")
    menu = await picked(story, channel)
    assert "Paused with /stop" in menu.text
    await story.press(alice, menu, "Resume")
    await story.shows(menu, "Resumed.")
    assert story.row(channel).state == "active"
    assert story.texts(channel) == []


async def test_a_channel_is_picked_set_up_and_tried_without_a_word_in_it(story: Story):
    alice, channel = story.cast.alice, new_channel(story)
    menu = await picked(story, channel)
    assert menu.text.startswith(HOSTILE)
    assert "It hears of nothing yet." in menu.text
    assert story.texts(channel) == []

    assert await story.press(alice, menu, "What I tell") == ""
    await story.settled()
    assert await story.press(alice, menu, at(channel.id, "here:subscribe:verdict")) == "Done"
    assert chats.read_subscriptions(story.db, channel.id) == {"verdict": "sound"}
    assert chats.read_subscriptions(story.db, alice.id) == {}

    await story.press(alice, menu, "‹ All settings")
    await story.shows(menu, "It hears of: Verdict")
    await story.press(alice, menu, "Quiet hours")
    await story.shows(menu, "No quiet hours")
    assert await story.press(alice, menu, "23:00-07:00") == "Done"
    await story.press(alice, menu, "‹ All settings")
    await story.shows(menu, "It hears of: Verdict")
    assert "Quiet hours: 23:00-07:00" in menu.text
    labels = [each["text"] for each in menu.buttons]
    assert labels[-1] == "Test post"
    assert {"Daily brief", "Daily cap"} <= set(labels)
    await story.press(alice, menu, "Language")
    await story.shows(menu, "I speak English here")
    assert await story.press(alice, menu, at(channel.id, "here:language:zh")) == "Done"
    await story.shows(menu, "从现在起")
    assert story.row(channel).language == "zh"
    assert story.row(alice).language is None

    await story.press(alice, menu, at(channel.id, "here:channel"))
    await story.shows(menu, "语言：中文")
    await story.press(alice, menu, "发送测试")
    await story.hears(channel, "测试：")
    await story.press(alice, menu, "发送测试")
    await story.settled()
    assert len(story.texts(channel)) == 1
    story.clock.pass_by(timedelta(minutes=2))
    await story.press(alice, menu, "发送测试")
    await story.settled()
    assert len(story.texts(channel)) == 2

    story.deliver(channel, "Broken A-7")
    await story.hears(channel, "Broken A-7")


async def test_a_chinese_owner_is_led_in_chinese_and_so_speaks_the_channel(story: Story):
    xiaolin = story.cast.xiaolin
    channel = story.server.telegram.create_chat(ChatKind.CHANNEL, "快讯", xiaolin)
    story.say(xiaolin, "/channel")
    asking = await story.hears(xiaolin, "点击下方按钮选择频道")
    story.people.share_chat(xiaolin, asking, "选择频道", channel)
    await story.hears(xiaolin, "尚未订阅任何提醒")
    assert story.row(channel).app_language == "zh-hans"


async def test_whoever_adds_the_bot_to_a_channel_hears_of_it_in_private(story: Story):
    alice, channel = story.cast.alice, new_channel(story)
    story.people.add_bot(channel, alice, Role.ADMINISTRATOR)
    letter = await story.hears(alice, "now and can post there")
    await story.press(alice, letter, "Settings")
    await story.hears(alice, "It hears of nothing yet.")
    mute = new_channel(story, "Mute")
    story.people.add_bot(mute, alice, Role.ADMINISTRATOR, lacking=["can_post_messages"])
    await story.hears(alice, "I am in Mute now, but may not post there")
    assert story.texts(channel) == story.texts(mute) == []


async def test_a_forwarded_post_leads_to_the_settings_of_its_channel(story: Story):
    alice, channel = story.cast.alice, new_channel(story)
    story.people.add_bot(channel, alice, Role.ADMINISTRATOR)
    post = story.people.post(channel, "gm")
    story.people.forward(alice, post, story.server.telegram.bot)
    menu = await story.hears(alice, "It hears of nothing yet.")
    assert menu.text.startswith(HOSTILE)


async def test_a_channel_without_the_bot_gets_a_sentence(story: Story):
    channel = new_channel(story)
    post = story.people.post(channel, "gm")
    story.people.forward(story.cast.alice, post, story.server.telegram.bot)
    await story.hears(story.cast.alice, "I am not in that channel")
    assert chats.read_chat(story.db, channel.id) is None


async def test_without_the_right_to_post_there_is_a_sentence_until_it_is_given(story: Story):
    alice, channel, people = story.cast.alice, new_channel(story, "News"), story.people
    people.add_bot(channel, alice, Role.ADMINISTRATOR, lacking=["can_post_messages"])
    letter = await story.hears(alice, "may not post there")
    await story.press(alice, letter, "Settings")
    refusal = await story.hears(alice, "I am in News, but may not post there")
    people.add_bot(channel, alice, Role.ADMINISTRATOR)
    await story.press(alice, refusal, "Settings")
    await story.shows(refusal, "It hears of nothing yet.")


async def test_every_press_asks_anew_whether_the_channel_is_theirs(story: Story):
    alice, bob, channel, people = story.cast.alice, story.cast.bob, new_channel(story, "News"), story.people
    menu = await picked(story, channel)
    people.join(bob, channel)
    people.promote(bob, channel, alice)
    story.say(bob, "/start")
    await story.hears(bob, "After a crash")
    people.forward(bob, people.post(channel, "gm"), story.server.telegram.bot)
    of_bob = await story.hears(bob, "It hears of nothing yet.")
    people.demote(bob, channel, alice)
    await story.press(bob, of_bob, "Mute")
    await story.hears(bob, "You do not administer News")
    assert kept_by(story.db, bob.id, "channel") == []
    story.server.faults.add(bad_request("chat not found"), method="getChatMember")
    await story.press(alice, menu, "Mute")
    await story.hears(alice, "does not tell me just now who administers News")


async def test_what_a_button_says_is_not_believed(story: Story):
    """Data that name a chat of others, from somebody who never administered it, or from a group."""
    bob, channel = story.cast.bob, new_channel(story, "News")
    await picked(story, channel)
    story.say(bob, "/status")
    forged = await story.hears(bob, "Fragile")
    for chat_id in (channel.id, story.cast.night_desk.id, story.cast.alice.id, -100999):
        data = at(chat_id, "here:subscribe:all")
        forged.markup = {"inline_keyboard": [[{"text": "x", "callback_data": data}]]}
        await story.press(bob, forged, "x")
        await story.settled()
        assert chats.read_subscriptions(story.db, chat_id) == {}
    in_group = story.server.sent(story.cast.night_desk)[0]
    data = at(channel.id, "here:subscribe:all")
    in_group.markup = {"inline_keyboard": [[{"text": "x", "callback_data": data}]]}
    assert "out of date" in await story.press(story.cast.alice, in_group, "x")
    assert chats.read_subscriptions(story.db, channel.id) == {}


async def test_several_channels_are_listed_and_those_that_threw_the_bot_out_are_not(story: Story):
    alice = story.cast.alice
    for title in ("B", "A", "C"):
        story.people.add_bot(new_channel(story, title), alice, Role.ADMINISTRATOR)
    await story.settled()
    gone = next(chat for chat in story.server.telegram.chats.values() if chat.title == "C")
    story.people.remove_bot(gone, alice)
    await story.settled()
    story.say(alice, "/channel")
    listed = await story.hears(alice, "Your channels")
    assert [each["text"] for each in listed.buttons] == ["A", "Aftershock alerts", "B", "Another channel"]
    await story.press(alice, listed, "B")
    await story.shows(listed, "B\nIt hears of nothing yet.")


async def test_elsewhere_channel_says_where(story: Story):
    story.say(story.cast.bob, "/channel", story.cast.night_desk)
    await story.hears(story.cast.night_desk, "in a private chat with me")
    story.people.post(story.cast.channel, "/channel")
    await story.hears(story.cast.channel, "in a private chat with me")
