"""What a look at own alerts comes to: which rules fired, as it is stored, and which cannot be judged."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.own.telling import Home
from bot.telling.alerts import ALERT_LIFETIME
from bot.words.own_news import Blind
from signals.moments import from_ms
from signals.own.rule import Ref, Rule
from signals.own.state import Firing
from signals.policy import Hearing, decide_own
from storage.own_alerts import Held
from storage.own_firings import Fired

BLIND_AFTER = timedelta(hours=6)
"""A rule that cannot be judged for so long tells its chat, once."""
_ANYBODY = Hearing({})
"""How a chat hears is asked when it is told; whether a firing is news at all does not depend on it."""


class Running(NamedTuple):
    """A rule in the engine, since when it is somebody's, and where it is told."""

    rule: Rule
    created_ms: int
    home: Home


class _Did(NamedTuple):
    """What a rule did in one look: when last, with which values, how often, and whether it is done."""

    at_ms: int
    values: tuple[float, ...]
    times: int
    is_done: bool


def what_fired(
    firings: Sequence[Firing], running: Mapping[int, Running], now: datetime
) -> dict[Fired, list[int]]:
    """The rules that did the same together; of one that fired more than once only the last time is news."""
    times = Counter(firing.rule_id for firing in firings)
    alike = defaultdict[_Did, list[int]](list)
    for id_, last in {firing.rule_id: firing for firing in firings}.items():
        is_done = not running[id_].rule.repeats
        alike[_Did(last.at_ms, last.values, times[id_], is_done)].append(id_)
    return {_as_stored(did, now): ids for did, ids in alike.items()}


def _as_stored(did: _Did, now: datetime) -> Fired:
    at = from_ms(did.at_ms)
    is_news = decide_own(at, _ANYBODY, now, ALERT_LIFETIME).tell
    return Fired(at, did.times, did.is_done, Held(at, did.values) if is_news else None)


def what_rests(running: Mapping[int, Running], dark: Mapping[Ref, int], now: datetime) -> dict[int, Blind]:
    """The rules that cannot be judged for long, by what readings are dark and since when in ms UTC."""
    found = ((id_, _blind_of(id_, each, dark, now)) for id_, each in running.items())
    return {id_: blind for id_, blind in found if blind}


def _blind_of(id_: int, running: Running, dark: Mapping[Ref, int], now: datetime) -> Blind | None:
    """Since when a rule cannot be judged; None where it can be, or is younger than that."""
    refs = tuple(ref for ref in running.rule.refs if ref in dark)
    if not refs:
        return None
    since = from_ms(max(running.created_ms, min(dark[ref] for ref in refs)))
    return Blind(id_, running.rule, since, refs) if since <= now - BLIND_AFTER else None
