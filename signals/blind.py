"""`blind`: a feed that a condition needs has been away for too long, or nothing was watched at all.

What the bot did not see it says: which feed, since when and what is not judged meanwhile, once an outage;
when all are back, from when to when each was away. Feeds that fail together are one message.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from signals.calendar import NEW_YORK, session_on
from signals.conditions import Alarm, Evidence, Judged, Point, Standing
from signals.disputes import is_disputed
from signals.gauges import Measure, Series
from signals.market import Market
from signals.moments import DAY_MS, SECOND_MS, from_ms, iso
from signals.outages import FEEDS, Outage, first_seen, has_returned, outages
from signals.premium import premium_samples
from signals.session_report import SessionRules, report_session
from signals.warnings import Backdrop, follow_warning

WATCH = Series("watch", "loop", Measure.UNWATCHED_SECONDS)
"""The bot's own pauses: each by the moment at which it was over."""


@dataclass(frozen=True, slots=True)
class BlindRules:
    """The thresholds."""

    after: timedelta = timedelta(minutes=10)
    """Without a price for so long a feed is away; with bars, for two of them at least."""
    session: SessionRules = field(default_factory=SessionRules)


@dataclass(frozen=True, slots=True)
class Blind:
    """The warning."""

    rules: BlindRules = BlindRules()
    id: str = "blind"

    def judge(self, standing: Standing, market: Market, backdrop: Backdrop, until_ms: int) -> Judged:
        """See `signals.warnings.WarningRule`."""
        del backdrop
        away = _Away.of(standing.settled)
        points = _points(away, _events(away, standing, market, until_ms, self.rules), market, self.rules)
        return follow_warning(self.id, standing, points, until_ms, standing.seen_ms)


class _Event(NamedTuple):
    """What happened at one moment: feeds that went away, each since when, feeds that came back, a pause."""

    at_ms: int
    gone: tuple[tuple[str, int], ...] = ()
    back: tuple[str, ...] = ()
    paused_ms: int = 0


class _Away(NamedTuple):
    """What the warning remembers: since when feeds are away, and who came back while others were not."""

    seen: bool = False
    since_ms: tuple[tuple[str, int], ...] = ()
    over: tuple[tuple[str, int, int], ...] = ()

    @classmethod
    def of(cls, settled: str) -> "_Away":
        """From what was carried."""
        if settled in {Alarm.NO_DATA, Alarm.OFF}:
            return cls(settled == Alarm.OFF)
        since, over = json.loads(settled)
        return cls(True, tuple((feed, ms) for feed, ms in since), tuple((f, a, b) for f, a, b in over))

    @property
    def settled(self) -> str:
        """What is carried."""
        if not self.since_ms:
            return Alarm.OFF if self.seen else Alarm.NO_DATA
        return json.dumps([self.since_ms, self.over], separators=(",", ":"))

    @property
    def state(self) -> Alarm:
        """Where the warning stands."""
        return Alarm.ON if self.since_ms else Alarm.OFF if self.seen else Alarm.NO_DATA

    def after(self, event: _Event) -> "_Away":
        """What is remembered from an event on."""
        over = [*self.over, *((feed, ms, event.at_ms) for feed, ms in self.since_ms if feed in event.back)]
        left = [(feed, ms) for feed, ms in self.since_ms if feed not in event.back]
        return _Away(True, (*left, *event.gone), tuple(over))


def _events(
    away: _Away, standing: Standing, market: Market, until_ms: int, rules: BlindRules
) -> Iterator[_Event]:
    """The events after what was judged, in order of time."""
    judged_ms = standing.judged_ms
    found = outages(market, judged_ms, until_ms, rules.after)
    moments: set[int] = set()
    if not away.seen and (seen_ms := first_seen(market, until_ms)) is not None:
        moments.add(max(seen_ms, judged_ms + 1))
    gone = [each for each in found if each.told_ms > judged_ms]
    back = [*found, *_ended_unseen(away, found, market, judged_ms, until_ms)]
    pauses = dict(_pauses(market, judged_ms, until_ms))
    moments |= {each.told_ms for each in gone} | {ms for each in back if (ms := each.back_ms) is not None}
    for at_ms in sorted(m for m in moments | pauses.keys() if judged_ms < m <= until_ms):
        yield _Event(
            at_ms,
            tuple((each.feed, each.since_ms) for each in gone if each.told_ms == at_ms),
            tuple(each.feed for each in back if each.back_ms == at_ms),
            pauses.get(at_ms, 0),
        )


