"""`/mute`: no alerts for a while, until a time of day, or no longer; what was missed is told afterwards."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta, tzinfo

from bot.commands.back import back_to_settings
from bot.commands.clock import is_clock, time_of_day
from bot.commands.mistakes import Misunderstood
from bot.telling.digests import decide_anew
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.wording import Wording
from signals.own import amounts
from storage import chats

_LONGEST = timedelta(days=90)
OFFERED = ("1h", "8h", "1d")


async def mute(ask: Ask) -> Answer:
    """Without a word after it: whether the chat is muted, and buttons."""
    if not ask.args:
        until = ask.chat.muted_until
        return _answer(ask.words, until if until and until > ask.words.now else None)
    until = _until(ask.args, ask.words.now, ask.words.zone)
    chats.mute(ask.desk.db, ask.chat.id, until)
    decide_anew(ask.desk, ask.chat.id)
    return _answer(ask.words, until)


def _until(args: tuple[str, ...], now: datetime, zone: tzinfo) -> datetime | None:
    """The end of the silence; None where it ends now. Raises Misunderstood."""
    match tuple(map(str.lower, args)):
        case ["off"]:
            return None
        case ["off", *_]:
            raise Misunderstood(args[-1])
        case _:
            return end_of(args, now, zone)


def end_of(said: Sequence[str], now: datetime, zone: tzinfo) -> datetime:
    """The end of a length, or the next time of day: 2h, 2 hours, 21:00, until 8. Raises Misunderstood."""
    match tuple(map(str.lower, said)):
        case ["until", _, _, *_]:
            raise Misunderstood(said[-1])
        case ["until", clock] | [clock] if is_clock(clock) or len(said) > 1:
            return _next(time_of_day(clock), now, zone)
        case _:
            return now + length_of(said)


def length_of(said: Sequence[str]) -> timedelta:
    """The length of time that people write as 30m, 2h, 2 hours 30 min or 2小时. Raises Misunderstood."""
    text = " ".join(said)
    found = amounts.LENGTH.match(text.lower())
    length = amounts.length_of(found) if found else timedelta(0)
    if not found or not timedelta(0) < length <= _LONGEST:
        raise Misunderstood(said[0])
    if rest := text[found.end() :].split():
        raise Misunderstood(rest[0])
    return length


def _next(clock: time, now: datetime, zone: tzinfo) -> datetime:
    """The next time that clocks in a zone show this."""
    today = now.astimezone(zone).date()
    moment = datetime.combine(today, clock, zone)
    return moment if moment > now else datetime.combine(today + timedelta(days=1), clock, zone)


def _answer(words: Wording, until: datetime | None) -> Answer:
    if until is None:
        return Answer(words("mute.off"), _buttons(words, muted=False))
    text = words("mute.on", moment=words.moment(until), length=words.duration(until - words.now))
    return Answer(text, _buttons(words, muted=True))


def _buttons(words: Wording, *, muted: bool) -> Buttons:
    lengths = tuple(Button(words.duration(length_of([each])), f"here:mute:{each}") for each in OFFERED)
    unmute = ((Button(words.plain("button.unmute"), "here:mute:off"),),) if muted else ()
    return (lengths, *unmute, back_to_settings(words))
