"""Rules of many chats that have something to say in one look: in goes, with the loop free in between."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from bot.delivery.split import plain
from bot.own.backlog import MOST_AT_ONCE
from storage import chats, own_alerts
from storage.database import StorageError
from tests.bot.desks import NOW
from tests.bot.own_shop import ANN, GROUP, HOUR, MINUTE, Shop, shops


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    with shops(tmp_path) as start:
        yield start


@dataclass
class Crowd:
    """Many chats with the same rule, and what each of them was told."""

    shop: Shop
    chats: range

    def told(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for chat, text in self.shop.db.rows(
            "SELECT chat_id, text FROM deliveries WHERE kind = 'own' ORDER BY id"
        ):
            found.setdefault(chat, []).append(plain(text).splitlines()[0])
        return found

    def tell_all(self) -> int:
        """The rest of what a look had no time for; in how many goes."""
        goes = 0
        while self.shop.own.tell_some():
            goes += 1
        return goes


def crowded(shop: Shop, count: int, text: str = "btc < 105000 expires never") -> Crowd:
    shop.trades_at(106_000)
    with shop.db.transaction():
        for chat in (found := range(1_000, 1_000 + count)):
            chats.ensure_chat(shop.db, chat, "private", "Reader", NOW)
            shop.arm(text, chat)
    shop.trades_at(106_000)
    return Crowd(shop, found)


async def test_where_a_crowd_fires_at_once_the_loop_goes_on_and_everybody_is_told_once(opened):
    crowd = crowded(opened(), 2 * MOST_AT_ONCE + 7)
    turns: list[int] = []
    all_told = asyncio.Event()

    async def turn() -> None:
        while True:
            turns.append(len(crowd.told()))
            if turns[-1] == len(crowd.chats):
                all_told.set()
            await asyncio.sleep(0)

    turning, telling = asyncio.create_task(turn()), asyncio.create_task(crowd.shop.own.run())
    crowd.shop.trades_at(104_000)
    await all_told.wait()
    for task in (turning, telling):
        task.cancel()
    assert set(turns) == {MOST_AT_ONCE, 2 * MOST_AT_ONCE, len(crowd.chats)} | {turns[0]}
    assert crowd.told() == {chat: ["🔔 BTC below 105,000: 104,000 now"] for chat in crowd.chats}
    assert {crowd.shop.rule(id_).state for id_ in range(1, len(crowd.chats) + 1)} == {"done"}
    assert crowd.shop.woken == 3


def told_by(folder: Path) -> list[tuple[object, ...]]:
    """What several threads hear of several rules that fire in one look."""
    with shops(folder) as opened:
        shop = opened()
        shop.trades_at(106_000)
        texts = ("btc < 105000 expires never", "btc < 104500 repeat expires never", "btc < 105500 for 1m")
        for chat, thread, text in product((ANN, GROUP), (0, 5), texts):
            shop.arm(text, chat, thread)
        shop.trades_at(106_000)
        shop.trades_at(104_000, 104_000, look=False)
        shop.own.look()
        while shop.own.tell_some():
            pass
        return shop.db.rows("SELECT chat_id, thread_id, text, buttons, silent FROM deliveries ORDER BY id")


def test_a_crowd_is_told_the_same_in_goes_as_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for folder in (one := tmp_path / "one", other := tmp_path / "other"):
        folder.mkdir()
    at_once = told_by(one)
    monkeypatch.setattr("bot.own.backlog.MOST_AT_ONCE", 1)
    assert told_by(other) == at_once
    assert [(chat, thread) for chat, thread, *_ in at_once] == [(GROUP, 0), (GROUP, 5), (ANN, 0), (ANN, 5)]


def test_who_is_muted_or_deletes_a_rule_before_its_turn_is_not_told(opened):
    crowd = crowded(shop := opened(), MOST_AT_ONCE + 3)
    shop.trades_at(104_000)
    muted, deleted, last = crowd.chats[-3:]
    chats.mute(shop.db, muted, shop.now + HOUR)
    [rule] = [own.id for own in own_alerts.list_own(shop.db, deleted)]
    own_alerts.delete_own(shop.db, deleted, rule)
    assert crowd.tell_all() == 1
    assert set(crowd.told()) == {*crowd.chats[:MOST_AT_ONCE], last}
    shop.passes(HOUR)
    assert crowd.told()[muted] == ["🔔 BTC below 105,000: 104,000 at 3 Nov 20:17 UTC"]


def test_a_go_that_cannot_be_stored_is_told_by_the_next_look_even_after_a_restart(opened, monkeypatch):
    crowd = crowded(shop := opened(), MOST_AT_ONCE + 3)
    shop.trades_at(104_000)
    with monkeypatch.context() as broken:

        def full(*_: object) -> None:
            raise StorageError("disk full")

        broken.setattr("bot.own.backlog.enqueue", full)
        assert not shop.own.tell_some()
    assert len(crowd.told()) == MOST_AT_ONCE
    crowd.shop = opened(shop.now)
    crowd.shop.own.look()
    assert crowd.told() == {chat: ["🔔 BTC below 105,000: 104,000 now"] for chat in crowd.chats}


@pytest.mark.parametrize(
    ("text", "length", "line"),
    [
        ("btc < 105000 until 2025-11-03T20:30Z", HOUR, "is over, its time is up: BTC below 105,000"),
        ("btc < 105000 expires never", 7 * HOUR, "cannot be judged since"),
    ],
    ids=["over", "blind"],
)
def test_a_crowd_whose_rules_are_over_or_rest_is_told_in_goes_too(opened, text, length, line):
    crowd = crowded(shop := opened(), 2 * MOST_AT_ONCE + 7, text)
    shop.passes(length)
    assert len(crowd.told()) == MOST_AT_ONCE
    # What was not told yet is found again, by another look and after a restart.
    shop.passes(MINUTE)
    assert len(crowd.told()) == 2 * MOST_AT_ONCE
    crowd.shop = opened(shop.now)
    crowd.shop.own.look()
    assert crowd.tell_all() == 0
    assert [len(told) for told in crowd.told().values()] == [1] * len(crowd.chats)
    assert all(line in told for [told] in crowd.told().values())


def test_a_rule_that_gets_more_time_before_it_is_said_to_be_over_goes_on(opened):
    crowd = crowded(shop := opened(), MOST_AT_ONCE + 3, "btc < 105000 until 2025-11-03T20:30Z")
    shop.passes(HOUR)
    longer, deleted, paused = (
        own.id for chat in crowd.chats[-3:] for own in own_alerts.list_own(shop.db, chat)
    )
    own_alerts.reword(shop.db, longer, "btc < 105000 expires never", None)
    own_alerts.delete_own(shop.db, crowd.chats[-2], deleted)
    own_alerts.set_state(shop.db, paused, "paused")
    crowd.tell_all()
    assert set(crowd.told()) == set(crowd.chats[:MOST_AT_ONCE])
    assert [shop.rule(id_).state for id_ in (longer, paused)] == ["armed", "paused"]
    shop.trades_at(106_000, 104_000)
    assert crowd.told()[crowd.chats[-3]] == ["🔔 BTC below 105,000: 104,000 now"]
