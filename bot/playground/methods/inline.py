"""The method by which the bot answers what is asked inline."""

import re

from bot.playground.call import Call
from bot.playground.entities import Formatted
from bot.playground.formatting import MAX_CAPTION_UNITS, MAX_TEXT_UNITS, format_text
from bot.playground.inline import Offer
from bot.playground.json_types import Json
from bot.playground.messages import Message
from bot.playground.methods.keyboards import check_inline_keyboard
from bot.playground.refusals import QUERY_TOO_OLD, bad_request
from bot.playground.telegram import Telegram

MAX_RESULTS = 50
MAX_ID_BYTES = 64
MAX_OFFSET_BYTES = 64
_START = re.compile(r"^[A-Za-z0-9_-]{1,64}$")


def answer_inline_query(telegram: Telegram, call: Call) -> bool:
    """Offer results to the one who asked, once for each query."""
    results, offset, button = call.array("results"), call.text("next_offset"), call.object("button")
    _check(results, offset, button)
    offer = Offer(results, {r["id"]: _content(telegram, r) for r in results}, offset, button)
    query = telegram.inline.take(call.text("inline_query_id"))
    if query is None:
        raise bad_request(QUERY_TOO_OLD)
    telegram.inline.offers[query["id"]] = offer
    telegram.changes.publish(
        "offer",
        user=query["from"]["id"],
        query=query["id"],
        text=query["query"],
        results=results,
        next_offset=offset,
        button=button,
    )
    return True


def _check(results: list[Json], offset: str, button: Json | None) -> None:
    if len(results) > MAX_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    ids = [str(result.get("id", "")) for result in results]
    if not all(1 <= len(result_id.encode()) <= MAX_ID_BYTES for result_id in ids):
        raise bad_request("RESULT_ID_INVALID")
    if len(set(ids)) < len(ids):
        raise bad_request("RESULT_ID_DUPLICATE")
    if len(offset.encode()) > MAX_OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    if button and "web_app" not in button and not _START.match(str(button.get("start_parameter", ""))):
        raise bad_request("START_PARAM_INVALID")


def _content(telegram: Telegram, result: Json) -> Message:
    """The message that choosing `result` will post."""
    media: Json = {}
    if result.get("type") == "photo" and "photo_file_id" in result:
        media = {"photo": [telegram.files.find(result["photo_file_id"]).as_photo_json()]}
    elif result.get("type") != "article":
        raise bad_request("type of inline query result is not played in the playground")
    elif not result.get("title"):
        raise bad_request('can\'t parse inline query result: Field "title" must be non-empty')
    markup = result.get("reply_markup")
    return Message(
        telegram.clock(),
        None,
        _written(result),
        media,
        markup=check_inline_keyboard(markup) if markup else None,
    )


def _written(result: Json) -> Formatted:
    content = result.get("input_message_content")
    if content is None and result["type"] == "photo":
        entities = result.get("caption_entities")
        return format_text(result.get("caption", ""), result.get("parse_mode"), entities, MAX_CAPTION_UNITS)
    given = content or {}
    entities = given.get("entities")
    text = str(given.get("message_text", ""))
    written = format_text(text, given.get("parse_mode"), entities, MAX_TEXT_UNITS)
    if not written.text:
        raise bad_request("message text is empty")
    return written
