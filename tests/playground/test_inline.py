"""Inline mode: the bot asked from any chat, through the real library."""

from typing import Any

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultCachedPhoto,
    InlineQueryResultsButton,
    InputTextMessageContent,
    Update,
)
from telegram.error import BadRequest
from telegram.ext import InlineQueryHandler

from bot.playground.cast import Cast
from bot.playground.inline import TOO_OLD_S
from bot.playground.people import DeedError
from bot.playground.server import PlaygroundServer
from tests.playground.hearing import last_message, updates
from tests.playground.stage import call, picture, polling_bot

KEYS = InlineKeyboardMarkup([[InlineKeyboardButton("Refresh", callback_data="here:premium")]])


def _article(result_id: str = "premium", text: str = "<b>−0.026 %</b>") -> InlineQueryResultArticle:
    content = InputTextMessageContent(text, parse_mode="HTML")
    return InlineQueryResultArticle(result_id, "US premium", content, description="x", reply_markup=KEYS)


async def _offer(update: Update, _context: Any) -> None:
    assert update.inline_query is not None
    await update.inline_query.answer([_article()], cache_time=0)


async def test_what_is_asked_inline_is_answered_and_chosen(playground: PlaygroundServer, cast: Cast) -> None:
    async with polling_bot(playground, InlineQueryHandler(_offer)):
        query = playground.people.ask_inline(cast.bob, "premium", cast.night_desk)
        await playground.wait_for_call("answerInlineQuery")
    offer = playground.people.offer(query)
    assert offer is not None
    assert [result["title"] for result in offer.results] == ["US premium"]
    message = playground.people.choose_inline(cast.bob, query, "premium", cast.night_desk)
    assert (message.text, message.sender, message.chat_id) == ("−0.026 %", cast.bob, cast.night_desk.id)


@pytest.mark.parametrize(
    ("place", "kind"),
    [("alice", "sender"), ("night_desk", "supergroup"), ("channel", "channel"), (None, None)],
)
async def test_the_bot_learns_in_what_kind_of_chat_it_is_asked(
    playground: PlaygroundServer, cast: Cast, bot: Bot, place: str | None, kind: str | None
) -> None:
    playground.people.ask_inline(cast.alice, "etf", getattr(cast, place) if place else None, offset="50")
    asked = (await updates(bot))[-1].inline_query
    assert asked is not None
    assert (asked.query, asked.offset, asked.chat_type) == ("etf", "50", kind)
    assert asked.from_user.id == cast.alice.id


async def test_what_was_chosen_is_heard_and_its_buttons_know_no_chat(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    people = playground.people
    query = people.ask_inline(cast.bob, "premium", cast.night_desk)
    await bot.answer_inline_query(query, [_article()])
    chosen = people.choose_inline(cast.bob, query, "premium", cast.night_desk)
    heard = await last_message(bot)
    assert heard.via_bot is not None
    assert heard.via_bot.id == bot.id
    people.press(cast.xiaolin, chosen, "Refresh")
    pressed = (await updates(bot))[-1].callback_query
    assert pressed is not None
    assert pressed.message is None
    assert pressed.inline_message_id is not None
    assert await bot.edit_message_text("0 %", inline_message_id=pressed.inline_message_id) is True
    assert chosen.text == "0 %"


async def test_a_result_can_be_a_picture_known_by_its_id(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    playground.telegram.private_chat(cast.alice)
    photo = (await bot.send_photo(cast.alice.id, picture(40, 30))).photo[-1]
    query = playground.people.ask_inline(cast.alice, "chart")
    await bot.answer_inline_query(query, [InlineQueryResultCachedPhoto("a", photo.file_id, caption="chart")])
    chosen = playground.people.choose_inline(cast.alice, query, "a", cast.channel)
    assert (chosen.text, list(chosen.media), chosen.sender) == ("chart", ["photo"], None)


async def test_an_answer_that_comes_late_or_twice_is_refused(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    seconds = 0.0
    playground.telegram.inline.now = lambda: seconds
    first = playground.people.ask_inline(cast.alice, "premium")
    second = playground.people.ask_inline(cast.alice, "etf")
    seconds = TOO_OLD_S
    await bot.answer_inline_query(first, [_article()])
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_inline_query(first, [_article()])
    seconds = TOO_OLD_S + 0.1
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_inline_query(second, [_article()])


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ({"results": [_article(str(number)) for number in range(51)]}, "Results_too_much"),
        ({"results": [_article(), _article()]}, "Result_id_duplicate"),
        ({"results": [_article(), _article("é" * 33)]}, "Result_id_invalid"),
        ({"results": [_article()], "next_offset": "x" * 65}, "Next_offset_invalid"),
        ({"results": [_article(text="<b>x")]}, "Can't parse entities"),
        ({"results": [_article(text="<b></b>")]}, "Message text is empty"),
        (
            {"results": [], "button": InlineQueryResultsButton("Set up", start_parameter="a b")},
            "Start_param_invalid",
        ),
    ],
)
async def test_an_answer_that_telegram_refuses(
    playground: PlaygroundServer, cast: Cast, answer: dict[str, Any], complaint: str
) -> None:
    query = playground.people.ask_inline(cast.alice, "x")
    fields = {"results": [result.to_dict() for result in answer["results"]]}
    fields["next_offset"] = answer.get("next_offset", "")
    if "button" in answer:
        fields["button"] = answer["button"].to_dict()
    refused = await call(playground, "answerInlineQuery", inline_query_id=query, **fields)
    assert complaint.lower() in refused["description"].lower()


async def test_what_was_not_offered_cannot_be_chosen(
    playground: PlaygroundServer, cast: Cast, bot: Bot
) -> None:
    query = playground.people.ask_inline(cast.bob, "x")
    with pytest.raises(DeedError, match="offered no such result"):
        playground.people.choose_inline(cast.bob, query, "premium", cast.night_desk)
    await bot.answer_inline_query(query, [_article()])
    with pytest.raises(DeedError, match="only administrators post in a channel"):
        playground.people.choose_inline(cast.xiaolin, query, "premium", cast.channel)


async def test_the_bot_says_that_it_can_be_asked_inline(bot: Bot) -> None:
    assert (await bot.get_me()).supports_inline_queries
