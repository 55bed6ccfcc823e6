"""`/stop`, `/export` and `/forget` as answers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.commands.buttons import changes_settings, press
from bot.commands.table import answer
from bot.desk import Desk
from bot.playground.entities import utf16_units
from bot.playground.formatting import MAX_CAPTION_UNITS, MAX_TEXT_UNITS
from bot.playground.markup import parse_html
from bot.words.answer import Answer, Place
from storage import chats, outbox
from storage.chats import ChatKind, read_chat
from storage.hearers import zones_in_use
from storage.outbox import Delivery
from tests.bot.desks import FRAGILE, NOW, ask_of, market_of_two_days, new_desk
from tests.storage.every_table import fill

ALICE, OTHER = 1001, 2002


@pytest.fixture
def desk() -> Iterator[Desk]:
    with new_desk(market_of_two_days()) as desk:
        desk.standings = FRAGILE
        ask_of(desk)
        yield desk


def shown(said: Answer) -> str:
    return parse_html(said.text).text


async def ask(desk: Desk, line: str, language: str = "en", kind: ChatKind = "private") -> Answer:
    name, *args = line.split()
    question = ask_of(desk, *args, language=language)
    return await answer(replace(question, chat=replace(question.chat, kind=kind)), name)


def labels(said: Answer) -> list[str]:
    return [button.text for row in said.buttons for button in row]


def deliver(desk: Desk, chat_id: int = ALICE) -> None:
    outbox.enqueue(desk.db, [Delivery(chat_id=chat_id, kind="alert", text="news", created_at=NOW)])


@pytest.mark.parametrize("data", ["stop", "stop:off", "export", "forget", "forget:yes", "here:forget:no"])
def test_in_groups_all_of_it_is_for_administrators(data: str) -> None:
    assert changes_settings(data)


# /stop


async def test_a_pause_keeps_what_was_chosen_and_start_ends_it(desk: Desk) -> None:
    woken: list[bool] = []
    desk.wake = lambda: woken.append(True)
    chats.subscribe(desk.db, ALICE, "verdict", "sound")
    chats.subscribe(desk.db, ALICE, "premium", "silent")
    assert shown(await ask(desk, "stop")).startswith("Paused: nothing is sent")
    deliver(desk)
    assert outbox.claim(desk.db, NOW, 9) == []
    assert zones_in_use(desk.db) == []

    greeting = shown(await ask(desk, "start"))

    assert greeting.splitlines()[0] == "Resumed. This chat hears again of: Verdict, US premium"
    assert [delivery.text for delivery in outbox.claim(desk.db, NOW, 9)] == ["news"]
    assert woken
    assert "Resumed" not in shown(await ask(desk, "start"))


async def test_commands_are_answered_in_a_pause_and_do_not_end_it(desk: Desk) -> None:
    await ask(desk, "stop")
    assert "Fragile" in shown(await ask(desk, "status"))
    chat = read_chat(desk.db, ALICE)
    assert chat is not None
    assert (chat.state, chat.reason) == ("paused", "/stop")


async def test_in_a_group_a_pause_ends_by_its_button(desk: Desk) -> None:
    await ask(desk, "stop")
    said = await ask(desk, "start", kind="supergroup")
    assert shown(said).startswith("This chat is paused")
    assert labels(said)[0] == "Resume"
    resumed = await press(ask_of(desk), said.buttons[0][0].data)
    assert shown(resumed) == "Resumed. This chat hears of nothing yet: /subscribe"
    assert "paused" not in shown(await ask(desk, "start", kind="supergroup"))


# /export


def exported(said: Answer) -> dict[str, Any]:
    assert said.document is not None
    found: dict[str, Any] = json.loads(said.document.content)
    return found


@pytest.mark.parametrize(("language", "named"), [("en", "Everything stored"), ("zh", "全部已存数据")])
async def test_an_export_is_a_document_that_says_what_it_is(desk: Desk, language: str, named: str) -> None:
    chats.subscribe(desk.db, ALICE, "verdict", "sound")
    deliver(desk)
    said = await ask(desk, "export", language)
    assert named in shown(said)
    assert utf16_units(shown(said)) <= MAX_CAPTION_UNITS
    assert said.document is not None
    assert said.document.name == "aftershock-1001-2025-11-03.json"
    found = exported(said)
    assert (found["chat_id"], found["made_at"]) == (ALICE, "2025-11-03T20:14:00Z")
    about = found["about_this_chat"]
    assert about["chats"][0]["created_at"] == "2025-11-03T20:14:00Z"
    assert about["subscriptions"][0]["topic"] == "verdict"
    assert (about["outbox"][0]["text"], about["outbox"][0]["state"]) == ("news", "queued")


async def test_an_export_holds_nothing_of_others_and_all_of_ones_own() -> None:
    with new_desk() as desk:
        question = ask_of(desk)
        fill(desk.db, (ALICE, OTHER), person_id=ALICE)
        found = exported(await answer(question, "export"))
    assert all(rows for table, rows in found["about_this_chat"].items() if table != "inbox")
    assert len(found["elsewhere"]["levels"]) == 2
    assert str(OTHER) not in json.dumps(found["about_this_chat"])


# /forget


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_it_asks_first_and_says_what_would_go(desk: Desk, language: str) -> None:
    chats.subscribe(desk.db, ALICE, "verdict", "sound")
    for _ in range(1_200):
        deliver(desk)
    said = await ask(desk, "forget", language)
    assert "1,202" in shown(said)
    assert "outbox" not in shown(said), "the names of our tables say nothing to people"
    assert len(labels(said)) == 2
    assert utf16_units(shown(said)) <= MAX_TEXT_UNITS
    kept = await press(ask_of(desk), said.buttons[0][1].data)
    assert kept.place is Place.INSTEAD
    assert chats.read_subscriptions(desk.db, ALICE) == {"verdict": "sound"}


async def test_what_is_confirmed_is_deleted_and_the_chat_is_as_new(desk: Desk) -> None:
    chats.ensure_chat(desk.db, OTHER, "private", "Bob", NOW)
    for chat_id in (ALICE, OTHER):
        chats.subscribe(desk.db, chat_id, "verdict", "sound")
        deliver(desk, chat_id)
    chats.mute(desk.db, ALICE, NOW + timedelta(hours=8))
    said = await ask(desk, "forget")
    done = await press(ask_of(desk), said.buttons[0][0].data)
    assert shown(done).startswith("Done: 3 entries deleted")
    assert read_chat(desk.db, ALICE) is None
    assert [delivery.chat_id for delivery in outbox.claim(desk.db, NOW, 9)] == [OTHER]
    assert shown(await ask(desk, "mute")).startswith("Not muted")
