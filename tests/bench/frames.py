"""A peer of the engine: the rules in pandas, with its resample, rolling, groupby and merge_asof.

It knows no steps but the minute, no late answers and no silence.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from signals.conditions import Verdict
from signals.facts import BINANCE_BTC, BINANCE_ETH, COINBASE_BTC, COINBASE_USDT, KRAKEN_USDT, EtfFlow
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

Frame = Any
"""A table of pandas."""

Series = Any
"""A column of pandas; one of states holds places in `_STATES`."""

_NAMES = {
    COINBASE_BTC: "coinbase",
    BINANCE_BTC: "binance",
    BINANCE_ETH: "eth",
    COINBASE_USDT: "usdt",
    KRAKEN_USDT: "other_usdt",
}

_STATES = (NO_DATA, UNMET, HOLDING, MET)
_VERDICTS = (Verdict.UNKNOWN, Verdict.FRAGILE, Verdict.BROKEN)
_NO_DATA, _UNMET, _HOLDING, _MET = range(4)
_UNKNOWN, _FRAGILE, _BROKEN = range(3)


def columns_of(minutes: Minutes) -> dict[str, Series]:
    """The closes of each instrument by UTC moment, without the minutes in which it had none."""
    index = pd.to_datetime(minutes.at_ms, unit="ms", utc=True)
    return {_NAMES[i]: pd.Series(close, index).dropna() for i, close in minutes.closes.items()}


def judge_in_frames(columns: Mapping[str, Series], flows: Iterable[EtfFlow]) -> list[Turn]:
    """Every turn of the conditions and of the verdict."""
    frame = pd.DataFrame(columns)
    states = {
        "premium": _premium_states(frame),
        "etf_flow": _etf_states(flows),
        "eth_btc": _eth_btc_states(frame),
    }
    changed = {id_: _changed(column) for id_, column in states.items()}
    conditions = (turn for id_, column in changed.items() for turn in _turns(id_, column, _STATES))
    verdict = _turns("verdict", _changed(_verdicts(changed)), _VERDICTS)
    return in_order([*conditions, *verdict])


def _premium_states(frame: Frame) -> Series:
    usdt = frame[["usdt", "other_usdt"]].mean(axis=1)
    value = (frame["coinbase"] / frame["binance"] / usdt - 1).dropna().rename("value")
    samples = value.rename_axis("at").reset_index()
    sessions = _judged_sessions(samples, _session_table(frame.index))
    inside = _inside(samples, sessions)
    running = inside[inside["at"] < inside["closes"]]
    all_above = running.groupby("session")["above"].cummin()
    before = running["before"]
    state = before.where(before != _UNMET, np.where(all_above, _HOLDING, _UNMET))
    judged = pd.Series(sessions["settled"].to_numpy(), index=sessions["judged"])
    return pd.concat([pd.Series(state.to_numpy(), index=running["at"]), judged]).sort_index(kind="stable")


def _session_table(index: Frame) -> Frame:
    first_ms, last_ms = (int(moment.timestamp() * 1000) for moment in (index[0], index[-1]))
    sessions = sessions_of(first_ms, last_ms)
    table = pd.DataFrame({"opens": [s.opens for s in sessions], "closes": [s.closes for s in sessions]})
    return table.astype(index.dtype).rename_axis("session").reset_index()


def _judged_sessions(samples: Frame, sessions: Frame) -> Frame:
    """The sessions with when each is judged, and the settled state before and after."""
    inside = _inside(samples, sessions).groupby("session")
    count, above, mean = (inside["above"].count(), inside["above"].mean(), inside["value"].mean())
    length = sessions["closes"] - sessions["opens"]
    covered = (
        count.reindex(sessions["session"], fill_value=0) / (length / pd.Timedelta(minutes=1)) >= COVERAGE
    )
    above, mean = above.reindex(sessions["session"]), mean.reindex(sessions["session"])
    below = inside["below"].mean().reindex(sessions["session"])
    label = pd.Series(np.nan, sessions["session"])
    label[covered & (above >= SHARE) & (mean > 0)] = _MET
    label[covered & (below >= SHARE) & (mean < 0)] = _UNMET
    settled = label.ffill().fillna(_NO_DATA).astype(int)
    after = pd.merge_asof(sessions, samples[["at"]], left_on="closes", right_on="at", direction="forward")[
        "at"
    ]
    judged = after.clip(upper=sessions["closes"] + GRACE)
    before = settled.shift(fill_value=_NO_DATA)
    return sessions.assign(settled=settled, before=before, judged=judged)


def _inside(samples: Frame, sessions: Frame) -> Frame:
    """The samples of sessions, each beside its session."""
    beside = pd.merge_asof(
        samples, sessions, left_on="at", right_on="opens", direction="backward", allow_exact_matches=False
    )
    inside = beside[beside["at"] <= beside["closes"]]
    return inside.assign(above=inside["value"] > 0, below=inside["value"] <= 0)


def _etf_states(flows: Iterable[EtfFlow]) -> Series:
    total = pd.Series({pd.Timestamp(flow.known_at): flow.total_usd for flow in flows})
    decided = pd.Series(np.nan, total.index)
    decided[(total < 0) & (total.rolling(3).sum() < 0)] = _UNMET
    decided[total.rolling(2).min() >= 0] = _MET
    settled = decided.ffill().fillna(_NO_DATA).astype(int)
    return settled.mask((settled == _UNMET) & (total >= 0), _HOLDING)


def _eth_btc_states(frame: Frame) -> Series:
    ratio = (frame["eth"] / frame["binance"]).dropna()
    hours = _hours(ratio).reindex(ratio.index, method="ffill")
    ratio, hours = ratio[hours["low"].notna()], hours[hours["low"].notna()]
    at = ratio.index.to_series()
    lower = ratio < hours["low"]
    low = ratio.where(lower, hours["low"])
    low_at = at.where(lower, hours["low_at"])
    peak = hours["peak"].where(~lower, np.maximum(hours["top"], ratio))
    new_low = low_at > at.shift(fill_value=at.iloc[0])
    fall = peak - low
    regained = ((ratio - low) / fall).where(fall > 0, 1)
    decided = pd.Series(np.nan, ratio.index)
    decided[(at - low_at >= MET_AGE) & (regained >= REGAINED)] = _MET
    decided[new_low] = _UNMET
    settled = decided.ffill().fillna(_NO_DATA).astype(int)
    return settled.mask((settled == _UNMET) & (at - low_at >= HOLDING_AGE), _HOLDING)


def _hours(ratio: Series) -> Frame:
    """Each full hour with its window: the low, its moment, the peak before it, the top of all."""
    value = ratio.resample("1h", closed="right", label="right").last().ffill()
    value = value[value.index <= ratio.index[-1]]
    windows = value.rolling(WINDOW_HOURS, min_periods=1)
    age = windows.apply(lambda window: len(window) - 1 - window.argmin(), raw=True)
    return pd.DataFrame(
        {
            "low": windows.min(),
            "low_at": value.index - pd.to_timedelta(age, unit="h"),
            "peak": windows.apply(lambda window: window[: window.argmin() + 1].max(), raw=True),
            "top": windows.max(),
        }
    )


def _verdicts(changed: dict[str, Series]) -> Series:
    states = pd.DataFrame({id_: column.groupby(level=0).last() for id_, column in changed.items()})
    states = states.sort_index().ffill().fillna(_NO_DATA)
    verdict = np.where((states == _MET).all(axis=1), _BROKEN, _FRAGILE)
    return pd.Series(np.where((states == _NO_DATA).any(axis=1), _UNKNOWN, verdict), states.index)


def _changed(states: Series) -> Series:
    """The rows at which the state is another one than before."""
    return states[states != states.shift(fill_value=0)]


def _turns(id_: str, changed: Series, names: tuple[str, ...]) -> Iterator[Turn]:
    before = names[0]
    for at, place in changed.items():
        after = names[int(place)]
        yield Turn(int(at.timestamp() * 1000), id_, before, after)
        before = after
