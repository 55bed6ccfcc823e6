"""/adl in both languages, and the whole way of the 48-hour clock: silence is told once, a review in time."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.app import Bot
from bot.commands.table import answer
from bot.desk import Desk
from bot.playground.cast import gather_cast
from bot.playground.markup import parse_html
from bot.playground.play import UNLIMITED
from bot.words.compose import compose_alert
from signals.adl_states import COINS, Risk, state_of
from signals.announcements import looked_at
from signals.conditions import Alarm, Change, Kind, Standing
from signals.episode import ShockState
from signals.facts import Fact
from signals.gauges import Gauge
from signals.market import Market
from signals.moments import to_ms
from signals.notices import Notice, NoticeKind
from signals.shock import SHOCK
from storage.alerts import read_changes
from storage.chats import subscribe
from tests.bot.desks import FRAGILE, NOW, ask_of, new_desk
from tests.bot.played import played
from tests.bot.watched import Clock, Stage
from tests.playground.stage import new_playground
from tests.signals.test_episodes_of_warnings import FIRST

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
EPISODE = replace(FIRST, opened_ms=to_ms(NOW - 20 * HOUR))
OPEN = Standing(ShockState.OPEN, since_ms=EPISODE.opened_ms, evidence=EPISODE.as_evidence())


def states(now: datetime, **risks: Risk) -> list[Gauge]:
    """What each venue says of both coins; the risk is BTC's."""
    return [
        state_of(venue, coin, risk if coin == "BTC" else Risk.NONE, now)
        for venue, risk in risks.items()
        for coin in COINS
    ]


def announced(
    at: datetime, title: str = "ADL mechanism optimised", url: str = "https://okx.example/1"
) -> Notice:
    return Notice(NoticeKind.ANNOUNCEMENT, "okx", url or title, at, title, url, at + 9 * MINUTE)


def desk_with(facts: Sequence[Fact], shock: Standing | None = None) -> Iterator[Desk]:
    with new_desk(Market().add(facts)) as desk:
        desk.standings = {**FRAGILE, **({SHOCK: shock} if shock else {})}
        yield desk


async def lines(facts: Sequence[Fact], shock: Standing | None = None, language: str = "en") -> list[str]:
    for desk in desk_with(facts, shock):
        found = await answer(ask_of(desk, language=language), "adl")
        return parse_html(found.text).text.splitlines()
    raise AssertionError


HEARD = [looked_at(venue, 20, NOW - 5 * MINUTE) for venue in ("binance", "okx")]
CLEAR = [*HEARD, *states(NOW - MINUTE, binance=Risk.NONE, bybit=Risk.NONE, okx=Risk.NONE)]
UP = states(NOW - MINUTE, binance=Risk.RAISED, bybit=Risk.HIGH, okx=Risk.NONE)


async def test_all_is_clear_and_no_shock_is_open():
    assert await lines(CLEAR) == [
        "○ ADL: all clear where a state is told",
        "○ Binance: BTC none, ETH none · 1 min ago",
        "○ Bybit: BTC none, ETH none · 1 min ago",
        "○ OKX: BTC none, ETH none · 1 min ago",
        "○ No shock is open: no review is awaited",
        "Announcements on ADL, insurance funds and liquidations: none that I know · read from Binance, OKX",
        (
            "ADL closes winning positions where an insurance fund no longer covers the losing ones."
            " After a shock a review within 48 h is good news, silence is not."
        ),
        "as of 20:14 UTC",
    ]


async def test_what_is_up_and_how_long_an_answer_is_awaited():
    said = await lines([*UP, announced(NOW - 30 * HOUR)], OPEN)
    assert said[0] == "⚠ ADL: up on Binance, Bybit"
    assert said[1] == "⚠ Binance: BTC raised, ETH none · 1 min ago"
    assert said[2] == "⚠ Bybit: BTC high or under way, ETH none · 1 min ago"
    assert said[4] == "◔ Shock of 3 Nov 00:14 UTC: no review announced yet, 1 d 4 h left of 48 h"
    assert said[6] == "2 Nov 14:14 UTC · OKX: ADL mechanism optimised"


async def test_the_same_in_chinese():
    chinese = replace(announced(NOW - 2 * HOUR, "自动减仓机制优化", "https://okx.example/zh"))
    said = await lines([*UP, announced(NOW - 2 * HOUR), chinese], OPEN, "zh")
    assert said[0] == "⚠ ADL：Binance、Bybit 风险上升"
    assert said[2] == "⚠ Bybit：BTC 高或已触发、ETH 无 · 1 分钟前"
    assert said[4] == "✓ 11 月 3 日 00:14 UTC 的冲击：OKX 已在 18 小时后宣布评估"
    assert said[6] == "11 月 3 日 18:14 UTC · OKX：自动减仓机制优化"


