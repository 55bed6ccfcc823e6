"""Two processes on one file: what one of them changes reaches the other."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.delivery.pace import Pace
from bot.desk import Desk
from bot.own.alerts import OwnAlerts
from bot.settings import Settings
from bot.shared.following import Following
from bot.shared.heeding import Heeding
from bot.shared.messenger import Messenger
from bot.tasks import doing
from signals.coins import Coin
from signals.facts import BINANCE_BTC, Candle, EtfFlow, Instrument, Quote
from signals.levels import Band, Levels, LevelsSet
from signals.market import QUOTES
from signals.verdict import VERDICT
from storage import own_alerts
from storage.chats import ensure_chat, read_chat
from storage.coins import save_coin
from storage.database import StorageError, open_database
from storage.heartbeat import record_beat
from storage.market import save_facts
from storage.nudges import nudge
from storage.standings import save_standings
from tests.bot.desks import FRAGILE, NOW

MINUTE = timedelta(minutes=1)
ANN, GROUP = 7, -100
SOL = Instrument("binance", "SOL/USDT")
LEVELS = Levels(Band(105_000, 107_000), 103_000, Band(109_000, 111_000))


class Hands:
    """The clock of both processes."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def desks(tmp_path: Path, hands: Hands) -> Iterator[tuple[Desk, Desk]]:
    """The leader's desk, and that of a web process."""
    with ExitStack() as stack:
        leader, web = (
            Desk(stack.enter_context(closing(open_database(tmp_path / "shared.db"))), Settings(), hands)
            for _ in range(2)
        )
        yield leader, web


def trades(desk: Desk, hands: Hands, price: float, instrument: Instrument = BINANCE_BTC) -> None:
    """The leader looks at the market."""
    hands.now += MINUTE
    facts = [Quote(instrument, hands.now, price, price, hands.now)]
    save_facts(desk.db, facts)
    record_beat(desk.db, hands.now)
    desk.market = desk.market.add(facts)


async def test_a_desk_that_follows_knows_what_the_leader_has_stored(desks, hands) -> None:
    leader, web = desks
    trades(leader, hands, 106_000)
    following = Following(web)
    await following.load()
    flow = EtfFlow("BTC", NOW.date(), "farside", -186.5e6, NOW)
    for price in (105_500, 105_000):
        save_facts(leader.db, [flow, LevelsSet(LEVELS, hands.now, set_by=ANN)])
        trades(leader, hands, price)
        save_standings(leader.db, FRAGILE)
        await following.refresh()
        assert web.market.track(BINANCE_BTC, QUOTES).price[-1] == price
    assert web.standings[VERDICT].state == "fragile"
    # What comes as a whole each time is not there twice.
    assert [len(web.market.flows["BTC"]), len(web.market.levels)] == [1, 2]
    assert len(web.market.track(BINANCE_BTC, QUOTES)) == 3


async def test_nothing_is_read_while_the_leader_has_not_looked(desks, hands) -> None:
    leader, web = desks
    trades(leader, hands, 106_000)
    following = Following(web)
    await following.load()
    before = web.market
    await following.refresh()
    assert web.market is before


async def test_that_nobody_watches_is_said_once(desks, hands, caplog) -> None:
    leader, web = desks
    trades(leader, hands, 106_000)
    following = Following(web)
    await following.load()
    for minutes in (2, 2, 2):
        hands.now += minutes * MINUTE
        await following.refresh()
    assert caplog.text.count("nobody watches the markets") == 1
    trades(leader, hands, 106_000)
    await following.refresh()
    hands.now += 4 * MINUTE
    await following.refresh()
    assert caplog.text.count("nobody watches the markets") == 2


async def test_a_bar_that_was_filled_in_after_a_pause_of_the_leader_is_seen(desks, hands) -> None:
    leader, web = desks
    trades(leader, hands, 106_000)
    following = Following(web)
    await following.load()
    hands.now += timedelta(hours=9)
    step = timedelta(minutes=5)
    bar = Candle(BINANCE_BTC, step, hands.now - timedelta(hours=8), 1.0, 1.0, 1.0, 1.0, 1.0)
    save_facts(leader.db, [bar])
    trades(leader, hands, 105_000)
    await following.refresh()
    assert len(web.market.track(BINANCE_BTC, step)) == 1


