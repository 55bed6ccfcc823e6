"""Numbers and lengths of time as people write them: 105k, 1.2m, 5%, -300, 10万, 6h30m, 6小时."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal

from signals.own.cursor import Cursor, ends_latin
from signals.own.misread import Problem
from signals.own.rule import LARGEST
from signals.own.units import Unit

_TIMES = {
    "k": 3, "thousand": 3, "千": 3, "w": 4, "万": 4, "m": 6, "mn": 6, "mln": 6, "mio": 6, "million": 6,
    "百万": 6,    "千万": 7, "亿": 8, "b": 9, "bn": 9, "billion": 9, "十亿": 9, "百亿": 10, "千亿": 11,
    "t": 12, "tn": 12, "trillion": 12, "万亿": 12,
}  # fmt: skip
"""Powers of ten."""
_PERCENT = ("%", "percent", "pct", "个百分点", "个点", "百分点")
_POINTS = ("bps", "bp", "基点", "个基点")
_HOURS = {"h": 1, "hours": 1, "hour": 1, "小时": 1, "个小时": 1, "d": 24, "days": 24, "day": 24, "天": 24}
_COUNTS = ("sessions", "session", "days", "个交易日", "个交易时段", "天")
_DOLLARS = ("usdt", "usd", "dollars", "dollar", "美元", "美金", "刀", "u", "$")
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"


def _any(names: Iterable[str]) -> str:
    """Any of some names, the longest first; behind a Latin one no letter or digit stands."""
    every = sorted(names, key=len, reverse=True)
    return "|".join(re.escape(name) + ("(?![a-z0-9])" if ends_latin(name) else "") for name in every)


_SUFFIXES = {*_TIMES, *_PERCENT, *_POINTS, *_HOURS, *_COUNTS}
AMOUNT = re.compile(
    rf"(?P<minus>[-+])?\s?(?P<dollar>(?:us)?\$)?\s?(?P<minus2>-)?(?P<digits>{_DIGITS})(?![\d.,]*\d)"
    rf"\s?-?(?P<suffix>{_any(_SUFFIXES)})?\s?(?P<coin>{_any(_DOLLARS)})?(?![a-z0-9])"
)
_LONGEST = 32
"""Longer numbers are no numbers."""

_UNITS = {
    "minutes": 1, "minute": 1, "mins": 1, "min": 1, "m": 1, "分钟": 1, "分": 1,
    "hours": 60, "hour": 60, "hrs": 60, "hr": 60, "h": 60, "个小时": 60, "小时": 60, "个钟": 60,
    "days": 1440, "day": 1440, "d": 1440, "天": 1440, "日": 1440,
    "weeks": 10080, "week": 10080, "w": 10080, "个星期": 10080, "星期": 10080, "周": 10080,
}  # fmt: skip
"""In minutes."""
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_PART = rf"(\d{{1,6}}(?:\.\d{{1,4}})?)\s?-?({_UNIT})(?![a-z])"
LENGTH = re.compile(rf"{_PART}(?:\s?{_PART})?(?:\s?{_PART})?(?![a-z0-9])")


def take_amount(cursor: Cursor, unit: Unit) -> float:
    """The number that stands here, in a unit. A number without one is in the reading's own.

    Raises:
        Misread: there is none, it is too large, or it is in a unit that does not fit.
    """
    start = cursor.at
    found = cursor.look(AMOUNT)
    if not found or len(found["digits"]) > _LONGEST:
        raise cursor.misread(Problem.NUMBER_EXPECTED)
    if found["minus"] == "-" and found["minus2"]:
        raise cursor.misread(Problem.NUMBER_EXPECTED)
    cursor.take(AMOUNT)
    exact = _in_unit(found, unit)
    if exact is None:
        raise cursor.misread(Problem.UNIT_DOES_NOT_FIT, start, unit=unit)
    if abs(exact) > LARGEST:
        raise cursor.misread(Problem.TOO_LARGE, start)
    is_negative = "-" in {found["minus"], found["minus2"]}
    return (-float(exact) if is_negative else float(exact)) + 0.0


def _in_unit(found: re.Match[str], unit: Unit) -> Decimal | None:
    """The size of a number in a unit; None where what stands behind it does not fit."""
    number, suffix = Decimal(found["digits"].replace(",", "")), found["suffix"]
    if not unit.is_dollars and (found["dollar"] or found["coin"]):
        return None
    if suffix is None:
        return number
    times = _scales(unit).get(suffix)
    return None if times is None else number * times


def _scales(unit: Unit) -> Mapping[str, Decimal]:
    """What stands for how much of a unit."""
    match unit:
        case Unit.USD | Unit.MUSD:
            less = 6 if unit is Unit.MUSD else 0
            return {name: Decimal(1).scaleb(power - less) for name, power in _TIMES.items()}
        case Unit.PCT | Unit.PCT_8H:
            return {**dict.fromkeys(_PERCENT, Decimal(1)), **dict.fromkeys(_POINTS, Decimal("0.01"))}
        case Unit.HOURS:
            return {name: Decimal(hours) for name, hours in _HOURS.items()}
        case Unit.SESSIONS:
            return dict.fromkeys(_COUNTS, Decimal(1))
        case Unit.RATIO:
            return {}


def length_of(found: re.Match[str]) -> timedelta:
    """The length that `LENGTH` found, to the minute."""
    groups = found.groups()
    parts = zip(groups[::2], groups[1::2], strict=True)
    minutes = sum(Decimal(number) * _UNITS[unit] for number, unit in parts if number)
    return timedelta(minutes=int(minutes))


def take_length(cursor: Cursor, bounds: tuple[timedelta, timedelta], problem: Problem) -> timedelta:
    """The length of time that stands here.

    Raises:
        Misread: there is none, or it is out of bounds.
    """
    start = cursor.at
    found = cursor.take(LENGTH)
    if not found:
        raise cursor.misread(problem)
    length = length_of(found)
    if not bounds[0] <= length <= bounds[1]:
        raise cursor.misread(problem, start)
    return length
