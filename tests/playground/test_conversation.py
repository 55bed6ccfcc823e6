"""A real application answers people over HTTP."""

from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.playground.cast import Cast
from bot.playground.server import PlaygroundServer
from tests.playground.stage import polling_bot

GO = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="go")]])


async def _greet(update: Update, _context: Any) -> None:
    assert update.message is not None
    await update.message.reply_html("<b>Hello</b>", reply_markup=GO)


async def _go(update: Update, _context: Any) -> None:
    assert update.callback_query is not None
    await update.callback_query.answer("Gone")
    await update.callback_query.edit_message_text("Went")


async def _echo(update: Update, _context: Any) -> None:
    assert update.effective_message is not None
    await update.effective_message.reply_text(f"heard {update.effective_message.text}")


async def test_a_command_is_answered(playground: PlaygroundServer, cast: Cast) -> None:
    async with polling_bot(playground, CommandHandler("start", _greet)):
        playground.people.say(cast.alice, playground.telegram.bot, "/start")
        answer = await playground.wait_for_message(cast.alice)
    assert answer.text == "Hello"
    assert answer.written.entities == ({"type": "bold", "offset": 0, "length": 5},)


async def test_a_press_is_answered_and_the_message_edited(playground: PlaygroundServer, cast: Cast) -> None:
    async with polling_bot(playground, CommandHandler("start", _greet), CallbackQueryHandler(_go)):
        playground.people.say(cast.alice, playground.telegram.bot, "/start")
        answer = await playground.wait_for_message(cast.alice)
        playground.people.press(cast.alice, answer, "Go")
        await playground.wait_for_call("editMessageText")
    assert [message.text for message in playground.sent(cast.alice)] == ["Went"]
    assert answer.edited is not None
    assert answer.markup is None


async def test_in_a_group_the_bot_hears_commands_and_answers_only(
    playground: PlaygroundServer, cast: Cast
) -> None:
    async with polling_bot(playground, MessageHandler(filters.TEXT, _echo)):
        say = playground.people.say
        say(cast.alice, cast.night_desk, "just talking")
        say(cast.alice, cast.night_desk, "/other@another_bot")
        say(cast.xiaolin, cast.night_desk, "/status@aftershock_bot")
        answer = await playground.wait_for_message(cast.night_desk)
        say(cast.alice, cast.night_desk, "why?", reply_to=answer)
        await playground.wait_for_message(cast.night_desk, "why?")
    heard = [message.text for message in playground.sent(cast.night_desk)]
    assert heard == ["heard /status@aftershock_bot", "heard why?"]


async def test_a_channel_post_is_heard_without_an_author(playground: PlaygroundServer, cast: Cast) -> None:
    async with polling_bot(playground, MessageHandler(filters.UpdateType.CHANNEL_POST, _echo)):
        playground.people.post(cast.channel, "/status")
        answer = await playground.wait_for_message(cast.channel, "heard")
    assert answer.sender is None