async def test_a_rule_about_a_new_coin_that_is_armed_in_one_process_fires_in_the_other(desks, hands) -> None:
    leader, web = desks
    own = OwnAlerts(leader, lambda: None)
    own.look()
    ensure_chat(web.db, ANN, "private", "Ann", NOW)
    save_coin(web.db, Coin("SOL", SOL, "SOLUSDT"))
    save_facts(
        web.db, [Candle(SOL, timedelta(minutes=15), NOW - timedelta(minutes=15), 160, 160, 160, 160, 1.0)]
    )
    rule = own_alerts.draft(web.db, ANN, 0, "sol < 150", None, made_by=ANN, now=NOW)
    own_alerts.set_state(web.db, rule, "armed")
    trades(leader, hands, 155, SOL)
    assert own.look() == 0
    assert leader.coins.polled == {"SOL"}
    trades(leader, hands, 149, SOL)
    assert own.look() == 1
    following = Following(web)
    await following.load()
    assert web.coins.polled == {"SOL"}


def test_a_nudge_is_heeded_once_and_the_first_look_heeds_all_that_ever_were(desks) -> None:
    leader, web = desks
    done: list[str] = []
    nudge(web.db, "levels")
    heeding = Heeding(
        leader.db, {"work": lambda: done.append("work"), "levels": lambda: done.append("levels")}
    )
    heeding.look()
    assert done == ["levels"]
    Messenger(web.db, web.clock).wake()
    Messenger(web.db, web.clock).wake()
    heeding.look()
    heeding.look()
    assert done == ["levels", "work"]


def test_levels_that_an_operator_sets_are_nudged_with_them(desks) -> None:
    leader, web = desks
    done: list[str] = []
    heeding = Heeding(leader.db, {"levels": lambda: done.append("levels")})
    web.set_levels(LevelsSet(LEVELS, NOW, set_by=ANN))
    heeding.look()
    assert done == ["levels"]


def test_what_a_web_process_says_counts_in_its_chat_for_everybody(desks) -> None:
    leader, web = desks
    ensure_chat(web.db, ANN, "private", "Ann", NOW)
    ensure_chat(web.db, GROUP, "group", "Desk", NOW)
    messenger = Messenger(web.db, web.clock, Pace())
    messenger.note_reply(ANN)
    chat = read_chat(leader.db, ANN)
    assert chat is not None
    assert chat.not_before == NOW + Pace().chat_gap
    for _ in range(20):
        messenger.note_reply(GROUP)
    group = read_chat(leader.db, GROUP)
    assert group is not None
    assert group.not_before is not None
    assert group.not_before > NOW + MINUTE


async def test_a_database_that_is_away_is_told_of_once_by_those_who_look_again_and_again(
    desks, caplog, monkeypatch
) -> None:
    caplog.set_level("INFO")
    _, web = desks
    following_looks, heeding_looks = Rounds(), Rounds()
    following, heeding = Following(web), Heeding(web.db, {})
    monkeypatch.setattr(following, "refresh", following_looks.awaited)
    monkeypatch.setattr(heeding, "look", heeding_looks)
    monkeypatch.setattr("bot.shared.following.REFRESHED_EVERY", timedelta(0))
    monkeypatch.setattr("bot.shared.heeding.LOOKS_EVERY", timedelta(0))
    async with doing(following.run(), heeding.run()), asyncio.timeout(10):
        await following_looks.over.wait()
        await heeding_looks.over.wait()
    assert sorted(caplog.messages) == [
        "What other processes change cannot be read: db: away",
        "What other processes change is read again",
        "What the leader has stored cannot be read: db: away",
        "What the leader has stored is read again",
    ]


class Rounds:
    """A look that fails three times and is well from then on."""

    def __init__(self) -> None:
        self.count, self.over = 0, asyncio.Event()

    def __call__(self) -> None:
        self.count += 1
        if self.count <= 3:
            raise StorageError("db: away")
        if self.count == 6:
            self.over.set()

    async def awaited(self) -> None:
        self()
