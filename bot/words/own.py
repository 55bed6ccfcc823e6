"""A rule of somebody's own in words: its readings, its thresholds exactly as they were said, how it runs."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from bot.words.numbers import MONEY, Scale, decimal
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.own.readings import ALL, BOTH, OWN_READINGS
from signals.own.rule import Ref, Rule, Term
from signals.own.units import Unit

_MOST_DIGITS = 8
_M = 1e6
_WHOLE_FROM = 1_000.0
_SIGNIFICANT = 4
_CENTS = 2
_AMOUNTS = {"oi", "repo", "liquidations", "liquidations_long", "liquidations_short"}
"""Readings in dollars that are sums, not prices."""
_DIGITS: Mapping[Unit, int] = {
    Unit.PCT: 3,
    Unit.PCT_8H: 4,
    Unit.RATIO: 5,
    Unit.HOURS: 0,
    Unit.SESSIONS: 0,
}
_COARSE = {"change", "oi", "depth", "eth"}
"""Readings in percent whose second digit says nothing."""


def rule_text(words: Wording, rule: Rule, key: str = "own.term") -> Html:
    """What has to be true and for how long: BTC below 105,000 for 6 h 30 min."""
    terms = words.plain("own.and").join(_term(words, term, key) for term in rule.terms)
    if not rule.hold:
        return words("own.rule", terms=terms)
    return words("own.rule_held", terms=terms, length=length_text(words, rule.hold))


def how_text(words: Wording, rule: Rule) -> Html:
    """How often it fires, by how much it has to come back where that was said, and how long it lives."""
    parts = [words("own.repeats" if rule.repeats else "own.once")]
    if rule.hysteresis_pct is not None:
        parts.append(words("own.hysteresis", value=decimal_text(words, rule.hysteresis_pct)))
    parts.append(life_text(words, rule.expires_at))
    return words.joined(parts)


def life_text(words: Wording, expires_at: datetime | None) -> Html:
    """Until when it runs."""
    return words("own.until", moment=words.moment(expires_at)) if expires_at else words("own.always")


def when_text(words: Wording, rule: Rule) -> Html:
    """The same in a sentence that begins with when: BTC is below 105,000 for 6 h 30 min."""
    return rule_text(words, rule, "own.term_when")


def sentences(*parts: Html) -> Html:
    """Sentences one after the other; empty ones are left out. A full-width stop brings its own space."""
    said = Html()
    for part in filter(None, parts):
        gap = "" if not said or said.endswith("。") else " "
        said = Html(f"{said}{gap}{part}")
    return said


def _term(words: Wording, term: Term, key: str) -> str:
    name, comparison = reading_name(words, term.ref), comparison_text(words, term)
    return words.plain(key, name=name, gap=_gap(name, comparison), comparison=comparison)


def _gap(left: str, right: str) -> str:
    """Between two Chinese characters there is no space."""
    return "" if all("\u4e00" <= letter <= "\u9fff" for letter in (left[-1], right[0])) else " "


def comparison_text(words: Wording, term: Term) -> str:
    """What a term compares with: below 105,000; a new low of 7 d."""
    key = f"own.op.{term.op.name.lower()}"
    if term.window is not None:
        return words.plain(key, value=length_text(words, term.window))
    return words.plain(key, value=threshold_text(words, term.ref, term.threshold or 0.0))


def reading_name(words: Wording, ref: Ref) -> str:
    """What people call a reading."""
    subject = words.plain(f"own.subject.{ref.subject.lower()}") if ref.subject in {ALL, BOTH} else ref.subject
    return words.plain(f"own.reading.{ref.reading}", subject=subject)


def length_text(words: Wording, length: timedelta) -> str:
    """A length of time to the minute, however long: 8 d 1 h would otherwise read as 8 d."""
    days, rest = length.days, length - timedelta(days=length.days)
    parts = [words.plain("duration.d", n=days)] if days else []
    if rest or not days:
        parts.append(words.duration(rest))
    return " ".join(parts)


def threshold_text(words: Wording, ref: Ref, value: float) -> str:
    """A threshold as exactly as it was said."""
    match OWN_READINGS[ref.reading].unit:
        case Unit.USD if ref.reading in _AMOUNTS:
            return _exact_amount(words, value)
        case Unit.MUSD:
            return _exact_amount(words, value * _M)
        case unit:
            return _in_unit(words, unit, decimal_text(words, value))


def value_text(words: Wording, ref: Ref, value: float) -> str:
    """A value as it is now, with the digits that count."""
    match OWN_READINGS[ref.reading].unit:
        case Unit.USD if ref.reading in _AMOUNTS:
            return words.amount(value)
        case Unit.USD:
            return price_text(words, value)
        case Unit.MUSD:
            return words.usd(value * _M)
        case Unit.PCT if ref.reading.split("_")[0] in _COARSE:
            return _in_unit(words, Unit.PCT, decimal(value, 1, words.language))
        case unit:
            return _in_unit(words, unit, decimal(value, _DIGITS[unit], words.language))


def price_text(words: Wording, value: float) -> str:
    """A price of anything, from a hundredth of a cent to a hundred thousand."""
    return decimal(value, price_digits(value), words.language)


def price_digits(value: float) -> int:
    """How many digits after the point a price needs."""
    if abs(value) >= _WHOLE_FROM:
        return 0
    if not value:
        return _CENTS
    return max(_CENTS, min(_SIGNIFICANT - 1 - Decimal(repr(value)).adjusted(), 12))


def decimal_text(words: Wording, value: float) -> str:
    """A number with all of its digits and no more."""
    return decimal(value, digits_of(value), words.language)


def digits_of(value: float) -> int:
    """How many digits after the point a number has."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return min(max(-exponent, 0), _MOST_DIGITS) if isinstance(exponent, int) else 0


def _in_unit(words: Wording, unit: Unit, shown: str) -> str:
    match unit:
        case Unit.PCT:
            return words.plain("number.percent", value=shown)
        case Unit.PCT_8H:
            return words.plain("own.per_8h", value=words.plain("number.percent", value=shown))
        case Unit.HOURS:
            return words.plain("own.hours", value=shown)
        case Unit.SESSIONS:
            return words.plain("own.sessions", value=shown)
        case _:
            return shown


def _exact_amount(words: Wording, value_usd: float) -> str:
    """Dollars in the scale of the language, with all of their digits."""
    scale = _scale(value_usd, MONEY[words.language])
    amount = float(Decimal(repr(abs(value_usd))) / scale.divisor)
    return scale.pattern.format(sign="−" if value_usd < 0 else "", amount=decimal_text(words, amount))


def _scale(value_usd: float, scales: tuple[Scale, ...]) -> Scale:
    return next((scale for scale in scales if abs(value_usd) >= scale.least), scales[-1])
