"""Every refusal and failure that facts name, by its exact words, and the same ones through a real client."""

from datetime import timedelta

import aiohttp
import pytest
from aiohttp import RequestInfo
from aiohttp.client_reqrep import ConnectionKey
from multidict import CIMultiDict, CIMultiDictProxy
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from yarl import URL

from bot.delivery.errors import Trouble, classify

_PEER = ConnectionKey("api.telegram.org", 443, True, True, None, None, None)
_ASKED = RequestInfo(URL("https://api.telegram.org"), "POST", CIMultiDictProxy(CIMultiDict()))

BAD_REQUESTS = {
    "Bad Request: chat not found": Trouble.CHAT_UNKNOWN,
    "Bad Request: private chat not found": Trouble.CHAT_UNKNOWN,
    "Bad Request: PEER_ID_INVALID": Trouble.CHAT_UNKNOWN,
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message": Trouble.UNCHANGED,
    "Bad Request: message to edit not found": Trouble.MESSAGE_GONE,
    "Bad Request: message can't be edited": Trouble.MESSAGE_GONE,
    "Bad Request: message to delete not found": Trouble.MESSAGE_GONE,
    "Bad Request: message thread not found": Trouble.NO_THREAD,
    "Bad Request: TOPIC_CLOSED": Trouble.THREAD_CLOSED,
    "Bad Request: not enough rights to send text messages to the chat": Trouble.NO_RIGHTS,
    "Bad Request: have no rights to send a message": Trouble.NO_RIGHTS,
    "Bad Request: need administrator rights in the channel chat": Trouble.NO_RIGHTS,
    "Bad Request: can't parse entities: Unsupported start tag \"5\" at byte offset 2": Trouble.BAD_MARKUP,
    "Bad Request: message is too long": Trouble.TOO_LONG,
    "Bad Request: Text is too long": Trouble.TOO_LONG,
    "Bad Request: query is too old and response timeout expired or query ID is invalid":
        Trouble.QUERY_TOO_OLD,
    "Bad Request: group chat was upgraded to a supergroup chat": Trouble.CHAT_GONE,
    "Bad Request: message text is empty": Trouble.REFUSED,
}  # fmt: skip

DEAD_CHATS = (
    "Forbidden: bot was blocked by the user",
    "Forbidden: user is deactivated",
    "Forbidden: bot was kicked from the group chat",
    "Forbidden: bot was kicked from the supergroup chat",
    "Forbidden: bot was kicked from the channel chat",
    "Forbidden: bot is not a member of the supergroup chat",
    "Forbidden: the group chat was deleted",
    "Forbidden: bot can't initiate conversation with a user",
)


@pytest.mark.parametrize(("words", "trouble"), BAD_REQUESTS.items())
def test_a_bad_request_is_told_by_its_words(words: str, trouble: Trouble) -> None:
    assert classify(BadRequest(words)).trouble is trouble


@pytest.mark.parametrize("words", DEAD_CHATS)
def test_a_forbidden_chat_is_gone(words: str) -> None:
    assert classify(Forbidden(words)).trouble is Trouble.CHAT_GONE


@pytest.mark.parametrize("wait_s", [1, 35, 10_072])
def test_too_fast_carries_the_wait(wait_s: int) -> None:
    failure = classify(RetryAfter(wait_s))
    assert (failure.trouble, failure.retry_after) == (Trouble.WAIT, timedelta(seconds=wait_s))


def test_a_migrated_group_carries_its_new_id() -> None:
    failure = classify(ChatMigrated(-1_001_234))
    assert (failure.trouble, failure.new_chat_id) == (Trouble.CHAT_MIGRATED, -1_001_234)


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (InvalidToken("Unauthorized"), Trouble.BAD_TOKEN),
        (InvalidToken("Not Found"), Trouble.BAD_TOKEN),
        (Conflict("Conflict: terminated by other getUpdates request"), Trouble.CONFLICT),
        (NetworkError("Internal Server Error: restart"), Trouble.TEMPORARY),
        (TelegramError("Invalid server response"), Trouble.UNSURE),
    ],
)
def test_other_answers_are_told_by_their_class(error: TelegramError, trouble: Trouble) -> None:
    assert classify(error).trouble is trouble


@pytest.mark.parametrize(
    ("cause", "trouble"),
    [
        (aiohttp.ClientConnectorError(_PEER, OSError("refused")), Trouble.TEMPORARY),
        (aiohttp.ClientConnectorDNSError(_PEER, OSError("no such name")), Trouble.TEMPORARY),
        (aiohttp.ClientProxyConnectionError(_PEER, OSError("refused")), Trouble.TEMPORARY),
        (aiohttp.ClientHttpProxyError(_ASKED, (), status=403), Trouble.TEMPORARY),
        (aiohttp.ConnectionTimeoutError("slow, or no connection is free"), Trouble.TEMPORARY),
        (RuntimeError("the requests to Telegram are not open"), Trouble.TEMPORARY),
        (aiohttp.SocketTimeoutError("slow"), Trouble.UNSURE),
        (TimeoutError(), Trouble.UNSURE),
        (aiohttp.ServerDisconnectedError(), Trouble.UNSURE),
        (aiohttp.ClientOSError("reset"), Trouble.UNSURE),
        (aiohttp.ClientPayloadError("cut"), Trouble.UNSURE),
        (TelegramError("Invalid server response"), Trouble.GATEWAY),
    ],
)
@pytest.mark.parametrize("kind", [NetworkError, TimedOut])
def test_a_network_failure_is_told_by_its_cause(
    kind: type[NetworkError], cause: Exception, trouble: Trouble
) -> None:
    error = kind("whatever")
    error.__cause__ = cause
    assert classify(error).trouble is trouble


def test_only_lost_answers_may_have_arrived() -> None:
    unsure = {trouble for trouble in Trouble if classify(_sample(trouble)).may_have_arrived}
    assert unsure == {Trouble.UNSURE, Trouble.GATEWAY}


def _sample(trouble: Trouble) -> TelegramError:
    """One error of each kind."""
    network = {
        Trouble.GATEWAY: TelegramError("Invalid server response"),
        Trouble.UNSURE: aiohttp.SocketTimeoutError("slow"),
        Trouble.TEMPORARY: aiohttp.ConnectionTimeoutError("slow"),
    }
    plain: dict[Trouble, TelegramError] = {
        Trouble.WAIT: RetryAfter(3),
        Trouble.CHAT_GONE: Forbidden("Forbidden: bot was blocked by the user"),
        Trouble.CHAT_MIGRATED: ChatMigrated(-1),
        Trouble.BAD_TOKEN: InvalidToken("Unauthorized"),
        Trouble.CONFLICT: Conflict("Conflict: terminated"),
        **{of: BadRequest(words) for words, of in BAD_REQUESTS.items() if of is not Trouble.CHAT_GONE},
    }
    if trouble not in network:
        return plain[trouble]
    error = NetworkError("whatever")
    error.__cause__ = network[trouble]
    return error


def test_every_trouble_comes_from_some_error() -> None:
    assert {classify(_sample(trouble)).trouble for trouble in Trouble} == set(Trouble)


def test_a_reason_is_one_short_line_without_the_token() -> None:
    page = "Bad Gateway (502)\n for /bot123456789:AAExampleExampleExampleExample_x-y/sendMessage" + "x" * 900
    reason = classify(NetworkError(page)).reason
    assert reason.startswith("NetworkError: Bad Gateway (502) for /bot<token>/sendMessage")
    assert len(reason) <= 200
