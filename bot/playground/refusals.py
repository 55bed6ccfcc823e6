"""How Telegram says no: one exception, and its exact words.

The texts are those of the official server (tdlib/telegram-bot-api, Client.cpp); clients match
on them, so a test double that paraphrases would hide bugs.
"""

from bot.playground.json_types import Json

_PREFIXES = {
    400: "Bad Request: ",
    401: "Unauthorized",
    403: "Forbidden: ",
    404: "Not Found",
    409: "Conflict: ",
    413: "Request Entity Too Large",
    429: "Too Many Requests: ",
    500: "Internal Server Error: ",
}


class RefusedError(Exception):
    """A call that Telegram does not carry out.

    `status` is the HTTP status and the `error_code`; `parameters` may carry `retry_after`
    (seconds) or `migrate_to_chat_id`.
    """

    def __init__(self, status: int, reason: str = "", parameters: Json | None = None) -> None:
        self.status = status
        self.description = _PREFIXES[status] + reason
        self.parameters = parameters or {}
        super().__init__(self.description)

    def as_json(self) -> Json:
        """The body of the answer, as the Bot API gives it."""
        body: Json = {"ok": False, "error_code": self.status, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(reason: str) -> RefusedError:
    """400: the call makes no sense here."""
    return RefusedError(400, reason)


def forbidden(reason: str) -> RefusedError:
    """403: the bot may not (any more)."""
    return RefusedError(403, reason)


def too_many_requests(retry_after_s: int) -> RefusedError:
    """429: come back later."""
    return RefusedError(429, f"retry after {retry_after_s}", {"retry_after": retry_after_s})


def migrated(new_chat_id: int) -> RefusedError:
    """400, with the id that the group has now."""
    reason = "group chat was upgraded to a supergroup chat"
    return RefusedError(400, reason, {"migrate_to_chat_id": new_chat_id})


NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
SECOND_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
