"""What an operator does, over HTTP: the menu, the pages, a broadcast, a note; and what anybody may."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest

from bot.app import Bot
from bot.playground.cast import Cast, gather_cast
from bot.playground.chats import Chat
from bot.playground.journal import CallRecord
from bot.playground.messages import Message
from bot.playground.play import UNLIMITED
from bot.playground.refusals import too_many_requests
from bot.playground.server import PlaygroundServer
from bot.playground.users import User
from bot.words.texts import every_language
from storage import chats, outbox
from storage.outbox import Delivery
from storage.standings import save_standings
from tests.bot.desks import FRAGILE, NOW, market_of_two_days, new_desk
from tests.bot.watched import Clock
from tests.playground.stage import new_playground

HOSTILE = "We are back <soon> & well, see https://example.org 🔥"


@dataclass
class Stage:
    server: PlaygroundServer
    cast: Cast
    bot: Bot
    clock: Clock = field(default_factory=Clock)

    def say(self, text: str, who: User | None = None, where: Chat | User | None = None) -> None:
        person = who or self.cast.alice
        self.server.people.say(person, where or self.server.telegram.bot, text)

    async def hears(self, containing: str, where: Chat | User | None = None) -> Message:
        return await self.server.wait_for_message(where or self.cast.alice, containing)

    async def pressed(self, message: Message, button: str, who: User | None = None) -> CallRecord:
        """Press a button as soon as it is there, and wait for the note that pops up."""
        await self.server.wait_for(lambda: button in _labels(message))
        number = len(self.calls("answerCallbackQuery")) + 1
        self.server.people.press(who or self.cast.alice, message, button)
        return await self.server.wait_for_call("answerCallbackQuery", number=number)

    def calls(self, method: str) -> list[CallRecord]:
        return [call for call in self.server.calls if call.method == method]

    async def shows(self, message: Message, text: str) -> None:
        await self.server.wait_for(lambda: text in message.text)

    async def everybody_is_known(self) -> None:
        """小林, both groups and the channel have spoken to the bot."""
        self.say("/language zh", self.cast.xiaolin)
        await self.hears("这里使用中文", self.cast.xiaolin)
        self.say("/subscribe verdict", where=self.cast.night_desk)
        await self.hears("This chat hears of", self.cast.night_desk)
        self.say("/about", where=self.cast.trading_floor)
        await self.hears("Aftershock answers", self.cast.trading_floor)
        self.server.people.post(self.cast.channel, "/mute 8h")
        await self.hears("Muted until", self.cast.channel)


def _labels(message: Message) -> set[str]:
    return {str(button[key]) for button in message.buttons for key in ("text", "callback_data")}


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    async with new_playground() as server:
        with new_desk(market_of_two_days()) as desk:
            cast, clock = gather_cast(server.people), Clock()
            # The last of them never began a chat: Telegram refuses a menu there, which stops nothing.
            operators = frozenset({cast.alice.id, 424_242})
            desk.clock, desk.settings = clock, desk.settings.model_copy(update={"owner_ids": operators})
            server.telegram.private_chat(cast.alice)
            save_standings(desk.db, FRAGILE)
            bot = Bot(desk, server.token, server.base_url, limits=UNLIMITED)
            bot.watch.load()
            async with bot.online():
                # For all and for Alice, in every language.
                await server.wait_for_call("setMyCommands", number=2 * len(every_language()))
                yield Stage(server, cast, bot, clock)
        assert server.violations == []


async def test_the_menu_of_an_operator_shows_more_than_that_of_others(stage: Stage) -> None:
    menus, telegram = stage.server.telegram.menus, stage.server.telegram
    alice, lin = stage.cast.alice, stage.cast.xiaolin

    def names(user: User, chat: Chat) -> set[str]:
        return {str(command["command"]) for command in menus.commands_for(user, chat)}

    assert names(alice, telegram.private_chat(alice)) >= {"admin", "broadcast", "status"}
    assert not names(lin, telegram.private_chat(lin)) & {"admin", "broadcast"}
    assert not names(alice, stage.cast.night_desk) & {"admin", "broadcast"}


async def test_for_others_there_is_no_such_command(stage: Stage) -> None:
    stage.say("/admin", stage.cast.xiaolin)
    await stage.hears("没有 /admin 这个命令", stage.cast.xiaolin)
    stage.say("/admin", where=stage.cast.night_desk)
    stage.say("/broadcast x", where=stage.cast.night_desk)
    stage.say("/about", where=stage.cast.night_desk)
    await stage.hears("Aftershock answers", stage.cast.night_desk)
    assert not [message for message in stage.server.sent(stage.cast.night_desk) if "know" in message.text]


async def test_pages_turn_in_place(stage: Stage) -> None:
    stage.say("/admin")
    page = await stage.hears("Aftershock 0.")
    for button, shown in (("Feeds", "Feeds: 0 of 0 well"), ("Chats", "Chats: "), ("Database", " MB")):
        await stage.pressed(page, button)
        await stage.shows(page, shown)
    noted = await stage.pressed(page, "Refresh")
    assert noted.params["text"] == "As of 20:14 UTC"


async def test_a_broadcast_is_shown_first_and_reaches_all_once(stage: Stage) -> None:
    await stage.everybody_is_known()
    stage.say(f"/broadcast {HOSTILE}")
    preview = await stage.hears("We are back")
    assert preview.text == HOSTILE
    assert not [chat for chat in _places(stage) if _heard(stage, chat)]

    for _ in range(2):
        stage.server.people.press(stage.cast.alice, preview, "Send to 5 chats")
    for place in _places(stage):
        assert (await stage.hears("We are back", place)).text == HOSTILE

    await stage.server.wait_for(lambda: outbox.count_by_state(stage.bot.desk.db) == {"sent": 5})
    await stage.shows(preview, "Broadcast 1 of 3 Nov")
    await stage.pressed(preview, "Refresh")
    await stage.shows(preview, "· 5 sent")
    sent = [call for call in stage.calls("sendMessage") if "disable_notification" in call.params]
    silent = {call.params["chat_id"]: bool(call.params["disable_notification"]) for call in sent}
    # The channel is muted.
    assert silent == {
        **dict.fromkeys([chat.id for chat in _chats(stage)], False),
        stage.cast.channel.id: True,
    }
    assert all(len(_heard(stage, place)) == 1 for place in _places(stage))


def _places(stage: Stage) -> list[Chat | User]:
    cast = stage.cast
    return [cast.xiaolin, cast.night_desk, cast.trading_floor, cast.channel]


def _chats(stage: Stage) -> list[Chat | User]:
    return [stage.cast.alice, *_places(stage)]


def _heard(stage: Stage, where: Chat | User) -> list[Message]:
    return [message for message in stage.server.sent(where) if "We are back" in message.text]


async def test_a_broadcast_in_chinese_reaches_those_who_read_it(stage: Stage) -> None:
    await stage.everybody_is_known()
    stage.say("/language zh")
    await stage.hears("从现在起，这里使用中文")
    stage.say("/broadcast 今晚维护")
    preview = await stage.hears("今晚维护")
    await stage.pressed(preview, "中文")
    await stage.pressed(preview, "✓ 群组 0")
    note = await stage.pressed(preview, "发送给 2 个聊天")
    assert note.params["text"] == "已排队，共 2 个聊天"
    await stage.hears("今晚维护", stage.cast.xiaolin)
    assert not [message for message in stage.server.sent(stage.cast.night_desk) if "维护" in message.text]


async def test_nobody_else_sends_by_a_button_that_was_forwarded(stage: Stage) -> None:
    await stage.everybody_is_known()
    stage.say("/broadcast x")
    await stage.hears("x")
    stage.say("/status", stage.cast.xiaolin)
    board = await stage.hears("脆弱", stage.cast.xiaolin)
    assert board.markup is not None
    board.markup["inline_keyboard"][0][0]["callback_data"] = "here:admin:broadcast:1:send"
    note = await stage.pressed(board, "here:admin:broadcast:1:send", stage.cast.xiaolin)
    assert str(note.params["text"]).startswith("按钮已过期")
    assert outbox.count_by_state(stage.bot.desk.db) == {}


async def test_a_note_is_shown_until_it_is_taken_back(stage: Stage) -> None:
    stage.say("/admin note Moving house & <home>")
    await stage.hears("Maintenance: Moving house & <home>")
    stage.say("/status", stage.cast.xiaolin)
    await stage.hears("维护：Moving house & <home>", stage.cast.xiaolin)
    stage.say("/admin note off")
    await stage.hears("The note is taken back")


async def test_a_pause_holds_back_and_start_brings_back(stage: Stage) -> None:
    lin, db = stage.cast.xiaolin, stage.bot.desk.db
    stage.say("/subscribe verdict", lin)
    await stage.hears("本聊天已订阅", lin)
    stage.say("/stop", lin)
    await stage.hears("已暂停", lin)
    outbox.enqueue(db, [Delivery(chat_id=lin.id, kind="alert", text="held back", created_at=NOW)])
    stage.bot.dispatcher.wake()
    stage.say("/status", lin)
    await stage.hears("脆弱", lin)
    assert not [message for message in stage.server.sent(lin) if "held back" in message.text]
    stage.say("/start", lin)
    await stage.hears("已恢复。本聊天的订阅：结论", lin)
    await stage.hears("held back", lin)


async def test_a_member_cannot_pause_export_or_forget_a_group(stage: Stage) -> None:
    await stage.everybody_is_known()
    group, lin = stage.cast.night_desk, stage.cast.xiaolin
    for number, line in enumerate(("/stop", "/export", "/forget"), len(stage.server.sent(group)) + 1):
        stage.say(line, lin, group)
        await stage.server.wait_for(lambda number=number: len(stage.server.sent(group)) >= number)  # type: ignore[misc]  # bound now
        assert "只有管理员" in stage.server.sent(group)[-1].text
    stage.say("/forget", where=group)
    question = await stage.hears("Delete everything about this chat?", group)
    refused = await stage.pressed(question, "Delete everything", lin)
    assert "管理员" in str(refused.params["text"])
    assert chats.read_subscriptions(stage.bot.desk.db, group.id) == {"verdict": "sound"}
    await stage.pressed(question, "Delete everything")
    await stage.shows(question, "Done: ")
    assert chats.read_chat(stage.bot.desk.db, group.id) is None
    assert chats.read_chat(stage.bot.desk.db, lin.id) is not None


async def test_an_export_arrives_as_a_file_and_what_is_forgotten_is_not_in_the_next(stage: Stage) -> None:
    lin = stage.cast.xiaolin
    stage.say("/timezone 北京", lin)
    await stage.hears("Asia/Shanghai", lin)
    assert (await _exported(stage, lin, 1))["chats"][0]["timezone"] == "Asia/Shanghai"
    stage.say("/forget", lin)
    question = await stage.hears("删除本聊天的全部数据", lin)
    await stage.pressed(question, "全部删除", lin)
    await stage.shows(question, "已删除")
    about = await _exported(stage, lin, 2)
    assert about["chats"][0]["timezone"] == "UTC"
    assert {table for table, rows in about.items() if rows} == {"chats"}


async def _exported(stage: Stage, who: User, number: int) -> dict[str, list[dict[str, object]]]:
    """What stands in the file that Telegram keeps of the export."""
    stage.say("/export", who)
    await stage.server.wait_for_call("sendDocument", number=number)
    message = await stage.hears("全部已存数据", who)
    file = await stage.bot.application.bot.get_file(message.media["document"]["file_id"])
    assert file.file_path is not None
    async with httpx.AsyncClient(verify=False) as http:
        content = (await http.get(file.file_path)).content
    found: dict[str, dict[str, list[dict[str, object]]]] = json.loads(content)
    return found["about_this_chat"]


async def test_an_answer_that_meets_a_limit_after_all_was_forgotten_is_let_go(stage: Stage) -> None:
    lin = stage.cast.xiaolin
    stage.say("/forget", lin)
    question = await stage.hears("删除本聊天的全部数据", lin)
    stage.server.faults.add(too_many_requests(7), method="editMessageText")
    await stage.pressed(question, "全部删除", lin)
    await stage.server.wait_for_call("editMessageText", ok=False)
    stage.say("/mute", lin)
    await stage.hears("未静音", lin)
    assert outbox.count_by_state(stage.bot.desk.db) == {}
