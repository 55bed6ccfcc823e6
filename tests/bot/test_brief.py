"""/brief, /timezone, /playbook and /scorecard: the daily message comes once, at its hour."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from bot.charts.picture import Drawable
from bot.commands.table import answer
from bot.delivery.send import send
from bot.desk import Desk
from bot.pictures.briefs import FRESH, BriefPictures
from bot.playground.markup import parse_html
from bot.telling.briefs import due_day, make_due_briefs
from bot.words.brief import brief_text
from bot.words.texts import Html
from bot.words.wording import Wording
from bot.words.zones import zone_label
from signals.conditions import Change, Kind
from signals.facts import BINANCE_BTC, BINANCE_ETH, Candle, Instrument
from signals.market import Market
from signals.moments import to_ms
from storage.alerts import raise_alert
from storage.briefs import Wish, brief_of, choose, note_day, read_brief, read_wishes, stop
from storage.chats import ensure_chat, mute, set_language, set_timezone
from storage.market import save_facts
from storage.moving import migrate_chat
from storage.outbox import Delivery, claim
from tests.bot.desks import NOW, ask_of, market_of_two_days, new_desk

ALICE = 1001
HOUR = timedelta(hours=1)


async def said(desk: Desk, *words: str, language: str = "en") -> list[str]:
    command, *args = words
    found = await answer(ask_of(desk, *args, language=language), command)
    return parse_html(found.text).text.splitlines()


def wish(zone: str, at: str, last_day: date | None = None) -> Wish:
    with new_desk() as desk:
        ensure_chat(desk.db, ALICE, "private", "Alice", NOW)
        set_timezone(desk.db, ALICE, zone)
        choose(desk.db, ALICE, time.fromisoformat(at))
        if last_day:
            note_day(desk.db, ALICE, last_day)
        [(found, [chat_id])] = read_wishes(desk.db)
        row = brief_of(desk.db, chat_id)
        assert row is not None
        assert row.wish == found
    return found


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "now", "day"),
    [
        ("UTC", "08:00", "2026-11-20 07:59", None),
        ("UTC", "08:00", "2026-11-20 08:00", "2026-11-20"),
        ("UTC", "08:00", "2026-11-20 10:59", "2026-11-20"),
        ("UTC", "08:00", "2026-11-20 11:00", None),
        ("Asia/Shanghai", "08:00", "2026-11-20 00:00", "2026-11-20"),
        ("America/New_York", "23:30", "2026-11-21 05:10", "2026-11-20"),
        # On 8 March clocks in New York went from 02:00 to 03:00, on 1 November from 02:00 back to 01:00.
        ("America/New_York", "02:30", "2026-03-08 06:59", None),
        ("America/New_York", "02:30", "2026-03-08 07:31", "2026-03-08"),
        ("America/New_York", "01:30", "2026-11-01 05:30", "2026-11-01"),
    ],
)
def test_a_brief_is_due_at_its_hour_and_for_three_hours_after(zone, at, now, day):
    assert due_day(wish(zone, at), utc(now)) == (date.fromisoformat(day) if day else None)


@pytest.mark.parametrize("now", ["2026-11-20 08:30", "2026-11-20 07:00", "2026-11-19 08:30"])
def test_one_that_was_made_is_not_due_again_even_where_the_clock_is_set_back(now):
    assert due_day(wish("UTC", "08:00", date(2026, 11, 20)), utc(now)) is None


def test_an_hour_that_comes_twice_brings_one_brief():
    assert due_day(wish("America/New_York", "01:30", date(2026, 11, 1)), utc("2026-11-01 06:30")) is None


async def test_it_is_chosen_changed_and_stopped_in_words():
    with new_desk(market_of_two_days()) as desk:
        assert (await said(desk, "brief", "on", "7:05"))[0].startswith(
            "The brief comes every day at 07:05 (UTC)."
        )
        assert read_brief(desk.db, ALICE) == (time(7, 5), False)
        assert (await said(desk, "brief", "on"))[0].startswith("The brief comes every day at 08:00")
        for wrong in (("on", "25:00"), ("at",), ("off", "now"), ("on", "soon")):
            assert "/brief" in (await said(desk, "brief", *wrong))[-1]
        assert read_brief(desk.db, ALICE) == (time(8, 0), False)
        assert (await said(desk, "brief", "off"))[0].startswith("No more daily brief.")
        assert read_brief(desk.db, ALICE) is None


async def test_the_brief_of_now_holds_the_verdict_the_conditions_and_the_playbook():
    with new_desk(market_of_two_days()) as desk:
        lines = await said(desk, "brief")
        chinese = await said(desk, "brief", language="zh")
    assert lines[0].startswith("Brief · ")
    assert any("US premium: " in line and "ETF flows: " in line for line in lines)
    assert any(line.count(" · ") == 4 and "Exchanges on ADL" in line for line in lines)
    assert chinese[0].startswith("简报 · ")
    assert len("\n".join(lines)) < 1024


async def test_everybody_who_wants_one_gets_one_a_day_in_the_outbox():
    woken: list[bool] = []
    with new_desk(market_of_two_days(), NOW.replace(hour=8, minute=10)) as desk:
        for chat_id in (ALICE, 1002, 1003):
            ensure_chat(desk.db, chat_id, "private", "x", NOW)
            choose(desk.db, chat_id, time(8))
        mute(desk.db, 1003, NOW + timedelta(days=9))
        made = [await make_due_briefs(desk, lambda: woken.append(True)) for _ in range(3)]
        found = claim(desk.db, desk.now, 10)
    assert made == [3, 0, 0]
    assert [(each.chat_id, each.kind, each.chart) for each in found] == [
        (ALICE, "brief", "premium"),
        (1002, "brief", "premium"),
    ]
    assert found[0].expires_at == desk.now + timedelta(hours=3)
    # The first by itself, for its words had to be found; then the others.
    assert woken == [True, True]


async def test_those_who_are_spoken_to_alike_get_one_text_and_the_others_their_own(monkeypatch):
    written: list[Html] = []

    def write(words: Wording, desk: Desk) -> Html:
        written.append(brief_text(words, desk))
        return written[-1]

    monkeypatch.setattr("bot.telling.briefs.brief_text", write)
    with new_desk(market_of_two_days(), NOW.replace(hour=8, minute=10)) as desk:
        for chat_id in range(1, 41):
            ensure_chat(desk.db, chat_id, "private", "x", NOW)
            set_language(desk.db, chat_id, "zh" if chat_id % 2 else "en")
            set_timezone(desk.db, chat_id, "Europe/Lisbon" if chat_id % 4 == 0 else "UTC")
            choose(desk.db, chat_id, time(8))
        assert await make_due_briefs(desk, lambda: None) == 40
        texts = {each.chat_id: each.text for each in claim(desk.db, desk.now, 50)}
    assert len(written) == 3
    assert texts[2] == texts[6] != texts[1] == texts[3]
    assert "US premium" in texts[2]
    assert "美国溢价" in texts[1]


async def test_a_crowd_is_served_over_minutes_and_each_of_it_once(monkeypatch):
    monkeypatch.setattr("bot.telling.briefs.MOST_AT_A_TIME", 2)
    with new_desk(market_of_two_days(), NOW.replace(hour=8, minute=10)) as desk:
        for chat_id in range(1, 6):
            ensure_chat(desk.db, chat_id, "private", "x", NOW)
            choose(desk.db, chat_id, time(8))
        assert [await make_due_briefs(desk, lambda: None) for _ in range(4)] == [2, 2, 1, 0]
        assert {each.chat_id for each in claim(desk.db, desk.now, 10)} == set(range(1, 6))


async def test_the_loop_goes_on_between_a_few_and_the_next_and_what_is_chosen_meanwhile_counts(monkeypatch):
    monkeypatch.setattr("bot.telling.briefs.MOST_AT_ONCE", 2)
    with new_desk(market_of_two_days(), NOW.replace(hour=8, minute=10)) as desk:
        for chat_id in range(1, 8):
            ensure_chat(desk.db, chat_id, "private", "x", NOW)
            choose(desk.db, chat_id, time(8))
        seen: list[int] = []

        async def turn() -> None:
            while True:
                [(count,)] = desk.db.rows("SELECT count(*) FROM outbox")
                if count == 3:
                    stop(desk.db, 5)
                seen.append(count)
                await asyncio.sleep(0)

        turning = asyncio.create_task(turn())
        assert await make_due_briefs(desk, lambda: None) == 6
        turning.cancel()
        told = [each.chat_id for each in claim(desk.db, desk.now, 10)]
    assert list(dict.fromkeys(seen)) == [1, 3, 5, 6]
    assert told == [1, 2, 3, 4, 6, 7]


async def test_a_picture_is_drawn_once_for_those_who_are_spoken_to_alike_and_anew_when_it_is_old():
    drawn: list[Drawable] = []

    async def draw(picture: Drawable) -> bytes:
        drawn.append(picture)
        await asyncio.sleep(0)
        return b"PNG %d" % len(drawn)

    with new_desk(market_of_two_days()) as desk:
        for chat_id in range(1, 5):
            ensure_chat(desk.db, chat_id, "private", "x", NOW)
            set_language(desk.db, chat_id, "zh" if chat_id == 1 else "en")
        briefs = [
            Delivery(chat_id=n, kind="brief", text="x", chart="premium", created_at=NOW) for n in range(1, 5)
        ]
        pictures = BriefPictures(desk, draw)
        assert await asyncio.gather(*map(pictures.of, briefs)) == [b"PNG 1", b"PNG 2", b"PNG 2", b"PNG 2"]
        desk.clock = lambda: NOW + FRESH
        assert await pictures.of(briefs[3]) == b"PNG 3"


def test_a_group_that_becomes_a_supergroup_keeps_its_brief():
    with new_desk() as desk:
        ensure_chat(desk.db, -5, "group", "x", NOW)
        choose(desk.db, -5, time(9))
        migrate_chat(desk.db, -5, -1005)
        assert read_brief(desk.db, -1005) == (time(9), False)


class FakeBot:
    """Counts what is sent; the real one is met in the stories."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send_photo(self, **_: Any) -> Any:
        self.sent.append("photo")
        return type("Message", (), {"message_id": 1})

    async def _post(self, method: str, _parameters: Any) -> Any:
        assert method == "sendMessage"
        self.sent.append("text")
        return {"message_id": 1}


