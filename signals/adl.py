"""`adl`: an exchange is near auto-deleveraging, speaks about it, or stays silent after a shock.

Auto-deleveraging closes positions that win against the will of those who hold them, where the insurance fund
no longer covers those that lost. The warning ends when every state has been clear for a while, the last
announcement is a day old, and no shock is open that no exchange has answered.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, Self

from signals.adl_states import Risk, Runs, heard_since, runs_since
from signals.announcements import Announcement, announcements
from signals.conditions import Alarm, Evidence, Judged, Point, Standing
from signals.gauges import Series
from signals.market import Market
from signals.moments import DAY_MS, HOUR_MS, from_ms, iso, length_ms
from signals.review import WITHIN, Answer, Review, review_at
from signals.warnings import Backdrop, Episodes, follow_warning


@dataclass(frozen=True, slots=True)
class AdlRules:
    """The thresholds."""

    over_after: timedelta = timedelta(minutes=30)
    """A state is over once it has been for so long."""
    stale_after: timedelta = timedelta(minutes=30)
    """A state that has not been repeated for so long says nothing any more."""
    review_within: timedelta = WITHIN
    """So long after a shock an announcement is awaited."""
    heard_for: timedelta = timedelta(hours=2)
    """Whose announcements have not been read for so long cannot be called silent."""
    news_for: timedelta = timedelta(days=1)
    """For so long an announcement alone keeps the warning on."""
    news_within: timedelta = timedelta(days=2)
    """What was published longer ago when it became known is no news."""


class _Told(NamedTuple):
    """What it remembers: the worst state, the last announcement and the shock whose silence it told."""

    alarm: Alarm = Alarm.NO_DATA
    risk: Risk = Risk.NONE
    news_ms: int = 0
    silence_ms: int = 0

    @classmethod
    def of(cls, settled: str) -> Self:
        alarm, *numbers = settled.split()
        risk, news_ms, silence_ms = map(int, numbers or (0, 0, 0))
        return cls(Alarm(alarm), Risk(risk), news_ms, silence_ms)

    def __str__(self) -> str:
        return f"{self.alarm} {self.risk:d} {self.news_ms} {self.silence_ms}"


class _Glance(NamedTuple):
    """Everything that counts at one moment."""

    states: Mapping[Series, Risk]
    news: Announcement | None
    review: Review | None
    heard: Sequence[str]
    """Whose announcements can be read."""

    @property
    def risk(self) -> Risk:
        return max(self.states.values(), default=Risk.NONE)

    @property
    def silence_ms(self) -> int:
        """Which shock is met with silence; 0 for none."""
        return self.review.opened_ms if self.review and self.review.answer is Answer.SILENCE else 0

    @property
    def waits(self) -> bool:
        """Whether a shock is open that nobody has answered."""
        return self.review is not None and self.review.announcement is None


@dataclass(frozen=True, slots=True)
class Adl:
    """The warning."""

    rules: AdlRules = AdlRules()
    id: str = "adl"

    def judge(self, standing: Standing, market: Market, backdrop: Backdrop, until_ms: int) -> Judged:
        """See `signals.warnings.WarningRule`."""
        rules, episodes = self.rules, backdrop.episodes
        window_ms = length_ms(rules.over_after + rules.stale_after)
        runs = runs_since(market, standing.judged_ms - 2 * window_ms, rules.stale_after)
        heard = heard_since(market, standing.judged_ms - 2 * length_ms(rules.heard_for), rules.heard_for)
        opened_ms = [episode.opened_ms for episode in episodes.open if episode]
        # What became known before is no news any more, and answers no shock that is open.
        since = from_ms(max(min(standing.judged_ms, *opened_ms, until_ms), DAY_MS)) - 2 * rules.news_within
        told = announcements(market.notices, since)
        seen = _Seen(rules, runs, told, [each for each in told if _is_news(each, rules)], heard, episodes)
        points = _points(_Told.of(standing.settled), seen, standing.judged_ms, until_ms)
        return follow_warning(self.id, standing, points, until_ms, standing.seen_ms)


def _is_news(announcement: Announcement, rules: AdlRules) -> bool:
    late_ms = announcement.known_ms - announcement.at_ms
    return not announcement.is_history and late_ms <= length_ms(rules.news_within)


class _Seen(NamedTuple):
    """What there is to see, and what counts of it at a moment."""

    rules: AdlRules
    runs: Mapping[Series, Runs]
    told: Sequence[Announcement]
    news: Sequence[Announcement]
    """Those that came out while somebody looked."""
    heard: Mapping[str, Runs]
    episodes: Episodes

    def at(self, moment_ms: int) -> _Glance:
        over_after_ms = length_ms(self.rules.over_after)
        states = {series: run.at(moment_ms, over_after_ms) for series, run in self.runs.items()}
        heard = [venue for venue, run in self.heard.items() if run.at(moment_ms, 0) is not None]
        episode, within = self.episodes.at(moment_ms), self.rules.review_within
        return _Glance(
            {series: risk for series, risk in states.items() if risk is not None},
            self._news_at(moment_ms),
            review_at(episode, self.told, moment_ms, within, heard=bool(heard)),
            heard,
        )

    def moments(self, after_ms: int, until_ms: int) -> list[int]:
        """Every moment of a span at which anything may be another than before, and the last one."""
        turns = {ms for run in self.runs.values() for ms in run.turns_ms(length_ms(self.rules.over_after))}
        turns |= {ms for run in self.heard.values() for ms in run.turns_ms(0)}
        for announcement in self.told:
            turns |= {announcement.known_ms, announcement.at_ms}
            turns.add(announcement.known_ms + length_ms(self.rules.news_for))
        turns.update(self.episodes.from_ms)
        within_ms = length_ms(self.rules.review_within)
        turns |= {episode.opened_ms + within_ms for episode in self.episodes.open if episode}
        return sorted({ms for ms in turns if after_ms < ms <= until_ms} | {until_ms})

    def _news_at(self, moment_ms: int) -> Announcement | None:
        """The last announcement that is news, and still is at a moment."""
        since_ms = moment_ms - length_ms(self.rules.news_for)
        return next((a for a in reversed(self.news) if since_ms < a.known_ms <= moment_ms), None)


def _points(told: _Told, seen: _Seen, after_ms: int, until_ms: int) -> Iterator[Point]:
    for at_ms in seen.moments(after_ms, until_ms):
        glance = seen.at(at_ms)
        reason = _reason(told, glance)
        alarm = _alarm(told, glance)
        told = _Told(
            alarm,
            glance.risk,
            glance.news.known_ms if glance.news else told.news_ms,
            glance.silence_ms or told.silence_ms,
        )
        if reason is not None:
            yield Point(at_ms, alarm, str(told), reason, _evidence(reason, glance), worse=True)
        else:
            yield Point(at_ms, alarm, str(told), _CALM[alarm], _calm_evidence(glance))


_CALM = {Alarm.ON: "goes_on", Alarm.OFF: "clear", Alarm.NO_DATA: "no_state"}
"""Why the warning is where it is when nothing new is to be told. Once it is on it is on for what was told."""


def _alarm(told: _Told, glance: _Glance) -> Alarm:
    if glance.risk or glance.news or glance.silence_ms or (told.alarm is Alarm.ON and glance.waits):
        return Alarm.ON
    return Alarm.OFF if glance.states else Alarm.NO_DATA


def _reason(told: _Told, glance: _Glance) -> str | None:
    """What is to be told at a moment, the most telling of it; None where nothing is."""
    if glance.silence_ms not in {0, told.silence_ms}:
        return Answer.SILENCE
    if glance.news and glance.news.known_ms > told.news_ms:
        first = glance.review and glance.review.announcement
        is_review = first == glance.news and glance.review and glance.review.answer is Answer.REVIEWED
        return Answer.REVIEWED if is_review else "announced"
    if glance.risk > told.risk:
        return "high" if glance.risk is Risk.HIGH else "raised"
    return None


def _evidence(reason: str, glance: _Glance) -> Evidence:
    """What is told first, then the states that are up, then how long an answer is awaited."""
    evidence: dict[str, object] = {}
    if reason in {Answer.REVIEWED, "announced"} and glance.news:
        notice = glance.news.notice
        title = notice.title[:_LONGEST_TITLE]
        named = {"title": title, "url": notice.url} if notice.url else {"bare_title": title}
        evidence |= {"source": notice.source, **named}
        if glance.review and glance.news.at_ms > glance.review.opened_ms:
            evidence["after_hours"] = (glance.news.at_ms - glance.review.opened_ms) // HOUR_MS
        evidence["published_at"] = iso(glance.news.at_ms)
    if up := [[s.source, s.subject, int(risk)] for s, risk in glance.states.items() if risk]:
        evidence["states"] = up
    if glance.review and glance.review.announcement is None:
        evidence["opened_at"] = iso(glance.review.opened_ms)
        ends = "silent_at" if reason == Answer.SILENCE else "deadline_at"
        evidence[ends] = iso(glance.review.deadline_ms)
        evidence["awaited"] = list(glance.heard)
    return evidence


_LONGEST_TITLE = 300
"""A title beyond that is no title; a message has room for 4,096 characters."""


def _calm_evidence(glance: _Glance) -> Evidence:
    """Who says that all is clear."""
    return {"venues": sorted({series.source for series in glance.states})} if glance.states else {}