@pytest.mark.parametrize(
    ("facts", "line", "said"),
    [
        ([], 0, "? ADL: no exchange tells its state now"),
        ([], 1, "? Binance: no state yet"),
        (states(NOW - 2 * HOUR, okx=Risk.HIGH), 0, "? ADL: no exchange tells its state now"),
        (
            states(NOW - 2 * HOUR, okx=Risk.HIGH),
            3,
            "? OKX: BTC high or under way, ETH none · 2 h ago, too old to count",
        ),
        (states(NOW, okx=Risk.HIGH)[:1], 3, "⚠ OKX: BTC high or under way, ETH unknown · 0 s ago"),
    ],
    ids=["nothing known", "and of whom", "only old states", "and how old", "one coin only"],
)
async def test_what_is_missing_or_old_is_said(facts: list[Fact], line: int, said: str):
    assert (await lines(facts))[line] == said


@pytest.mark.parametrize(
    ("opened", "notices", "said"),
    [
        (50, None, "? Shock of 1 Nov 18:14 UTC: 48 h are over, but nobody's announcements can be read"),
        (50, [], "✗ Shock of 1 Nov 18:14 UTC: silence, no review announced within 48 h"),
        (50, [1.0], "◔ Shock of 1 Nov 18:14 UTC: OKX spoke only after 2 d 1 h, later than 48 h"),
        (50, [10.0, 1.0], "✓ Shock of 1 Nov 18:14 UTC: reviewed, OKX spoke after 1 d 16 h"),
    ],
)
async def test_how_a_shock_was_answered(opened: int, notices: list[float] | None, said: str):
    episode = replace(EPISODE, opened_ms=to_ms(NOW - opened * HOUR))
    told = [announced(NOW - hours * HOUR, url=f"https://okx.example/{hours}") for hours in notices or ()]
    facts: list[Fact] = [] if notices is None else [*HEARD, *told]
    assert (await lines(facts, replace(OPEN, evidence=episode.as_evidence())))[4] == said


async def test_a_title_is_escaped_linked_and_cut():
    title, url = "ADL <b>&" + "x" * 400, 'https://okx.example/?a=1&b="'
    for desk in desk_with([announced(NOW - HOUR, title, url)]):
        text = (await answer(ask_of(desk), "adl")).text
    assert '<a href="https://okx.example/?a=1&amp;b=&quot;">ADL &lt;b&gt;&amp;x' in text
    assert "x…</a>" in text
    assert len(text) < 4096
    [bare] = [line for line in await lines([announced(NOW - HOUR, "ADL news", "")]) if "ADL news" in line]
    assert bare == "3 Nov 19:14 UTC · OKX: ADL news"


@pytest.mark.parametrize(
    ("reason", "evidence", "first"),
    [
        (
            "high",
            {
                "states": [["bybit", "BTC", 2], ["binance", "ETH", 1]],
                "opened_at": "2025-11-03T00:14:00Z",
                "deadline_at": "2025-11-05T00:14:00Z",
                "awaited": ["binance", "bybit", "okx"],
            },
            (
                "⚠ ADL risk is high, or ADL under way: Bybit BTC high or under way, Binance ETH raised"
                " · a review of the shock of 3 Nov 00:14 UTC is awaited until 5 Nov 00:14 UTC"
            ),
        ),
        (
            "reviewed",
            {"source": "okx", "title": "A & B", "url": "https://x.example", "after_hours": 18},
            "⚠ An exchange announces a review after the shock: OKX: A & B · 18 h after the shock",
        ),
        (
            "announced",
            {"source": "okx", "bare_title": "ADL", "published_at": "2025-11-03T00:14:00Z"},
            "⚠ An exchange announces something on ADL or liquidations: OKX: ADL · published 3 Nov 00:14 UTC",
        ),
        (
            "silence",
            {
                "opened_at": "2025-11-01T18:14:00Z",
                "silent_at": "2025-11-03T18:14:00Z",
                "awaited": ["binance", "bybit", "okx"],
            },
            (
                "⚠ No exchange has announced a review after the shock:"
                " nothing from Binance, Bybit, OKX by 3 Nov 18:14 UTC, after the shock of 1 Nov 18:14 UTC"
            ),
        ),
    ],
)
def test_alerts_tell_the_news_on_their_first_line(reason: str, evidence: dict[str, object], first: str):
    change = Change(to_ms(NOW), Kind.WARNING, "adl", Alarm.OFF, Alarm.ON, reason, evidence)
    for desk in desk_with([]):
        text, _ = compose_alert(ask_of(desk).words, 7, [change], desk.standings)
    assert parse_html(text).text.splitlines()[0] == first


