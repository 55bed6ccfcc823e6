"""`/quiet`: hours of the day in which a chat hears nothing; what it missed comes in one message then."""

import re
from dataclasses import replace
from datetime import time

from bot.commands.back import back_to_settings
from bot.commands.clock import time_of_day
from bot.commands.mistakes import Misunderstood
from bot.telling.digests import decide_anew
from bot.telling.listeners import quiet_hours_of
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.texts import Html
from bot.words.wording import Wording
from bot.words.zones import zone_label
from signals.quiet_hours import QuietHours
from storage import chats
from storage.chats import ChatRow

_OFFERED = ("22:00-07:00", "23:00-07:00", "00:00-08:00")
_DASHES = re.compile(r"[-–—~～至]")
_ALWAYS, _HELD = "always", "held"


async def quiet(ask: Ask) -> Answer:
    """Without a word after it the hours that are chosen; `23:00-07:00`, `off`, `verdict always|held`."""
    chat = _changed(ask) if ask.args else ask.chat
    if chat != ask.chat:
        decide_anew(ask.desk, chat.id)
    hours = quiet_hours_of(chat)
    return Answer(_text(ask.words, chat, hours), _buttons(ask.words, chat, hours))


def hours_text(hours: QuietHours) -> str:
    """Quiet hours as people write them."""
    return f"{hours.start:%H:%M}-{hours.end:%H:%M}"


def quiet_hours_in(words: tuple[str, ...]) -> QuietHours:
    """The hours that people write as 23:00-07:00, 23-7 or 23:00 07:00. Raises Misunderstood."""
    ends = [end for end in _DASHES.split("-".join(words)) if end]
    if len(ends) != 2:  # noqa: PLR2004  # it begins and it ends
        raise Misunderstood(words[-1])
    start, end = (_time_of(word, words) for word in ends)
    if start == end:
        raise Misunderstood(words[-1])
    return QuietHours(start, end)


def _changed(ask: Ask) -> ChatRow:
    """The chat after what was said was done. Raises Misunderstood."""
    db, chat = ask.desk.db, ask.chat
    match tuple(map(str.lower, ask.args)):
        case ("off",):
            chats.set_quiet_hours(db, chat.id, None)
            return replace(chat, quiet_from=None, quiet_until=None)
        case ("verdict", "always" | "held" as choice):
            chats.set_verdict_always(db, chat.id, choice == _ALWAYS)
            return replace(chat, verdict_always=choice == _ALWAYS)
        case ("verdict" | "off" as first, *rest):
            raise Misunderstood(rest[0] if rest else first)
        case _:
            hours = quiet_hours_in(ask.args)
            chats.set_quiet_hours(db, chat.id, hours)
            return replace(chat, quiet_from=hours.start, quiet_until=hours.end)


def _time_of(word: str, said: tuple[str, ...]) -> time:
    try:
        return time_of_day(word)
    except Misunderstood:
        raise Misunderstood(next((each for each in said if word in each), word)) from None


def _text(words: Wording, chat: ChatRow, hours: QuietHours | None) -> Html:
    verdict = words("quiet.verdict_always" if chat.verdict_always else "quiet.verdict_held")
    if hours is None:
        return words("quiet.off", verdict=verdict)
    return words("quiet.on", hours=hours_text(hours), zone=zone_label(chat.timezone), verdict=verdict)


def _buttons(words: Wording, chat: ChatRow, hours: QuietHours | None) -> Buttons:
    offered = tuple(Button(each, f"here:quiet:{each.replace(':', '')}") for each in _OFFERED)
    choice = _HELD if chat.verdict_always else _ALWAYS
    toggle = (Button(words.plain(f"button.verdict_{choice}"), f"here:quiet:verdict:{choice}"),)
    off = ((Button(words.plain("button.quiet_off"), "here:quiet:off"),),) if hours else ()
    return (offered, *off, toggle, back_to_settings(words))
