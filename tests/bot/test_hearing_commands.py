"""The menus in which a chat chooses what it hears, and the words that do the same."""

from datetime import time, timedelta

import pytest

from bot.commands.buttons import press
from bot.commands.quiet import quiet_hours_in
from bot.commands.subscribe import USUAL
from bot.commands.table import answer
from bot.commands.topics_said import TOPICS
from bot.desk import Desk
from bot.playground.markup import parse_html
from bot.words.answer import Answer, Place
from bot.words.subjects import WARNING_IDS
from storage import briefs, chats, topic_mutes
from tests.bot.desks import ask_of, market_of_two_days, new_desk

ALICE = 1001


@pytest.fixture
def desk():
    with new_desk(market_of_two_days()) as desk:
        yield desk


async def ask(desk: Desk, line: str, language: str = "en") -> Answer:
    name, *args = line.split()
    return await answer(ask_of(desk, *args, language=language), name)


def shown(said: Answer) -> str:
    return parse_html(said.text).text


def labels(said: Answer) -> list[str]:
    return [button.text for row in said.buttons for button in row]


def data(said: Answer) -> list[str]:
    return [button.data for row in said.buttons for button in row]


def heard(desk: Desk) -> dict[str, str]:
    return dict(chats.read_subscriptions(desk.db, ALICE))


async def test_pressing_a_topic_goes_from_off_to_sound_to_silent_and_back(desk: Desk):
    page = await ask(desk, "subscribe")
    for label, mode in (
        ("🔔 US premium: sound", "sound"),
        ("🔕 US premium: silent", "silent"),
        ("– US premium: off", None),
    ):
        [button] = [b for row in page.buttons for b in row if "US premium" in b.text]
        page = await press(ask_of(desk), button.data)
        assert page.place is Place.INSTEAD
        assert label in labels(page)
        assert heard(desk).get("premium") == mode


async def test_a_warning_is_chosen_on_a_page_of_its_own_and_stays_there(desk: Desk):
    first = await ask(desk, "subscribe")
    assert "⚠ Warnings: 0 of 11 ›" in labels(first)
    page = await press(ask_of(desk), "here:settings:warnings")
    assert sum("off" in label for label in labels(page)) == len(WARNING_IDS)
    page = await press(ask_of(desk), "here:subscribe:support:silent")
    assert "🔕 Support zone: silent" in labels(page)
    page = await press(ask_of(desk), "here:subscribe:warnings")
    assert set(heard(desk)) == set(WARNING_IDS)
    assert "here:subscribe" in data(page)
    assert "⚠ 11 of 11 warnings: 11 with sound, 0 silent" in shown(await ask(desk, "subscribe"))


async def test_the_usual_is_the_verdict_and_shocks_with_sound_and_the_rest_silent(desk: Desk):
    await press(ask_of(desk), "here:subscribe:usual")
    assert heard(desk) == USUAL
    assert {topic for topic, mode in USUAL.items() if mode == "sound"} == {"verdict", "shock"}
    await press(ask_of(desk), "here:subscribe:all")
    assert heard(desk) == dict.fromkeys(TOPICS, "sound")
    await press(ask_of(desk), "here:unsubscribe:all")
    assert heard(desk) == {}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("subscribe support sound", {"support": "sound"}),
        ("subscribe sound support", {"support": "sound"}),
        ("subscribe silent rally zone premium", {"rally_zone": "silent", "premium": "silent"}),
        (
            "subscribe etf,eth,verdict silent",
            {"etf_flow": "silent", "eth_btc": "silent", "verdict": "silent"},
        ),
        ("subscribe ETH against BTC Loud", {"eth_beta": "sound"}),
        ("subscribe 支撑 溢价 静默", {"support": "silent", "premium": "silent"}),
        ("subscribe 预警 有声", dict.fromkeys(WARNING_IDS, "sound")),
        ("subscribe 推荐", USUAL),
        ("subscribe everything silently", dict.fromkeys(TOPICS, "silent")),
    ],
)
async def test_topics_and_how_they_are_heard_are_understood_in_any_order(
    desk: Desk, line: str, expected: dict[str, str]
):
    await ask(desk, line)
    assert heard(desk) == expected


@pytest.mark.parametrize(
    "line", ["subscribe off premium", "subscribe premium off", "unsubscribe premium", "subscribe 溢价 关闭"]
)
async def test_off_is_understood_where_one_subscribes(desk: Desk, line: str):
    await ask(desk, "subscribe premium etf")
    await ask(desk, line)
    assert heard(desk) == {"etf_flow": "sound"}
    await ask(desk, "subscribe off")
    assert heard(desk) == {}


