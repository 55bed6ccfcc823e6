"""The sender against a Telegram that answers, refuses and keeps silent: real HTTP, virtual time."""

import asyncio
import math
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.delivery import outcomes
from bot.delivery.errors import Failure, Trouble
from bot.delivery.pace import TELEGRAM, Limits, Pace
from bot.delivery.spare import Errand, Room
from bot.playground.chats import Chat, ChatKind, Role
from bot.playground.faults import Mishap
from bot.playground.limits import Bucket, Window
from bot.playground.refusals import RefusedError, bad_request, forbidden, too_many_requests
from storage import chats, outbox
from storage.database import Database, StorageError
from storage.keepers import keep
from storage.kinds import KINDS
from storage.outbox import Delivery
from tests.bot.post_office import START, PostOffice, errors_in, minutes, open_post_office, seconds

RESTART = RefusedError(500, "restart")


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with open_post_office(read_timeout=0.25) as office:
        yield office


# What arrives


async def test_a_delivery_arrives_with_its_markup_and_buttons(office: PostOffice) -> None:
    ann = office.private_chat()
    buttons = [[{"text": "Why", "data": "why:7"}], [{"text": "Mute", "data": "mute:premium"}]]
    office.queue(ann, "<b>Broken</b> A-7", buttons=buttons)
    await office.send_all()
    [message] = office.server.sent(ann)
    assert message.text == "Broken A-7"
    assert [entity["type"] for entity in message.written.entities] == ["bold"]
    assert [button["callback_data"] for button in message.buttons] == ["why:7", "mute:premium"]
    assert not message.is_silent
    assert office.states() == {"sent": 1}


async def test_a_silent_delivery_makes_no_sound(office: PostOffice) -> None:
    ann = office.private_chat()
    office.queue(ann, "hush", silent=True)
    await office.send_all()
    assert [message.is_silent for message in office.server.sent(ann)] == [True]


async def test_a_chat_reads_its_messages_in_the_order_of_queueing(office: PostOffice) -> None:
    ann, bob = office.private_chat("Ann"), office.private_chat("Bob")
    for number in range(5):
        office.queue(ann, f"A-{number}")
        office.queue(bob, f"A-{number}")
    await office.send_all()
    expected = [f"A-{number}" for number in range(5)]
    assert (office.texts(ann), office.texts(bob)) == (expected, expected)


async def test_an_expired_delivery_is_not_sent_and_marked_so(office: PostOffice) -> None:
    ann = office.private_chat()
    office.queue(ann, "yesterday", expires_at=START)
    office.queue(ann, "today", expires_at=START + minutes(5))
    await office.send_all()
    assert office.texts(ann) == ["today"]
    assert office.states() == {"expired": 1, "sent": 1}


async def test_a_delivery_that_expires_while_its_chat_waits_is_not_sent(office: PostOffice) -> None:
    ann = office.private_chat()
    office.server.faults.add(too_many_requests(600))
    office.queue(ann, "stale by then", expires_at=START + minutes(5))
    office.queue(ann, "still good", expires_at=START + minutes(60))
    await office.send_all()
    assert office.texts(ann) == ["still good"]


async def test_a_long_message_comes_in_parts_with_the_buttons_under_the_last(office: PostOffice) -> None:
    ann = office.private_chat()
    lines = [f"line {number} of a long report" for number in range(400)]
    office.queue(ann, "<b>" + "\n".join(lines) + "</b>", buttons=[[{"text": "Why", "data": "why"}]])
    office.queue(ann, "after it")
    await office.send_all()
    *parts, after = office.server.sent(ann)
    assert after.text == "after it"
    assert "\n".join(part.text for part in parts).split("\n") == lines
    assert [len(part.buttons) for part in parts] == [0, 0, 1]
    assert all(part.written.entities for part in parts)
    assert office.states() == {"sent": 2}


