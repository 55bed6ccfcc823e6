"""Quorum: what several venues say of one coin at one moment, and whom of them the others contradict.

No single venue is believed against two others. Where none agree the price is *disputed*: none is used, and
rules find a gap, which they never take for an answer. Prices are compared in dollars, with USDT at what it is
worth; the tolerance is wider than any real premium, so that a premium never counts as a disagreement.
"""

import numpy as np

from signals.facts import (
    BINANCE_BTC,
    BINANCE_ETH,
    COINBASE_BTC,
    COINBASE_ETH,
    COINBASE_USDT,
    KRAKEN_BTC,
    KRAKEN_ETH,
    KRAKEN_USDT,
    Instrument,
)
from signals.rows import Bools, Floats

TOLERANCE = 0.02
"""Two dollar prices of a coin agree within this share: in the crash of 10 October 2025, the widest gap of the
recorded weeks, closes of Coinbase and Binance were 1.52 % apart."""
PEG_TOLERANCE = 0.005
"""The same of what a USDT is worth, which venues name alike to a tenth of this."""

VENUES_OF: dict[str, tuple[Instrument, ...]] = {
    "BTC": (COINBASE_BTC, BINANCE_BTC, KRAKEN_BTC),
    "ETH": (COINBASE_ETH, BINANCE_ETH, KRAKEN_ETH),
}
"""Who is compared about a coin."""
DOLLAR_TOKEN = (COINBASE_USDT, KRAKEN_USDT)
"""Who says what a USDT is worth."""
TOKEN = "USDT"  # noqa: S105  # a dollar token

_PEG = 1.0


def agreeing(prices: Floats, tolerance: float = TOLERANCE) -> Bools:
    """Which of some prices are believed: rows are moments, columns venues, NaN where one says nothing.

    Of three or more those near the middle are, if there are two at least; two contradict each other or agree;
    one alone is believed, for nothing speaks against it.
    """
    there = (~np.isnan(prices)).sum(axis=1)
    # Of two the lower one: what lies halfway between them would be near to both.
    middle = np.sort(prices, axis=1)[np.arange(len(prices)), np.maximum(there - 1, 0) // 2]
    near: Bools = np.asarray(np.abs(prices / middle[:, None] - 1) <= tolerance, np.bool_)
    enough: Bools = np.asarray(near.sum(axis=1) >= np.minimum(there, 2), np.bool_)
    return np.logical_and(near, enough.reshape(-1, 1))


def agreeing_tokens(prices: Floats) -> Bools:
    """The same of what a dollar token is worth: of two that differ, what is near a dollar is right."""
    at_peg: Bools = np.abs(prices - _PEG) <= PEG_TOLERANCE
    agreed = agreeing(prices, PEG_TOLERANCE)
    contradicted = np.logical_and((~np.isnan(prices)).any(axis=1), ~agreed.any(axis=1))
    return np.asarray(np.where(contradicted.reshape(-1, 1), at_peg, agreed), np.bool_)
