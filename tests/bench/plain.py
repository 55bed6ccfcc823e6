"""A peer of the engine: the rules as plain Python loops, each one pass over the minutes with carried state.

It knows no steps but the minute, no late answers and no silence.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from typing import NamedTuple

from signals.calendar import Session
from signals.conditions import State, Verdict
from signals.facts import (
    BINANCE_BTC,
    BINANCE_ETH,
    COINBASE_BTC,
    COINBASE_USDT,
    KRAKEN_USDT,
    EtfFlow,
    Instrument,
)
from signals.moments import HOUR_MS, MINUTE_MS, length_ms, to_ms
from tests.bench.market import Minutes
from tests.bench.peers import (
    COVERAGE,
    GRACE,
    HOLDING,
    HOLDING_AGE,
    MET,
    MET_AGE,
    NO_DATA,
    REGAINED,
    SHARE,
    UNMET,
    WINDOW_HOURS,
    Turn,
    in_order,
    sessions_of,
)

Sample = tuple[int, float]
"""A moment in ms, and a price, the premium as a fraction, or ETH/BTC."""

Tracks = Mapping[Instrument, Sequence[Sample]]

_NO_SESSION = (math.inf, math.inf)
_HOLDING_AGE_MS, _MET_AGE_MS = length_ms(HOLDING_AGE), length_ms(MET_AGE)


def tracks_of(minutes: Minutes) -> Tracks:
    """The closes of each instrument in Python's own numbers, without the minutes in which it had none."""
    at_ms = minutes.at_ms.tolist()
    return {
        instrument: [pair for pair in zip(at_ms, close.tolist(), strict=True) if not math.isnan(pair[1])]
        for instrument, close in minutes.closes.items()
    }


def judge_plainly(tracks: Tracks, flows: Iterable[EtfFlow]) -> list[Turn]:
    """Every turn of the conditions and of the verdict."""
    binance = tracks[BINANCE_BTC]
    sessions = sessions_of(binance[0][0], binance[-1][0])
    turns = [
        *_premium_turns(_premium(tracks), sessions),
        *_etf_turns(flows),
        *_eth_btc_turns(_eth_btc(tracks)),
    ]
    return in_order(chain(turns, _verdict_turns(in_order(turns))))


def _premium(tracks: Tracks) -> Iterator[Sample]:
    coinbase, usdt, other = (dict(tracks[i]) for i in (COINBASE_BTC, COINBASE_USDT, KRAKEN_USDT))
    for at, binance in tracks[BINANCE_BTC]:
        if at in coinbase:
            yield at, coinbase[at] / binance / ((usdt[at] + other[at]) / 2) - 1


def _eth_btc(tracks: Tracks) -> Iterator[Sample]:
    btc = dict(tracks[BINANCE_BTC])
    return ((at, eth / btc[at]) for at, eth in tracks[BINANCE_ETH] if at in btc)


def _premium_turns(samples: Iterable[Sample], sessions: Iterable[Session]) -> Iterator[Turn]:
    state = settled = NO_DATA
    ahead: Iterator[tuple[float, float]] = ((to_ms(s.opens), to_ms(s.closes)) for s in sessions)
    opens, closes = next(ahead, _NO_SESSION)
    count, above, total = 0, 0, 0.0
    for at, value in samples:
        if opens < at <= closes:
            count, above, total = count + 1, above + (value > 0), total + value
            if at < closes and settled is UNMET:
                before, state = state, HOLDING if above == count else UNMET
                if state is not before:
                    yield Turn(at, "premium", before, state)
        while at >= closes:
            settled = _label(count, above, total, (closes - opens) / MINUTE_MS) or settled
            before, state = state, settled
            if state is not before:
                yield Turn(min(int(closes) + length_ms(GRACE), at), "premium", before, state)
            opens, closes = next(ahead, _NO_SESSION)
            count, above, total = 0, 0, 0.0


def _label(count: int, above: int, total: float, length: float) -> State | None:
    if not count or count / length < COVERAGE:
        return None
    if above / count >= SHARE and total > 0:
        return MET
    return UNMET if (count - above) / count >= SHARE and total < 0 else None


def _etf_turns(flows: Iterable[EtfFlow]) -> Iterator[Turn]:
    state = settled = NO_DATA
    last: deque[float] = deque(maxlen=3)
    for flow in flows:
        last.append(flow.total_usd)
        if len(last) > 1 and last[-1] >= 0 and last[-2] >= 0:
            settled = MET
        elif len(last) == last.maxlen and last[-1] < 0 and sum(last) < 0:
            settled = UNMET
        before, state = state, HOLDING if settled is UNMET and last[-1] >= 0 else settled
        if state is not before:
            yield Turn(to_ms(flow.known_at), "etf_flow", before, state)


class Window(NamedTuple):
    """The hours up to one: the lowest value and its moment, the highest one before it and of all."""

    low: float
    low_ms: int
    peak: float
    top: float


def _eth_btc_turns(samples: Iterator[Sample]) -> Iterator[Turn]:
    state = settled = NO_DATA
    hours: deque[float] = deque(maxlen=WINDOW_HOURS)
    seen, last = next(samples)
    hour = seen // HOUR_MS * HOUR_MS
    window: Window | None = None
    for at, ratio in samples:
        # Looked through once an hour, not once a minute: that is what the loop owes its speed to.
        if at - hour >= HOUR_MS:
            while at - hour >= HOUR_MS:
                hour += HOUR_MS
                hours.append(ratio if hour == at else last)
            seen = hour if window is None else seen
            window = _window(hours, hour)
        if window is not None:
            low, low_ms, peak = window[:3] if ratio >= window.low else (ratio, at, max(window.top, ratio))
            if low_ms > seen:
                settled = UNMET
            elif at - low_ms >= _MET_AGE_MS and (peak == low or (ratio - low) / (peak - low) >= REGAINED):
                settled = MET
            aged = settled is UNMET and at - low_ms >= _HOLDING_AGE_MS
            before, state = state, HOLDING if aged else settled
            if state is not before:
                yield Turn(at, "eth_btc", before, state)
        seen, last = at, ratio


def _window(hours: Sequence[float], last_ms: int) -> Window:
    low, place, peak, top = math.inf, 0, -math.inf, -math.inf
    for number, value in enumerate(hours):
        top = max(top, value)
        if value < low:
            low, place, peak = value, number, top
    return Window(low, last_ms - (len(hours) - 1 - place) * HOUR_MS, peak, top)


def _verdict_turns(turns: Iterable[Turn]) -> Iterator[Turn]:
    states: dict[str, str] = dict.fromkeys(("premium", "etf_flow", "eth_btc"), NO_DATA)
    verdict = Verdict.UNKNOWN
    for at, together in groupby(turns, key=lambda turn: turn.at_ms):
        states.update((turn.id, turn.after) for turn in together)
        before, verdict = verdict, _verdict(states.values())
        if verdict is not before:
            yield Turn(at, "verdict", before, verdict)


def _verdict(states: Iterable[str]) -> Verdict:
    found = set(states)
    if NO_DATA in found:
        return Verdict.UNKNOWN
    return Verdict.BROKEN if found == {MET} else Verdict.FRAGILE