async def test_a_part_that_must_be_repeated_does_not_repeat_the_parts_before_it(office: PostOffice) -> None:
    ann = office.private_chat()
    office.queue(ann, "x" * 4096 + "y" * 4096)
    async with office.open():
        await office.server.wait_for_call("sendMessage")
        office.server.faults.add(RESTART, times=2)
        await office.server.wait_for_call("sendMessage", number=2)
    assert [text[0] for text in office.texts(ann)] == ["x", "y"]


# Too fast


async def test_a_limited_chat_is_written_to_when_telegram_said_and_no_sooner(office: PostOffice) -> None:
    ann = office.private_chat()
    office.server.faults.add(too_many_requests(7), chat_id=ann.id)
    office.queue(ann, "A-1", "A-2")
    await office.send_all()
    first, second, _third = office.try_times(ann)
    assert second - first == 7
    assert office.texts(ann) == ["A-1", "A-2"]


async def test_a_refusal_as_too_fast_that_says_no_length_is_followed_by_growing_waits(
    office: PostOffice,
) -> None:
    ann, bob = office.private_chat("Ann"), office.private_chat("Bob")
    office.server.faults.add(RefusedError(429), chat_id=ann.id, times=3)
    office.queue(ann, "A-1")
    office.queue(bob, "A-1")
    await office.send_all()
    assert [later - sooner for sooner, later in pairwise(office.try_times(ann))] == [1, 2, 4]
    assert office.try_times(bob) == [pytest.approx(1 / TELEGRAM.per_second, abs=0.001)]


async def test_one_limited_chat_never_delays_another(office: PostOffice) -> None:
    ann, bob = office.private_chat("Ann"), office.private_chat("Bob")
    office.server.faults.add(too_many_requests(10_072), chat_id=ann.id)
    office.queue(ann, "A-1")
    for number in range(3):
        office.queue(bob, f"A-{number}")
    await office.send_all()
    assert office.try_times(bob)[-1] < 3
    assert office.try_times(ann)[-1] == pytest.approx(10_072, abs=1)
    assert office.texts(ann) == ["A-1"]


async def test_the_wait_of_a_limited_chat_outlives_a_restart(office: PostOffice) -> None:
    ann, bob = office.private_chat("Ann"), office.private_chat("Bob")
    office.server.faults.add(too_many_requests(3600), chat_id=ann.id)
    office.queue(ann, "A-1")
    async with office.open():
        await office.server.wait_for_call("sendMessage", ok=False)
    office.queue(bob, "A-1")
    await office.send_all()
    assert office.try_times(bob)[0] < 60
    assert office.try_times(ann)[1] == pytest.approx(3600, abs=1)


async def test_several_limited_chats_slow_everything_down(office: PostOffice) -> None:
    office.server.faults.add(too_many_requests(5), times=3)
    readers = office.private_chats(5)
    for reader in readers:
        office.queue(reader, "A-1")
    await office.send_all()
    times = sorted(time for reader in readers for time in office.try_times(reader))
    assert times[2] < 1
    assert times[3] >= 5
    assert min(later - sooner for sooner, later in pairwise(times[3:])) >= 2 / TELEGRAM.per_second - 0.001
    assert office.states() == {"sent": 5}


@pytest.mark.parametrize("model", [Window, Bucket])
async def test_three_hundred_chats_are_told_without_one_refusal(
    office: PostOffice, model: type[Window | Bucket]
) -> None:
    office.limit(model=model, penalty_s=5.0)
    group = office.place(ChatKind.SUPERGROUP)
    readers = [*office.private_chats(299), group]
    for alert in range(2):
        for reader in readers:
            office.queue(reader, f"A-{alert}")
    await office.send_all()
    assert office.refusals() == []
    assert all(office.texts(reader) == ["A-0", "A-1"] for reader in readers)
    last = max(call.at for call in office.calls())
    assert (last - START).total_seconds() == pytest.approx(600 / TELEGRAM.per_second, abs=0.1)


