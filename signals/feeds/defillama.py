"""Exploits from DefiLlama's list, and what is locked in the protocols that were hit.

The list is curated by hand, hours to days late, with days for dates and amounts that are revised. It may be
closed to visitors some day: that is told as any refusal.
"""

import re
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from typing import Any

from signals.feeds.failure import FeedError, malformed
from signals.feeds.http import Http
from signals.feeds.leverage import number
from signals.gauges import Gauge, Measure, Series
from signals.moments import SECOND_MS, from_ms
from signals.notices import Notice, NoticeKind

SOURCE = "defillama"
KEPT_FOR = timedelta(days=90)
"""Older exploits are not brought."""
_HACKS_URL = "https://api.llama.fi/hacks"
_TVL_URL = "https://api.llama.fi/tvl/"
_WATCHED_FOR = timedelta(days=7)
_WATCHED_FROM_USD = 10e6
_LONGEST_TITLE = 200


async def fetch_exploits(http: Http) -> tuple[Notice, ...]:
    """The exploits of the last months.

    Raises:
        FeedError: whatever went wrong.
    """
    answer = await http.get_json(SOURCE, _HACKS_URL, {})
    now = http.context.clock()
    if not isinstance(answer, list) or not answer:
        raise malformed(SOURCE, "no list of exploits")
    found = [notice for row in answer if (notice := _notice(row, now))]
    if not any(isinstance(row, dict) and "date" in row for row in answer):
        raise malformed(SOURCE, "a list of something else")
    return tuple(notice for notice in found if now - KEPT_FOR <= notice.at <= now + timedelta(days=1))


def _notice(row: Any, now: datetime) -> Notice | None:
    """An exploit; None where a row cannot be read, which takes nothing from the others."""
    try:
        at = from_ms(int(number(row["date"])) * SECOND_MS)
        name = str(row["name"]).strip()[:_LONGEST_TITLE]
        amount = row.get("amount")
        amount_usd = None if amount in (None, "") else number(amount)
    except (TypeError, LookupError, ValueError, AttributeError, OverflowError):
        return None
    if not name or (amount_usd is not None and amount_usd < 0):
        return None
    ways = (row.get("technique"), row.get("classification"))
    way = next((str(way) for way in ways if way and way != "Unknown"), None)
    title = f"{name} ({way})" if way else name
    source = row.get("source")
    url = source if isinstance(source, str) and source.startswith("https://") else ""
    key = f"{at:%Y-%m-%d} {name}"
    return Notice(NoticeKind.EXPLOIT, SOURCE, key, at, title[:_LONGEST_TITLE], url, now, amount_usd)


def name_of(notice: Notice) -> str:
    """The protocol that an exploit hit."""
    return notice.key.partition(" ")[2]


async def fetch_locked(http: Http, exploits: Iterable[Notice]) -> tuple[Gauge, ...]:
    """What is locked in the protocols that were hit lately and hard, where that is known."""
    gauges = []
    now = http.context.clock()
    for notice in exploits:
        if now - notice.at <= _WATCHED_FOR and (notice.amount_usd or 0) >= _WATCHED_FROM_USD:
            gauges += [gauge async for gauge in _locked(http, name_of(notice), now)]
    return tuple(gauges)


async def _locked(http: Http, name: str, now: datetime) -> AsyncIterator[Gauge]:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    try:
        value = number(await http.get_json(SOURCE, _TVL_URL + slug, {}))
    except (FeedError, TypeError, ValueError):
        # A protocol by another name there; the exploit is told all the same.
        return
    if value > 0:
        yield Gauge(Series(SOURCE, name, Measure.TVL_USD), now, value, now)
