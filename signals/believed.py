"""What is believed of a market: its bars without those that other venues contradict.

A bar is judged by the closes of its moment, whatever arrived first: of three venues the odd one out is not
used, of two that contradict each other neither. One that did not move at all while both others did is frozen,
and not used either. A high or low that no other venue saw counts only as far as the others' allow. Quotes are
judged as they come, by `signals.ticks`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from signals.facts import Instrument
from signals.market import NO_BARS, NO_PRICES, QUOTES, Bars, Market, Prices, Track
from signals.moments import HOUR_MS
from signals.quorum import DOLLAR_TOKEN, PEG_TOLERANCE, TOLERANCE, VENUES_OF, agreeing, agreeing_tokens
from signals.rows import Floats, Ints

_LASTS_MS = HOUR_MS
"""For so long a bar tells what a USDT is worth: without trades there are none for a while."""
_A_MAJORITY = 3


def believed(market: Market, tolerance: float = TOLERANCE) -> Market:
    """The market as rules may use it; the very same one where nothing is contradicted.

    Each moment is judged by itself and by its own bars, which are all known at their close: nothing is used
    before it was known.
    """
    market = _without(market, dict(_doubted_tokens(market)))
    doubted: dict[Instrument, Ints] = {}
    shapes: dict[Track, Bars] = {}
    for venues in VENUES_OF.values():
        closes = {venue: rows for venue in venues if len(rows := _closes(market, venue))}
        if len(closes) > 1 and not _clearly_agree(closes, market, tolerance):
            at_ms, prices = _side_by_side(closes, market)
            ok = agreeing(prices, tolerance)
            odd = ~ok & ~np.isnan(prices)
            doubted |= {v: at_ms[odd[:, place]] for place, v in enumerate(closes) if odd[:, place].any()}
        if len(closes) >= _A_MAJORITY:
            shapes |= _clipped(market, tuple(closes), tolerance)
            for track, at_ms in _frozen(market, tuple(closes)):
                before = doubted.get(track.instrument, at_ms)
                doubted[track.instrument] = np.union1d(before, at_ms)
    market = replace(market, bars={**market.bars, **shapes}) if shapes else market
    return _without(market, doubted)


def _closes(market: Market, instrument: Instrument) -> Prices:
    """The closes of all bars of an instrument, of two of one moment the finer one's."""
    closes = NO_PRICES
    for step in reversed(market.steps(instrument)):
        if step > QUOTES:
            closes = closes.joined(market.track(instrument, step))
    return closes


def _clearly_agree(closes: Mapping[Instrument, Prices], market: Market, tolerance: float) -> bool:
    """Whether venues that close together agree at once, as they do all day: then nothing has to be sorted."""
    first, *others = closes.values()
    together = all(np.array_equal(other.at_ms, first.at_ms) for other in others)
    tokens = [rows.price for venue in DOLLAR_TOKEN if len(rows := _closes(market, venue))]
    at_peg = all(abs(end - 1) <= PEG_TOLERANCE for price in tokens for end in (price.min(), price.max()))
    if not together or not at_peg:
        return False
    prices = [rows.price for rows in closes.values()]
    widest = (np.maximum.reduce(prices) / np.minimum.reduce(prices)).max() - 1
    return bool(widest <= tolerance - 2 * PEG_TOLERANCE)


def _side_by_side(closes: Mapping[Instrument, Prices], market: Market) -> tuple[Ints, Floats]:
    """All moments, and the close of each instrument in dollars: one row a moment, NaN where there is none."""
    at_ms = _moments([rows.at_ms for rows in closes.values()])
    prices = np.full((len(at_ms), len(closes)), np.nan)
    for place, (instrument, rows) in enumerate(closes.items()):
        worth = _token_usd(market, rows.at_ms) if instrument.in_token else 1.0
        prices[at_ms.searchsorted(rows.at_ms), place] = rows.price * worth
    return at_ms, prices


def _moments(columns: list[Ints]) -> Ints:
    first, *others = columns
    # As a rule venues close their bars together: then there is nothing to sort.
    same = all(len(other) == len(first) and np.array_equal(other, first) for other in others)
    return first if same else np.unique(np.concatenate(columns))