async def test_a_chat_with_much_to_read_is_told_at_its_own_speed(office: PostOffice) -> None:
    office.limit()
    ann, group = office.private_chat(), office.place(ChatKind.SUPERGROUP)
    texts = [f"A-{number}" for number in range(45)]
    office.queue(ann, *texts)
    office.queue(group, *texts)
    await office.send_all()
    assert office.refusals() == []
    assert office.texts(ann) == office.texts(group) == texts
    assert 45 <= office.try_times(ann)[-1] <= 48
    assert 120 <= office.try_times(group)[-1] <= 135


async def test_a_reply_that_was_refused_overtakes_what_waits_for_its_chat(office: PostOffice) -> None:
    ann = office.private_chat()
    office.queue(ann, "A-1", "A-2")
    office.queue(ann, "your status", kind="answer")
    await office.send_all()
    assert office.texts(ann) == ["your status", "A-1", "A-2"]


async def test_answers_on_other_ways_count_for_the_limit_of_their_chat(office: PostOffice) -> None:
    office.limit()
    ann, bob = office.private_chat("Ann"), office.private_chat("Bob")
    async with office.open() as dispatcher:
        await office.bot.send_message(ann.id, "an answer")
        dispatcher.note_reply(ann.id)
        office.queue(ann, "A-1")
        office.queue(bob, "A-1")
        dispatcher.wake()
        await office.server.wait_for_message(ann, "A-1")
    assert office.refusals() == []
    assert office.try_times(bob) == [0]
    assert office.try_times(ann)[-1] == 1.05


class Editor:
    """Somebody who always has one message more to edit. `refusals`: what Telegram says to the first ones."""

    def __init__(self, chat: Chat, log: list[str], *refusals: TelegramError) -> None:
        self.chat, self.log, self.left = chat, log, 4
        self.refusals = list(refusals)

    def claim(self, now: datetime, room: Room) -> Errand | None:  # noqa: ARG002  # the sender's own names
        if not self.left:
            return None
        self.left -= 1
        self.log.append("edit")

        async def call(_: Bot) -> None:
            if self.refusals:
                raise self.refusals.pop(0)

        return Errand("edit", self.chat.id, call, lambda *_: None)

    def next_due(self, now: datetime) -> datetime | None:  # noqa: ARG002  # as above
        return None


async def test_edits_go_after_alerts_and_take_every_second_slot_before_digests(office: PostOffice) -> None:
    log: list[str] = []
    office.spare = (Editor(office.private_chat("Board"), log),)
    for kind in ("broadcast", "digest", "digest", "brief", "alert", "answer"):
        office.queue(office.private_chat(), kind, kind=kind)
    plain_claim = outbox.claim

    def noted_claim(*args: Any, **more: Any) -> list[Delivery]:
        claimed = plain_claim(*args, **more)
        log.extend(delivery.kind for delivery in claimed)
        return claimed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "claim", noted_claim)
        await office.send_all()
    assert log == [
        *("answer", "alert"),
        *("edit", "digest", "edit", "digest", "edit", "brief", "edit", "broadcast"),
    ]


# Nobody there


@pytest.mark.parametrize(
    "words", ["bot was blocked by the user", "user is deactivated", "bot was kicked from the group chat"]
)
async def test_a_chat_that_is_gone_is_marked_and_left_alone(office: PostOffice, words: str) -> None:
    ann, bob = office.private_chat("Ann"), office.private_chat("Bob")
    office.server.faults.add(forbidden(words), chat_id=ann.id)
    office.queue(ann, "A-1", "A-2")
    office.queue(bob, "A-1")
    await office.send_all()
    row = chats.read_chat(office.db, ann.id)
    assert row is not None
    assert row.state == "blocked"
    assert words in str(row.reason).lower()
    assert len(office.calls(ann)) == 1
    assert office.states() == {"failed": 1, "queued": 1, "sent": 1}
    assert office.texts(bob) == ["A-1"]


