"""What the sources of US spot ETF flows have in common: the assets, and when their funds began to trade.

A feed gives back what its source says now: `known_at` is the moment of the answer and `final_at` is empty.
When a number may be called final is decided elsewhere, from several answers (`signals/etf_final.py`).
"""

import math
from datetime import date
from typing import Any

from signals.feeds.failure import malformed

LAUNCHED = {"BTC": date(2024, 1, 11), "ETH": date(2024, 7, 23)}
"""The first session of each asset's spot funds; rows from before it are padding."""


def wanted(asset: str, session: date, since: date) -> bool:
    """Whether a row is of a session that is asked for and that the asset's funds traded in."""
    return session >= max(since, LAUNCHED[asset])


def usd(source: str, value: Any) -> float:
    """An amount of dollars, given as a number or as text.

    Raises:
        FeedError: it is neither, or not finite.
    """
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            amount = float(value)
        except (ValueError, OverflowError):
            amount = math.nan
        if math.isfinite(amount):
            return amount
    raise malformed(source, f"not an amount: {value!r:.40}")


def day(source: str, value: Any) -> date:
    """A date in ISO form.

    Raises:
        FeedError: it is not.
    """
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise malformed(source, f"not a date: {value!r:.40}") from error
