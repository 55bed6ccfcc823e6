"""Outages: stretches in which a feed that a condition needs brought nothing that can be used.

Whether a venue is silent, frozen, contradicted or refused makes no difference to a rule, nor does it here.
Nights and weekends without ETF flows are planned and no outage.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from signals.calendar import session_after
from signals.etf_flow import final_by, final_ms
from signals.facts import BINANCE_BTC, BINANCE_ETH, COINBASE_BTC, EtfFlow, Instrument
from signals.market import Market
from signals.moments import HOUR_MS, MINUTE_MS, length_ms, to_ms
from signals.rows import Ints

FLOWS = "etf_flows"
"""The feed of ETF flows, whoever brings them."""
FEEDS: dict[str, tuple[str, ...]] = {
    str(COINBASE_BTC): ("premium",),
    str(BINANCE_BTC): ("premium", "eth_btc"),
    str(BINANCE_ETH): ("eth_btc",),
    FLOWS: ("etf_flow",),
}
"""What each feed is needed for."""
PRICED: tuple[Instrument, ...] = (COINBASE_BTC, BINANCE_BTC, BINANCE_ETH)

FLOWS_GRACE = timedelta(hours=4)
"""So long after it should have been final a session's number is missed."""
_LATE_MS = HOUR_MS
"""Prices reach us within this."""


class Outage(NamedTuple):
    """A feed was away since its last fact; it was told at a full minute, and back at one, if it is."""

    feed: str
    since_ms: int
    told_ms: int
    back_ms: int | None


def outages(market: Market, after_ms: int, until_ms: int, silent_for: timedelta) -> list[Outage]:
    """The outages that go on at a moment or begin later, as known by another one."""
    found: list[Outage] = []
    for instrument in PRICED:
        known, steps = _known(market, instrument, after_ms, until_ms)
        found += _gaps(str(instrument), known, np.maximum(2 * steps, length_ms(silent_for)), until_ms)
    found += _overdue(market.flows.get("BTC", ()), until_ms)
    return [outage for outage in found if outage.back_ms is None or outage.back_ms > after_ms]


def has_returned(market: Market, feed: str, since_ms: int, until_ms: int) -> bool:
    """Whether a feed brought anything after a moment, as known by another one."""
    if feed == FLOWS:
        return True
    tracks = (rows for track, rows in market.prices.items() if str(track.instrument) == feed)
    return any(((rows.known_ms > since_ms) & (rows.known_ms <= until_ms)).any() for rows in tracks)


def first_seen(market: Market, until_ms: int) -> int | None:
    """The full minute at which the first fact of any feed was known; None where there is none yet."""
    known = [
        int(market.track(instrument, step).known_ms.min())
        for instrument in PRICED
        for step in market.steps(instrument)
    ]
    known += [final_ms(flow) for flow in market.flows.get("BTC", ())]
    seen = _full_minute(min(known)) if known else None
    return seen if seen is not None and seen <= until_ms else None


def _known(market: Market, instrument: Instrument, after_ms: int, until_ms: int) -> tuple[Ints, Ints]:
    """When prices became known, from the last one before a moment on, and the step that each stands for."""
    known, steps = [np.array((), np.int64)], [np.array((), np.int64)]
    for step in market.steps(instrument):
        rows = market.track(instrument, step)
        # With the last one before, and those that may have become known later than it.
        before = max(int(rows.at_ms.searchsorted(after_ms - _LATE_MS)) - 1, 0)
        first = int(rows.at_ms.searchsorted(rows.at_ms[before] - _LATE_MS))
        some = rows.known_ms[first:]
        known.append(some[some <= until_ms])
        steps.append(np.full(len(known[-1]), length_ms(step), np.int64))
    every, of_step = np.concatenate(known), np.concatenate(steps)
    order = np.lexsort((of_step, every))
    every, of_step = every[order], of_step[order]
    # Of several that became known at once the finest says when the next one is due.
    distinct = np.append(True, every[1:] != every[:-1])[: len(every)]
    return every[distinct], of_step[distinct]


def _gaps(feed: str, known: Ints, limits: Ints, until_ms: int) -> Iterator[Outage]:
    for row in np.flatnonzero(np.diff(known, append=until_ms + 1) > limits).tolist():
        since_ms = int(known[row])
        back_ms = int(known[row + 1]) if row + 1 < len(known) else None
        yield from _told(feed, since_ms, since_ms + int(limits[row]), back_ms, until_ms)


def _overdue(flows: Iterable[EtfFlow], until_ms: int) -> Iterator[Outage]:
    """Where the number of the next session was not final when it should have been."""
    finals = sorted((ms, flow.session) for flow in flows if (ms := final_ms(flow)) <= until_ms)
    newest = None
    for known_ms, session in [*finals, (None, None)]:
        if newest is not None and (session is None or session > newest):
            due_ms = to_ms(final_by(session_after(newest).day))
            yield from _told(FLOWS, due_ms, due_ms + length_ms(FLOWS_GRACE), known_ms, until_ms)
        if session is not None:
            newest = max(newest or session, session)


def _told(feed: str, since_ms: int, noticed_ms: int, back_ms: int | None, until_ms: int) -> Iterator[Outage]:
    """An outage, unless it ended before it was noticed. Full minutes bring together what fails together."""
    told_ms = _full_minute(noticed_ms)
    back_ms = None if back_ms is None else _full_minute(back_ms)
    if told_ms <= until_ms and (back_ms is None or back_ms > told_ms):
        yield Outage(
            feed, since_ms, told_ms, back_ms if back_ms is not None and back_ms <= until_ms else None
        )


def _full_minute(moment_ms: int) -> int:
    return -(-moment_ms // MINUTE_MS) * MINUTE_MS
