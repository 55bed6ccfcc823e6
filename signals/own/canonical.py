"""A rule as one line of the grammar: what is kept, and what people can copy, change and send again."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from signals.own.naming import name_of
from signals.own.readings import OWN_READINGS
from signals.own.rule import Rule, Term

_PARTS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)))


def canonical(rule: Rule, *, with_expiry: bool = True) -> str:
    """The text that `signals.own.grammar.parse` reads back as this rule.

    Without its expiry, which is an instant in UTC, the text is shorter, and means ninety days from its
    reading.
    """
    parts = [" and ".join(map(term_text, rule.terms))]
    if rule.hold:
        parts.append(f"for {length_text(rule.hold)}")
    if rule.repeats:
        parts.append("repeat")
    if rule.hysteresis_pct is not None:
        parts.append(f"hysteresis {number_text(rule.hysteresis_pct)}%")
    if with_expiry:
        parts.append(_expiry(rule.expires_at))
    return " ".join(parts)


def term_text(term: Term) -> str:
    """One comparison."""
    name = name_of(term.ref)
    if term.window is not None:
        return f"{name} {term.op} {length_text(term.window)}"
    percent = "%" if OWN_READINGS[term.ref.reading].unit.is_percent else ""
    return f"{name} {term.op} {number_text(term.threshold or 0.0)}{percent}"


def length_text(length: timedelta) -> str:
    """6h30m: a length of whole minutes."""
    text = ""
    for unit, each in _PARTS:
        count, length = divmod(length, each)
        text += f"{count}{unit}" if count else ""
    return text


def number_text(number: float) -> str:
    """Exact, without an exponent."""
    text = format(Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _expiry(moment: datetime | None) -> str:
    if moment is None:
        return "expires never"
    return f"until {moment.astimezone(UTC):%Y-%m-%dT%H:%M}Z"
