"""`/compare 2025-10-10`: now against the end of that day, UTC; `30d` and `shock` are moments too."""

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from bot.commands.days import read_day
from bot.commands.mistakes import Misunderstood
from bot.commands.subjects import find_subject
from bot.desk import Desk, Rules
from bot.reading import read_beside
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.board import CONDITIONS
from bot.words.compared import Moment, compared
from bot.words.wording import Wording
from signals.believed import believed
from signals.engine import Standings
from signals.facts import BINANCE_BTC
from signals.market import Market
from signals.moments import from_ms, to_ms
from signals.shock import SHOCK
from signals.snapshot import read_snapshot, standings_at
from signals.verdict import VERDICT
from storage.alerts import last_change_by
from storage.market import load_market

_LOOK_BACK = timedelta(days=20)
"""What is read before the day: ETH/BTC's window, and some to spare. More of it would only take longer."""

_DAYS_AGO = re.compile(r"(\d{1,3})d", re.ASCII)
_USUAL = timedelta(days=30)
_OFFERED = ("7d", "30d", "shock")
_NO_SHOCK, _NOT_OVER = "compare.no_shock", "compare.not_over"


class _Then(NamedTuple):
    """The moment that now is laid beside, and the day that it ends; a shock has a moment of its own."""

    at: datetime
    day: date | None = None


class _NoSuchThenError(Exception):
    """There is nothing to compare with. The text with this key says why."""


async def compare(ask: Ask) -> Answer:
    """Without a word after it: against the last shock, or a month ago where there was none."""
    word = ask.args[0] if ask.args else ""
    try:
        then = _understood(word, ask.desk)
    except _NoSuchThenError as error:
        return Answer(ask.words(str(error)), (_offers(ask.words),))
    return Answer(compared(ask.words, *await _both(ask.desk, then), then.day), _buttons(ask.words, then))


def _understood(word: str, desk: Desk) -> _Then:
    """The moment that a word means. Raises Misunderstood, _NoSuchThenError."""
    if not word:
        has_shock = desk.shock().episode is not None
        return _shock(desk) if has_shock else _end_of(desk.now.date() - _USUAL, desk)
    with suppress(Misunderstood):
        if find_subject(word).topic == SHOCK:
            return _shock(desk)
    if ago := _DAYS_AGO.fullmatch(word.lower()):
        return _end_of(desk.now.date() - timedelta(days=int(ago[1])), desk)
    if day := read_day(word, desk.now.date()):
        return _end_of(day, desk)
    raise Misunderstood(word)


def _end_of(day: date, desk: Desk) -> _Then:
    if day >= desk.now.date():
        raise _NoSuchThenError(_NOT_OVER)
    return _Then(datetime.combine(day + timedelta(days=1), time(tzinfo=UTC)), day)


def _shock(desk: Desk) -> _Then:
    episode = desk.shock().episode
    if episode is None:
        raise _NoSuchThenError(_NO_SHOCK)
    return _Then(from_ms(episode.opened_ms))


async def _both(desk: Desk, then: _Then) -> tuple[Moment, Moment]:
    """Then and now, worked out beside the event loop."""
    since = then.at - _LOOK_BACK
    market, tolerance = desk.market, desk.settings.quorum_tolerance
    stored = Market()
    if not _reaches(market, since):
        stored = await read_beside(desk.db, lambda db: load_market(db, since, then.at))
    recorded = {
        subject: saved.change.to_state
        for subject in (VERDICT, *CONDITIONS)
        if (saved := last_change_by(desk.db, subject, then.at))
    }
    return await asyncio.to_thread(
        _worked_out, market, stored, desk.rules, tolerance, desk.standings, recorded, then.at, desk.now
    )


def _worked_out(  # noqa: PLR0917  # what a desk knows, for another thread, which must not touch it
    market: Market,
    stored: Market,
    rules: Rules,
    tolerance: float,
    standings: Standings,
    recorded: Mapping[str, str],
    at: datetime,
    now: datetime,
) -> tuple[Moment, Moment]:
    """Verdict and conditions are those on record; where none are, those that a replay finds."""
    session = rules.premium.session
    # Flows of a day became final after it.
    held = replace(stored.joined(market.since(to_ms(at - _LOOK_BACK))), flows=market.flows)
    was = read_snapshot(believed(held, tolerance), at, session, flows_by=now)
    is_replayed = VERDICT not in recorded
    states = _states(standings_at(held, at, rules.conditions, tolerance)) if is_replayed else recorded
    is_ = read_snapshot(believed(market, tolerance), now, session)
    return Moment(was, states, is_replayed), Moment(is_, _states(standings))


def _states(standings: Standings) -> Mapping[str, str]:
    return {subject: standings[subject].state for subject in (VERDICT, *CONDITIONS)}


def _reaches(market: Market, since: datetime) -> bool:
    """Whether a market in memory begins before a moment."""
    begins = [
        rows.at_ms[0]
        for track, rows in market.prices.items()
        if len(rows) and track.instrument == BINANCE_BTC
    ]
    return bool(begins) and min(begins) <= to_ms(since)


def _buttons(words: Wording, then: _Then) -> Buttons:
    again = then.day.isoformat() if then.day else SHOCK
    return ((Button(words.plain("button.refresh"), f"here:compare:{again}"),), _offers(words))


def _offers(words: Wording) -> tuple[Button, ...]:
    return tuple(Button(words.plain(f"button.compare_{word}"), f"compare:{word}") for word in _OFFERED)
