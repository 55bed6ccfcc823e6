"""The bot's hearing without a network: real handlers, the real library, a Telegram that notes everything."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Self

from telegram import Update
from telegram.ext import ApplicationBuilder
from telegram.request import BaseRequest, RequestData

from bot.desk import Desk
from bot.playground.entities import Formatted
from bot.playground.markup import parse_html
from bot.settings import Settings
from bot.talk.handlers import add_handlers
from bot.talk.line import AnyApplication
from storage.database import open_database
from storage.tables import tables
from tests.bot.answered import NotedSender
from tests.bot.desks import FRAGILE, NOW, market_of_two_days

ALICE = 1001
MALLORY = 666
BOT = {"id": 42, "is_bot": True, "first_name": "Aftershock", "username": "aftershock_bot"}
BOT |= {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": True}
MOST_DATA_BYTES = 64
MOST_UNITS = 4096

_PRIVATE = {"id": ALICE, "type": "private", "first_name": "Alice"}
GROUP = {"id": -100123, "type": "supergroup", "title": "Desk"}
_ALL_RIGHTS = (
    "can_add_web_page_previews can_be_edited can_change_info can_delete_messages can_delete_stories "
    "can_edit_stories  can_edit_tag can_invite_users can_manage_chat can_manage_topics "
    "can_manage_video_chats can_pin_messages  can_post_messages can_post_stories can_promote_members "
    "can_react_to_messages can_restrict_members  can_send_audios can_send_documents can_send_messages "
    "can_send_other_messages can_send_photos can_send_polls  can_send_video_notes can_send_videos "
    "can_send_voice_notes is_anonymous is_member"
)
_RIGHTS = dict.fromkeys(_ALL_RIGHTS.split(), False) | {"can_post_messages": True, "can_send_messages": True}


class NotedRequest(BaseRequest):
    """Answers every call as Telegram would, and keeps what it was asked. `status` is everybody's part."""

    def __init__(self) -> None:
        self.status = "member"
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._numbers = count(100)

    @property
    def read_timeout(self) -> float | None:
        return 5.0

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_args: Any, **_more: Any
    ) -> tuple[int, bytes]:
        del method
        name = url.rsplit("/", 1)[1]
        said = request_data.parameters if request_data else {}
        self.calls.append((name, said))
        return 200, json.dumps({"ok": True, "result": self._result(name, said)}).encode()

    def _result(self, name: str, said: dict[str, Any]) -> Any:
        if name == "getMe":
            return BOT
        if name == "getChatMember":
            who = said["user_id"]
            user = BOT if who == BOT["id"] else {"id": who, "is_bot": False, "first_name": "Somebody"}
            status = "administrator" if who == BOT["id"] else self.status
            return {"status": status, "user": user, "until_date": 0, **_RIGHTS}
        if name == "getChatAdministrators":
            return []
        if name.startswith(("send", "edit")):
            chat = {"id": said["chat_id"], "type": "private", "first_name": "X"}
            return {"message_id": next(self._numbers), "date": 0, "chat": chat, "text": "x"}
        return True


async def _undrawn(_picture: object) -> bytes:
    """Drawing is tested elsewhere, and takes a thousand times as long as all the rest."""
    return b"PNG"


@dataclass
class Hearing:
    """Somebody says or presses something, and everything that the bot did is here to be looked at."""

    desk: Desk
    application: AnyApplication
    telegram: NotedRequest
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def operators_chat(self) -> dict[str, Any]:
        return _PRIVATE

    async def hear(self, **content: Any) -> list[tuple[str, dict[str, Any]]]:
        """Take in an update; the calls that it led to."""
        begun = len(self.telegram.calls)
        body = {"update_id": next(self._numbers), **content}
        update = Update.de_json(json.loads(json.dumps(body)), self.application.bot)
        await self.application.process_update(update)
        return self.telegram.calls[begun:]

    async def say(self, text: str, chat: dict[str, Any] = _PRIVATE, who: int = ALICE, **more: Any) -> Any:
        """A message; a command is marked as one, as Telegram does it."""
        command = {"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}
        entities = [command] if text.startswith("/") else []
        message = {"message_id": 5, "date": 0, "chat": chat, "from": _person(who), "text": text}
        return await self.hear(message=message | {"entities": entities} | more)

    async def press(self, data: str, chat: dict[str, Any] = _PRIVATE, who: int = ALICE) -> Any:
        """Button data as a client sends them: whatever it likes."""
        message = {"message_id": 5, "date": 0, "chat": chat, "from": BOT, "text": "x"}
        query = {"id": "1", "from": _person(who), "chat_instance": "1", "message": message, "data": data}
        return await self.hear(callback_query=query)

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        db = self.desk.db
        return {table: sorted(db.rows(f'SELECT * FROM "{table}"'), key=repr) for table in tables(db)}


def _person(user_id: int) -> dict[str, Any]:
    return {"id": user_id, "is_bot": False, "first_name": "Somebody", "language_code": "en"}


@asynccontextmanager
async def open_hearing(**settings: Any) -> AsyncIterator[Hearing]:
    """Alice is the operator; everybody else is what `telegram.status` says."""
    db = open_database(":memory:")
    try:
        chosen = Settings(_env_file=None, AFTERSHOCK_OWNER_IDS=str(ALICE), **settings)  # type: ignore[call-arg]
        desk = Desk(db, chosen, lambda: NOW, market_of_two_days(), dict(FRAGILE))
        desk.draw = _undrawn
        telegram = NotedRequest()
        builder: Any = ApplicationBuilder()
        builder = builder.token("42:offline").request(telegram).get_updates_request(NotedRequest())
        application = builder.job_queue(None).updater(None).build()
        add_handlers(application, desk, NotedSender())
        await application.initialize()
        yield Hearing(desk, application, telegram)
    finally:
        db.close()


def buttons_of(calls: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """The data of all buttons that were shown."""
    return [
        str(button["callback_data"])
        for _, said in calls
        for row in _markup(said).get("inline_keyboard", ())
        for button in row
        if "callback_data" in button
    ]


def _markup(said: dict[str, Any]) -> dict[str, Any]:
    markup = said.get("reply_markup") or {}
    return json.loads(markup) if isinstance(markup, str) else markup


def shown(calls: list[tuple[str, dict[str, Any]]]) -> list[Formatted]:
    """Every text that was sent, as Telegram reads it. Raises MarkupError where it would refuse it."""
    texts = [said.get("text", said.get("caption", "")) for name, said in calls if "parse_mode" in said]
    return [parse_html(text) for text in texts]


def check_calls(calls: list[tuple[str, dict[str, Any]]]) -> None:
    """Telegram would take all of this."""
    for formatted in shown(calls):
        assert len(formatted.text.encode("utf-16-le")) // 2 <= MOST_UNITS
    for data in buttons_of(calls):
        assert 1 <= len(data.encode()) <= MOST_DATA_BYTES, data


class Troubles(logging.Handler):
    """What was logged as an error: there must be nothing."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def __enter__(self) -> Self:
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)