async def drawn(_: Delivery) -> bytes:
    return b"png"


async def broken(_: Delivery) -> bytes:
    raise RuntimeError("no pen")


@pytest.mark.parametrize(
    ("text", "chart", "draw", "sent"),
    [
        ("short", "premium", drawn, "photo"),
        ("short", None, drawn, "text"),
        ("short", "premium", None, "text"),
        ("short", "premium", broken, "text"),
        ("long " * 300, "premium", drawn, "text"),
    ],
    ids=["with its picture", "none wanted", "nobody draws", "drawing fails", "too long for a caption"],
)
async def test_a_picture_goes_along_where_there_is_one_and_the_text_goes_in_any_case(text, chart, draw, sent):
    bot = FakeBot()
    delivery = Delivery(chat_id=1, kind="brief", text=text, chart=chart, created_at=NOW)
    await send(bot, delivery, draw)  # type: ignore[arg-type]  # as much of a bot as is used here
    assert bot.sent == [sent]


@pytest.mark.parametrize(
    ("word", "zone"),
    [
        ("Asia/Shanghai", "Asia/Shanghai"),
        ("shanghai", "Asia/Shanghai"),
        ("北京", "Asia/Shanghai"),
        ("new york", "America/New_York"),
        ("utc+8", "Etc/GMT-8"),
        ("-5", "Etc/GMT+5"),
        ("+08:00", "Etc/GMT-8"),
        ("utc+5:30", "Asia/Kolkata"),
        ("+0545", "Asia/Kathmandu"),
        ("UTC", "UTC"),
    ],
)
async def test_a_zone_is_known_by_its_name_its_city_or_its_offset(word, zone):
    with new_desk() as desk:
        [line] = await said(desk, "timezone", *word.split())
        assert line.startswith(f"Times here are in {zone_label(zone)} now")
        assert ask_of(desk).chat.timezone == zone


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("Asia/Shangai", "Did you mean Asia/Shanghai"),
        ("utc+20", "I do not know the time zone"),
        ("<b>mars</b>", "I do not know the time zone"),
    ],
)
async def test_a_zone_that_nobody_knows_changes_nothing_and_a_close_one_is_named(word, line):
    with new_desk() as desk:
        assert line in (await said(desk, "timezone", word))[0]
        assert ask_of(desk).chat.timezone == "UTC"