# The story: the shock of the built-in scenario, and what the exchanges say after it.

BEFORE = datetime(2025, 11, 3, 12, tzinfo=UTC)
SHOCKED = datetime(2025, 11, 3, 16, 30, tzinfo=UTC)


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    quiet = replace(played().market, notices=(), gauges={})
    async with new_playground() as server:
        with new_desk(quiet) as desk:
            cast, clock = gather_cast(server.people), Clock(BEFORE)
            desk.clock = clock
            bot = Bot(desk, server.token, server.base_url, limits=UNLIMITED)
            bot.watch.resume()
            bot.watch.judge()
            async with bot.online():
                stage = Stage(server, cast, bot, clock)
                stage.say("/subscribe adl")
                await stage.hears("This chat hears of")
                yield stage
        assert server.violations == []


def look(stage: Stage, at: datetime, *facts: Fact) -> None:
    """At a moment Binance says that all is clear and OKX's announcements are read; and whatever else."""
    stage.clock.now = at
    stage.bot.watch.see([*states(at, binance=Risk.NONE), looked_at("okx", 20, at), *facts])


def told(stage: Stage) -> list[str]:
    changes = read_changes(stage.bot.desk.db, limit=99)
    return [s.change.reason for s in reversed(changes) if s.change.id == "adl" and s.alert_id]


async def test_after_48_hours_silence_is_told_once(stage: Stage):
    look(stage, SHOCKED)
    for hours in (20, 47, 49, 60, 70):
        look(stage, SHOCKED + hours * HOUR)
    alert = await stage.hears("No exchange has announced a review after the shock")
    assert "Silence means that fragility stays" in alert.text
    assert told(stage) == ["silence"]
    stage.say("/adl")
    board = (await stage.hears("Announcements on ADL")).text
    assert "✗ Shock of 3 Nov 16:10 UTC: silence" in board
    assert "⚠ No exchange has announced a review after the shock · since 5 Nov 16:10 UTC" in board


async def test_a_review_within_48_hours_is_told_and_no_silence_follows(stage: Stage):
    look(stage, SHOCKED)
    review = replace(announced(SHOCKED + 20 * HOUR), known_at=SHOCKED + 20 * HOUR + 5 * MINUTE)
    look(stage, review.known_at, review)
    alert = await stage.hears("An exchange announces a review after the shock")
    assert "OKX: ADL mechanism optimised · 20 h after the shock" in alert.text
    for minutes in range(24 * 60, 50 * 60, 40):
        look(stage, SHOCKED + minutes * MINUTE)
    assert told(stage) == ["reviewed", "clear"]
    stage.say("/adl")
    assert "✓ Shock of 3 Nov 16:10 UTC: reviewed" in (await stage.hears("Announcements on ADL")).text


async def test_what_a_first_look_finds_is_not_told_but_counts(stage: Stage):
    look(stage, SHOCKED)
    published = SHOCKED + 20 * HOUR
    look(stage, SHOCKED + 30 * HOUR, replace(announced(published), known_at=published))
    look(stage, SHOCKED + 50 * HOUR)
    assert told(stage) == []


async def test_adl_under_way_reaches_a_phone_loud_and_its_end_silently(stage: Stage):
    subscribe(stage.bot.desk.db, stage.cast.alice.id, "adl", "sound")
    look(stage, BEFORE + 5 * MINUTE)
    look(stage, BEFORE + 10 * MINUTE, *states(BEFORE + 10 * MINUTE, okx=Risk.HIGH))
    await stage.hears("⚠ ADL risk is high, or ADL under way: OKX BTC high or under way")
    for minute in range(15, 60, 5):
        at = BEFORE + minute * MINUTE
        look(stage, at, *states(at, okx=Risk.NONE))
    await stage.hears("○ ADL: all clear: told by Binance, OKX")
    assert told(stage) == ["high", "clear"]
    silent = [
        bool(call.params.get("disable_notification"))
        for call in stage.server.calls
        if call.method == "sendMessage" and "A-" in str(call.params["text"])
    ]
    assert silent == [False, True]
