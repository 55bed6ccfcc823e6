"""Stories of groups: who may do what, topics, a group's move, coming and going."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.playground.chats import Chat, ChatKind, Role
from bot.playground.refusals import bad_request
from bot.playground.users import User
from storage import briefs, chats, outbox
from storage.alerts import raise_alert
from tests.bot.desks import HELD_SESSION
from tests.bot.stories import Story, told


@pytest.fixture
async def story() -> AsyncIterator[Story]:
    async with told() as story:
        await story.hears(story.cast.trading_floor, "fragile")
        yield story


def heard(story: Story, chat: Chat | User, thread_id: int = 0) -> dict[str, str]:
    return dict(chats.read_subscriptions(story.db, chat.id, thread_id=thread_id))


def brief_thread(story: Story, chat: Chat | User) -> int | None:
    row = briefs.brief_of(story.db, chat.id)
    return row.thread_id if row else None


# Who may do what


async def test_a_demotion_is_noticed_at_the_next_press(story: Story):
    desk, people, cast = story.cast.night_desk, story.people, story.cast
    people.add_bot(desk, cast.alice, Role.ADMINISTRATOR)
    people.promote(cast.bob, desk, cast.alice)
    story.say(cast.bob, "/mute 2h", desk)
    board = await story.hears(desk, "Muted until")
    people.demote(cast.bob, desk, cast.alice)
    assert (await story.press(cast.bob, board, "here:mute:off")).startswith("Only administrators")
    assert story.row(desk).muted_until is not None


async def test_pressing_again_and_again_costs_one_question(story: Story):
    desk = story.cast.night_desk
    story.say(story.cast.alice, "/mute 2h", desk)
    board = await story.hears(desk, "Muted until")
    for _ in range(3):
        assert await story.press(story.cast.alice, board, "here:mute:8h") == "Done"
        assert (await story.press(story.cast.xiaolin, board, "here:mute:off")).startswith("这里只有管理员")
    asked = [call.params["user_id"] for call in story.calls("getChatMember")]
    assert sorted(asked) == [story.cast.alice.id, story.cast.xiaolin.id]


async def test_an_anonymous_administrator_commands_as_the_group_and_presses_as_themselves(story: Story):
    desk, alice = story.cast.night_desk, story.cast.alice
    story.say(alice, "/mute 2h", desk, anonymous=True)
    board = await story.hears(desk, "Muted until")
    assert story.calls("getChatMember") == []
    assert await story.press(alice, board, "here:mute:off") == "Done"
    assert story.row(desk).muted_until is None


@pytest.mark.parametrize(("who", "words"), [("alice", "does not tell me just now"), ("xiaolin", "暂时无法")])
async def test_where_telegram_cannot_be_asked_nothing_changes_and_it_is_said(
    story: Story, who: str, words: str
):
    desk, person = story.cast.night_desk, getattr(story.cast, who)
    story.server.faults.add(bad_request("chat not found"), method="getChatMember", times=2)
    story.say(person, "/mute 2h", desk)
    refusal = await story.hears(desk, words)
    assert story.row(desk).muted_until is None
    story.people.say(person, desk, "/mute")
    board = await story.hears(desk, "静音" if who == "xiaolin" else "Not muted")
    assert words in await story.press(person, board, "here:mute:8h")
    assert refusal is not board


async def test_a_hidden_list_of_members_is_no_hindrance(story: Story):
    desk = story.cast.night_desk
    story.server.faults.add(bad_request("member list is inaccessible"), method="getChatMember", times=2)
    story.say(story.cast.alice, "/mute 2h", desk)
    await story.hears(desk, "Muted until")
    story.say(story.cast.xiaolin, "/mute off", desk)
    await story.hears(desk, "只有管理员")
    assert len(story.calls("getChatAdministrators")) == 2


# What counts as a command


async def test_a_command_with_the_bots_name_in_any_case_in_an_answer_and_in_a_topic(story: Story):
    floor, alice, topic = story.cast.trading_floor, story.cast.alice, story.cast.alerts
    question = story.say(story.cast.bob, "what now?", floor, thread=topic.id)
    story.say(alice, "/Status@AFTERSHOCK_Bot", floor, thread=topic.id, reply_to=question)
    board = await story.hears(floor, "Fragile")
    assert board.thread_id == topic.id


async def test_an_edited_command_does_not_run_again(story: Story):
    desk = story.cast.night_desk
    written = story.say(story.cast.alice, "/mute 2h", desk)
    await story.hears(desk, "Muted until")
    chats.mute(story.db, desk.id, None)
    story.server.telegram.updates.add(
        "edited_message", {**written.as_json(desk.as_json()), "edit_date": 1762200840}
    )
    await story.settled()
    assert story.row(desk).muted_until is None


async def test_commands_of_others_and_quoted_ones_are_left_alone(story: Story):
    desk, cast, people = story.cast.night_desk, story.cast, story.people
    people.add_bot(desk, cast.alice, Role.ADMINISTRATOR)
    await story.settled()
    greeted = story.texts(desk)
    people.link(cast.channel, desk)
    people.post(cast.channel, "/subscribe verdict")
    await story.hears(cast.channel, "This chat hears of")
    quoted = story.say(cast.alice, "/mute 2h")
    people.forward(cast.alice, quoted, desk)
    story.say(cast.alice, "/status@another_bot", desk)
    story.say(cast.alice, "/nonsense", desk)
    await story.settled()
    assert story.texts(desk) == greeted
    assert heard(story, desk) == {}


# The welcome


async def test_a_group_is_welcomed_once_and_told_what_administrators_do_first(story: Story):
    [welcome] = story.texts(story.cast.night_desk)
    assert "Everybody can ask: /status" in welcome
    assert "/here" not in welcome
    [of_forum] = story.server.sent(story.cast.trading_floor)
    assert "/here in a topic" in of_forum.text
    assert of_forum.thread_id is None
    assert [button["text"] for button in of_forum.buttons] == [
        "Status now",
        "Usual",
        "Choose alerts",
        "Language / 语言",
        "Time zone",
    ]
    story.people.add_bot(story.cast.night_desk, story.cast.alice, Role.ADMINISTRATOR)
    await story.settled()
    assert story.texts(story.cast.night_desk) == [welcome]


async def test_a_link_that_adds_the_bot_greets_once_in_the_language_of_who_follows_it(story: Story):
    group = story.server.telegram.create_chat(ChatKind.SUPERGROUP, "<b>夜盘</b> & 朋友", story.cast.xiaolin)
    story.people.follow(story.cast.xiaolin, "https://t.me/aftershock_bot?startgroup=true", group)
    await story.settled()
    [welcome] = story.texts(group)
    assert welcome.startswith("监测暴跌之后")
    story.say(story.cast.xiaolin, "/start", group)
    await story.hears(group, "暴跌之后，持续")


# Topics


@pytest.mark.parametrize(
    ("language", "came", "went_back"),
    [
        (
            "en",
            "comes into this topic: Verdict, US premium, ETF flows, the daily brief",
            "comes here: Verdict, US premium",
        ),
        ("zh", "都发到这个话题：", "都发到这里："),
    ],
)
async def test_alerts_are_brought_into_a_topic_and_back(
    story: Story, language: str, came: str, went_back: str
):
    floor, alice, topic = story.cast.trading_floor, story.cast.alice, story.cast.alerts
    chats.set_language(story.db, floor.id, language)
    for word in ("verdict", "premium silent"):
        story.say(alice, f"/subscribe {word}", floor)
    story.say(alice, "/subscribe etf", floor, thread=story.cast.chatter.id)
    story.say(alice, "/brief on 08:00", floor)
    story.say(alice, "/here", floor, thread=topic.id)
    answer = await story.hears(floor, came)
    assert answer.thread_id == topic.id
    assert heard(story, floor, topic.id) == {"verdict": "sound", "premium": "silent", "etf_flow": "sound"}
    assert heard(story, floor) == heard(story, floor, story.cast.chatter.id) == {}
    assert brief_thread(story, floor) == topic.id
    story.say(alice, "/here", floor)
    await story.hears(floor, went_back)
    assert len(heard(story, floor)) == 3
    assert brief_thread(story, floor) == 0


async def test_only_administrators_bring_alerts_into_a_topic(story: Story):
    floor = story.cast.trading_floor
    chats.subscribe(story.db, floor.id, "verdict", "sound")
    story.say(story.cast.bob, "/here", floor, thread=story.cast.alerts.id)
    await story.hears(floor, "Only administrators")
    assert heard(story, floor) == {"verdict": "sound"}


async def test_where_nothing_is_heard_here_offers_to_choose(story: Story):
    floor, topic = story.cast.trading_floor, story.cast.alerts
    story.say(story.cast.alice, "/here", floor, thread=topic.id)
    offer = await story.hears(floor, "hears of nothing yet")
    assert await story.press(story.cast.alice, offer, "Choose alerts") == ""
    await story.server.wait_for_call("editMessageText")


@pytest.mark.parametrize(
    ("language", "gone", "closed"),
    [("en", "that this was meant for is gone", "is closed to me"), ("zh", "话题已被删除", "话题已关闭")],
)
@pytest.mark.parametrize("ends", ["deleted", "closed"])
async def test_what_was_meant_for_a_topic_that_is_no_more_comes_to_the_chat_at_once(
    story: Story, ends: str, language: str, gone: str, closed: str
):
    floor, alice, topic = story.cast.trading_floor, story.cast.alice, story.cast.alerts
    chats.set_language(story.db, floor.id, language)
    chats.subscribe(story.db, floor.id, "verdict", "sound", thread_id=topic.id)
    chats.subscribe(story.db, floor.id, "premium", "sound", thread_id=story.cast.chatter.id)
    if ends == "deleted":
        story.people.delete_topic(alice, floor, topic.id)
    else:
        story.people.close_topic(alice, floor, topic.id)
    story.deliver(floor, "<b>Broken</b> A-7", thread_id=topic.id)
    story.deliver(floor, "Fragile A-8", thread_id=topic.id)
    last = await story.hears(floor, "Fragile A-8")
    first = await story.hears(floor, "Broken A-7")
    assert (first.thread_id, last.thread_id) == (None, None)
    assert (gone if ends == "deleted" else closed) in first.text
    assert last.text == "Fragile A-8"
    assert heard(story, floor) == {"verdict": "sound"}
    assert heard(story, floor, story.cast.chatter.id) == {"premium": "sound"}
    await story.settled()
    assert outbox.count_by_state(story.db) == {"sent": 2}


async def test_general_is_the_chat_itself(story: Story):
    floor = story.cast.trading_floor
    story.deliver(floor, "A-1", thread_id=1)
    assert (await story.hears(floor, "A-1")).thread_id is None


# A group's move


async def test_a_group_that_moves_takes_everything_along_and_late_updates_bring_nothing_back(story: Story):
    alice, people = story.cast.alice, story.people
    group = story.server.telegram.create_chat(ChatKind.GROUP, "Desk", alice)
    people.add_bot(group, alice)
    for line in ("/subscribe eth silent", "/timezone Asia/Shanghai", "/brief on 08:00"):
        story.say(alice, line, group)
    await story.hears(group, "08:00")
    late = story.say(alice, "/status", group)
    await story.hears(group, "Fragile")
    new = people.migrate(group)
    await story.settled()
    story.say(alice, "/subscribe verdict", new)
    await story.hears(new, "the verdict")
    story.server.telegram.updates.add("message", late.as_json({**group.as_json()}))
    await story.hears(new, "Fragile")
    assert chats.read_chat(story.db, group.id) is None
    assert heard(story, new) == {"eth_btc": "silent", "verdict": "sound"}
    assert story.row(new).timezone == "Asia/Shanghai"
    assert brief_thread(story, new) == 0
    assert [text for text in story.texts(new) if "Everybody can ask" in text] == []


@pytest.mark.parametrize("told_when", ["before the move", "after it"])
async def test_that_the_bot_left_the_old_group_means_nothing(story: Story, told_when: str):
    alice, server = story.cast.alice, story.server
    group = server.telegram.create_chat(ChatKind.GROUP, "Desk", alice)
    story.people.add_bot(group, alice)
    story.say(alice, "/subscribe verdict", group)
    await story.hears(group, "the verdict")
    left = {
        "chat": group.as_json(),
        "from": alice.as_json(),
        "date": 1762200840,
        "old_chat_member": {"status": "member", "user": server.telegram.bot.as_json()},
        "new_chat_member": {"status": "left", "user": server.telegram.bot.as_json()},
    }
    if told_when == "before the move":
        server.telegram.updates.add("my_chat_member", left)
    new = story.people.migrate(group)
    if told_when == "after it":
        await story.settled()
        server.telegram.updates.add("my_chat_member", left)
    await story.settled()
    assert story.row(new).state == "active"
    assert heard(story, new) == {"verdict": "sound"}


# Coming and going


@pytest.mark.parametrize(
    ("language", "back", "missed"),
    [
        ("en", "I am back, with everything", "there were 3 alerts, see /history"),
        ("zh", "我回来了", "3 条提醒"),
    ],
)
async def test_a_removed_bot_comes_back_with_what_it_had_and_one_line(
    story: Story, language: str, back: str, missed: str
):
    desk, alice = story.cast.night_desk, story.cast.alice
    chats.set_language(story.db, desk.id, language)
    chats.subscribe(story.db, desk.id, "premium", "sound")
    now = story.clock.now
    waits = outbox.Delivery(
        chat_id=desk.id,
        alert_id=raise_alert(story.db, now, now, [HELD_SESSION]),
        kind="alert",
        text="A-1",
        created_at=now,
        not_before=now + timedelta(days=1),
    )
    outbox.enqueue(story.db, [waits])
    story.clock.pass_by(timedelta(minutes=1))
    story.people.remove_bot(desk, alice)
    await story.settled()
    assert (story.row(desk).state, story.row(desk).reason) == ("blocked", "the bot's status is kicked")
    story.deliver(desk, "A-0")
    for _ in range(2):
        story.clock.pass_by(timedelta(hours=1))
        raise_alert(story.db, story.clock.now, story.clock.now, [HELD_SESSION])
    story.people.add_bot(desk, alice)
    line = await story.hears(desk, back)
    assert missed in line.text
    await story.settled()
    assert story.texts(desk)[1:] == [line.text]
    assert heard(story, desk) == {"premium": "sound"}
    assert story.row(desk).state == "active"


@pytest.mark.parametrize(
    ("language", "holds", "resume", "resumed"),
    [("en", "/stop still holds", "Resume", "Resumed."), ("zh", "/stop 仍然有效", "恢复", "已恢复")],
)
async def test_a_pause_holds_when_the_bot_is_removed_and_added_again(
    story: Story, language: str, holds: str, resume: str, resumed: str
):
    desk, alice = story.cast.night_desk, story.cast.alice
    chats.set_language(story.db, desk.id, language)
    chats.subscribe(story.db, desk.id, "premium", "sound")
    story.say(alice, "/stop", desk)
    await story.settled()
    story.people.remove_bot(desk, alice)
    await story.settled()
    assert story.row(desk).state == "blocked"
    story.people.add_bot(desk, alice)
    line = await story.hears(desk, holds)
    assert story.row(desk).state == "paused"
    story.deliver(desk, "A-1")
    await story.settled()
    assert story.texts(desk)[-1] == line.text
    await story.press(alice, line, resume)
    await story.shows(line, resumed)
    await story.hears(desk, "A-1")


async def test_a_person_who_had_said_stop_hears_nothing_before_start(story: Story):
    bob = story.cast.bob
    story.say(bob, "/subscribe verdict")
    story.say(bob, "/stop")
    await story.hears(bob, "Paused")
    story.people.block(bob)
    story.people.unblock(bob)
    story.say(story.cast.alice, "/about")
    await story.hears(story.cast.alice, "Aftershock")
    assert story.row(bob).state == "paused"
    story.say(bob, "/start")
    assert (await story.hears(bob, "Resumed.")).text.startswith("Resumed. This chat hears again of: Verdict")
    assert not any("I am back" in text for text in story.texts(bob))
    assert story.row(bob).state == "active"


async def test_somebody_who_unblocks_the_bot_goes_on_with_what_they_had(story: Story):
    bob = story.cast.bob
    story.say(bob, "/subscribe verdict")
    await story.hears(bob, "This chat hears of")
    story.people.block(bob)
    story.deliver(bob, "A-1")
    story.say(story.cast.alice, "/about")
    await story.hears(story.cast.alice, "Aftershock")
    assert story.row(bob).state == "blocked"
    story.people.unblock(bob)
    assert (await story.hears(bob, "I am back")).text.endswith("Nothing to tell happened meanwhile.")
    assert story.row(bob).state == "active"


async def test_somebody_who_chose_nothing_hears_no_line_when_they_come_back(story: Story):
    xiaolin = story.cast.xiaolin
    story.say(xiaolin, "/about")
    await story.hears(xiaolin, "Aftershock")
    story.people.block(xiaolin)
    story.people.unblock(xiaolin)
    story.say(xiaolin, "/mute")
    await story.hears(xiaolin, "未静音")
    assert len(story.texts(xiaolin)) == 2


async def test_a_group_that_lets_the_bot_write_nothing_is_tried_again_once_it_may(story: Story):
    desk, alice = story.cast.night_desk, story.cast.alice
    story.say(alice, "/about")
    await story.hears(alice, "Aftershock")
    story.people.restrict_bot(desk, alice)
    story.deliver(desk, "A-1")
    letter = await story.hears(alice, "I may not write in Night desk")
    assert letter.text.endswith("they come within the hour.")
    story.people.add_bot(desk, alice, Role.ADMINISTRATOR)
    await story.hears(desk, "A-1")
    assert story.row(desk).state == "active"
