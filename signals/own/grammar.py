"""The grammar of rules: `btc < 105000`, `premium > 0 for 6h30m repeat`, `eth/btc new low 7d and sofr > 4.2%`.

    rule    = term {"and" term} {option}                              up to four terms
    term    = reading ("<" | ">" | "<=" | ">=") number
            | reading ("new low" | "new high") length
    option  = "for" length | "once" | "repeat" | "until" date [time] | "expires" (length | "never")
            | "hysteresis" percent

A rule fires once unless it says `repeat`, and lives for ninety days unless it says until when. Letters may be
large or small, digits and signs half or full width; readings, comparisons and options have Chinese names too.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from signals.own.amounts import AMOUNT, LENGTH, take_amount, take_length
from signals.own.cursor import Cursor, words
from signals.own.lexicon import misnamed, take_coin, take_sense
from signals.own.misread import Misread, Problem
from signals.own.naming import Named
from signals.own.readings import OWN_READINGS
from signals.own.rule import EXPIRES_AFTER, HOLD_BOUNDS, MAX_TERMS, WINDOW_BOUNDS, Op, Ref, Rule, Term

__all__ = ["LONGEST", "Misread", "Problem", "parse"]

LONGEST = 500
"""Letters of the longest text that is read."""
_EXPIRY_BOUNDS = timedelta(minutes=1), timedelta(days=3650)
_MINUTE = timedelta(minutes=1)
_MOST_HYSTERESIS_PCT = 50.0

_OPS: Mapping[str, Op] = {
    "<": Op.BELOW, ">": Op.ABOVE, "<=": Op.AT_MOST, "=<": Op.AT_MOST, "≤": Op.AT_MOST,
    ">=": Op.AT_LEAST, "=>": Op.AT_LEAST, "≥": Op.AT_LEAST,
    "below": Op.BELOW, "under": Op.BELOW, "less than": Op.BELOW, "lower than": Op.BELOW,
    "低于": Op.BELOW, "小于": Op.BELOW, "跌破": Op.BELOW, "少于": Op.BELOW,
    "above": Op.ABOVE, "over": Op.ABOVE, "more than": Op.ABOVE, "greater than": Op.ABOVE,
    "higher than": Op.ABOVE,
    "高于": Op.ABOVE, "大于": Op.ABOVE, "超过": Op.ABOVE, "突破": Op.ABOVE, "多于": Op.ABOVE,
    "at most": Op.AT_MOST, "不高于": Op.AT_MOST, "不超过": Op.AT_MOST,
    "at least": Op.AT_LEAST, "不低于": Op.AT_LEAST,
}  # fmt: skip
_SIGNS = re.compile(r"[<>=!~≤≥]+")
_OP_WORDS = words(*(name for name in _OPS if not _SIGNS.match(name)))
_LOW, _HIGH = r"(?:low|新低|最低)", r"(?:high|新高|最高)"
_NEW = re.compile(
    rf"(?:(?:a|创|创下|创出)\s?)?(?:new\s?)?(?:(?P<low>{_LOW})|(?P<high>{_HIGH}))(?![a-z0-9])(?!\sage)"
)
_A_NEW = re.compile(r"(?:(?:a|创|创下|创出)\s?)?(?:new\s)?")
_AND = words("and", "&&", "&", "且", "并且", "而且", "同时", "并", "和")


def parse(text: str, now: datetime, zone: tzinfo = UTC) -> Rule:
    """The rule that a text says. `now` and `zone` are for dates and lengths of life.

    Raises:
        Misread: it says none, with the word at which reading came to an end.
    """
    if len(text) > LONGEST:
        raise Misread("", LONGEST, Problem.TOO_LONG)
    cursor = Cursor(text)
    if cursor.is_done:
        raise Misread("", 0, Problem.EMPTY)
    terms = [_term(cursor)]
    while cursor.take(_AND) and not _at_option(cursor):
        if len(terms) == MAX_TERMS:
            raise cursor.misread(Problem.TOO_MANY_TERMS)
        terms.append(_term(cursor))
    return _with_options(cursor, tuple(terms), now, zone)


def _term(cursor: Cursor) -> Term:
    ref = _reading(cursor)
    if window := _window(cursor):
        return Term(ref, window[0], window=window[1])
    op = take_op(cursor)
    return Term(ref, op, take_amount(cursor, OWN_READINGS[ref.reading].unit))


def _reading(cursor: Cursor) -> Ref:
    """The words up to the comparison."""
    start, named = cursor.at, Named()
    while not _at_comparison(cursor):
        before = cursor.at
        sense = take_sense(cursor)
        if sense is None and named.coin is None and named.measure is None:
            sense = take_coin(cursor)
        if sense is None:
            raise _no_name(cursor, named)
        told = named.told(sense)
        if told is None:
            cursor.at = before
            raise misnamed(cursor, together=True)
        named = told
    if not named.says_anything:
        raise cursor.misread(Problem.UNKNOWN_READING)
    ref = named.ref()
    if ref is None:
        raise cursor.misread(Problem.NOT_TOGETHER, start)
    return ref


def _at_comparison(cursor: Cursor) -> bool:
    return bool(
        cursor.look(_SIGNS) or cursor.look(_OP_WORDS) or cursor.look(_NEW) or _window_first(cursor)
    ) or (cursor.is_done)


def _no_name(cursor: Cursor, named: Named) -> Exception:
    """What is wrong with a word that is no name: after a reading it may stand for a comparison."""
    if not named.says_anything:
        return misnamed(cursor, together=False)
    if cursor.look(AMOUNT):
        return cursor.misread(Problem.COMPARISON_EXPECTED)
    behind = cursor.text[cursor.at + len(cursor.word()) :].lstrip()
    if AMOUNT.match(behind):
        return cursor.misread(Problem.UNKNOWN_COMPARISON)
    return misnamed(cursor, together=False)


def take_op(cursor: Cursor) -> Op:
    """The comparison that stands here.

    Raises:
        Misread: there is none, or one that is not known, such as `<<`.
    """
    found = cursor.look(_SIGNS) or cursor.look(_OP_WORDS)
    if found is None:
        raise cursor.misread(Problem.COMPARISON_EXPECTED)
    if found[0] not in _OPS:
        raise cursor.misread(Problem.UNKNOWN_COMPARISON)
    cursor.move(len(found[0]))
    return _OPS[found[0]]


def _window(cursor: Cursor) -> tuple[Op, timedelta] | None:
    """`new low 7d`, `7d low`, `创7天新低`, `新低 7天`."""
    if _window_first(cursor):
        cursor.take(_A_NEW)
        length = take_length(cursor, WINDOW_BOUNDS, Problem.WRONG_WINDOW)
        return _extreme(cursor), length
    if cursor.look(_NEW):
        return _extreme(cursor), take_length(cursor, WINDOW_BOUNDS, Problem.WRONG_WINDOW)
    return None


def _window_first(cursor: Cursor) -> bool:
    """Whether a length stands here and a low or high behind it, with no other length of its own."""
    new = cursor.look(_A_NEW)
    length = LENGTH.match(cursor.text, new.end() if new else cursor.at)
    behind = cursor.text[length.end() :].lstrip(" -的") if length else ""
    extreme = _NEW.match(behind)
    return bool(extreme and not LENGTH.match(behind[extreme.end() :].lstrip()))


def _extreme(cursor: Cursor) -> Op:
    while cursor.at < len(cursor.text) and cursor.text[cursor.at] in "-的":
        cursor.move(1)
    found = cursor.take(_NEW)
    return Op.NEW_LOW if found and found["low"] else Op.NEW_HIGH


@dataclass(frozen=True, slots=True)
class _Reader:
    """What a date is read with."""

    now: datetime
    zone: tzinfo


_NEVER = words("never", "永不", "永久", "不过期")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)\s?%?(?![a-z0-9.])")
_DATE = re.compile(
    r"(?P<year>\d{4})[-/年](?P<month>\d{1,2})[-/月](?P<day>\d{1,2})日?"
    r"(?:[t\s]\s?(?P<hour>\d{1,2}):(?P<minute>\d{2}))?(?P<utc>z|\sutc)?(?![a-z0-9])"
)


def _hold(cursor: Cursor, rule: Rule, _: _Reader) -> Rule:
    return replace(rule, hold=take_length(cursor, HOLD_BOUNDS, Problem.WRONG_HOLD))


def _once(_: Cursor, rule: Rule, __: _Reader) -> Rule:
    return replace(rule, repeats=False)


def _repeat(_: Cursor, rule: Rule, __: _Reader) -> Rule:
    return replace(rule, repeats=True)


def _expires(cursor: Cursor, rule: Rule, reader: _Reader) -> Rule:
    if cursor.take(_NEVER):
        return replace(rule, expires_at=None)
    length = take_length(cursor, _EXPIRY_BOUNDS, Problem.WRONG_EXPIRY)
    return replace(rule, expires_at=full_minute(reader.now + length))


def _until(cursor: Cursor, rule: Rule, reader: _Reader) -> Rule:
    """A day is over at its end. An instant in UTC may be past: what was kept is always read again."""
    start = cursor.at
    found = cursor.take(_DATE)
    try:
        moment = _moment(found, reader.zone) if found else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None or (found and not found["utc"] and moment <= reader.now):
        cursor.at = start
        raise cursor.misread(Problem.WRONG_EXPIRY)
    return replace(rule, expires_at=moment)


def _moment(found: re.Match[str], zone: tzinfo) -> datetime:
    day = datetime(
        int(found["year"]), int(found["month"]), int(found["day"]), tzinfo=UTC if found["utc"] else zone
    )
    if found["hour"] is None:
        return (day + timedelta(days=1)).astimezone(UTC)
    return day.replace(hour=int(found["hour"]), minute=int(found["minute"])).astimezone(UTC)


def _hysteresis(cursor: Cursor, rule: Rule, _: _Reader) -> Rule:
    start = cursor.at
    found = cursor.take(_PERCENT)
    if not found or float(found[1]) > _MOST_HYSTERESIS_PCT:
        cursor.at = start
        raise cursor.misread(Problem.WRONG_HYSTERESIS)
    return replace(rule, hysteresis_pct=float(found[1]))


_Takes = Callable[[Cursor, Rule, _Reader], Rule]
_OPTIONS: Mapping[str, tuple[_Takes, tuple[str, ...]]] = {
    "hold": (_hold, ("for", "held for", "保持", "持续", "维持", "满")),
    "times": (_once, ("once", "一次", "仅一次", "提醒一次")),
    "again": (_repeat, ("repeat", "repeating", "every time", "重复", "每次", "重复提醒")),
    "until": (_until, ("until", "till", "直到", "截至", "有效至")),
    "expires": (_expires, ("expires in", "expires", "expire", "expiry", "有效期", "有效")),
    "hysteresis": (_hysteresis, ("hysteresis", "回差", "滞后")),
}
_NAMES = {name: (option, takes) for option, (takes, names) in _OPTIONS.items() for name in names}
_OPTION = words(*_NAMES)
_SAME = {"again": "times", "until": "expires"}
"""Options that say the same thing: only one of them may stand in a rule."""


def _at_option(cursor: Cursor) -> bool:
    return bool(cursor.look(_OPTION))


def _with_options(cursor: Cursor, terms: tuple[Term, ...], now: datetime, zone: tzinfo) -> Rule:
    rule = Rule(terms, expires_at=full_minute(now + EXPIRES_AFTER))
    told: set[str] = set()
    while not cursor.is_done:
        found = cursor.look(_OPTION)
        if not found:
            raise cursor.misread(Problem.UNKNOWN_OPTION)
        option, takes = _NAMES[found[0]]
        if _SAME.get(option, option) in told:
            raise cursor.misread(Problem.OPTION_TWICE)
        told.add(_SAME.get(option, option))
        cursor.move(len(found[0]))
        rule = takes(cursor, rule, _Reader(now, zone))
        cursor.take(_AND)
    return rule


def full_minute(moment: datetime) -> datetime:
    """The full minute at or after a moment, in UTC."""
    whole = moment.astimezone(UTC).replace(second=0, microsecond=0)
    return whole if whole == moment else whole + _MINUTE
