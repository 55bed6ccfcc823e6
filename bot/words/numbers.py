"""Numbers as people read them: each language's digits and scales, a real minus sign, never `-0.00`."""

from collections.abc import Mapping
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from babel.numbers import format_decimal

MINUS = "−"
_PLUS = "+"


def decimal(value: float, digits: int, language: str, *, signed: bool = False) -> str:
    """A number with so many digits after the point; `signed` shows a plus as well."""
    rounded = rounded_to(value, digits)
    return _sign(rounded, signed=signed) + _unsigned(rounded, digits, language)


def whole_percent(fraction: float) -> int:
    """A fraction of one in percent, cut off: 0.899 has not reached 90 %, and must not look as if it had."""
    return int((_exact(fraction) * 100).quantize(Decimal(1), ROUND_DOWN))


def rounded_to(value: float, digits: int) -> Decimal:
    """The number that people will read; what looks like zero has no sign."""
    rounded = _exact(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    return rounded or abs(rounded)


class Scale(NamedTuple):
    """How amounts are written from `least` dollars on: divided, with so many digits, in this pattern."""

    least: int
    divisor: int
    digits: int
    pattern: str


MONEY: Mapping[str, tuple[Scale, ...]] = {
    "en": (
        Scale(10**9, 10**9, 2, "{sign}${amount} bn"),
        Scale(10**6, 10**6, 1, "{sign}${amount} m"),
        Scale(10, 1, 0, "{sign}${amount}"),
        Scale(0, 1, 2, "{sign}${amount}"),
    ),
    "zh": (
        Scale(10**9, 10**8, 1, "{sign}{amount} 亿美元"),
        Scale(10**8, 10**8, 3, "{sign}{amount} 亿美元"),
        Scale(10**6, 10**4, 0, "{sign}{amount} 万美元"),
        Scale(10, 1, 0, "{sign}{amount} 美元"),
        Scale(0, 1, 2, "{sign}{amount} 美元"),
    ),
}
"""The scales of each language, the largest first. Chinese counts in 万 (10,000) and 亿 (100,000,000)."""


def money(value_usd: float, language: str, *, signed: bool = False) -> str:
    """An amount of dollars in the scale that fits it."""
    scale = _scale(value_usd, MONEY[language])
    rounded = rounded_to(value_usd / scale.divisor, scale.digits)
    amount = _unsigned(rounded, scale.digits if rounded else 0, language)
    return scale.pattern.format(sign=_sign(rounded, signed=signed), amount=amount)


def _scale(value_usd: float, scales: tuple[Scale, ...]) -> Scale:
    """The scale of an amount. It is rounded first: 999.96 million reads as 1.00 bn, not as 1,000.0 m."""
    below = scales[1:]
    for scale, smaller in zip(scales, below, strict=False):
        if abs(rounded_to(value_usd / smaller.divisor, smaller.digits)) * smaller.divisor >= scale.least:
            return scale
    return scales[-1]


def _sign(rounded: Decimal, *, signed: bool) -> str:
    if rounded < 0:
        return MINUS
    return _PLUS if signed and rounded > 0 else ""


def _unsigned(rounded: Decimal, digits: int, language: str) -> str:
    pattern = "#,##0." + "0" * digits if digits else "#,##0"
    return format_decimal(abs(rounded), pattern, locale=language)


def _exact(value: float) -> Decimal:
    # By way of its shortest name: 0.29 is meant, not the binary fraction next to it.
    return Decimal(str(value))