async def test_a_chat_that_was_really_blocked_hears_the_rest_once_it_is_back(office: PostOffice) -> None:
    user = office.user("Ann")
    ann = office._known(office.server.telegram.private_chat(user))
    office.server.people.block(user)
    office.queue(ann, "A-1", "A-2")
    await office.send_all()
    office.server.people.unblock(user)
    chats.unblock(office.db, ann.id)
    await office.send_all()
    assert office.texts(ann) == ["A-2"]


async def test_a_chat_not_found_is_asked_three_times_before_it_is_gone(office: PostOffice) -> None:
    ann = office.private_chat()
    office.server.faults.add(bad_request("chat not found"), times=3)
    office.queue(ann, "A-1")
    await office.send_all()
    assert office.try_times(ann) == [0, 1, 3]
    row = chats.read_chat(office.db, ann.id)
    assert row is not None
    assert row.state == "blocked"


async def test_a_chat_not_found_for_a_moment_hears_everything(office: PostOffice) -> None:
    ann = office.private_chat()
    office.server.faults.add(bad_request("chat not found"), times=2)
    office.queue(ann, "A-1")
    await office.send_all()
    assert office.texts(ann) == ["A-1"]


async def test_a_migrated_group_is_followed_with_all_that_is_queued_for_it(office: PostOffice) -> None:
    group = office.place(ChatKind.GROUP)
    chats.subscribe(office.db, group.id, "verdict", "silent")
    office.queue(group, "A-1", "A-2")
    supergroup = office.server.people.migrate(group)
    await office.send_all()
    assert office.texts(supergroup) == ["A-1", "A-2"]
    assert chats.read_subscriptions(office.db, supergroup.id) == {"verdict": "silent"}
    assert chats.read_chat(office.db, group.id) is None
    assert len(office.calls(group)) == 1


async def test_a_channel_that_gives_no_rights_is_tried_again_after_an_hour(office: PostOffice) -> None:
    channel, ann = office.place(ChatKind.CHANNEL, role=Role.MEMBER), office.private_chat()
    office.queue(channel, "A-1")
    async with office.open() as dispatcher:
        await office.server.wait_for_call("sendMessage", ok=False)
        telegram = office.server.telegram
        telegram.change_role(channel, telegram.bot, Role.ADMINISTRATOR, telegram.bot)
        office.queue(ann, "A-1")
        dispatcher.wake()
        await office.server.wait_for_message(channel)
    assert office.try_times(channel)[1] == 3600
    assert office.states() == {"sent": 2}


@pytest.mark.parametrize(
    ("words", "line"),
    [("message thread not found", "is gone, so its alerts"), ("TOPIC_CLOSED", "is closed to me")],
)
async def test_what_was_meant_for_a_lost_topic_comes_to_the_chat_at_once_with_one_line(
    office: PostOffice, words: str, line: str
) -> None:
    forum = office.place(ChatKind.SUPERGROUP)
    chats.subscribe(office.db, forum.id, "verdict", "sound", thread_id=17)
    office.server.faults.add(bad_request(words), chat_id=forum.id)
    office.queue(forum, "A-1", "A-2", "A-3", thread_id=17)
    await office.send_all()
    first, *others = office.texts(forum)
    assert first.startswith("A-1\n\nThe topic that this was meant for")
    assert line in first
    assert others == ["A-2", "A-3"]
    assert [call.params.get("message_thread_id") for call in office.calls(forum)] == [17, None, None, None]
    assert office.try_times(forum)[1] < 1
    assert chats.read_subscriptions(office.db, forum.id) == {"verdict": "sound"}
    assert office.states() == {"sent": 3}