@pytest.mark.parametrize(
    ("language", "muted", "label", "unmute"),
    [
        ("en", "Muted topics: Support zone until 4 Nov 04:14 UTC", "🔇 Support zone: muted", "Unmute"),
        ("zh", "单项静音：支撑区（至 11 月 4 日 04:14 UTC）", "🔇 支撑区：已静音", "取消静音"),
    ],
)
async def test_settings_tell_which_topics_are_muted_and_a_button_ends_it(
    desk: Desk, language: str, muted: str, label: str, unmute: str
):
    await ask(desk, "subscribe support silent")
    assert "（8 小时）" in shown(await ask(desk, "mute support 8h", "zh"))
    assert muted in shown(await ask(desk, "settings", language)).splitlines()
    page = await press(ask_of(desk, language=language), "here:settings:warnings")
    assert label in labels(page)
    page = await press(ask_of(desk, language=language), "here:mute:support")
    [button] = [each for row in page.buttons for each in row if each.text == unmute]
    page = await press(ask_of(desk, language=language), button.data)
    assert unmute not in labels(page)
    assert heard(desk) == {"support": "silent"}
    assert label not in labels(await press(ask_of(desk, language=language), "here:settings:warnings"))
    assert muted[:4] not in shown(await ask(desk, "settings", language)).replace("Muted: ", "")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("mute 2 h", "(2 h)"),
        ("mute 2 hours 30 min", "(2 h 30 min)"),
        ("mute 2小时", "(2 h)"),
        ("mute 21:00", "until 3 Nov 21:00 UTC"),
        ("mute 9pm", "until 3 Nov 21:00 UTC"),
        ("mute 21点半", "until 3 Nov 21:30 UTC"),
        ("quiet 11pm-7am", "23:00-07:00"),
        ("brief 8点", "08:00"),
        ("mute 21：00", "until 3 Nov 21:00 UTC"),
        ("quiet 22：30-7：00", "22:30-07:00"),
        ("mute premium 1 d", "(1 d)"),
        ("mute premium until 08:00", "until 4 Nov 08:00 UTC"),
        ("mute us premium 21:00", "muted until 3 Nov 21:00 UTC"),
        ("brief 8", "every day at 08:00"),
        ("brief 07:30 silent", "every day at 07:30 (UTC), without a sound"),
        ("language 中文", "从现在起"),
        ("timezone +8", "Times here are in UTC+8 now"),
        ("timezone utc-5", "Times here are in UTC−5 now"),
    ],
)
async def test_settings_are_understood_as_people_write_them(desk: Desk, line: str, said: str):
    await ask(desk, "subscribe premium")
    assert said in shown(await ask(desk, line))


async def test_a_topic_that_there_is_no_more_keeps_no_settings_from_being_shown(desk: Desk):
    """A newer version let it be muted, and was undone."""
    await ask(desk, "mute support 8h")
    topic_mutes.mute_topic(desk.db, (ALICE, 0), "of a newer version", desk.now + timedelta(days=1))
    assert (
        "Muted topics: Support zone until 4 Nov 04:14 UTC" in shown(await ask(desk, "settings")).splitlines()
    )


async def test_a_board_in_a_paused_chat_says_what_it_waits_for(desk: Desk):
    await ask(desk, "stop")
    answered = await answer(ask_of(desk), "board")
    assert answered.text == "This chat is paused: the board comes once it is resumed."
    assert [button.data for row in answered.buttons for button in row] == ["here:stop:off"]


async def test_settings_say_that_a_chat_is_paused_and_end_it(desk: Desk):
    await ask(desk, "stop")
    page = await ask(desk, "settings")
    assert "Paused with /stop" in shown(page)
    assert data(page)[0] == "here:stop:off"
    await press(ask_of(desk), "here:stop:off")
    assert "Paused" not in shown(await ask(desk, "settings"))


@pytest.mark.parametrize(("language", "muted"), [("en", "(muted until "), ("zh", "（静音至 ")])
@pytest.mark.parametrize("topic", ["premium", "support"])
async def test_a_topic_that_is_muted_for_a_while_is_said_to_be(
    desk: Desk, topic: str, language: str, muted: str
):
    await ask(desk, f"subscribe {topic}")
    await ask(desk, f"mute {topic} 8h")
    [line] = [line for line in shown(await ask(desk, "subscribe", language)).splitlines() if muted in line]
    assert line.startswith("🔇")
    await ask(desk, f"mute {topic} off")
    assert muted not in shown(await ask(desk, "subscribe", language))


