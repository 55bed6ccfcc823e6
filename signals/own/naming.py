"""Which reading some words name together, and the words that a reading is written with."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from signals.own.lexicon import Kind, Sense
from signals.own.readings import ALL, BOTH, OWN_READINGS, RATIO
from signals.own.rule import Ref


class Named(NamedTuple):
    """The words of one reading so far, by what they tell."""

    coin: str | None = None
    measure: str | None = None
    period: str | None = None
    facet: str | None = None

    def told(self, sense: Sense) -> "Named | None":
        """With one more word; None where that kind of thing was told already, as something else."""
        if sense.kind is Kind.FILLER:
            return self
        before: str | None = getattr(self, sense.kind)
        return self._replace(**{sense.kind.value: sense.value}) if before in {None, sense.value} else None

    @property
    def says_anything(self) -> bool:
        """Whether any word told something."""
        return any(self)

    def ref(self) -> Ref | None:
        """The reading that the words name together; None where there is none such."""
        found = _named(self)
        if found is None or found.reading not in OWN_READINGS:
            return None
        row = OWN_READINGS[found.reading]
        named_coin = row.any_coin and found.subject not in {"", ALL, BOTH}
        return found if found.subject in row.subjects or named_coin else None


def _named(named: Named) -> Ref | None:
    if named.facet == "change":
        named = named._replace(facet=None, period=named.period or "24h")
    return _BY_MEASURE[named.measure](named)


def _price(named: Named) -> Ref | None:
    if named.facet:
        return None
    return Ref(f"change_{named.period}" if named.period else "price", named.coin or "")


def _ratio(named: Named) -> Ref | None:
    if named.coin or (named.period and named.facet):
        return None
    return Ref(f"change_{named.period}", RATIO) if named.period else Ref(_with("eth_btc", named.facet))


def _premium(named: Named) -> Ref | None:
    is_btc = named.coin in {None, "BTC"} and not named.period
    return Ref(_with("premium", named.facet)) if is_btc else None


def _etf(named: Named) -> Ref | None:
    return None if named.period else Ref(_with("etf", named.facet), named.coin or "BTC")


def _interest(named: Named) -> Ref | None:
    coin = BOTH if named.coin == ALL else named.coin or "BTC"
    return None if named.facet else Ref(_with("oi", named.period), coin)


def _liquidations(named: Named) -> Ref | None:
    if named.period not in {None, "24h"}:
        return None
    return Ref(_with("liquidations", named.facet), named.coin or ALL)


def _of_a_coin(named: Named) -> Ref | None:
    if named.period or named.facet:
        return None
    return Ref(named.measure or "", named.coin or "BTC")


def _alone(named: Named) -> Ref | None:
    return None if named.coin or named.period or named.facet else Ref(named.measure or "")


def _with(reading: str, more: str | None) -> str:
    return f"{reading}_{more}" if more else reading


_BY_MEASURE: Mapping[str | None, Callable[[Named], Ref | None]] = {
    None: _price,
    "eth_btc": _ratio,
    "premium": _premium,
    "etf": _etf,
    "funding": _of_a_coin,
    "oi": _interest,
    "liquidations": _liquidations,
    "depth": _of_a_coin,
    "sofr": _alone,
    "repo": _alone,
    "usdt": _alone,
}


def name_of(ref: Ref) -> str:
    """The words that a reading is written with, and read back from."""
    if ref.reading == "price":
        return ref.subject if "@" in ref.subject else ref.subject.lower()
    head, _, tail = ref.reading.partition("_")
    if ref.reading.startswith("eth_btc"):
        head, tail = "eth/btc", ref.reading.removeprefix("eth_btc").strip("_").replace("_", " ")
    subject = "all" if ref.subject in {BOTH, ALL} else ref.subject.lower()
    parts = (subject, tail) if head == "change" else (head, subject, tail)
    return " ".join(part for part in parts if part)