async def test_a_closed_general_topic_holds_the_chat_and_its_keepers_hear_of_it_once(
    office: PostOffice,
) -> None:
    forum, ann = office.place(ChatKind.SUPERGROUP, "Floor"), office.private_chat()
    keep(office.db, forum.id, ann.id)
    office.server.faults.add(bad_request("TOPIC_CLOSED"), chat_id=forum.id, times=2)
    office.queue(forum, "A-1")
    await office.send_all()
    assert office.try_times(forum) == [0, 3600, 7200]
    assert [text.split(",")[0] for text in office.texts(ann)] == ["I may not write in Floor"]
    assert office.texts(forum) == ["A-1"]


async def test_the_keepers_of_a_mute_channel_hear_of_it_again_after_a_day(office: PostOffice) -> None:
    channel, ann = office.place(ChatKind.CHANNEL, "News"), office.private_chat()
    keep(office.db, channel.id, ann.id)
    office.server.faults.add(bad_request("need administrator rights in the channel chat"), chat_id=channel.id)
    office.queue(channel, "A-1")
    await office.send_all()
    assert len(office.texts(ann)) == 1
    office.time.set(START + minutes(60 * 25))
    office.server.faults.add(bad_request("need administrator rights in the channel chat"), chat_id=channel.id)
    office.queue(channel, "A-2")
    await office.send_all()
    assert len(office.texts(ann)) == 2
    assert office.texts(channel) == ["A-1", "A-2"]


# Our bugs


