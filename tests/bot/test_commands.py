"""Every command's answer, in both languages, on a desk that knows a market and on one that knows nothing."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.commands.buttons import press
from bot.commands.subjects import SUBJECTS
from bot.commands.table import COMMANDS, answer
from bot.desk import Desk
from bot.playground.entities import utf16_units
from bot.playground.formatting import MAX_CAPTION_UNITS, MAX_TEXT_UNITS
from bot.playground.markup import parse_html
from bot.words.answer import Answer, Place
from bot.words.marks import MARKS
from signals.conditions import Alarm, Change, Kind, State, Verdict
from signals.episode import ShockState
from signals.facts import EtfFlow
from signals.market import Market
from signals.moments import to_ms
from storage import chats
from storage.alerts import raise_alert, save_changes
from storage.feed_runs import record_failure, record_job_done, record_job_failed
from tests.bot.desks import FRAGILE, HELD_SESSION, NOW, ask_of, market_of_two_days, new_desk

ASKED = [
    *((command.name, ()) for command in COMMANDS),
    ("why", ("premium",)),
    ("why", ("A-1",)),
    ("why", ("A-7",)),
    ("history", ("20",)),
    ("subscribe", ("all", "silent")),
    ("unsubscribe", ("all",)),
    ("mute", ("2h",)),
    ("language", ("zh",)),
    ("chart", ("premium", "1d")),
    ("compare", ("1d",)),
    ("help", ("chart",)),
    *(("status", (subject.name,)) for subject in SUBJECTS),
    ("nonsense", ()),
]


def shown(said: Answer) -> str:
    return parse_html(said.text).text


def lines(said: Answer) -> list[str]:
    return shown(said).splitlines()


async def ask(desk: Desk, line: str, language: str = "en") -> Answer:
    name, *args = line.split()
    return await answer(ask_of(desk, *args, language=language), name)


@pytest.fixture
def desk():
    with new_desk(market_of_two_days()) as desk:
        desk.standings = FRAGILE
        yield desk


@pytest.fixture
def blind_desk():
    with new_desk() as desk:
        yield desk


@pytest.mark.parametrize(("language", "named"), [("en", "scenario data"), ("zh", "情景数据")])
async def test_a_source_of_both_assets_is_named_once_and_in_the_language_of_the_chat(language, named):
    session = NOW.date() - timedelta(days=3)
    flows = [EtfFlow(asset, session, "scenario", 1e6, NOW, final_at=NOW) for asset in ("BTC", "ETH")]
    with new_desk(Market().add(flows)) as desk:
        sources = lines(await ask(desk, "etf", language))[-1]
    assert sources.count(named) == 1
    assert "scenario " not in sources.replace(named, "")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("name", "args"), ASKED)
@pytest.mark.parametrize("market", [None, market_of_two_days()], ids=["knows nothing", "knows a market"])
async def test_every_answer_is_one_message_that_telegram_takes(
    name: str, args: tuple[str, ...], language: str, market: Market | None
):
    with new_desk(market) as desk:
        if market:
            desk.standings = FRAGILE
            raise_alert(desk.db, NOW, NOW, [HELD_SESSION])
        said = await answer(ask_of(desk, *args, language=language), name)
    limit = MAX_CAPTION_UNITS if said.photo else MAX_TEXT_UNITS
    assert 0 < utf16_units(shown(said)) <= limit
    for button in (button for row in said.buttons for button in row):
        assert 0 < len(button.data.encode()) <= 64
        assert button.text


async def test_status_tells_verdict_evidence_outlook_and_data_in_twelve_lines(desk: Desk):
    said = lines(await ask(desk, "status"))
    assert len(said) <= 12
    assert said[0] == "🔴 Fragile: 0 of 3 break conditions met · since 30 Oct 20:14 UTC (4 d)"
    assert said[1] == "BTC 106,928 0.0 % 24 h · ETH 3,596 0.0 % 24 h"
    assert said[3] == "✗ US premium: not met · since 30 Oct 20:14 UTC (4 d)"
    assert said[4] == "−0.026 % (−$28) · session 88 % done, 0 % of its samples above 0"
    assert said[5] == "✗ ETF flows: not met · since 30 Oct 14:14 UTC (4 d 6 h)"
    assert said[6] == "−$191.6 m on 31 Oct (final) · 3 sessions out, −$1.15 bn"
    assert said[7] == "◔ ETH/BTC: holding · since 2 Nov 08:14 UTC (1 d 12 h)"
    assert said[10].startswith(
        "Breaks when: one US session above 0 · two ETF sessions without outflow · ETH/BTC"
    )
    assert said[11].startswith("Data: 5 of 6 sources fresh · ⚠ late: Kraken USDT/USD (no data yet)")
    assert said[11].endswith("as of 20:14 UTC · Not investment advice")


async def test_etf_flows_that_no_source_has_brought_are_late(desk: Desk):
    desk.market = replace(desk.market, flows={})
    said = shown(await ask(desk, "status"))
    assert "⚠ late: Kraken USDT/USD (no data yet), ETF flows (no data yet)" in said


async def test_a_job_of_ours_that_failed_is_on_the_board_until_it_is_done_again(desk: Desk):
    record_job_failed(desk.db, "quotes", "a mistake")
    assert "⚠ jobs failing: quotes" in shown(await ask(desk, "status"))
    record_job_done(desk.db, "quotes", desk.now)
    assert "jobs failing" not in shown(await ask(desk, "status"))


async def test_status_in_chinese(desk: Desk):
    said = lines(await ask(desk, "status", "zh"))
    assert said[0] == "🔴 脆弱：3 项打破条件满足 0 项 · 自 10 月 30 日 20:14 UTC 起（4 天）"
    assert said[6] == "10 月 31 日 −1.916 亿美元（终值） · 连续 3 个交易日流出，共 −11.5 亿美元"


async def test_status_without_any_data_says_so(blind_desk: Desk):
    said = lines(await ask(blind_desk, "status"))
    assert said[0] == "⚪ Unknown: data is missing, 0 of 3 break conditions met"
    assert said[-1].startswith("⚠ Data: none yet, waiting for the first answers")


async def test_status_without_internet_says_so(blind_desk: Desk):
    record_failure(blind_desk.db, "binance", NOW, "no connection")
    assert lines(await ask(blind_desk, "status"))[-1].startswith(
        "⚠ Data: none, no source can be reached (no internet?)"
    )


async def test_status_tells_how_old_stale_prices_are(desk: Desk):
    desk.clock = lambda: NOW + timedelta(hours=2)
    said = shown(await ask(desk, "status"))
    assert "BTC 106,928 0.0 % 24 h (⚠ 2 h 4 min old)" in said
    assert "Data: 1 of 6 sources fresh" in said


async def test_why_tells_the_stored_evidence(desk: Desk):
    raise_alert(desk.db, NOW, NOW, [HELD_SESSION])
    by_subject, by_number = await ask(desk, "why premium"), await ask(desk, "why A-1")
    assert lines(by_subject)[0] == "✓ US premium held a session · US premium met on 28 Nov 18:00 UTC · A-1"
    assert "93 % of samples above 0" in shown(by_subject)
    assert lines(by_number)[0] == "Alert A-1"
    assert "93 % of samples above 0" in shown(by_number)


async def test_why_knows_no_alert_that_was_not_raised(desk: Desk):
    assert shown(await ask(desk, "why a-7")).startswith("There is no alert A-7.")


async def test_history_lists_the_newest_first_with_their_alerts(desk: Desk):
    raise_alert(desk.db, NOW, NOW, [HELD_SESSION])
    later = Change(
        to_ms(NOW), Kind.VERDICT, "verdict", Verdict.UNKNOWN, Verdict.FRAGILE, "conditions_unmet", {}
    )
    save_changes(desk.db, [later])
    title, first, second = lines(await ask(desk, "history 5"))
    assert title == "The last 2 changes, newest first"
    assert first == "🔴 The market is fragile · Verdict fragile on 3 Nov 20:14 UTC"
    assert second.endswith("· A-1")


async def test_start_subscribes_nobody(desk: Desk):
    said = await ask(desk, "start")
    assert "Not investment advice" in shown(said)
    assert chats.read_subscriptions(desk.db, 1001) == {}
    assert [button.data for button in said.buttons[1]] == ["subscribe:usual", "subscribe:all"]


async def test_about_is_not_investment_advice(desk: Desk):
    assert shown(await ask(desk, "about")).endswith("Not investment advice.")


async def test_help_lists_every_command(desk: Desk):
    said = shown(await ask(desk, "help"))
    assert all(f"/{command.name} " in said for command in COMMANDS if command.name != "help")


async def test_subscriptions_are_kept_and_shown(desk: Desk):
    await ask(desk, "subscribe verdict")
    await ask(desk, "subscribe eth silent")
    assert chats.read_subscriptions(desk.db, 1001) == {"verdict": "sound", "eth_btc": "silent"}
    assert lines(await ask(desk, "subscribe"))[1:] == [
        "🔔 the verdict: fragile, broken or unknown",
        "🔕 ETH/BTC (silent)",
    ]
    await ask(desk, "unsubscribe all")
    assert chats.read_subscriptions(desk.db, 1001) == {}


@pytest.mark.parametrize(
    ("line", "until"),
    [
        ("mute 30m", datetime(2025, 11, 3, 20, 44, tzinfo=UTC)),
        ("mute 2h", datetime(2025, 11, 3, 22, 14, tzinfo=UTC)),
        ("mute 1D", datetime(2025, 11, 4, 20, 14, tzinfo=UTC)),
        ("mute until 08:00", datetime(2025, 11, 4, 8, 0, tzinfo=UTC)),
        ("mute until 21:00", datetime(2025, 11, 3, 21, 0, tzinfo=UTC)),
        ("mute off", None),
    ],
)
async def test_mute_lasts_as_long_as_asked(desk: Desk, line: str, until: datetime | None):
    await ask(desk, "mute 90d")
    await ask(desk, line)
    chat = chats.read_chat(desk.db, 1001)
    assert chat is not None
    assert chat.muted_until == until


async def test_mute_until_means_the_clocks_of_the_chats_zone(desk: Desk):
    chats.ensure_chat(desk.db, 1001, "private", "Alice", NOW)
    chats.set_timezone(desk.db, 1001, "Asia/Shanghai")
    assert "4 Nov 08:00 UTC+8 (3 h 46 min)" in shown(await ask(desk, "mute until 08:00"))


async def test_a_chosen_language_stays_until_it_is_left_to_telegram(desk: Desk):
    assert shown(await ask(desk, "language zh")).startswith("从现在起")
    assert shown(await ask(desk, "mute")).startswith("未静音")
    assert shown(await ask(desk, "language auto")).startswith("I follow the language of Telegram")


@pytest.mark.parametrize(
    ("line", "word", "example"),
    [
        ("why nonsense", "nonsense", "/why premium"),
        ("history 21", "21", "/history 5"),
        ("history -3", "-3", "/history 5"),
        ("history ²", "²", "/history 5"),
        ("chart premium 2y", "2y", "/chart premium 7d"),
        ("chart <b>", "<b>", "/chart premium 7d"),
        ("mute 0h", "0h", "/mute 2h"),
        ("mute 2h now", "now", "/mute 2h"),
        ("mute soon please", "soon", "/mute 2h"),
        ("mute until noon", "noon", "/mute 2h"),
        ("mute until 25:00", "25:00", "/mute 2h"),
        ("mute until", "until", "/mute 2h"),
        ("mute off now", "now", "/mute 2h"),
        ("subscribe etfz", "etfz", "/subscribe verdict silent"),
        ("subscribe etf shrill", "shrill", "/subscribe verdict silent"),
        ("subscribe silent", "silent", "/subscribe verdict silent"),
        ("subscribe sound etf silent", "silent", "/subscribe verdict silent"),
        ("unsubscribe etf silent", "silent", "/unsubscribe premium"),
        ("unsubscribe rally zone silent", "silent", "/unsubscribe premium"),
        ("unsubscribe ,", ",", "/unsubscribe premium"),
        ("mute 08:00+05:00", "08:00+05:00", "/mute 2h"),
        ("unsubscribe x", "x", "/unsubscribe premium"),
        ("language de", "de", "/language en"),
        ("status now", "now", "/status"),
        ("chart premium 7d x", "x", "/chart premium 7d"),
    ],
)
async def test_a_wrong_word_is_pointed_at_with_an_example_that_works(
    desk: Desk, line: str, word: str, example: str
):
    said = shown(await ask(desk, line))
    assert said.startswith(f"I did not understand {word}. ")
    assert example in said
    assert not shown(await ask(desk, example.removeprefix("/"))).startswith("I did not understand")


async def test_an_unknown_command_is_led_to_the_likely_one(desk: Desk):
    assert shown(await ask(desk, "statsu")) == "I do not know /statsu. Did you mean /status?"
    assert "/help" in shown(await ask(desk, "xyzzy"))


async def test_a_letter_that_turns_the_line_around_is_not_repeated(desk: Desk):
    said = shown(await ask(desk, "why \u202emuimerp"))
    assert "�muimerp" in said
    assert said.isprintable()


async def test_a_word_as_long_as_a_novel_is_cut(desk: Desk):
    assert utf16_units(shown(await ask(desk, "why " + "x" * 4_000))) < 300


@pytest.mark.parametrize("line", ["chart premium 7d", "chart 1d eth", "chart", "chart etf"])
async def test_a_chart_is_a_picture_with_buttons_for_other_spans(desk: Desk, line: str):
    said = await ask(desk, line)
    assert said.photo is not None
    assert said.photo.startswith(b"\x89PNG")
    assert all(button.data.startswith("here:chart:") for row in said.buttons for button in row)


@pytest.mark.parametrize(
    ("line", "caption"),
    [
        ("chart etf 1d", "Net flows of US spot ETFs over 14 d"),
        ("chart 30D ETF", "Net flows of US spot ETFs over 30 d"),
        ("chart eth", "ETH/BTC over 7 d"),
    ],
)
async def test_a_chart_tells_its_span_and_flows_are_shown_for_two_weeks_at_least(
    desk: Desk, line: str, caption: str
):
    assert shown(await ask(desk, line)) == caption


async def test_a_chart_is_drawn_while_others_are_answered(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    loop_thread_is_free = asyncio.Event()
    loop = asyncio.get_running_loop()

    def draw(*_: Any, **__: Any) -> bytes:
        asyncio.run_coroutine_threadsafe(loop_thread_is_free.wait(), loop).result(timeout=5)
        return b"picture"

    monkeypatch.setattr("bot.charts.picture.draw", draw)
    drawing = asyncio.create_task(ask(desk, "chart premium"))
    await ask(desk, "status")
    loop_thread_is_free.set()
    assert (await drawing).photo == b"picture"


async def test_a_refresh_goes_in_place_of_the_message(desk: Desk):
    said = await press(ask_of(desk), "here:status")
    assert (said.place, said.note) == (Place.INSTEAD, "As of 20:14 UTC")
    assert (await press(ask_of(desk), "why:premium")).place is Place.BELOW


async def test_a_pressed_subscription_shows_the_new_state_in_place(desk: Desk):
    said = await press(ask_of(desk), "here:subscribe:premium:silent")
    assert (said.place, said.note) == (Place.INSTEAD, "Done")
    assert "US premium (silent)" in shown(said)


@pytest.mark.parametrize(
    "data",
    ["", ":", "here:", "sing", "why:tomorrow", "chart:premium:9y", "why:a:b:c", "mute:⏰"],
)
async def test_a_button_of_another_version_gets_a_friendly_note(desk: Desk, data: str):
    said = await press(ask_of(desk), data)
    assert said.place is Place.NOWHERE
    assert said.note == "This button is out of date; /status gives fresh ones."


async def test_every_button_that_is_offered_works(desk: Desk):
    raise_alert(desk.db, NOW, NOW, [HELD_SESSION])
    offered = {
        button.data
        for command in COMMANDS
        for row in (await ask(desk, command.name)).buttons
        for button in row
    }
    for data in sorted(offered | {"why:A-1", "mute"}):
        assert (await press(ask_of(desk), data)).place is not Place.NOWHERE, data


def test_a_state_has_its_own_mark():
    # What no data is called is the same of all, and a shock that is open is a warning too.
    assert len(MARKS) == len({*State, *Verdict, *ShockState, *Alarm})
    for states in (State, Verdict, ShockState, Alarm):
        assert len({MARKS[state] for state in states}) == len(states)
