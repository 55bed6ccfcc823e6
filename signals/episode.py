"""An episode: the time after a shock, measured from where prices were before it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from signals.conditions import Evidence
from signals.moments import DAY_MS, iso, to_ms


class ShockState(StrEnum):
    """Whether an episode is open."""

    CALM = "calm"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Trough:
    """The lowest that BTC was so far, when its bar closed, and the lowest of ETH in the same bar."""

    btc_usd: float
    at_ms: int
    eth_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """A shock, and what came of it so far.

    The references are the highest prices of the bar in which BTC was highest in the 24 hours before. An
    aftershock opens an episode of its own; `number` counts them from `chain_ms`, when the first shock came.
    """

    opened_ms: int
    reference_ms: int
    btc_usd: float
    eth_usd: float | None
    low: Trough
    volume_change: float
    """How much more was traded than in the 24 hours before, as a share: the most while it fell."""
    known: tuple[str, ...]
    """Which of the four signs of forced deleveraging were known."""
    fell_ms: int
    """The last bar at which the rule held."""
    told_low_usd: float
    """The low that was last told."""
    settled_low_usd: float
    """What levels are derived from: the low on the first day UTC, then that of the midnight before."""
    settled_ms: int
    number: int = 1
    chain_ms: int = 0
    interest_change: float | None = None
    """Open interest against 24 hours before when the shock was told, as a share, where it was known."""
    long_share: float | None = None
    """The longs' share of what had been liquidated in 24 hours, where it was known."""
    volume_venues: int | None = None
    """By how many venues the volume was known when the shock was told; None: told before this was noted."""

    @property
    def eth_btc(self) -> float | None:
        """ETH/BTC before the fall."""
        return self.eth_usd and self.eth_usd / self.btc_usd

    @property
    def fall(self) -> float:
        """BTC's fall from its reference to its low, as a share."""
        return 1 - self.low.btc_usd / self.btc_usd

    @property
    def eth_fall(self) -> float | None:
        """ETH's, to where it was at BTC's low."""
        if self.eth_usd is None or self.low.eth_usd is None:
            return None
        return 1 - self.low.eth_usd / self.eth_usd

    @property
    def beta(self) -> float | None:
        """ETH's fall for each percent of BTC's."""
        return None if self.eth_fall is None else self.eth_fall / self.fall

    def regained(self, btc_usd: float) -> float:
        """How much of BTC's fall is regained at a price, as a share."""
        return (btc_usd - self.low.btc_usd) / (self.btc_usd - self.low.btc_usd)

    def at_bar(self, closed_ms: int) -> Self:
        """The episode when a bar begins to count: with the first of a day UTC the low until then settles."""
        if (closed_ms - 1) // DAY_MS == (self.settled_ms - 1) // DAY_MS:
            return self
        return replace(self, settled_low_usd=self.low.btc_usd, settled_ms=closed_ms)

    def deepened(self, low: Trough) -> Self:
        """The episode with a new low."""
        first_day = (low.at_ms - 1) // DAY_MS == (self.opened_ms - 1) // DAY_MS
        if first_day:
            return replace(self, low=low, settled_low_usd=low.btc_usd, settled_ms=low.at_ms)
        return replace(self, low=low)

    def as_evidence(self) -> Evidence:
        """The episode as JSON values: what `Episode.of` reads back, exact, and what follows from that."""
        return {
            "opened_at": iso(self.opened_ms),
            "reference_at": iso(self.reference_ms),
            "btc_usd": self.btc_usd,
            "eth_usd": self.eth_usd,
            "eth_btc": _rounded(self.eth_btc, 8),
            "low_usd": self.low.btc_usd,
            "low_at": iso(self.low.at_ms),
            "low_eth_usd": self.low.eth_usd,
            "fall_pct": _rounded(self.fall * 100, 2),
            "eth_fall_pct": None if self.eth_fall is None else _rounded(self.eth_fall * 100, 2),
            "beta": _rounded(self.beta, 2),
            "volume_change": self.volume_change,
            "known": list(self.known),
            "fell_at": iso(self.fell_ms),
            "told_low_usd": self.told_low_usd,
            "settled_low_usd": self.settled_low_usd,
            "settled_at": iso(self.settled_ms),
            "number": self.number,
            "chain_at": iso(self.chain_ms),
            "interest_change": self.interest_change,
            "long_share": self.long_share,
            "volume_venues": self.volume_venues,
        }

    @classmethod
    def of(cls, evidence: Mapping[str, Any]) -> Self | None:
        """The episode that evidence tells of; None where there has been none yet."""
        if "opened_at" not in evidence:
            return None
        return cls(
            opened_ms=_ms(evidence["opened_at"]),
            reference_ms=_ms(evidence["reference_at"]),
            btc_usd=evidence["btc_usd"],
            eth_usd=evidence["eth_usd"],
            low=Trough(evidence["low_usd"], _ms(evidence["low_at"]), evidence["low_eth_usd"]),
            volume_change=evidence["volume_change"],
            known=tuple(evidence["known"]),
            fell_ms=_ms(evidence["fell_at"]),
            told_low_usd=evidence["told_low_usd"],
            settled_low_usd=evidence["settled_low_usd"],
            settled_ms=_ms(evidence["settled_at"]),
            number=evidence["number"],
            chain_ms=_ms(evidence["chain_at"]),
            interest_change=evidence.get("interest_change"),
            long_share=evidence.get("long_share"),
            volume_venues=evidence.get("volume_venues"),
        )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _ms(moment: str) -> int:
    return to_ms(datetime.fromisoformat(moment))
