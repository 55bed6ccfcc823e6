"""`/brief`: the state of things in one message, now or every day at an hour of the chat's choice."""

from datetime import time

from bot.commands.back import back_to_topics
from bot.commands.clock import time_of_day
from bot.commands.mistakes import Misunderstood
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.brief import brief_text
from bot.words.wording import Wording
from bot.words.zones import zone_label
from storage import briefs

_USUAL = "08:00"
_OFFERED = ("07:00", "08:00", "09:00", "12:00", "18:00", "21:00")
_IN_A_ROW = 3
_SOUNDS = {"sound": False, "silent": True}


async def brief(ask: Ask) -> Answer:
    """Without a word after it the brief of now; `on 08:00 [silent]` and `off` choose when it comes."""
    match tuple(word.lower() for word in ask.args):
        case ():
            return _now(ask)
        case ("off",):
            briefs.stop(ask.desk.db, ask.chat.id)
            return brief_page(ask)
        case ("on",):
            return _on(ask, time_of_day(_USUAL), silent=False)
        case ("on", clock):
            return _on(ask, time_of_day(clock), silent=False)
        case ("on", clock, "silent" | "sound" as how):
            return _on(ask, time_of_day(clock), silent=_SOUNDS[how])
        case (clock, *_) if clock[:1].isdigit():
            return await brief(ask.with_args(("on", *ask.args)))
        case (first, *rest):
            raise Misunderstood(_wrong(first, ask.args[0], rest))
        case _:
            raise AssertionError(ask.args)


def brief_page(ask: Ask) -> Answer:
    """When the brief comes by itself, and buttons to choose."""
    words, chosen = ask.words, briefs.read_brief(ask.desk.db, ask.chat.id)
    if chosen is None:
        return Answer(words("brief.off"), _buttons(words, None))
    key = "brief.on_silent" if chosen.silent else "brief.on"
    text = words(key, clock=f"{chosen.at:%H:%M}", zone=zone_label(ask.chat.timezone))
    return Answer(text, _buttons(words, chosen))


def _wrong(first: str, said: str, rest: list[str]) -> str:
    """Which of several words makes no sense."""
    if first == "on":
        time_of_day(rest[0])
        return rest[1]
    return rest[0] if rest and first == "off" else said


def _now(ask: Ask) -> Answer:
    words, chosen = ask.words, briefs.read_brief(ask.desk.db, ask.chat.id)
    button = Button(words.plain("button.chart"), "chart:premium")
    choice = (
        Button(words.plain("button.brief_off"), "here:brief:off")
        if chosen
        else Button(words.plain("button.brief_on"), "here:brief:on")
    )
    return Answer(brief_text(words, ask.desk), ((button, choice),))


def _on(ask: Ask, at: time, *, silent: bool) -> Answer:
    briefs.choose(ask.desk.db, ask.chat.id, at, thread_id=ask.thread_id, silent=silent)
    return brief_page(ask)


def _buttons(words: Wording, chosen: briefs.Choice | None) -> Buttons:
    """The hours; for one that is chosen also how it sounds, and off."""
    hours = [_hour(words, each, chosen) for each in _OFFERED]
    rows = [tuple(hours[start : start + _IN_A_ROW]) for start in range(0, len(hours), _IN_A_ROW)]
    if chosen is not None:
        rows.append((_sound(words, chosen), Button(words.plain("button.brief_off"), "here:brief:off")))
    return (*rows, back_to_topics(words))


def _hour(words: Wording, clock: str, chosen: briefs.Choice | None) -> Button:
    is_chosen = chosen is not None and f"{chosen.at:%H:%M}" == clock
    label = words.plain("button.chosen", name=clock) if is_chosen else clock
    return Button(label, _data(clock, silent=chosen is not None and chosen.silent))


def _sound(words: Wording, chosen: briefs.Choice) -> Button:
    label = words.plain("button.with_sound" if chosen.silent else "button.silently")
    return Button(label, _data(f"{chosen.at:%H:%M}", silent=not chosen.silent))


def _data(clock: str, *, silent: bool) -> str:
    # A colon parts the words of a button.
    return f"here:brief:on:{clock.replace(':', '')}" + (":silent" if silent else "")