def _ended_unseen(
    away: _Away, found: Iterable[Outage], market: Market, judged_ms: int, until_ms: int
) -> Iterator[Outage]:
    """Outages that were told, and which facts filled in since have closed: they end with the next look."""
    still = {(each.feed, each.since_ms) for each in found}
    for feed, since_ms in away.since_ms:
        if (feed, since_ms) not in still and has_returned(market, feed, since_ms, until_ms):
            yield Outage(feed, since_ms, judged_ms, judged_ms + 1)


def _pauses(market: Market, after_ms: int, until_ms: int) -> Iterator[tuple[int, int]]:
    rows = market.gauge(*WATCH)
    for at_ms, known_ms, seconds in zip(*(column.tolist() for column in rows.columns()), strict=True):
        if after_ms < known_ms <= until_ms:
            yield int(known_ms), int(seconds * SECOND_MS) + int(known_ms - at_ms)


def _points(away: _Away, events: Iterable[_Event], market: Market, rules: BlindRules) -> Iterator[Point]:
    for event in events:
        before, away = away, away.after(event)
        if event.paused_ms:
            yield Point(event.at_ms, before.state, before.settled, "not_watched", _pause(event), worse=True)
        if event.gone:
            yield _gone(before, away, event, market)
        elif not away.since_ms:
            if before.since_ms:
                yield Point(
                    event.at_ms, Alarm.OFF, Alarm.OFF, "back", _back(away, event.at_ms, market, rules)
                )
            else:
                yield Point(event.at_ms, Alarm.OFF, Alarm.OFF, "fresh", {})
            away = _Away(seen=True)
        else:
            yield Point(event.at_ms, Alarm.ON, away.settled, "silent", {})


def _gone(before: _Away, away: _Away, event: _Event, market: Market) -> Point:
    coins = {feed.partition(" ")[2].partition("/")[0] for feed, _ in event.gone}
    disputed = any(is_disputed(market, coin, event.at_ms) for coin in coins if coin)
    reason = "disputed" if disputed else "more" if before.since_ms else "silent"
    feeds = [feed for feed, _ in away.since_ms]
    evidence = {
        "silent_feeds": [[feed, iso(since_ms)] for feed, since_ms in away.since_ms],
        "unjudged_conditions": _needed(feeds),
    }
    return Point(event.at_ms, Alarm.ON, away.settled, reason, evidence, worse=True)


def _back(away: _Away, at_ms: int, market: Market, rules: BlindRules) -> Evidence:
    feeds = [feed for feed, _, _ in away.over]
    evidence: dict[str, object] = {
        "over_outages": [[feed, iso(since_ms), iso(until_ms)] for feed, since_ms, until_ms in away.over],
        "unjudged_conditions": _needed(feeds),
    }
    if "premium" in _needed(feeds) and (share := _coverage(market, at_ms, rules)) is not None:
        evidence["coverage_share"] = share
    return evidence


def _coverage(market: Market, now_ms: int, rules: BlindRules) -> float | None:
    """The share of today's session so far that has samples; None where there is none today, or not yet."""
    now = from_ms(now_ms)
    session = session_on(now.astimezone(NEW_YORK).date())
    if session is None or now <= session.opens:
        return None
    samples = premium_samples(market.since(now_ms - DAY_MS).known_by(now_ms))
    return round(min(report_session(session, samples, rules.session).coverage_by(now), 1.0), 4)


def _needed(feeds: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(condition for feed in feeds for condition in FEEDS.get(feed, ())))


def _pause(event: _Event) -> Evidence:
    return {"unwatched_span": [iso(event.at_ms - event.paused_ms), iso(event.at_ms)]}
