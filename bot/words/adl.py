"""Auto-deleveraging in words: states of exchanges, their announcements, the clock that a shock starts."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.words.marks import MARKS
from bot.words.sources import source_name
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.adl_reading import AdlReading, VenueState
from signals.adl_states import Risk
from signals.announcements import Announcement
from signals.conditions import Alarm, State
from signals.moments import from_ms
from signals.notices import Notice
from signals.review import Answer, Review

_MARKS = {
    None: MARKS[State.NO_DATA],
    Risk.NONE: MARKS[Alarm.OFF],
    Risk.RAISED: MARKS[Alarm.ON],
    Risk.HIGH: MARKS[Alarm.ON],
}
_LONGEST_TITLE = 200


def states_up(words: Wording, states: Sequence[Sequence[Any]]) -> str:
    """Rows of (venue, coin, risk) in a row, as evidence has them."""
    return words.listed(
        [
            words.plain("adl.state", source=source_name(words, venue), coin=coin, risk=risk_word(words, risk))
            for venue, coin, risk in states
        ]
    )


def venue_names(words: Wording, venues: Sequence[str]) -> str:
    """The names of venues in a row."""
    return words.listed([source_name(words, venue) for venue in venues])


def risk_word(words: Wording, risk: int | None) -> str:
    """How near ADL is, in a word."""
    return words.plain("adl.risk_unknown" if risk is None else f"adl.risk_{risk:d}")


def adl_headline(words: Wording, reading: AdlReading) -> Html:
    """Where ADL is up, or that it is nowhere, or that nobody says."""
    current = [state for state in reading.states if state.risk is not None and not state.is_stale]
    if not current:
        return words("adl.unknown", mark=_MARKS[None])
    up = dict.fromkeys(state.venue for state in current if state.risk)
    if not up:
        return words("adl.clear", mark=_MARKS[Risk.NONE])
    return words("adl.up", mark=_MARKS[Risk.RAISED], names=venue_names(words, list(up)))


def venue_line(words: Wording, states: Sequence[VenueState]) -> Html:
    """A venue's states of all coins with their age; that they are missing or too old is said."""
    name = source_name(words, states[0].venue)
    ages = [state.age for state in states if state.age is not None]
    if not ages:
        return words("adl.venue_missing", mark=_MARKS[None], name=name)
    coins = [words.plain("adl.coin", coin=s.coin, risk=risk_word(words, s.risk)) for s in states]
    is_old = any(state.is_stale for state in states)
    worst = max((state.risk for state in states if state.risk is not None), default=None)
    return words(
        "adl.venue_old" if is_old else "adl.venue",
        mark=_MARKS[None if is_old else worst],
        name=name,
        coins=words.listed(coins),
        age=words.duration(max(ages)),
    )


def announcement_line(words: Wording, announcement: Announcement) -> Html:
    """When an exchange published what, its title linked to it."""
    notice = _in_language(words, announcement.wordings)
    title = notice.title
    if len(title) > _LONGEST_TITLE:
        title = title[: _LONGEST_TITLE - 1] + "…"
    key = "adl.announcement" if notice.url else "adl.bare_announcement"
    values = {"moment": words.moment(notice.at), "source": source_name(words, notice.source), "title": title}
    return words(key, **values, **({"url": notice.url} if notice.url else {}))


def _in_language(words: Wording, wordings: Sequence[Notice]) -> Notice:
    """The wording in the language of the chat where there is one: Chinese is told by its characters."""
    chinese = words.language == "zh"
    fitting = (each for each in wordings if any("一" <= letter <= "鿿" for letter in each.title) is chinese)
    return next(fitting, wordings[0])


def heard_line(words: Wording, reading: AdlReading) -> Html:
    """Whose announcements can be read: only who is heard can be silent."""
    if not reading.heard:
        return words("adl.unheard", mark=MARKS[State.NO_DATA])
    return words("adl.heard", names=venue_names(words, reading.heard))


def hours(words: Wording, length: timedelta) -> str:
    """A length of time in hours: people speak of the 48 hours, not of two days."""
    return words.plain("duration.h", n=length // timedelta(hours=1))


def clock_line(words: Wording, reading: AdlReading, within: timedelta) -> Html:
    """Whether the exchanges answered the open shock, or how long they have left."""
    review = reading.review
    if review is None:
        return words("adl.no_clock", mark=MARKS[Alarm.OFF])
    moment, length = words.moment(from_ms(review.opened_ms)), hours(words, within)
    known = {"mark": _CLOCK_MARKS[review.answer], "moment": moment}
    match review.answer:
        case Answer.WAITING:
            remaining = words.duration(reading.remaining or timedelta())
            return words("adl.clock_waiting", **known, remaining=remaining, within=length)
        case Answer.REVIEWED:
            return words("adl.clock_reviewed", **known, **_who(words, review))
        case Answer.LATE:
            return words("adl.clock_late", **known, **_who(words, review), within=length)
        case Answer.SILENCE | Answer.UNHEARD:
            return words(f"adl.clock_{review.answer}", **known, within=length)


_CLOCK_MARKS = {
    Answer.WAITING: MARKS[State.HOLDING],
    Answer.REVIEWED: MARKS[State.MET],
    Answer.LATE: MARKS[State.HOLDING],
    Answer.SILENCE: MARKS[State.UNMET],
    Answer.UNHEARD: MARKS[State.NO_DATA],
}


def _who(words: Wording, review: Review) -> dict[str, str]:
    """Who answered, and how long after the shock."""
    assert review.announcement is not None
    after = timedelta(milliseconds=review.announcement.at_ms - review.opened_ms)
    return {"source": source_name(words, review.announcement.source), "after": words.duration(after)}
