"""What the bot asked for, call by call, and what it was told."""

from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

from bot.playground.json_types import Json

# Polls come every few seconds for as long as the bot runs; they would bury the rest.
_UNTOLD = "getUpdates"


@dataclass(frozen=True)
class CallRecord:
    """`params` holds JSON types; `answer` is the `result` of a call that went well.

    `status` is 0 where the connection was dropped: the bot then saw no answer, though a call
    dropped after accepting has its `answer` here. `at` is the server's clock, aware UTC.
    """

    method: str
    params: Json
    at: datetime
    status: int
    answer: Any = None
    description: str = ""

    @property
    def ok(self) -> bool:
        """Whether the bot was told that it went well."""
        return self.status == HTTPStatus.OK


@dataclass
class Journal:
    """Calls in the order in which they were answered, without successful polls."""

    calls: list[CallRecord] = field(default_factory=list)

    def add(self, record: CallRecord) -> None:
        """Note one more call."""
        if record.method != _UNTOLD or not record.ok:
            self.calls.append(record)
