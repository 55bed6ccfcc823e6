"""Stories of an operator who wants to be asked before the bot is in a group."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.commands.afar import short_id
from bot.playground.cast import gather_cast
from bot.playground.chats import Chat, ChatKind, Role
from bot.playground.users import User
from storage.admissions import read_admission, waiting
from tests.bot.stories import StandingClock, Story, told, told_on
from tests.playground.stage import new_playground

OPERATOR = 1001
APPROVE = {"AFTERSHOCK_GROUPS": "approve", "AFTERSHOCK_OWNER_IDS": str(OPERATOR)}


@pytest.fixture
async def story() -> AsyncIterator[Story]:
    async with told(**APPROVE) as story:
        story.say(story.cast.alice, "/about")
        await story.settled()
        yield story


def new_group(story: Story, by: User, title: str = "<b>Den</b> & co") -> Chat:
    group = story.server.telegram.create_chat(ChatKind.SUPERGROUP, title, by)
    story.people.add_bot(group, by)
    return group


@pytest.mark.parametrize(
    ("who", "language", "wait", "welcome"),
    [
        ("bob", "en", "An operator of this bot has to approve", "Everybody can ask"),
        ("xiaolin", "zh", "需先由机器人运营者批准", "所有人都可以查询"),
    ],
)
async def test_a_group_waits_until_an_operator_approves(
    story: Story, who: str, language: str, wait: str, welcome: str
):
    person, alice = getattr(story.cast, who), story.cast.alice
    group = new_group(story, person)
    question = await story.hears(alice, "May I be in <b>Den</b> & co (group)?")
    assert f"Added by {person.first_name}." in question.text
    for line in ("/status", "/subscribe all", "/start"):
        story.say(person, line, group)
    await story.settled()
    [sentence] = story.texts(group)
    assert wait in sentence
    story.clock.pass_by(timedelta(minutes=11))
    story.say(person, "/status", group)
    await story.settled()
    assert story.texts(group) == [sentence, sentence]

    assert await story.press(alice, question, "Approve") == "Done"
    await story.shows(question, "✓ Approved by Alice.")
    await story.hears(group, welcome)
    assert question.buttons == []
    story.say(person, "/status", group)
    await story.hears(group, "Fragile" if language == "en" else "脆弱")


async def test_a_refused_group_is_left_and_left_again_until_the_operator_thinks_better_of_it(story: Story):
    bob, alice = story.cast.bob, story.cast.alice
    group = new_group(story, bob)
    question = await story.hears(alice, "May I be in")
    await story.press(alice, question, "Refuse")
    await story.settled()
    assert question.text.endswith("✗ Refused by Alice.")
    assert group.role(story.server.telegram.bot) is Role.LEFT
    story.people.add_bot(group, bob)
    await story.settled()
    assert group.role(story.server.telegram.bot) is Role.LEFT
    assert len(story.texts(group)) == 1
    assert len([text for text in story.texts(alice) if "May I be" in text]) == 1
    await story.press(alice, question, "Approve after all")
    await story.shows(question, "✓ Approved by Alice.")
    story.people.add_bot(group, bob)
    await story.settled()
    story.say(bob, "/status", group)
    await story.hears(group, "Fragile")


async def test_the_first_operator_decides(story: Story):
    group = new_group(story, story.cast.bob)
    question = await story.hears(story.cast.alice, "May I be in")
    refuse = next(each["callback_data"] for each in question.buttons if each["text"] == "Refuse")
    approve = next(each["callback_data"] for each in question.buttons if each["text"] == "Approve")
    kept = question.markup
    await story.press(story.cast.alice, question, approve)
    await story.settled()
    question.markup = kept
    assert await story.press(story.cast.alice, question, refuse) == "This has been decided already."
    await story.settled()
    assert group.role(story.server.telegram.bot).present


async def test_nobody_else_decides(story: Story):
    group = new_group(story, story.cast.bob)
    await story.settled()
    story.say(story.cast.bob, "/status")
    board = await story.hears(story.cast.bob, "Fragile")
    for data in (f"admit:{short_id(group.id)}:yes", "admit::", "admit:?:yes", "admit:1:maybe"):
        board.markup = {"inline_keyboard": [[{"text": "x", "callback_data": data}]]}
        assert "out of date" in await story.press(story.cast.bob, board, "x")
    in_group = story.server.sent(group)[0]
    in_group.markup = {
        "inline_keyboard": [[{"text": "x", "callback_data": f"admit:{short_id(group.id)}:yes"}]]
    }
    story.people.join(story.cast.alice, group)
    await story.press(story.cast.alice, in_group, "x")
    admission = read_admission(story.db, group.id)
    assert admission is not None
    assert admission.state == "asked"


async def test_an_operator_who_adds_the_bot_has_approved(story: Story):
    group = new_group(story, story.cast.alice)
    await story.hears(group, "Everybody can ask")
    assert waiting(story.db) == [each for each in waiting(story.db) if each.chat_id != group.id]


async def test_a_channel_waits_too_and_whoever_added_the_bot_hears_it_in_private(story: Story):
    bob = story.cast.bob
    story.say(bob, "/about")
    channel = story.server.telegram.create_chat(ChatKind.CHANNEL, "News", bob)
    story.people.add_bot(channel, bob, Role.ADMINISTRATOR)
    letter = await story.hears(bob, "has to approve News first")
    assert letter.buttons == []
    story.people.forward(bob, story.people.post(channel, "gm"), story.server.telegram.bot)
    await story.settled()
    assert story.texts(bob).count(letter.text) == 2
    question = await story.hears(story.cast.alice, "May I be in News (channel)?")
    await story.press(story.cast.alice, question, "Approve")
    added = await story.hears(bob, "I am in News now and can post there")
    await story.press(bob, added, "Settings")
    await story.hears(bob, "It hears of nothing yet.")
    assert story.texts(channel) == ["gm"]


async def test_a_group_that_moves_while_it_waits_still_waits_under_its_new_id(story: Story):
    bob = story.cast.bob
    group = story.server.telegram.create_chat(ChatKind.GROUP, "Den", bob)
    story.people.add_bot(group, bob)
    question = await story.hears(story.cast.alice, "May I be in Den")
    new = story.people.migrate(group)
    await story.settled()
    await story.press(story.cast.alice, question, "Approve")
    await story.hears(new, "Everybody can ask")
    assert len([text for text in story.texts(story.cast.alice) if "May I be in Den" in text]) == 1


async def test_groups_that_were_there_before_need_nobodys_leave(tmp_path: Path):
    path = str(tmp_path / "a.db")
    async with new_playground() as server:
        cast, clock = gather_cast(server.people), StandingClock()
        async with told_on(server, cast, clock, path) as story:
            await story.hears(cast.night_desk, "Everybody can ask")
        async with told_on(server, cast, clock, path, **APPROVE) as story:
            story.say(cast.bob, "/status", cast.night_desk)
            await story.hears(cast.night_desk, "Fragile")


async def test_who_waits_outlives_a_restart_and_an_operator_who_comes_later_hears_of_it(tmp_path: Path):
    path = str(tmp_path / "a.db")
    async with new_playground() as server:
        cast, clock = gather_cast(server.people), StandingClock()
        async with told_on(server, cast, clock, path, **APPROVE) as story:
            group = new_group(story, cast.bob, "Den")
            await story.hears(group, "has to approve")
        async with told_on(server, cast, clock, path, **APPROVE) as story:
            story.say(cast.bob, "/status", group)
            await story.settled()
            assert len(story.texts(group)) == 1
            story.say(cast.alice, "/start")
            question = await story.hears(cast.alice, "May I be in Den")
            await story.press(cast.alice, question, "Approve")
            await story.hears(group, "Everybody can ask")
