"""The three rules once more, written as plainly as they are said: one sample after the other, no numpy.

A peer to hold the engine against; it knows nothing of missing data, late data or carried state.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from signals.calendar import Session, session_on

NEW_YORK = ZoneInfo("America/New_York")
Change = tuple[datetime, str, str]
HOUR = timedelta(hours=1)


def premium_changes(samples: Sequence[tuple[datetime, float]], step: timedelta) -> Iterator[Change]:
    """Samples are (close, premium as a fraction), ascending."""
    state = settled = "no_data"
    inside: list[float] = []
    session: Session | None = None
    for at, value in samples:
        # A bar closes just after the moment that it is mostly about.
        today = session_on((at - timedelta(microseconds=1)).astimezone(NEW_YORK).date())
        if today is None or not today.opens < at <= today.closes:
            continue
        if session != today:
            session, inside = today, []
        inside.append(value)
        if settled == "unmet" and at < today.closes:
            state, before = ("holding" if all(v > 0 for v in inside) else "unmet"), state
            if state != before:
                yield at, before, state
        if at == today.closes:
            settled = _judged(inside, step, today) or settled
            state, before = settled, state
            if state != before:
                yield at, before, state


def _judged(inside: Sequence[float], step: timedelta, session: Session) -> str | None:
    if len(inside) * step < 0.9 * session.length:
        return None
    positive = sum(value > 0 for value in inside) / len(inside)
    mean = sum(inside) / len(inside)
    if positive >= 0.9 and mean > 0:
        return "met"
    return "unmet" if positive <= 0.1 and mean < 0 else None


def etf_changes(flows: Sequence[tuple[date, float]]) -> Iterator[Change]:
    """Flows are (session, total), ascending and without a session missing."""
    state = settled = "no_data"
    totals: list[float] = []
    for session, total in flows:
        totals.append(total)
        if len(totals) >= 2 and min(totals[-2:]) >= 0:
            settled = "met"
        elif len(totals) >= 3 and total < 0 and sum(totals[-3:]) < 0:
            settled = "unmet"
        state, before = ("holding" if settled == "unmet" and total >= 0 else settled), state
        if state != before:
            yield (
                datetime(session.year, session.month, session.day, 13, 30, tzinfo=UTC) + timedelta(days=1),
                before,
                state,
            )


def eth_btc_changes(samples: Sequence[tuple[datetime, float]]) -> Iterator[Change]:
    """Samples are (close, ETH/BTC), ascending, one at each full hour among them."""
    state = settled = "no_data"
    hours: deque[tuple[datetime, float]] = deque(maxlen=336)
    for at, value in samples:
        if at.minute == 0 and at.second == 0:
            hours.append((at, value))
        if not hours:
            continue
        window = [*hours, (at, value)]
        low = min(v for _, v in window)
        place = next(i for i, (_, v) in enumerate(window) if v == low)
        low_at, peak = window[place][0], max(v for _, v in window[: place + 1])
        if low_at == at and hours[0][0] < at:
            settled = "unmet"
        elif at - low_at >= 72 * HOUR and value - low >= (peak - low) / 2:
            settled = "met"
        over = settled == "unmet" and at - low_at >= 24 * HOUR
        state, before = ("holding" if over else settled), state
        if state != before:
            yield at, before, state


def shocks(bars: Sequence[tuple[int, int, float, float, float]], step_ms: int) -> Iterator[tuple[int, str]]:
    """Bars are (close, close, high, low, volume) in milliseconds, ascending; the verdict stays fragile."""
    day, fell = 86_400_000, 0
    for row, (at, _, _, low, _) in enumerate(bars):
        today = [bar for bar in bars[max(row - day // step_ms, 0) : row + 1] if bar[0] > at - day]
        before = [
            bar for bar in bars[max(row - 2 * day // step_ms, 0) : row] if at - 2 * day < bar[0] <= at - day
        ]
        if min(len(today), len(before)) * step_ms < 0.9 * day or not today[:-1]:
            continue
        busier = sum(b[4] for b in today) / len(today) >= 1.8 * sum(b[4] for b in before) / len(before)
        if busier and low <= 0.96 * max(b[2] for b in today[:-1]):
            if not fell or at - fell > day:
                yield at, "aftershock" if fell else "deleveraging"
            fell = at