def _doubted_tokens(market: Market) -> Iterator[tuple[Instrument, Ints]]:
    """Of what a USDT is worth the moments at which a venue is not believed."""
    closes = {venue: rows for venue in DOLLAR_TOKEN if len(rows := _closes(market, venue))}
    ends = [end for rows in closes.values() for end in (rows.price.min(), rows.price.max())]
    if max(ends, default=1.0) - min(ends, default=1.0) <= PEG_TOLERANCE * min(ends, default=1.0):
        return
    for venue, rows in closes.items():
        told = np.stack([_as_of(closes[v], rows.at_ms) for v in closes], axis=1)
        ok = agreeing_tokens(told)[:, list(closes).index(venue)]
        if not ok.all():
            yield venue, rows.at_ms[~ok]


def _token_usd(market: Market, at_ms: Ints) -> Floats:
    """Dollars for a USDT at each moment, the mean of those who say; one where nobody does."""
    told = np.stack([_as_of(_closes(market, venue), at_ms) for venue in DOLLAR_TOKEN])
    count = (~np.isnan(told)).sum(axis=0)
    return np.asarray(np.where(count, np.nansum(told, axis=0) / np.maximum(count, 1), 1.0), np.float64)


def _as_of(rows: Prices, at_ms: Ints) -> Floats:
    """The newest close by each moment; NaN where there is none or it is too old."""
    if not len(rows):
        return np.full(len(at_ms), np.nan)
    row = rows.at_ms.searchsorted(at_ms, side="right") - 1
    fresh = (row >= 0) & (at_ms - rows.at_ms[row] <= _LASTS_MS)
    return np.where(fresh, rows.price[row], np.nan)


def _clipped(market: Market, venues: tuple[Instrument, ...], tolerance: float) -> dict[Track, Bars]:
    """The bars whose highs and lows only one venue saw, cut off where the others' end, give or take."""
    found: dict[Track, Bars] = {}
    for track, bars in market.bars.items():
        if track.instrument not in venues or not track.instrument.in_token:
            continue
        beside = [market.bars.get(Track(v, track.step), NO_BARS) for v in venues if v != track.instrument]
        if all(map(len, beside)):
            worth = _token_usd(market, bars.at_ms)
            highs, lows = (np.stack([_at(b, bars, name) for b in beside]) for name in ("high", "low"))
            # Where fewer than two others say anything the comparison is with NaN, and nothing is cut off.
            top, bottom = (
                highs.max(axis=0) * (1 + tolerance) / worth,
                lows.min(axis=0) * (1 - tolerance) / worth,
            )
            if (bars.high > top).any() or (bars.low < bottom).any():
                high, low = np.fmin(bars.high, top), np.fmax(bars.low, bottom)
                found[track] = replace(bars, high=high, low=low)
    return found


def _frozen(market: Market, venues: tuple[Instrument, ...]) -> Iterator[tuple[Track, Ints]]:
    """The bars in which one venue did not move at all while both others did."""
    for track, bars in market.bars.items():
        flat = bars.high == bars.low
        if track.instrument not in venues or not flat.any():
            continue
        still, moved = bars.rows(flat), np.full(int(flat.sum()), True)
        for venue in venues:
            if venue != track.instrument:
                other = market.bars.get(Track(venue, track.step), NO_BARS)
                if not len(other):
                    break
                moved &= _at(other, still, "high") > _at(other, still, "low")
        else:
            if moved.any():
                yield track, still.at_ms[moved]


def _at(bars: Bars, moments: Bars, name: str) -> Floats:
    """A column of some bars at the moments of others; NaN where there is no bar."""
    column: Floats = getattr(bars, name)
    if np.array_equal(bars.at_ms, moments.at_ms):
        return column
    row = bars.at_ms.searchsorted(moments.at_ms).clip(max=len(bars) - 1)
    return np.where(bars.at_ms[row] == moments.at_ms, column[row], np.nan)


def _without(market: Market, doubted: Mapping[Instrument, Ints]) -> Market:
    """The market without what some instruments said at some moments."""
    if not doubted:
        return market
    prices, bars = dict(market.prices), dict(market.bars)
    for track in {*prices, *bars}:
        if track.step == QUOTES or (at_ms := doubted.get(track.instrument)) is None:
            continue
        if track in prices:
            prices[track] = prices[track].rows(~np.isin(prices[track].at_ms, at_ms))
        if track in bars:
            bars[track] = bars[track].rows(~np.isin(bars[track].at_ms, at_ms))
    return replace(market, prices=prices, bars=bars)
