"""`/cap`: how many alerts a chat gets on one day at most; what exceeds comes in one message the next day."""

from dataclasses import replace

from bot.commands.back import back_to_settings
from bot.commands.mistakes import Misunderstood
from bot.telling.digests import decide_anew
from bot.telling.listeners import cap_of, told_today
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.texts import Html
from bot.words.wording import Wording
from storage import chats

_OFFERED = (5, 10, 30, 100)
_MOST = 1000
_NONE, _USUAL = "off", "usual"


async def cap(ask: Ask) -> Answer:
    """Without a word after it the cap that holds; a number, `off` or `usual` chooses another."""
    chat = ask.chat
    if ask.args:
        chosen = _chosen(ask.args[0])
        chats.set_daily_cap(ask.desk.db, chat.id, chosen)
        chat = replace(chat, daily_cap=chosen)
        decide_anew(ask.desk, chat.id)
    limit, words = cap_of(chat, ask.desk.settings), ask.words
    return Answer(_text(words, limit, told_today(ask.desk.db, chat, words.now)), _buttons(words, limit))


def _chosen(word: str) -> int | None:
    match word.lower():
        case "off":
            return 0
        case "usual":
            return None
        case number if number.isascii() and number.isdigit() and 0 < int(number[:6]) <= _MOST:
            return int(number[:6])
        case _:
            raise Misunderstood(word)


def _text(words: Wording, limit: int, today: int) -> Html:
    return words("cap.on", n=limit, today=today) if limit else words("cap.off", today=today)


def _buttons(words: Wording, limit: int) -> Buttons:
    numbers = tuple(_number(words, number, chosen=number == limit) for number in _OFFERED)
    others = (
        Button(words.plain("button.no_cap"), f"here:cap:{_NONE}"),
        Button(words.plain("button.usual_cap"), f"here:cap:{_USUAL}"),
    )
    return (numbers, others, back_to_settings(words))


def _number(words: Wording, number: int, *, chosen: bool) -> Button:
    label = words.plain("button.chosen", name=number) if chosen else str(number)
    return Button(label, f"here:cap:{number}")
