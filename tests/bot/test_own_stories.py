"""Own alerts over HTTP: made on a phone, shown, changed, saved; they fire and go, in both languages."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.app import Bot
from bot.charts.picture import Drawable
from bot.playground.cast import Cast, gather_cast
from bot.playground.chats import Chat
from bot.playground.journal import CallRecord
from bot.playground.messages import Message
from bot.playground.play import UNLIMITED
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from bot.words.texts import every_language
from signals.facts import BINANCE_BTC, Quote
from storage import own_alerts
from storage.own_alerts import OwnAlert
from storage.standings import save_standings
from tests.bot.desks import FRAGILE, market_of_two_days, new_desk
from tests.bot.watched import Clock
from tests.playground.stage import new_playground, picture


@dataclass
class Stage:
    server: PlaygroundServer
    cast: Cast
    bot: Bot
    clock: Clock

    def say(self, text: str, who: str = "alice", where: Chat | None = None, **more: object) -> Message:
        person = getattr(self.cast, who)
        return self.server.people.say(person, where or self.server.telegram.bot, text, **more)  # type: ignore[arg-type]  # as it comes

    async def hears(self, containing: str, where: str | Chat | User = "alice") -> Message:
        place = getattr(self.cast, where) if isinstance(where, str) else where
        return await self.server.wait_for_message(place, containing)

    async def presses(self, message: Message, button: str, who: str = "alice") -> CallRecord:
        """A press, once it is answered."""
        answered = len(self.server.calls)
        self.server.people.press(getattr(self.cast, who), message, button)
        await self.server.wait_for(
            lambda: any(c.method == "answerCallbackQuery" for c in self.server.calls[answered:])
        )
        return next(c for c in self.server.calls[answered:] if c.method == "answerCallbackQuery")

    async def becomes(self, message: Message, containing: str) -> None:
        """A message is edited."""
        await self.server.wait_for(lambda: containing in message.text)

    def trades_at(self, *prices: float) -> None:
        """BTC trades at these prices, a minute each, all of them judged."""
        for price in prices:
            self.clock.now += timedelta(minutes=1)
            now = self.clock.now
            self.bot.watch.see([Quote(BINANCE_BTC, now, price, price, now)])

    def own(self, id_: int, where: str | Chat = "alice") -> OwnAlert:
        place = getattr(self.cast, where) if isinstance(where, str) else where
        found = own_alerts.read_own(self.bot.desk.db, place.id, id_)
        assert found
        return found


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    async with new_playground() as server:
        with new_desk(market_of_two_days()) as desk:
            cast, clock = gather_cast(server.people), Clock()
            desk.clock = clock
            save_standings(desk.db, FRAGILE)
            bot = Bot(desk, server.token, server.base_url, limits=UNLIMITED)
            # A process that draws takes seconds to start; one story has it draw.
            desk.draw = draw_nothing
            bot.watch.resume()
            bot.watch.judge()
            async with bot.online():
                await server.wait_for_call("setMyShortDescription", number=len(every_language()))
                yield Stage(server, cast, bot, clock)
        assert server.violations == []


async def draw_nothing(_: Drawable) -> bytes:
    return picture(10, 10)


async def made(stage: Stage, rule: str = "btc < 105000", who: str = "alice") -> Message:
    """A rule is previewed and saved; the message that says so."""
    stage.say(f"/alert {rule}", who)
    english = who == "alice"
    preview = await stage.hears("I understood" if english else "理解为", who)
    await stage.presses(preview, "Save" if english else "保存", who)
    await stage.becomes(preview, "Saved as R-" if english else "已保存为 R-")
    stage.bot.watch.judge()
    return preview


async def test_a_rule_is_shown_saved_fires_once_and_can_be_had_again(stage: Stage):
    stage.bot.desk.draw = stage.bot.workshop.draw
    stage.say("/alert btc < 105000")
    preview = await stage.hears("I understood: tell this chat when BTC is below 105,000 · once")
    assert preview.media
    assert "would not have fired" in preview.text
    assert "Now: BTC 106,928" in preview.text
    stage.trades_at(104_000, 106_500)
    assert not [m for m in stage.server.sent(stage.cast.alice) if "🔔" in m.text]
    await stage.presses(preview, "Save")
    await stage.becomes(preview, "Saved as R-1: BTC below 105,000 · once")
    stage.trades_at(106_400, 105_001, 104_980, 106_900, 104_000)
    alert = await stage.hears("🔔 BTC below 105,000: 104,980 now")
    assert "R-1 · no. 1" in alert.text
    assert stage.own(1).state == "done"
    await stage.presses(alert, "Again")
    await stage.hears("R-1 is running: BTC below 105,000")
    # It is below already: it has to come back first.
    stage.trades_at(103_900, 106_000, 104_500)
    again = await stage.hears("🔔 BTC below 105,000: 104,500 now")
    assert "no. 2" in again.text
    alerts = [m for m in stage.server.sent(stage.cast.alice) if "🔔" in m.text]
    assert len(alerts) == 2


async def test_a_preview_is_changed_by_buttons_before_it_is_saved(stage: Stage):
    stage.say("/alert btc < 105000")
    preview = await stage.hears("I understood")
    await stage.presses(preview, "Change")
    await stage.becomes(preview, "/alert btc < 105000")
    await stage.presses(preview, "▼ 104,000")
    await stage.becomes(preview, "BTC below 104,000")
    await stage.server.wait_for_call("editMessageMedia")
    await stage.presses(preview, "Repeating")
    await stage.becomes(preview, "at each crossing")
    await stage.presses(preview, "7 d")
    await stage.becomes(preview, "until 10 Nov 20:14 UTC")
    await stage.presses(preview, "Save")
    await stage.becomes(
        preview, "Saved as R-1: BTC below 104,000 · at each crossing · until 10 Nov 20:14 UTC"
    )
    stage.trades_at(104_500, 103_900, 106_000, 103_800)
    first = await stage.hears("103,900 now")
    await stage.hears("103,800 now")
    await stage.presses(first, "Pause")
    await stage.hears("R-1 is paused")
    stage.trades_at(106_000, 103_700)
    assert stage.own(1).fired == 2


async def test_nothing_is_left_of_a_preview_that_is_cancelled(stage: Stage):
    stage.say("/alert btc < 105000")
    preview = await stage.hears("I understood")
    await stage.presses(preview, "Cancel")
    await stage.becomes(preview, "Not saved: BTC below 105,000")
    assert own_alerts.read_own(stage.bot.desk.db, stage.cast.alice.id, 1) is None
    stage.trades_at(104_000)
    assert not [m for m in stage.server.sent(stage.cast.alice) if "🔔" in m.text]


async def test_rules_are_listed_paused_resumed_and_deleted(stage: Stage):
    await made(stage)
    await made(stage, "btc > 120000 repeat")
    stage.say("/alerts")
    board = await stage.hears("Own alerts here: 2")
    await stage.presses(board, "Pause R-1")
    await stage.becomes(board, "R-1 paused · BTC below 105,000")
    await stage.presses(board, "Resume R-1")
    await stage.becomes(board, "R-1 running")
    await stage.presses(board, "here:alerts:delete:2:list")
    await stage.becomes(board, "Delete R-2? BTC above 120,000")
    await stage.presses(board, "Keep")
    await stage.becomes(board, "Own alerts here: 2")
    await stage.presses(board, "here:alerts:delete:2:list")
    await stage.becomes(board, "Delete R-2?")
    await stage.presses(board, "here:alerts:delete:2:yes")
    await stage.becomes(board, "R-2 is deleted")
    assert "/alert btc > 120000 repeat" in board.text
    stage.say("/alerts off 1")
    await stage.hears("R-1 is paused")
    stage.say("/alerts off 9")
    await stage.hears("There is no R-9 in this chat")
    stage.say("/alerts sing 1")
    await stage.hears("I did not understand sing")


async def test_a_chinese_reader_makes_and_hears_it_in_chinese(stage: Stage):
    await made(stage, "btc < 10.5万", "xiaolin")
    stage.trades_at(106_000, 104_980)
    alert = await stage.hears("🔔 BTC 低于 105,000：现为 104,980", "xiaolin")
    assert "R-1 · 第 1 次" in alert.text
    stage.say("/alert btc << 5", "xiaolin")
    await stage.hears("没看懂 <<", "xiaolin")
    stage.say("/alerts", "xiaolin")
    await stage.hears("本聊天的自定义提醒：1 条", "xiaolin")


async def test_plain_words_are_shown_before_anything_is_saved(stage: Stage):
    stage.say("tell me when bitcoin falls below 100k")
    await stage.hears("I understood: tell this chat when BTC is below 100,000")
    stage.say("比特币跌破10万提醒我", "xiaolin")
    await stage.hears("理解为：满足“BTC 低于 100,000”时提醒本聊天", "xiaolin")
    assert own_alerts.count_armed(stage.bot.desk.db) == 0


async def test_a_threshold_that_is_missing_is_asked_for(stage: Stage):
    stage.say("tell me when bitcoin crashes")
    asked = await stage.hears("I understood BTC, but I do not guess the number")
    assert "/alert btc < 105000" in asked.text
    stage.say("tell me when bitcoin drops 5%")
    asked = await stage.hears("but not over which time")
    assert "/alert btc 24h < -5%" in asked.text
    stage.say("比特币创新低提醒我", "xiaolin")
    asked = await stage.hears("不知道是多长时间内的新低或新高", "xiaolin")
    assert "/alert btc new low 7d" in asked.text


async def test_in_a_group_members_may_look_and_administrators_change(stage: Stage):
    group = stage.cast.night_desk
    stage.say("/alert btc < 105000", "xiaolin", group)
    await stage.hears("只有管理员", group)
    stage.say("/alert btc < 105000", "alice", group)
    preview = await stage.hears("I understood", group)
    refused = await stage.presses(preview, "Save", "xiaolin")
    assert str(refused.params["text"]).startswith("这里只有管理员")
    assert stage.own(1, group).state == "draft"
    await stage.presses(preview, "Save")
    await stage.becomes(preview, "Saved as R-1")
    stage.say("/alerts", "xiaolin", group)
    board = await stage.hears("自定义提醒：1 条", group)
    refused = await stage.presses(board, "暂停 R-1", "xiaolin")
    assert str(refused.params["text"]).startswith("这里只有管理员")
    stage.trades_at(106_000, 104_900)
    alert = await stage.hears("🔔 BTC below 105,000", group)
    await stage.presses(alert, "Chart", "xiaolin")
    await stage.hears("R-1 · BTC 低于 105,000 · 近 30 天", group)


async def test_a_rule_of_a_topic_lives_and_rings_there(stage: Stage):
    floor, topic = stage.cast.trading_floor, stage.cast.alerts.id
    stage.say("/alert btc < 105000", "alice", floor, thread=topic)
    preview = await stage.hears("I understood", floor)
    await stage.presses(preview, "Save")
    await stage.becomes(preview, "Saved as R-1")
    stage.bot.watch.judge()
    stage.say("/alerts", "alice", floor)
    await stage.hears("No own alerts here yet", floor)
    stage.trades_at(106_000, 104_900)
    alert = await stage.hears("🔔 BTC below 105,000", floor)
    assert alert.thread_id == preview.thread_id == topic


async def test_in_a_group_plain_words_count_only_when_said_to_the_bot(stage: Stage):
    group, people = stage.cast.night_desk, stage.server.people
    stage.say("/alerts", "alice", group)
    board = await stage.hears("No own alerts here yet", group)
    people.add_bot(group, stage.cast.alice, role=group.role(stage.cast.alice).ADMINISTRATOR)
    stage.say("tell me when bitcoin falls below 100k", "alice", group)
    stage.say("tell me when bitcoin falls below 100k", "alice", group, reply_to=board)
    await stage.hears("I understood", group)
    stage.say("@aftershock_bot tell me when bitcoin falls below 100k", "xiaolin", group)
    await stage.hears("只有管理员", group)
    understood = [m for m in stage.server.sent(group) if "I understood" in m.text]
    assert len(understood) == 1


async def test_rules_that_fire_together_are_one_message(stage: Stage):
    await made(stage, "btc < 105000")
    await made(stage, "btc < 104500 repeat")
    stage.trades_at(106_000, 104_000)
    alert = await stage.hears("🔔 BTC below 105,000: 104,000 now")
    assert "🔔 BTC below 104,500: 104,000 now" in alert.text
    assert len([m for m in stage.server.sent(stage.cast.alice) if "🔔" in m.text]) == 1
    await stage.presses(alert, "My alerts")
    await stage.hears("Own alerts here: 2")


async def test_a_muted_chat_is_not_told_and_finds_it_in_its_list(stage: Stage):
    await made(stage)
    stage.say("/mute 2h")
    await stage.hears("Muted until")
    stage.trades_at(106_000, 104_000)
    stage.say("/alerts")
    board = await stage.hears("Own alerts here: 1")
    assert "R-1 done" in board.text
    assert "fired 3 Nov 20:16 UTC" in board.text
    assert not [m for m in stage.server.sent(stage.cast.alice) if "🔔" in m.text]


@pytest.mark.parametrize(
    "rule",
    [
        "<b>x</b> > 5",
        "btc < 105000 </code>",
        "&amp; < 5",
        "😀 < 5",
        "\u202ebtc\u202e <\u202e x",
        "btc " + "<" * 400,
        "a" * 499,
        "btc < 1 and " * 40,
        "' OR 1=1 --",
    ],
)
async def test_hostile_words_are_answered_with_a_sentence(stage: Stage, rule: str):
    sent = len(stage.server.sent(stage.cast.alice))
    stage.say(f"/alert {rule}")
    await stage.server.wait_for(lambda: len(stage.server.sent(stage.cast.alice)) > sent)
    [answer] = stage.server.sent(stage.cast.alice)[sent:]
    assert "Something went wrong" not in answer.text
    assert all(call.ok for call in stage.server.calls)


async def test_other_coins_have_no_price_in_a_played_market(stage: Stage):
    stage.say("/alert sol < 150")
    await stage.hears("This market has no price of SOL")
    assert own_alerts.read_own(stage.bot.desk.db, stage.cast.alice.id, 1) is None