async def test_the_playbook_says_of_each_point_what_to_look_for_and_for_what_it_speaks():
    with new_desk(market_of_two_days()) as desk:
        lines = await said(desk, "playbook")
        chinese = await said(desk, "playbook", language="zh")
    points = [line for line in lines if line[2:3].isdigit()]
    assert [line[2] for line in points] == list("12345")
    assert sum(line.startswith("  look for: ") for line in lines) == 5
    assert points[3] == "? 4. Leverage: no data"
    assert chinese[0].startswith("剧本：5 个数据点中")


def turned(at: datetime, state: str = "met") -> Change:
    return Change(to_ms(at), Kind.CONDITION, "premium", "unmet", state, "session_positive", {})


def bars(instrument: Instrument, begins: datetime, hourly: list[float]) -> list[Candle]:
    return [
        Candle(instrument, HOUR, begins + n * HOUR, price, price, price, price, 1.0)
        for n, price in enumerate(hourly)
    ]


async def test_the_scorecard_holds_every_change_against_what_followed():
    begins = NOW - timedelta(days=30)
    rising = [100_000.0 + 100 * n for n in range(24 * 29)]
    with new_desk(Market()) as desk:
        save_facts(desk.db, bars(BINANCE_BTC, begins, rising) + bars(BINANCE_ETH, begins, [4_000.0] * 300))
        for day in (2, 5, 9, 27):
            raise_alert(desk.db, NOW, NOW, [turned(begins + timedelta(days=day))])
        overview, cases = await said(desk, "scorecard"), await said(desk, "scorecard", "premium")
    assert overview[0].startswith("What followed within 24 h, of 4 changes since")
    # The bar of the moment closed at 100,000 + 100 x 47; a day later it is 2,400 more.
    assert overview[1].startswith("✓ US premium, met (4): BTC +2.3 %, +2.1 %, +2.0 %, +1.5 %")
    [week] = [line for line in cases if line.startswith("  after 7 d: ")]
    assert [part.count("%") for part in week.split(" · ")] == [3, 2]
    assert sum(line.endswith("?") for line in cases) >= 1


async def test_from_five_cases_on_the_median_and_the_range_are_said():
    begins = NOW - timedelta(days=30)
    with new_desk(Market()) as desk:
        save_facts(desk.db, bars(BINANCE_BTC, begins, [100_000.0 + 100 * n for n in range(24 * 29)]))
        for day in (2, 5, 9, 12, 20):
            raise_alert(desk.db, NOW, NOW, [turned(begins + timedelta(days=day))])
        overview = await said(desk, "scorecard")
    assert overview[1].startswith("✓ US premium, met (5): BTC +2.0 % (+1.6 % to +2.3 %, 0 not known)")
    assert "ETH not known" in overview[1]


async def test_without_changes_there_is_nothing_to_hold_against():
    with new_desk() as desk:
        assert (await said(desk, "scorecard"))[0].startswith("Nothing has been told yet")
        assert (await said(desk, "scorecard", "nonsense"))[-1].endswith("/scorecard premium")
