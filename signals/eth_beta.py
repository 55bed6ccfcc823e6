"""`eth_beta`: over 24 hours ETH falls, and at least twice as far as BTC: tail risk is being priced in.

ETH beside BTC on Binance, each pair against the one of a day before. The warning ends where ETH's fall has
become clearly smaller, or clearly more like BTC's: figures that hover about a threshold are one warning.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from signals.conditions import Alarm, Evidence, Judged, Point, Standing
from signals.eth_btc import eth_btc_samples
from signals.market import Market
from signals.moments import DAY_MS, length_ms
from signals.pairs import Pairs
from signals.rows import Bools, Floats, Ints
from signals.session_report import PERCENT
from signals.silence import newest_known, silences
from signals.warnings import Backdrop, follow_warning, recent


@dataclass(frozen=True, slots=True)
class EthBetaRules:
    """The thresholds; falls are fractions."""

    times: float = 2.0
    """How many times as far as BTC ETH has to fall."""
    fall: float = 0.03
    """How far ETH has to fall at least."""
    ends_at: float = 0.5
    """The warning ends below this share of either threshold."""
    day_before: timedelta = timedelta(hours=1)
    """How much older than a day the pair of the day before may be."""
    stale_after: timedelta = timedelta(hours=6)
    """Without a pair for so long, what was before says nothing any more."""


@dataclass(frozen=True, slots=True)
class Falls:
    """Columns, one row a pair: how far ETH and BTC fell in a day, as fractions; NaN where that is unknown."""

    known_ms: Ints
    eth: Floats
    btc: Floats


@dataclass(frozen=True, slots=True)
class EthBeta:
    """The warning."""

    rules: EthBetaRules = EthBetaRules()
    id: str = "eth_beta"

    def judge(self, standing: Standing, market: Market, backdrop: Backdrop, until_ms: int) -> Judged:
        """See `signals.warnings.WarningRule`."""
        del backdrop
        samples = eth_btc_samples(recent(market, standing, DAY_MS + 2 * length_ms(self.rules.day_before)))
        seen_ms = newest_known(samples.known_ms, until_ms, standing.seen_ms)
        points = self._points(standing, samples, until_ms)
        return follow_warning(self.id, standing, points, until_ms, seen_ms)

    def _points(self, standing: Standing, samples: Pairs, until_ms: int) -> Iterator[Point]:
        falls = falls_of(samples, standing.judged_ms, until_ms, self.rules)
        silent = silences(samples.known_ms, standing.seen_ms, until_ms, self.rules.stale_after)
        silent_ms = [at_ms for at_ms in silent if at_ms > standing.judged_ms]
        rows: dict[int, int | None] = dict.fromkeys(silent_ms)
        rows |= {int(falls.known_ms[row]): row for row in _turning(falls, silent_ms, self.rules)}
        settled = Alarm(standing.settled)
        for at_ms, row in sorted(rows.items()):
            settled = Alarm.NO_DATA if row is None else _at(settled, falls, row, self.rules)
            evidence = {} if row is None else _evidence(falls, row)
            yield Point(at_ms, settled, settled, _REASONS[settled], evidence)


_REASONS = {Alarm.NO_DATA: "no_price", Alarm.OFF: "eased", Alarm.ON: "eth_falls_farther"}


def falls_of(samples: Pairs, after_ms: int, until_ms: int, rules: EthBetaRules) -> Falls:
    """The falls at each pair that became known after one moment and up to another."""
    first, last = samples.known_ms.searchsorted((after_ms, until_ms), side="right")
    before_ms = samples.at_ms[first:last] - DAY_MS
    row = samples.at_ms.searchsorted(before_ms, side="right") - 1
    known = (row >= 0) & (before_ms - samples.at_ms[row] <= length_ms(rules.day_before))
    eth, btc = (
        1 - price[first:last] / np.where(known, price[row], np.nan) for price in (samples.a, samples.b)
    )
    return Falls(samples.known_ms[first:last], eth, btc)


def _turning(falls: Falls, silent_ms: Sequence[int], rules: EthBetaRules) -> list[int]:
    """The first row, those where thresholds are reached or left, and the first one after each silence."""
    reached, near = (_reached(falls.eth, falls.btc, rules, share) for share in (1.0, rules.ends_at))
    level = np.where(np.isnan(falls.eth), -1, reached.astype(int) + near)
    another = np.append(True, level[1:] != level[:-1])[: len(level)]
    after_silence = falls.known_ms.searchsorted(silent_ms) if silent_ms else ()
    rows: list[int] = np.flatnonzero(another | np.isin(np.arange(len(level)), after_silence)).tolist()
    return rows


def _reached(eth: Floats, btc: Floats, rules: EthBetaRules, share: float) -> Bools:
    """Where falls reach a share of both thresholds; nowhere where they are unknown."""
    return (eth >= rules.fall * share) & (eth >= rules.times * share * btc)


def _at(before: Alarm, falls: Falls, row: int, rules: EthBetaRules) -> Alarm:
    """Whether it is on at a row, from whether it was. A day before that is not known decides nothing."""
    eth, btc = falls.eth[row : row + 1], falls.btc[row : row + 1]
    if np.isnan(eth[0]):
        return before
    share = rules.ends_at if before is Alarm.ON else 1.0
    return Alarm.ON if _reached(eth, btc, rules, share)[0] else Alarm.OFF


def _evidence(falls: Falls, row: int) -> Evidence:
    eth, btc = float(falls.eth[row]), float(falls.btc[row])
    if np.isnan(eth):
        return {}
    changes = {"eth_change_pct": round(-eth * PERCENT, 2), "btc_change_pct": round(-btc * PERCENT, 2)}
    return {"times": round(eth / btc, 1), **changes} if btc >= _A_FALL else changes


_A_FALL = 0.002
"""Of a smaller fall than this any number of times could be said."""
