"""Stories over HTTP: people in the playground talk to a real application with this bot's handlers."""

from datetime import datetime
from functools import partial

import pytest

from bot.commands.table import COMMANDS
from bot.delivery.send import send
from bot.desk import Desk
from bot.playground.chats import Chat, ChatKind, Role
from bot.playground.refusals import too_many_requests
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from bot.talk.menus import set_menus
from bot.words.compose import compose_alert
from storage import chats, outbox
from storage.alerts import raise_alert
from storage.outbox import Delivery
from tests.bot.answered import Stage, stage
from tests.bot.desks import FRAGILE, HELD_SESSION, NOW, ask_of

__all__ = ["stage"]


async def test_a_newcomer_is_greeted_in_the_language_of_the_app(stage: Stage):
    stage.say("/start")
    await stage.hears("After a crash I watch")
    stage.server.people.say(stage.cast.xiaolin, stage.server.telegram.bot, "/start")
    await stage.hears("暴跌之后", stage.cast.xiaolin)


@pytest.mark.parametrize("who", ["alice", "xiaolin"])
@pytest.mark.parametrize("where", ["private", "group"])
async def test_every_command_is_answered(stage: Stage, who: str, where: str):
    person = getattr(stage.cast, who)
    place = person if where == "private" else stage.cast.night_desk
    await stage.hears("/status", stage.cast.night_desk)
    greeted = len(stage.server.sent(place))
    for answered, command in enumerate(COMMANDS, greeted):
        room = stage.server.telegram.bot if where == "private" else place
        stage.server.people.say(person, room, f"/{command.name}")
        await stage.server.wait_for(partial(_has_more_than, stage.server, place, answered))
    assert all(call.ok for call in stage.server.calls)


def _has_more_than(server: PlaygroundServer, place: Chat | User, messages: int) -> bool:
    return len(server.sent(place)) > messages


async def test_refresh_edits_the_board_in_place_and_says_as_of_when(stage: Stage):
    stage.say("/status")
    board = await stage.hears("Fragile")
    stage.server.people.press(stage.cast.alice, board, "Refresh")
    answered = await stage.server.wait_for_call("answerCallbackQuery")
    assert answered.params["text"] == "As of 20:14 UTC"
    # The same board again: Telegram refuses the edit, and nobody is told of it.
    await stage.server.wait_for_call("editMessageText", ok=False)
    stage.say("/about")
    await stage.hears("Aftershock answers one question")
    assert outbox.count_by_state(stage.desk.db) == {}


async def test_a_chart_changes_its_span_in_place(stage: Stage):
    stage.say("/chart premium 7d")
    chart = await stage.hears("US premium over 7 d")
    stage.server.people.press(stage.cast.alice, chart, "here:chart:premium:1d")
    await stage.server.wait_for_call("editMessageMedia")
    assert chart.text == "US premium over 1 d"


async def test_why_under_an_alert_tells_its_evidence(stage: Stage):
    raise_alert(stage.desk.db, NOW, NOW, [HELD_SESSION])
    stage.say("/why A-1")
    await stage.hears("Alert A-1")


async def test_a_subscription_toggles_in_place(stage: Stage):
    stage.say("/subscribe")
    board = await stage.hears("hears of nothing yet")
    stage.server.people.press(stage.cast.alice, board, "here:subscribe:premium")
    await stage.server.wait_for_call("editMessageText")
    assert "🔔 the US premium" in board.text
    assert chats.read_subscriptions(stage.desk.db, stage.cast.alice.id) == {"premium": "sound"}


async def test_the_language_follows_telegram_until_one_is_chosen(stage: Stage):
    stage.server.people.set_language(stage.cast.alice, "zh-hans")
    stage.say("/mute")
    await stage.hears("未静音")
    chat = chats.read_chat(stage.desk.db, stage.cast.alice.id)
    assert chat is not None
    assert (chat.language, chat.app_language) == (None, "zh-hans")
    stage.say("/language en")
    await stage.hears("I speak English here from now on")
    stage.say("/mute")
    await stage.hears("Not muted")


async def test_in_a_group_only_administrators_change_settings(stage: Stage):
    group, say = stage.cast.night_desk, stage.server.people.say
    say(stage.cast.xiaolin, group, "/mute 2h")
    await stage.hears("只有管理员", group)
    say(stage.cast.alice, group, "/mute 2h")
    muted = await stage.hears("Muted until", group)
    stage.server.people.press(stage.cast.xiaolin, muted, "here:mute:off")
    refused = await stage.server.wait_for_call("answerCallbackQuery")
    assert str(refused.params["text"]).startswith("这里只有管理员")
    stage.server.people.press(stage.cast.alice, muted, "here:mute:off")
    await stage.hears("Not muted", group)


async def test_a_group_hears_nothing_about_commands_of_others(stage: Stage):
    group, say = stage.cast.night_desk, stage.server.people.say
    say(stage.cast.alice, group, "/nonsense")
    say(stage.cast.alice, group, "/status@another_bot")
    say(stage.cast.alice, group, "/statsu@aftershock_bot")
    answer = await stage.hears("/statsu", group)
    assert answer.text == "I do not know /statsu. Did you mean /status?"
    assert not [message for message in stage.server.sent(group) if "/nonsense" in message.text]


