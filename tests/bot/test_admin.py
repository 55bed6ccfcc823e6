"""`/admin` and `/broadcast` as answers: for operators alone, every page a message, whatever stands in it."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.admin import PAGES, in_parts
from bot.commands.buttons import press
from bot.commands.table import COMMANDS, OPERATOR_COMMANDS, answer
from bot.desk import Desk
from bot.health import Sending
from bot.logs import Complaint, Complaints
from bot.playground.entities import utf16_units
from bot.playground.formatting import MAX_TEXT_UNITS
from bot.playground.markup import parse_html
from bot.telling.broadcasts import queue
from bot.words.answer import Answer
from bot.words.texts import Html
from bot.words.wording import spoken_in
from signals.moments import to_ms
from storage import broadcasts, chats, outbox
from storage.alerts import raise_alert
from storage.audience import count_crowds
from storage.chats import ChatRow
from storage.feed_runs import (
    record_failure,
    record_job_failed,
    record_job_missed,
    record_job_started,
    record_rejected,
    record_success,
)
from storage.lease import take_lease
from storage.outbox import Delivery
from storage.processes import say_alive
from tests.bot.desks import FRAGILE, NOW, ask_of, market_of_two_days, new_desk

ALICE, BOB = 1001, 2002
HOSTILE = '<b>&amp; "\u202eevil" 🔥' * 40


@pytest.fixture
def desk() -> Iterator[Desk]:
    with new_desk(market_of_two_days()) as desk:
        desk.settings = desk.settings.model_copy(update={"owner_ids": frozenset({ALICE})})
        desk.standings = FRAGILE
        yield desk


def shown(said: Answer) -> str:
    return parse_html(said.text).text


async def ask(desk: Desk, line: str, language: str = "en", written: str = "") -> Answer:
    name, *args = line.split()
    question = replace(ask_of(desk, *args, language=language), written=Html(written))
    return await answer(question, name)


async def pressed(desk: Desk, said: Answer, label: str) -> Answer:
    """Press the first button whose label contains a text."""
    data = next(button.data for row in said.buttons for button in row if label in button.text)
    return await press(ask_of(desk), data)


def labels(said: Answer) -> list[str]:
    return [button.text for row in said.buttons for button in row]


# For operators alone


@pytest.mark.parametrize("line", ["admin", "admin feeds", "broadcast", "Admin"])
async def test_for_everybody_else_it_does_not_exist(desk: Desk, line: str) -> None:
    desk.settings = desk.settings.model_copy(update={"owner_ids": frozenset({BOB})})
    name, *_ = line.split()
    said = shown(await ask(desk, line))
    # A word of the same length and no likeness is answered in the same way.
    assert said.replace(name, "qzxvw") == shown(await ask(desk, "qzxvw"))
    assert (await press(ask_of(desk), f"here:{line.lower().replace(' ', ':')}")).note == (
        await press(ask_of(desk), "here:qzxvw")
    ).note


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
async def test_an_operator_has_it_in_private_only(desk: Desk, kind: str) -> None:
    in_group = replace(ask_of(desk), chat=replace(ask_of(desk).chat, kind=kind))  # type: ignore[arg-type]  # one of them
    assert "I do not know /admin" in (await answer(in_group, "admin")).text


async def test_help_shows_it_to_operators_alone(desk: Desk) -> None:
    assert "/admin" in (await ask(desk, "help")).text
    desk.settings = desk.settings.model_copy(update={"owner_ids": frozenset()})
    said = (await ask(desk, "help")).text
    assert not [command.name for command in OPERATOR_COMMANDS if f"/{command.name}" in said]


def test_the_menu_of_everybody_has_none_of_it() -> None:
    assert all(command.operator_only for command in OPERATOR_COMMANDS)
    assert not any(command.operator_only for command in COMMANDS)


# Pages


def make_trouble(desk: Desk) -> None:
    """The worst that every page may have to show."""
    db = desk.db
    for number in range(80):
        record_success(db, f"feed {number}", NOW - timedelta(hours=number))
        record_job_started(db, f"job {number}", NOW, late=timedelta(seconds=90))
        record_job_missed(db, f"job {number}", 12_345)
    for number in range(60):
        record_failure(db, f"feed {number}", NOW, HOSTILE, NOW + timedelta(hours=6))
        record_rejected(db, f"feed {number}", 1_000_000, HOSTILE)
        record_job_failed(db, f"job {number}", HOSTILE)
    for number in range(9):
        chats.ensure_chat(db, -number - 1, ("group", "supergroup", "channel")[number % 3], HOSTILE, NOW)
        chats.subscribe(db, -number - 1, f"<topic {number}>", "sound")
        outbox.enqueue(db, [Delivery(chat_id=-number - 1, kind="alert", text="x", created_at=NOW)])
        outbox.hold_chat(db, -number - 1, NOW + timedelta(hours=1) if number > 6 else NOW)
    for delivery in outbox.claim(db, NOW, 5):
        outbox.mark_failed(db, delivery.id, f"{HOSTILE} {delivery.id}")
    desk.health.sending = lambda: Sending(16, NOW, HOSTILE, 8)
    complaints = tuple(Complaint(NOW, "ERROR", "bot.watch", HOSTILE) for _ in range(50))
    desk.health.complaints = lambda: complaints


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("troubled", [False, True])
async def test_every_page_is_one_message_and_its_buttons_turn_it(
    desk: Desk, page: str, language: str, *, troubled: bool
) -> None:
    if troubled:
        make_trouble(desk)
    number, seen = 1, []
    while True:
        said = await ask(desk, f"admin {page} {number}", language)
        text = shown(said)
        assert 0 < utf16_units(text) <= MAX_TEXT_UNITS
        assert text not in seen
        seen.append(text)
        buttons = [button for row in said.buttons for button in row]
        assert all(0 < len(button.data.encode()) <= 64 for button in buttons)
        if not (turns := [b for b in buttons if b.data == f"here:admin:{page}:{number + 1}"]):
            break
        assert turns[0].text == f"{number + 1} ›"
        number += 1
    assert number > 1 or page not in {"feeds", "jobs", "errors"} or not troubled
    # Since the page was shown there may be fewer of them.
    assert shown(await ask(desk, f"admin {page} 99", language)) == seen[-1]


async def test_what_is_in_trouble_comes_first(desk: Desk) -> None:
    record_success(desk.db, "a feed", NOW - timedelta(seconds=4))
    record_success(desk.db, "z feed", NOW - timedelta(hours=3))
    record_failure(desk.db, "z feed", NOW, "HTTP 451", NOW + timedelta(hours=6))
    record_rejected(desk.db, "z feed", 2, "price of 0")
    assert shown(await ask(desk, "admin feeds")).splitlines() == [
        "Feeds: 1 of 2 well",
        (
            "✗ z feed: 3 h ago · 1 failure in a row · HTTP 451 · left alone until 4 Nov 02:14 UTC · "
            "2 facts not believed, last: price of 0"
        ),
        "✓ a feed: 4 s ago",
    ]


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "A-1: 1,200 of 1,300 sent · about 4 s left"),
        ("zh", "A-1：已发送 1,200/1,300 · 预计还需 4 秒"),
    ],
)
async def test_an_alert_to_many_says_how_far_it_is_and_how_long_the_rest_takes(
    desk: Desk, language: str, line: str
) -> None:
    db = desk.db
    raise_alert(db, NOW, NOW, [])
    with db.transaction():
        for chat_id in range(1, 1_301):
            chats.ensure_chat(db, chat_id, "private", "x", NOW)
        outbox.enqueue(
            db,
            [
                Delivery(chat_id=n, alert_id=1, kind="alert", text="x", created_at=NOW)
                for n in range(1, 1_301)
            ],
        )
        for delivery in outbox.claim(db, NOW, 1_200):
            outbox.mark_sent(db, delivery.id, 1, NOW)
    desk.health.sending = lambda: Sending(0, NOW, None, 1, per_second=25)
    assert line in shown(await ask(desk, "admin outbox", language)).splitlines()
    desk.health.sending = lambda: Sending(0, NOW, None, 1)
    assert line.split(" · ", maxsplit=1)[0] in shown(await ask(desk, "admin", language)).splitlines()
    for delivery in outbox.claim(db, NOW, 1_200):
        outbox.mark_sent(db, delivery.id, 1, NOW)
    assert "A-1" not in shown(await ask(desk, "admin outbox", language))


async def test_jobs_say_how_late_they_are(desk: Desk) -> None:
    record_job_started(desk.db, "quotes", NOW, late=timedelta(seconds=3))
    record_job_missed(desk.db, "quotes", 7)
    record_job_failed(desk.db, "depth", "KeyError: 'bids'")
    assert shown(await ask(desk, "admin jobs")).splitlines() == [
        "Jobs: 1 of 2 well",
        "✗ depth: never · 1 failed · KeyError: 'bids'",
        "✓ quotes: never · 3 s late · 7 late or missed",
    ]


async def test_the_outbox_says_what_waits_in_which_lane_and_who_has_to_wait(desk: Desk) -> None:
    db, sent_at = desk.db, NOW - timedelta(minutes=7)
    for chat_id, kind in ((1, "alert"), (1, "own"), (2, "alert"), (2, "brief"), (3, "answer")):
        chats.ensure_chat(db, chat_id, "private", "x", NOW)
        outbox.enqueue(db, [Delivery(chat_id=chat_id, kind=kind, text="x", created_at=sent_at)])
        sent_at += timedelta(minutes=1)
    outbox.hold_chat(db, 1, NOW + timedelta(hours=2))
    outbox.hold_chat(db, 2, NOW + timedelta(minutes=5))
    outbox.hold_chat(db, 3, NOW + timedelta(seconds=1))
    for language, expected in (
        (
            "en",
            (
                "Replies: 1 waiting, the oldest for 3 min",
                "Alerts: 3 waiting, the oldest for 7 min",
                "Digests and briefs: 1 waiting, the oldest for 4 min",
                "2 chats have to wait, the last until 3 Nov 22:14 UTC",
            ),
        ),
        (
            "zh",
            (
                "回复：等待 1 条，最早一条已等 3 分钟",
                "提醒：等待 3 条，最早一条已等 7 分钟",
                "汇总与简报：等待 1 条，最早一条已等 4 分钟",
                "2 个聊天需等待，最晚至 11 月 3 日 22:14 UTC",
            ),
        ),
    ):
        lines = shown(await ask(desk, "admin outbox", language)).splitlines()
        assert [line for line in lines if line in expected] == list(expected)


async def test_the_overview_says_in_ten_lines_whether_all_is_well(desk: Desk) -> None:
    desk.standings = {**FRAGILE, "verdict": replace(FRAGILE["verdict"], judged_ms=to_ms(NOW) - 4_000)}
    desk.health.started_at = NOW - timedelta(hours=1)
    desk.health.sending = lambda: Sending(2, NOW - timedelta(minutes=5), None, 1)
    complaint = Complaint(NOW - timedelta(minutes=3), "WARNING", "bot", "x")
    desk.health.complaints = lambda: (complaint,)
    record_failure(desk.db, "okx", NOW, "HTTP 500")
    await ask(desk, "admin note New keys <tonight>")
    take_lease(desk.db, "worker-<a>", 4711)
    say_alive(desk.db, "worker-<a>", "worker")
    say_alive(desk.db, "worker-b", "worker")
    say_alive(desk.db, "web-c", "web")
    text = shown(await ask(desk, "admin"))
    for part in (
        "Processes: worker-<a> leads · workers: 2 · web: 1",
        "up since 3 Nov 19:14 UTC (1 h)",
        "🔴 Fragile: 0 of 3",
        "Market judged 4 s ago",
        "⚠ Feeds: 0 of 1 well",
        "Sender: 2 under way, last sent 5 min ago",
        "0 queued",
        "1 active chat",
        "1 warning or error kept since the start · last 3 min ago",
        "⚠ Maintenance: New keys <tonight> · since 3 Nov 20:14 UTC (0 s)",
    ):
        assert part in text
    assert len(text.splitlines()) <= 11


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "feeds x",
        "feeds 1 2",
        "feeds ²",
        "broadcast",
        "broadcast 7",
        "broadcast x send",
    ],
)
async def test_a_wrong_word_is_pointed_at(desk: Desk, line: str) -> None:
    assert "I did not understand" in (await ask(desk, f"admin {line}")).text


@given(st.lists(st.text(min_size=1, max_size=300).map(lambda t: Html(t.replace("<", "").replace("&", "")))))
def test_parts_hold_every_line_whole_and_in_order(lines: list[Html]) -> None:
    parts = in_parts(lines, 400)
    assert "\n".join(parts) == "\n".join(lines)
    assert all(utf16_units(part) <= 400 for part in parts) or any(utf16_units(line) > 399 for line in lines)


# The note


@pytest.mark.parametrize("command", ["status", "start"])
async def test_the_note_is_shown_to_everybody_while_it_is_set(desk: Desk, command: str) -> None:
    before = await ask(desk, command)
    await ask(desk, "admin note Back at <10:00> & well")
    assert "⚠ Maintenance: Back at <10:00> & well · since 3 Nov" in shown(await ask(desk, command))
    await ask(desk, "admin note off")
    assert await ask(desk, command) == before


async def test_a_note_that_is_too_long_is_refused(desk: Desk) -> None:
    assert "I did not understand" in (await ask(desk, f"admin note {'x' * 201}")).text
    assert "No note stands" in (await ask(desk, "admin note")).text
    assert utf16_units(shown(await ask(desk, f"admin note {'🔥' * 200}"))) < 500


# Broadcasts


def chat(chat_id: int, **more: object) -> ChatRow:
    base = ChatRow(chat_id, "private", "x", None, "UTC", "active", None, None, NOW, None)
    return replace(base, **more)  # type: ignore[arg-type]  # its own fields


async def test_the_preview_is_the_message_itself(desk: Desk) -> None:
    said = await ask(desk, "broadcast x", written="<b>We</b> are &lt;back&gt;")
    assert (said.text, said.photo) == ("<b>We</b> are &lt;back&gt;", None)
    assert labels(said) == [
        "✓ Private 1",
        "✓ Groups 0",
        "✓ Channels 0",
        "· All languages ·",
        "English",
        "中文",
        "With sound",
        "Send to 1 chat",
        "Cancel",
    ]


async def test_whom_it_reaches_is_chosen_by_buttons(desk: Desk) -> None:
    for chat_id, kind, language in (
        (1, "private", "zh"),
        (2, "private", "en"),
        (-3, "group", "zh"),
        (-4, "supergroup", None),
        (-5, "channel", "en"),
    ):
        chats.ensure_chat(desk.db, chat_id, kind, "x", NOW)  # type: ignore[arg-type]  # one of them
        chats.set_language(desk.db, chat_id, language)
    chats.block(desk.db, 2, "x")
    said = await ask(desk, "broadcast x", written="x")
    assert "Send to 5 chats" in labels(said)
    said = await pressed(desk, said, "Groups")
    assert {"✗ Groups 2", "Send to 3 chats"} <= set(labels(said))
    said = await pressed(desk, said, "中文")
    assert {"✓ Private 1", "✗ Groups 1", "✓ Channels 0", "· 中文 ·", "Send to 1 chat"} <= set(labels(said))
    said = await pressed(desk, said, "With sound")
    assert "Without sound" in labels(said)
    said = await pressed(desk, said, "Send to 1")
    assert said.note == "Queued for 1 chat"
    [sent] = outbox.claim(desk.db, NOW, 9)
    assert (sent.chat_id, sent.text, sent.silent, sent.kind) == (1, "x", True, "broadcast")
    assert sent.expires_at == NOW + timedelta(days=1)


async def test_a_second_press_sends_nothing_more_and_shows_how_far_it_is(desk: Desk) -> None:
    said = await ask(desk, "broadcast x", written="<b>News</b> for you")
    first, second = [await pressed(desk, said, "Send to") for _ in range(2)]
    assert (first.note, second.note) != (second.note, first.note)
    assert "Broadcast 1 of 3 Nov 20:14 UTC, “News for you” · 1 queued" in shown(second)
    assert outbox.count_by_state(desk.db) == {"queued": 1}
    assert "Broadcast 1" in shown(await ask(desk, "admin outbox"))
    cancelled = await pressed(desk, second, "Cancel the rest")
    assert cancelled.note == "1 message taken back"
    assert "cancelled · 1 expired or taken back" in shown(cancelled)


async def test_nothing_is_sent_to_nobody(desk: Desk) -> None:
    said = await ask(desk, "broadcast x", written="x")
    said = await pressed(desk, said, "Private")
    said = await pressed(desk, said, "Send to 0")
    assert said.note == "That would reach nobody."
    assert "Send to 0 chats" in labels(said)


async def test_a_dropped_draft_is_not_sent(desk: Desk) -> None:
    said = await ask(desk, "broadcast x", written="x")
    assert "was not sent" in (await pressed(desk, said, "Cancel")).text
    assert "was not sent" in (await pressed(desk, said, "Send to")).text
    assert outbox.count_by_state(desk.db) == {}


@pytest.mark.parametrize("written", ["", " \n ", "<b> </b>"])
async def test_an_empty_message_is_explained_instead(desk: Desk, written: str) -> None:
    assert "Write the message after the command" in (await ask(desk, "broadcast", written=written)).text
    assert broadcasts.read_broadcast(desk.db, 1) is None


async def test_a_message_that_is_too_long_is_refused(desk: Desk) -> None:
    assert "Telegram takes 4,096" in (await ask(desk, "broadcast x", written="🔥" * 2_049)).text
    assert broadcasts.read_broadcast(desk.db, 1) is None
    assert (await ask(desk, "broadcast x", written="🔥" * 2_048)).text == "🔥" * 2_048


@pytest.mark.parametrize(
    ("reader", "language"),
    [
        (chat(1), "en"),
        (chat(1, app_language="zh-hans"), "zh"),
        (chat(1, language="en", app_language="zh"), "en"),
    ],
)
def test_a_chat_speaks_what_it_chose_or_else_its_app(reader: ChatRow, language: str) -> None:
    assert spoken_in(reader.language, reader.app_language) == language


@pytest.mark.parametrize(
    ("silent", "muted_until", "is_heard_silently"),
    [
        (False, None, False),
        (False, NOW - timedelta(minutes=1), False),
        (False, NOW + timedelta(minutes=1), True),
        (True, None, True),
    ],
)
async def test_a_muted_chat_hears_it_without_a_sound(
    desk: Desk, muted_until: datetime | None, *, silent: bool, is_heard_silently: bool
) -> None:
    chats.ensure_chat(desk.db, 1, "private", "Ann", NOW)
    chats.mute(desk.db, 1, muted_until)
    draft = broadcasts.draft(desk.db, ALICE, "x", ("private",), NOW)
    broadcasts.choose(desk.db, draft, kinds=("private",), language=None, silent=silent)
    found = broadcasts.read_broadcast(desk.db, draft)
    assert found is not None
    assert queue(desk.db, count_crowds(desk.db), found, NOW) == 1
    [sent] = outbox.claim(desk.db, NOW, 9)
    assert sent.silent is is_heard_silently


# Complaints


def log(handler: logging.Handler, level: int, message: str, error: Exception | None = None) -> None:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("bot.watch", level, __file__, 1, message, None, info)
    if level >= handler.level:
        handler.handle(record)


def test_the_last_complaints_are_kept_and_hold_no_secret() -> None:
    complaints = Complaints(["123:secret-token"], most=3)
    log(complaints, logging.INFO, "all is well")
    for number in range(5):
        log(complaints, logging.WARNING, f"https://api.telegram.org/bot123:secret-token/{number}")
    log(complaints, logging.ERROR, "failed\nbadly", ValueError("bad secret-token"))
    newest, *others = complaints.newest_first()
    assert (newest.level, newest.logger, newest.line) == (
        "ERROR",
        "bot.watch",
        "failed (ValueError: bad ***)",
    )
    assert [each.line for each in others] == [f"https://api.telegram.org/bot***/{n}" for n in (4, 3)]
    assert newest.at.tzinfo is not None