@pytest.mark.parametrize(
    ("text", "shown"),
    [("5 < 6 &amp; <b>7", "5 < 6 & 7"), ("<blink>A-1</blink>", "A-1"), ("</b>A-1 &lt; A-2", "A-1 < A-2")],
)
async def test_broken_markup_arrives_as_plain_text_and_is_logged_as_a_bug(
    office: PostOffice, text: str, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    ann = office.private_chat()
    office.queue(ann, text, "next")
    await office.send_all()
    assert office.texts(ann) == [shown, "next"]
    [error] = errors_in(caplog.records)
    assert error.startswith("Bug in the text of delivery 1 (alert): BadRequest: Can't parse entities")


@pytest.mark.parametrize("text", ["", " \n "])
async def test_a_message_without_text_does_not_stop_its_chat(office: PostOffice, text: str) -> None:
    ann = office.private_chat()
    office.queue(ann, text, "next")
    await office.send_all()
    assert office.texts(ann) == ["next"]
    assert office.states() == {"failed": 1, "sent": 1}


async def test_a_delivery_that_trips_over_a_bug_stops_nothing_else(
    office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    ann = office.private_chat()
    office.queue(ann, "poison", buttons=[[{"label": "no text, no data"}]])
    office.queue(ann, "next")
    await office.send_all()
    assert office.texts(ann) == ["next"]
    assert list(errors_in(caplog.records)) == ["Bug: delivery 1 cannot be sent"]


# Telegram is away


async def test_a_temporary_error_is_retried_after_growing_waits(office: PostOffice) -> None:
    ann = office.private_chat()
    office.server.faults.add(RESTART, times=9)
    office.queue(ann, "A-1", "A-2")
    await office.send_all()
    waits = [later - sooner for sooner, later in pairwise(office.try_times(ann))]
    assert waits[:9] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert office.texts(ann) == ["A-1", "A-2"]


async def test_a_gateway_that_answers_for_telegram_delays_but_loses_nothing(office: PostOffice) -> None:
    ann = office.private_chat()
    office.server.faults.add(Mishap.BAD_GATEWAY, times=6)
    office.queue(ann, "A-1", "A-2")
    await office.send_all()
    assert office.texts(ann) == ["A-1", "A-2"]


async def test_nothing_is_lost_while_telegram_cannot_be_reached_and_it_is_said_once(
    office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    ann = office.private_chat()
    port = int(office.server.base_url.rsplit(":", 1)[1])
    await office.server.close()
    office.queue(ann, "A-1")
    async with office.open():
        await office.time.reach(START + minutes(10))
        await office.server.start(port=port)
        await office.server.wait_for_message(ann, "A-1")
    assert office.texts(ann) == ["A-1"]
    [error] = errors_in(caplog.records)
    assert error.startswith(
        "Telegram takes no messages at present: NetworkError: aiohttp.ClientConnectorError"
    )


async def test_a_connection_that_breaks_before_telegram_accepts_costs_nothing(office: PostOffice) -> None:
    ann = office.private_chat()
    office.server.faults.add(Mishap.DROP_BEFORE)
    office.queue(ann, "A-1")
    await office.send_all()
    assert office.texts(ann) == ["A-1"]


async def test_connections_that_break_for_an_hour_lose_no_alert(office: PostOffice) -> None:
    ann = office.private_chat()
    office.server.faults.add(Mishap.DROP_BEFORE, times=10)
    office.queue(ann, "A-1", "A-2", expires_at=office.time() + timedelta(hours=24))
    await office.send_all()
    assert office.texts(ann) == ["A-1", "A-2"]
    tries = office.try_times(ann)
    assert all(later - earlier < 601 for earlier, later in pairwise(tries))


async def test_an_alert_under_way_at_a_crash_survives_a_broken_connection_too(office: PostOffice) -> None:
    ann = office.private_chat()
    office.queue(ann, "A-1", expires_at=office.time() + timedelta(hours=24))
    assert outbox.claim(office.db, office.time(), limit=1)
    office.server.faults.add(Mishap.DROP_BEFORE)
    await office.send_all()
    assert office.texts(ann) == ["A-1"]


async def test_each_lost_answer_is_followed_by_one_repetition_and_ever_later(office: PostOffice) -> None:
    ann = office.private_chat()
    office.server.faults.add(Mishap.DROP_AFTER, times=3)
    office.queue(ann, "A-1", expires_at=office.time() + timedelta(hours=24))
    await office.send_all()
    assert office.texts(ann) == ["A-1"] * 4
    assert [round(later - earlier) for earlier, later in pairwise(office.try_times(ann))] == [1, 4, 16]


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "↻ Sent again: Telegram did not say whether it came the first time."),
        ("zh", "↻ 重发：Telegram 未确认上一条是否送达。"),
    ],
)
async def test_a_repeat_is_recognised_by_its_number_or_by_a_line_that_says_so(
    office: PostOffice, language: str, line: str
) -> None:
    """Whatever its kind: a number that nothing else has, and where there is none the line."""
    readers = {kind: office.private_chat(kind) for kind in KINDS}
    for kind, reader in readers.items():
        chats.set_language(office.db, reader.id, language)
        office.queue(reader, "Broken A-1", kind=kind)
    office.server.faults.add(Mishap.DROP_AFTER, times=len(readers))
    await office.send_all()
    numbered = {kind for kind, reader in readers.items() if office.texts(reader) == ["Broken A-1"] * 2}
    assert numbered == {"alert", "own", "digest"}
    for kind in KINDS.keys() - numbered:
        assert office.texts(readers[kind]) == ["Broken A-1", f"Broken A-1\n\n{line}"]


async def test_the_line_of_a_repeat_makes_no_message_too_long(office: PostOffice) -> None:
    ann = office.private_chat()
    office.queue(ann, "x" * 4096, kind="broadcast")
    office.server.faults.add(Mishap.DROP_AFTER)
    await office.send_all()
    assert office.texts(ann) == ["x" * 4096] * 2


async def test_an_answer_that_takes_too_long_is_followed_by_one_repetition(office: PostOffice) -> None:
    ann = office.private_chat()
    office.server.faults.add(Mishap.SLOW, delay_s=0.6)
    office.queue(ann, "A-1", "A-2")
    await office.send_all()
    assert office.texts(ann) == ["A-1", "A-1", "A-2"]
    assert office.states() == {"sent": 2}