async def test_the_brief_is_chosen_in_the_menu_with_its_hour_and_its_sound(desk: Desk):
    assert "– Brief: off" in labels(await ask(desk, "subscribe"))
    page = await press(ask_of(desk), "here:settings:brief")
    page = await press(ask_of(desk), "here:brief:on:0900")
    assert briefs.read_brief(desk.db, ALICE) == (time(9), False)
    assert "· 09:00 ·" in labels(page)
    page = await press(ask_of(desk), "here:brief:on:0900:silent")
    assert "without a sound" in shown(page)
    assert "here:brief:on:1200:silent" in data(page)
    assert "🔕 Brief 09:00: silent" in labels(await ask(desk, "subscribe"))
    await press(ask_of(desk), "here:brief:off")
    assert briefs.read_brief(desk.db, ALICE) is None


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_button_of_every_page_of_settings_works_and_fits(desk: Desk, language: str):
    seen: set[str] = set()
    waiting = {"here:settings", "here:subscribe"}
    while waiting:
        one = min(waiting)
        seen.add(one)
        said = await press(ask_of(desk, language=language), one)
        assert said.place is not Place.NOWHERE, one
        parse_html(said.text)
        assert all(len(each.encode()) <= 64 for each in data(said))
        assert all(len(label) <= 40 for label in labels(said))
        inside = {each for each in data(said) if each.startswith("here:")}
        waiting = (waiting | inside) - seen
    assert {"here:quiet:2300-0700", "here:cap:10", "here:timezone:Asia/Shanghai", "here:mute:8h"} <= seen
    assert "here:language:zh" in seen


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        (("23:00-07:00",), time(23), time(7)),
        (("2300-0700",), time(23), time(7)),
        (("23-7",), time(23), time(7)),
        (("22:30", "6:45"), time(22, 30), time(6, 45)),
        (("22:30", "-", "6:45"), time(22, 30), time(6, 45)),
        (("23:00–07:00",), time(23), time(7)),
        (("23:00至07:00",), time(23), time(7)),
    ],
)
def test_quiet_hours_are_understood_as_people_write_them(words, start, end):
    assert quiet_hours_in(words) == (start, end)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("quiet 23:00", "23:00"),
        ("quiet 25:00-07:00", "25:00-07:00"),
        ("quiet 08:00-08:00", "08:00-08:00"),
        ("quiet at night", "at"),
        ("quiet verdict never", "never"),
        ("quiet off now", "now"),
        ("cap many", "many"),
        ("cap 0", "0"),
        ("cap 1000000", "1000000"),
        ("settings all", "all"),
        ("subscribe usual silent", "silent"),
        ("brief on 08:00 loud", "loud"),
    ],
)
async def test_a_wrong_word_is_pointed_at_with_an_example(desk: Desk, line: str, word: str):
    said = shown(await ask(desk, line))
    assert said.startswith(f"I did not understand {word}.")
    assert f"/{line.split(maxsplit=1)[0]}" in said
    chat = chats.read_chat(desk.db, ALICE)
    assert chat is not None
    assert (chat.quiet_from, chat.daily_cap, heard(desk)) == (None, None, {})


async def test_settings_tell_everything_that_is_chosen(desk: Desk):
    for line in (
        "subscribe usual",
        "quiet 23:00-07:00",
        "cap 10",
        "timezone Asia/Shanghai",
        "brief on 08:00",
    ):
        await ask(desk, line)
    said = shown(await ask(desk, "settings"))
    for part in (
        "Topics: 2 with sound, 14 silent, of 16",
        "Quiet hours: 23:00-07:00",
        "Daily cap: 10 alerts, 0 so far today",
        "Time zone: Asia/Shanghai",
        "Daily brief: 08:00",
    ):
        assert part in said
    chinese = shown(await ask(desk, "settings", "zh"))
    assert "免打扰时段：23:00-07:00" in chinese
    assert "每日上限：10 条" in chinese


async def test_quiet_hours_say_whether_the_verdict_waits_too(desk: Desk):
    assert "The verdict waits" in shown(await ask(desk, "quiet 23:00-07:00"))
    page = await press(ask_of(desk), "here:quiet:verdict:always")
    assert "The verdict comes at once" in shown(page)
    assert "here:quiet:verdict:held" in data(page)
    assert "No quiet hours" in shown(await ask(desk, "quiet off"))


@pytest.mark.parametrize("data", ["here:settings", "here:settings:warnings", "here:channel", "here:mute"])
async def test_to_go_from_page_to_page_says_nothing_of_freshness(desk: Desk, data: str):
    assert (await press(ask_of(desk), data)).note == ""
