"""What Telegram's refusals and the network's failures mean: python-telegram-bot's errors, told apart.

The class of an exception says too little: `BadRequest` and `TimedOut` are both `NetworkError`s there, and
only the words of a 400, or the aiohttp error underneath, tell whether a message can still arrive. `classify`
reads them once, so that everybody else acts on a `Trouble`. The words are those of the official server
(github.com/tdlib/telegram-bot-api, Client.cpp); python-telegram-bot strips "Bad Request: " and changes case.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import aiohttp
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)


class Trouble(StrEnum):
    """What went wrong, as far as it changes what to do."""

    WAIT = "wait"  # 429: too fast; as a rule Telegram says how long to wait
    CHAT_GONE = "chat gone"  # blocked, kicked, deleted: nobody can be reached there
    CHAT_UNKNOWN = "chat unknown"  # "chat not found": gone as well, if it stays so
    CHAT_MIGRATED = "chat migrated"  # a group became a supergroup, under another id
    NO_RIGHTS = "no rights"  # the chat's administrators do not let the bot write
    NO_THREAD = "no thread"  # the topic was deleted
    THREAD_CLOSED = "thread closed"  # the topic is there, but the bot may not write in it any more
    BAD_MARKUP = "bad markup"  # our bug: Telegram cannot parse the HTML
    TOO_LONG = "too long"  # our bug: over 4,096 UTF-16 units
    UNCHANGED = "unchanged"  # an edit that changes nothing: as good as done
    MESSAGE_GONE = "message gone"  # the message to edit, pin or delete is not there any more
    QUERY_TOO_OLD = "query too old"  # a button pressed too long ago to be answered
    BAD_TOKEN = "bad token"  # noqa: S105  a name, not a token
    CONFLICT = "conflict"  # somebody else polls with the same token
    TEMPORARY = "temporary"  # surely not accepted; again later
    GATEWAY = "gateway"  # 502 and its like: the server behind it did not answer; hardly accepted
    UNSURE = "unsure"  # the connection broke or timed out after the request went out
    REFUSED = "refused"  # any other 400: the same request will be refused again


@dataclass(frozen=True)
class Failure:
    """One failed call. `reason` is fit for logs and the database: one short line without the token."""

    trouble: Trouble
    reason: str
    retry_after: timedelta | None = None
    new_chat_id: int | None = None

    @property
    def may_have_arrived(self) -> bool:
        """Whether Telegram may have accepted the message although no answer came."""
        return self.trouble in {Trouble.UNSURE, Trouble.GATEWAY}


def classify(error: TelegramError) -> Failure:
    """What a failed call of python-telegram-bot means."""
    reason = _one_line(error)
    if isinstance(error, RetryAfter):
        return Failure(Trouble.WAIT, reason, retry_after=_timedelta(error.retry_after))
    if isinstance(error, ChatMigrated):
        return Failure(Trouble.CHAT_MIGRATED, reason, new_chat_id=error.new_chat_id)
    if isinstance(error, NetworkError) and (said := _TOO_MANY.match(error.message)):
        # Without the parameters that python-telegram-bot looks for; the words may tell how long, too.
        seconds = said["seconds"]
        return Failure(Trouble.WAIT, reason, retry_after=timedelta(seconds=int(seconds)) if seconds else None)
    return Failure(_trouble_of(error), reason)


_TOO_MANY = re.compile(r"too many requests(: retry after (?P<seconds>\d{1,6}))?", re.IGNORECASE)

_TROUBLE_OF_CLASS: dict[type[TelegramError], Trouble] = {
    Forbidden: Trouble.CHAT_GONE,
    InvalidToken: Trouble.BAD_TOKEN,
    Conflict: Trouble.CONFLICT,
}


def _trouble_of(error: TelegramError) -> Trouble:
    if type(error) in _TROUBLE_OF_CLASS:
        return _TROUBLE_OF_CLASS[type(error)]
    if isinstance(error, BadRequest):  # asked before NetworkError, which it is a kind of
        return _trouble_of_bad_request(error.message)
    if isinstance(error, NetworkError):
        return _trouble_of_network(error.__cause__)
    # What is left is an answer with status 200 that is not JSON: accepted, by all that is known.
    return Trouble.UNSURE


# In the order of asking: the first text that occurs in Telegram's words decides.
_BAD_REQUESTS = (
    ("message is not modified", Trouble.UNCHANGED),
    ("message to edit not found", Trouble.MESSAGE_GONE),
    ("message can't be edited", Trouble.MESSAGE_GONE),
    ("message to delete not found", Trouble.MESSAGE_GONE),
    ("message to pin not found", Trouble.MESSAGE_GONE),
    ("message to unpin not found", Trouble.MESSAGE_GONE),
    ("message thread not found", Trouble.NO_THREAD),
    ("topic_closed", Trouble.THREAD_CLOSED),
    ("topic_deleted", Trouble.NO_THREAD),
    ("chat not found", Trouble.CHAT_UNKNOWN),
    ("not enough rights", Trouble.NO_RIGHTS),
    ("have no rights", Trouble.NO_RIGHTS),
    ("need administrator rights", Trouble.NO_RIGHTS),
    ("chat_admin_required", Trouble.NO_RIGHTS),
    ("chat_write_forbidden", Trouble.NO_RIGHTS),
    ("can't parse entities", Trouble.BAD_MARKUP),
    ("is too long", Trouble.TOO_LONG),
    ("query is too old", Trouble.QUERY_TOO_OLD),
    # Seen where the upgrade is told without the new id.
    ("group chat was upgraded", Trouble.CHAT_GONE),
    ("group chat was deactivated", Trouble.CHAT_GONE),
    ("peer_id_invalid", Trouble.CHAT_UNKNOWN),
)


def _trouble_of_bad_request(words: str) -> Trouble:
    lowered = words.lower()
    return next((trouble for text, trouble in _BAD_REQUESTS if text in lowered), Trouble.REFUSED)


# Raised before a byte of the request went out. RuntimeError: the HTTP client is closed, or not open yet.
_NEVER_WENT_OUT = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,  # of a free connection of the pool as well
    aiohttp.InvalidURL,
    RuntimeError,
)


def _trouble_of_network(cause: BaseException | None) -> Trouble:
    if cause is None:  # an answer in Telegram's own JSON: 500 and its like, not carried out by contract
        return Trouble.TEMPORARY
    if isinstance(cause, TelegramError):  # an answer that is not JSON: a gateway's page
        return Trouble.GATEWAY
    if isinstance(cause, _NEVER_WENT_OUT):
        return Trouble.TEMPORARY
    return Trouble.UNSURE


def _timedelta(wait: float | timedelta) -> timedelta:
    """Seconds today; a coming version of python-telegram-bot gives a timedelta, as PTB_TIMEDELTA does now."""
    return wait if isinstance(wait, timedelta) else timedelta(seconds=wait)


# A gateway's error page may quote the URL, and the token is a part of each URL.
_TOKEN = re.compile(r"\d{5,}:[\w-]{20,}")
_LONGEST_REASON = 200


def _one_line(error: TelegramError) -> str:
    words = " ".join(f"{type(error).__name__}: {error.message}".split())
    return _TOKEN.sub("<token>", words)[:_LONGEST_REASON]
