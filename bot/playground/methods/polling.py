"""Methods by which the bot hears: long polling, and the webhook that would replace it."""

from bot.playground.call import Call
from bot.playground.json_types import Json
from bot.playground.refusals import QUERY_TOO_OLD, bad_request
from bot.playground.telegram import Telegram
from bot.playground.webhook import is_callable

MAX_ANSWER_UNITS = 200


async def get_updates(telegram: Telegram, call: Call) -> list[Json]:
    """What has happened since the offset, waiting for it if nothing has."""
    if call.has("allowed_updates"):
        telegram.updates.allow(str(kind) for kind in call.array("allowed_updates"))
    return await telegram.updates.fetch(
        call.number("offset"), call.number("limit", 100), call.number("timeout")
    )


def set_webhook(telegram: Telegram, call: Call) -> bool:
    """Refuses polling from now on; an address on this machine is called, any other only remembered."""
    url = call.text("url")
    if url and not url.startswith("https://") and not is_callable(url):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if call.has("allowed_updates"):
        telegram.updates.allow(str(kind) for kind in call.array("allowed_updates"))
    _drop_pending(telegram, call)
    telegram.updates.set_webhook(url, call.text("secret_token"))
    return True


def delete_webhook(telegram: Telegram, call: Call) -> bool:
    """Go back to polling."""
    telegram.updates.set_webhook("")
    _drop_pending(telegram, call)
    return True


def get_webhook_info(telegram: Telegram, _call: Call) -> Json:
    """Where updates would go, and how many wait."""
    return {
        "url": telegram.updates.webhook_url,
        "has_custom_certificate": False,
        "pending_update_count": len(telegram.updates.waiting),
    }


def answer_callback_query(telegram: Telegram, call: Call) -> bool:
    """Tell the one who pressed a button that it was heard, once for each press."""
    query = telegram.open_queries.pop(call.text("callback_query_id"), None)
    if query is None:
        raise bad_request(QUERY_TOO_OLD)
    text = call.text("text")
    if len(text) > MAX_ANSWER_UNITS:
        raise bad_request("MESSAGE_TOO_LONG")
    telegram.changes.publish(
        "answer",
        user=query["from"]["id"],
        query=query["id"],
        text=text,
        alert=call.flag("show_alert"),
    )
    return True


def _drop_pending(telegram: Telegram, call: Call) -> None:
    if call.flag("drop_pending_updates"):
        telegram.updates.waiting.clear()