async def test_a_group_is_greeted_in_the_language_of_who_adds_the_bot(stage: Stage):
    group = stage.server.telegram.create_chat(ChatKind.GROUP, "夜盘", stage.cast.xiaolin)
    stage.server.people.add_bot(group, stage.cast.xiaolin)
    await stage.hears("监测暴跌之后", group)
    chat = chats.read_chat(stage.desk.db, group.id)
    assert chat is not None
    assert chat.app_language == "zh-hans"


async def test_a_channel_is_answered_and_set_by_its_posts(stage: Stage):
    stage.server.people.post(stage.cast.channel, "/subscribe verdict")
    await stage.hears("This chat hears of", stage.cast.channel)
    stage.server.people.post(stage.cast.channel, "/status")
    board = await stage.hears("Fragile", stage.cast.channel)
    stage.server.people.press(stage.cast.xiaolin, board, "premium")
    noted = await stage.server.wait_for_call("answerCallbackQuery")
    assert str(noted.params["text"]).startswith("这里只有管理员")


async def test_a_block_and_its_end_are_remembered(stage: Stage):
    stage.say("/subscribe verdict")
    await stage.hears("This chat hears of")
    stage.server.people.block(stage.cast.alice)
    stage.server.people.say(stage.cast.xiaolin, stage.server.telegram.bot, "/about")
    await stage.hears("Aftershock", stage.cast.xiaolin)
    assert _state(stage) == "blocked"
    stage.server.people.unblock(stage.cast.alice)
    stage.say("/about")
    await stage.hears("Aftershock answers one question")
    assert _state(stage) == "active"


def _state(stage: Stage) -> str:
    chat = chats.read_chat(stage.desk.db, stage.cast.alice.id)
    assert chat is not None
    return chat.state


async def test_a_group_that_moves_takes_its_choices_along(stage: Stage):
    group = stage.server.telegram.create_chat(ChatKind.GROUP, "Desk", stage.cast.alice)
    stage.server.people.add_bot(group, stage.cast.alice, Role.ADMINISTRATOR)
    stage.server.people.say(stage.cast.alice, group, "/subscribe eth silent")
    await stage.hears("This chat hears of", group)
    new = stage.server.people.migrate(group)
    stage.server.people.say(stage.cast.alice, new, "/subscribe")
    await stage.hears("ETH/BTC (silent)", new)
    assert chats.read_chat(stage.desk.db, group.id) is None


async def test_an_answer_that_meets_a_limit_goes_by_way_of_the_outbox(stage: Stage):
    stage.say("/about")
    await stage.hears("Aftershock")
    # The groups of the cast are being greeted meanwhile; the limit is met in this chat.
    stage.server.faults.add(too_many_requests(7), method="sendMessage", chat_id=stage.cast.alice.id)
    stage.say("/status")
    await stage.server.wait_for_call("sendMessage", ok=False)
    stage.say("/about")
    await stage.server.wait_for(partial(_has_more_than, stage.server, stage.cast.alice, 1))
    assert outbox.count_by_state(stage.desk.db) == {"queued": 1}
    assert stage.sender.woken == 1
    assert outbox.next_due(stage.desk.db) is not None


async def test_a_bug_answers_with_a_sentence_and_is_logged(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(_: Desk) -> datetime:
        raise RuntimeError("no readings today")

    monkeypatch.setattr(Desk, "premium", broken)
    stage.say("/premium")
    await stage.hears("Something went wrong on my side")
    assert "no readings today" in caplog.text


async def test_the_menu_is_set_in_every_language(stage: Stage):
    await set_menus(stage.application.bot)
    english = await stage.application.bot.get_my_commands()
    chinese = await stage.application.bot.get_my_commands(language_code="zh")
    assert [command.command for command in english] == [command.name for command in COMMANDS]
    assert chinese[0].description == "当前结论与三项条件"


async def test_silence_asked_for_under_an_alert_leaves_the_alert_where_it_is(stage: Stage):
    stage.say("/subscribe premium")
    await stage.hears("This chat hears of")
    html, buttons = compose_alert(ask_of(stage.desk).words, 1, [HELD_SESSION], FRAGILE)
    rows = [[button._asdict() for button in row] for row in buttons]
    delivery = Delivery(chat_id=stage.cast.alice.id, kind="alert", text=html, buttons=rows, created_at=NOW)
    await send(stage.application.bot, delivery)
    alert = await stage.hears("US premium held a session")
    stage.server.people.press(stage.cast.alice, alert, "Mute this kind")
    board = await stage.hears("US premium: heard here with a sound")
    stage.server.people.press(stage.cast.alice, board, "8 h")
    await stage.server.wait_for_call("editMessageText")
    assert board.text.startswith("US premium: muted until 4 Nov 04:14 UTC (8 h)")
    assert alert.text.startswith("✓ US premium held a session")
