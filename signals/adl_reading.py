"""Auto-deleveraging, for people to look at: each exchange's state, what they announced, the 48-hour clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from signals.adl import AdlRules
from signals.adl_states import LOOKS, STATES, Risk
from signals.announcements import Announcement, announcements
from signals.conditions import Standing
from signals.gauges import Series
from signals.market import Market
from signals.moments import from_ms, length_ms, to_ms
from signals.readings import Quality, Source
from signals.review import Review, review_at
from signals.warnings import Episodes

_LATEST = 3
_ALL_TIME = from_ms(0)


@dataclass(frozen=True, slots=True)
class VenueState:
    """What a venue said last of a coin, and how long ago; nothing where it never said anything."""

    venue: str
    coin: str
    risk: Risk | None = None
    age: timedelta | None = None
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class AdlReading:
    """The states of every venue and coin, the newest announcements first, how the open shock was answered.

    `remaining`: how long an answer to the open shock is still awaited.
    `heard`: whose announcements can be read.
    """

    at: datetime
    quality: Quality
    sources: tuple[Source, ...]
    states: tuple[VenueState, ...]
    announcements: tuple[Announcement, ...] = ()
    review: Review | None = None
    remaining: timedelta | None = None
    heard: tuple[str, ...] = ()


def read_adl(market: Market, shock: Standing, now: datetime, rules: AdlRules | None = None) -> AdlReading:
    """What is known of ADL at a moment; `shock` is where the shock stands then."""
    rules, now_ms = rules or AdlRules(), to_ms(now)
    states = tuple(_state(market, *series[:2], now, rules) for series in STATES)
    told = [a for a in announcements(market.notices, _ALL_TIME) if a.known_ms <= now_ms]
    heard = tuple(look.source for look in LOOKS if _is_heard(market, look, now_ms, rules))
    episode = Episodes.along(shock, ()).at(now_ms)
    review = review_at(episode, told, now_ms, rules.review_within, heard=bool(heard))
    waits = review is not None and review.announcement is None and now_ms < review.deadline_ms
    return AdlReading(
        at=now,
        quality=_quality(states),
        sources=_sources(states),
        states=states,
        announcements=tuple(sorted(told, key=lambda each: each.at_ms, reverse=True)[:_LATEST]),
        review=review,
        remaining=from_ms(review.deadline_ms) - now if review and waits else None,
        heard=heard,
    )


def _state(market: Market, venue: str, coin: str, now: datetime, rules: AdlRules) -> VenueState:
    states = market.gauges.get(_SERIES[venue, coin])
    last = states.last_known(to_ms(now)) if states is not None else None
    if last is None:
        return VenueState(venue, coin)
    age = now - from_ms(last[0])
    is_stale = length_ms(age) >= length_ms(rules.stale_after)
    return VenueState(venue, coin, Risk(int(last[1])), age, is_stale)


def _is_heard(market: Market, look: Series, now_ms: int, rules: AdlRules) -> bool:
    looks = market.gauges.get(look)
    last = looks.last_known(now_ms) if looks is not None else None
    return last is not None and now_ms - last[0] < length_ms(rules.heard_for)


def _quality(states: tuple[VenueState, ...]) -> Quality:
    if any(state.risk is not None and not state.is_stale for state in states):
        return Quality.OK
    return Quality.STALE if any(state.risk is not None for state in states) else Quality.MISSING


def _sources(states: tuple[VenueState, ...]) -> tuple[Source, ...]:
    """Each venue once, with the age of the older of its states."""
    ages: dict[str, timedelta | None] = {}
    for state in states:
        before = ages.get(state.venue, state.age)
        ages[state.venue] = max(before, state.age) if before is not None and state.age is not None else None
    return tuple(Source(venue, age) for venue, age in ages.items())


_SERIES = {(series.source, series.subject): series for series in STATES}
