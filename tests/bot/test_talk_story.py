"""Stories over HTTP: people ask in their own words, in private and in groups, and follow links."""

import pytest

from bot.playground.chats import ChatKind, Role
from storage import chats
from storage.alerts import raise_alert
from tests.bot.answered import Stage, stage
from tests.bot.desks import HELD_SESSION, NOW

__all__ = ["stage"]


async def test_a_question_in_private_is_answered_with_the_nearest_command(stage: Stage):
    stage.say("is it over?")
    said = await stage.hears("Fragile")
    assert said.text.endswith("→ /status")
    assert said.markup
    stage.server.people.say(stage.cast.xiaolin, stage.server.telegram.bot, "现在溢价怎么样")
    said = await stage.hears("美国溢价", stage.cast.xiaolin)
    assert said.text.endswith("→ /premium")


async def test_a_chart_is_drawn_for_whoever_asks_for_one(stage: Stage):
    stage.say("chart of the premium for 1 day please")
    chart = await stage.server.wait_for_message(stage.cast.alice, "US premium over 1 d", timeout_s=60)
    assert chart.text.endswith("→ /chart premium 1d")


async def test_what_may_mean_two_things_is_offered_as_buttons(stage: Stage):
    stage.say("premium and etf?")
    offered = await stage.hears("Did you mean one of these?")
    stage.server.people.press(stage.cast.alice, offered, "/etf")
    await stage.hears("ETF flows: not met")


async def test_what_means_nothing_is_led_to_three_buttons(stage: Stage):
    stage.say("thanks")
    lost = await stage.hears("I did not understand that")
    stage.server.people.press(stage.cast.alice, lost, "/help")
    await stage.hears("Commands: ask")


async def test_in_a_group_what_answers_the_bot_is_heard(stage: Stage):
    group, people = stage.cast.night_desk, stage.server.people
    people.say(stage.cast.alice, group, "/premium")
    first = await stage.hears("US premium: not met", group)
    people.say(stage.cast.alice, group, "ok thanks", reply_to=first)
    people.say(stage.cast.xiaolin, group, "为什么是负的", reply_to=first)
    await stage.hears("→ /why", group)
    _greeting, *answers = stage.server.sent(group)
    assert len(answers) == 2


async def test_where_it_hears_all_only_what_names_the_bot_is_answered(stage: Stage):
    group = stage.server.telegram.create_chat(ChatKind.GROUP, "Desk", stage.cast.alice)
    stage.server.people.add_bot(group, stage.cast.alice, Role.ADMINISTRATOR)
    for text in (
        "is it over?",
        "@another_bot how is the premium?",
        "@aftershock_bot thanks, all clear",
        "@Aftershock_Bot how is the premium?",
        "@aftershock_bot 现在 eth 呢",
    ):
        stage.server.people.say(stage.cast.alice, group, text)
    await stage.hears("→ /eth", group)
    answers = [said.text.rpartition("→ ")[2] for said in stage.server.sent(group) if "→ " in said.text]
    assert answers == ["/premium", "/eth"]


async def test_nothing_that_is_said_changes_a_chat(stage: Stage):
    stage.say("subscribe me to everything please")
    await stage.hears("hears of nothing yet")
    assert chats.read_subscriptions(stage.desk.db, stage.cast.alice.id) == {}


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        ("why_A-1", "Alert A-1"),
        ("status_btc", "BTC 106,928"),
        ("chart_premium_7d", "US premium over 7 d"),
        ("help", "Commands: ask"),
        ("subscribe_premium", "the US premium"),
        ("nonsense_payload", "After a crash I watch"),
    ],
)
async def test_a_link_asks_in_private(stage: Stage, payload: str, says: str):
    raise_alert(stage.desk.db, NOW, NOW, [HELD_SESSION])
    stage.say(f"/start {payload}")
    await stage.server.wait_for_message(stage.cast.alice, says, timeout_s=60)


async def test_a_link_into_a_group_changes_settings_only_for_its_administrators(stage: Stage):
    group, say = stage.cast.night_desk, stage.server.people.say
    say(stage.cast.xiaolin, group, "/start@aftershock_bot subscribe_premium")
    await stage.hears("只有管理员", group)
    assert chats.read_subscriptions(stage.desk.db, group.id) == {}
    say(stage.cast.xiaolin, group, "/start@aftershock_bot status_btc")
    await stage.hears("BTC 106,928", group)
    say(stage.cast.alice, group, "/start@aftershock_bot subscribe_premium")
    await stage.hears("the US premium", group)
    assert chats.read_subscriptions(stage.desk.db, group.id) == {"premium": "sound"}