async def test_who_gives_up_writes_nothing_down_any_more(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = asyncio.Event()

    def refuse(*_: object) -> None:
        tried.set()
        raise StorageError("the connection was lost")

    monkeypatch.setattr(outcomes, "_RETRY_SECONDS", 0.0)
    ann = office.private_chat()
    office.queue(ann, "A-1")
    async with office.open() as dispatcher:
        monkeypatch.setattr(outbox, "mark_sent", refuse)
        await tried.wait()
        dispatcher.give_up()
        async with asyncio.timeout(5):
            while dispatcher.in_flight:  # noqa: ASYNC110  # it is the dispatcher that is asked
                await asyncio.sleep(0)
    monkeypatch.undo()
    for _ in range(5):
        await asyncio.sleep(0.01)
    assert office.states() == {"sending": 1}


async def test_an_outcome_that_can_never_be_stored_holds_up_no_other(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outcomes, "_RETRY_SECONDS", 0.0)
    written = outbox.mark_sent

    def refuse_the_first(db: Database, delivery_id: int, message_id: int, at: datetime) -> None:
        if delivery_id == 1:
            raise StorageError("bot.db: the database is damaged")
        written(db, delivery_id, message_id, at)

    monkeypatch.setattr(outbox, "mark_sent", refuse_the_first)
    readers = office.private_chats(20)
    for reader in readers:
        office.queue(reader, "A-1")
    no_limits = Pace(Limits(per_second=math.inf, chat_gap=timedelta(0)))
    async with office.open(no_limits) as dispatcher:
        for reader in readers:
            await office.server.wait_for_message(reader, "A-1")
        async with asyncio.timeout(10):
            while "is set aside" not in caplog.text:
                office.queue(readers[-1], "A-2")
                dispatcher.wake()
                await asyncio.sleep(0.01)
    assert office.texts(readers[0]) == ["A-1"]
    assert office.states()["sending"] == 1
    assert list(errors_in(caplog.records))[-1] == (
        "What became of delivery 1 cannot be stored: it is set aside until the next start: "
        "bot.db: the database is damaged"
    )
    assert len(list(errors_in(caplog.records))) <= 2


# The token


async def test_one_odd_404_costs_two_seconds_and_no_message(office: PostOffice) -> None:
    readers = office.private_chats(3)
    for reader in readers:
        office.queue(reader, "A-1")
    office.server.faults.add(RefusedError(404))
    await office.send_all()
    assert office.states() == {"sent": 3}
    assert office.time() - START < seconds(3)


async def test_a_board_that_meets_one_odd_404_says_so_and_that_it_is_over(
    office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    """Else a bot that only edits boards would be called ill for minutes, and be started anew."""
    caplog.set_level("INFO", "bot.delivery.troubles")
    editor = Editor(office.private_chat("Board"), [], InvalidToken("Not Found"), BadRequest("odd"))
    office.spare = (editor,)
    health = (await office.send_all()).health()
    assert (health.refused_since, health.trouble) == (None, None)
    assert [each for each in caplog.messages if each.startswith("Telegram takes")] == [
        "Telegram takes no messages at present: InvalidToken: Not Found",
        "Telegram takes messages again",
    ]


async def test_a_refused_token_stops_sending_says_so_once_and_keeps_everything(
    office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    readers = office.private_chats(3)
    for reader in readers:
        office.queue(reader, "A-1")
    good_token, office.server._api.token = office.server._api.token, "7:changed"
    async with office.open() as dispatcher:
        await office.time.reach(START + minutes(11))
        trouble_then = dispatcher.troubles.present
        assert trouble_then == Failure(Trouble.BAD_TOKEN, "InvalidToken: Unauthorized")
        office.server._api.token = good_token
        for reader in readers:
            await office.server.wait_for_message(reader, "A-1")
    assert dispatcher.troubles.present is None
    assert office.states() == {"sent": 3}
    assert list(errors_in(caplog.records)) == [
        "Telegram takes no messages at present: InvalidToken: Unauthorized"
    ]
    assert good_token not in caplog.text
