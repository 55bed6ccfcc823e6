"""Switches for what goes wrong between a bot and Telegram: refusals, silence, lost answers."""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.playground.call import Call
from bot.playground.chats import Chat
from bot.playground.limits import Limits
from bot.playground.refusals import RefusedError, too_many_requests

# What counts against the limits: edits do, answers to callback queries do not.
_LIMITED = frozenset(
    {
        "sendMessage",
        "sendPhoto",
        "sendDocument",
        "copyMessage",
        "forwardMessage",
        "editMessageText",
        "editMessageCaption",
        "editMessageMedia",
        "editMessageReplyMarkup",
        "pinChatMessage",
    }
)


class Mishap(StrEnum):
    """How a call goes wrong, apart from a plain refusal."""

    BAD_GATEWAY = "502 html"
    DROP_BEFORE = "drop before accepting"
    DROP_AFTER = "drop after accepting"
    SLOW = "slow answer"


@dataclass(frozen=True)
class Fault:
    """One thing that will go wrong once; the filters say for which call (None: any)."""

    what: RefusedError | Mishap
    method: str | None = None
    chat_id: int | None = None
    delay_s: float = 0.0

    def hits(self, method: str, chat_id: int | None) -> bool:
        """Whether this is a call that it waits for."""
        # Polls go on by themselves all the time; they fail only where they are named.
        if method == "getUpdates" and self.method != "getUpdates":
            return False
        return self.method in {None, method} and self.chat_id in {None, chat_id}

    def __str__(self) -> str:
        """As the page lists it."""
        return self.what.value if isinstance(self.what, Mishap) else self.what.description


@dataclass
class Faults:
    """Queued faults, each used once in the order of queueing, and the limits (off: None)."""

    limits: Limits | None = None
    queued: list[Fault] = field(default_factory=list)

    def add(
        self,
        what: RefusedError | Mishap,
        method: str | None = None,
        chat_id: int | None = None,
        times: int = 1,
        delay_s: float = 0.0,
    ) -> None:
        """Queue it for the next `times` calls that the filters let through.

        `delay_s` is how late a slow answer comes.
        """
        self.queued += [Fault(what, method, chat_id, delay_s)] * times

    def take(self, call: Call) -> Fault | None:
        """The first queued fault that this call meets; it is used up."""
        chat_id = call.number("chat_id") if call.has("chat_id") else None
        for index, fault in enumerate(self.queued):
            if fault.hits(call.method, chat_id):
                return self.queued.pop(index)
        return None

    def check_limits(self, call: Call, chat: Chat | None) -> None:
        """Raises: RefusedError, 429."""
        if self.limits is None or chat is None or call.method not in _LIMITED:
            return
        retry_after_s = self.limits.retry_after_s(chat, is_paid=call.flag("allow_paid_broadcast"))
        if retry_after_s is not None:
            raise too_many_requests(retry_after_s)
