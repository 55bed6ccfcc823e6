"""Rules in plain words: "tell me when bitcoin falls below 100k", "溢价转正并保持6小时提醒我".

A sentence becomes a rule only where it asks to be told, and where every word of it is understood. A threshold is
never guessed: what is missing is named, so that it can be asked for. Questions and refusals are no rules.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import isfinite
from typing import NamedTuple

from signals.own.amounts import AMOUNT, LENGTH, length_of
from signals.own.canonical import canonical, length_text
from signals.own.cursor import Cursor
from signals.own.grammar import parse
from signals.own.lexicon import COINS, Kind, Named, Sense, name_of, take_coin, take_sense
from signals.own.misread import Misread
from signals.own.phrases import (
    ASKS,
    HOLD,
    NEW,
    OCCASION,
    OTHER_PERIOD,
    PERIOD,
    PHRASES,
    POLITE,
    QUESTION,
    REFUSAL,
    REQUEST,
    Says,
    with_digits,
)
from signals.own.readings import OWN_READINGS
from signals.own.rule import MAX_TERMS, Op, Ref

LONGEST = 200
"""Letters of the longest sentence."""


class Missing(StrEnum):
    """What a sentence leaves open."""

    READING = "reading"
    THRESHOLD = "threshold"
    DIRECTION = "direction"
    """Whether a number is to be reached from below or from above."""
    PERIOD = "period"
    """Over which time a change is meant: an hour, a day or a week."""
    WINDOW = "window"
    """Of how much time a low or high is to be the lowest or highest."""


class Understood(NamedTuple):
    """The rule that a sentence says, as a line of the grammar without an expiry."""

    text: str


class Unfinished(NamedTuple):
    """A rule that lacks something; `ref` is what it is about, None where that is not known."""

    ref: Ref | None
    missing: Missing


class _NotARuleError(Exception):
    """There is something in the sentence that is not understood."""


class _LacksError(Exception):
    def __init__(self, ref: Ref | None, missing: Missing) -> None:
        super().__init__(missing)
        self.unfinished = Unfinished(ref, missing)


ValueOf = Callable[[Ref], float | None]


def understand(text: str, value_of: ValueOf | None = None) -> Understood | Unfinished | None:
    """What a sentence asks to be told of; None where it does not.

    `value_of` gives a reading's value now: "breaks 4000" is from below where it is lower.
    """
    if len(text) > LONGEST:
        return None
    clause = _asked(with_digits(Cursor(text).text))
    if clause is None:
        return None
    try:
        lines, hold, again = _parts(clause, value_of or (lambda _: None))
        line = (
            " and ".join(lines) + (f" for {length_text(hold)}" if hold else "") + (" repeat" if again else "")
        )
        return Understood(canonical(parse(line, _ANY_TIME), with_expiry=False))
    except _LacksError as lacks:
        return lacks.unfinished if _is_surely_meant(lacks.unfinished.ref) else None
    except (_NotARuleError, Misread):
        return None


def _is_surely_meant(ref: Ref | None) -> bool:
    """Whether to ask what is missing: any word may be a coin, but half a sentence about one may be anything."""
    return ref is None or ref.subject in {"", *COINS} or ref.subject in OWN_READINGS[ref.reading].subjects


_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
"""What is understood has no dates in it."""


def _asked(text: str) -> str | None:
    """The sentence without its request; None where it is none."""
    polite = bool(POLITE.search(text))
    if REFUSAL.search(text) or QUESTION.search(text) or (ASKS.search(text) and not polite):
        return None
    request = REQUEST.search(text)
    if not request or (request[0][0].isascii() and not OCCASION.search(text)):
        return None
    clause = f"{text[: request.start()]} {text[request.end() :]}"
    return ASKS.sub(" ", POLITE.sub(" ", clause)).strip(" .!,。!")


@dataclass
class _Part:
    """What was said of one term."""

    named: Named = field(default_factory=Named)
    says: set[Says] = field(default_factory=set)
    op: Op | None = None
    amount: str | None = None
    window: timedelta | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it says enough for another term to begin."""
        signed = {Says.POSITIVE, Says.NEGATIVE} & self.says
        return bool(self.amount or signed or self.window)

    def tell(self, sense: Sense) -> None:
        told = self.named.told(sense)
        if told is None:
            raise _NotARuleError
        self.named = told

    def hear(self, said: Op | Says) -> None:
        if isinstance(said, Says):
            self.says.add(said)
        elif self.op and self.op.is_up != said.is_up:
            raise _NotARuleError
        else:
            self.op = self.op or said


def _parts(clause: str, value_of: ValueOf) -> tuple[list[str], timedelta, bool]:
    cursor = Cursor(clause)
    part, lines = _Part(), []
    hold, again = timedelta(0), False
    while not cursor.is_done:
        if held := cursor.take(HOLD):
            hold = _length(held["en"] or held["zh"])
            continue
        if said := _said(cursor, part):
            again = again or said is Says.AGAIN
            if said is Says.AND and part.is_whole:
                lines.append(_line(part, value_of))
                part = _Part()
    if part.named.says_anything or part.op or part.amount or not lines:
        lines.append(_line(part, value_of))
    if len(lines) > MAX_TERMS:
        raise _NotARuleError
    return lines, hold, again


def _said(cursor: Cursor, part: _Part) -> Op | Says | None:
    """Take the next phrase into a part."""
    if new := cursor.take(NEW):
        _hear_extreme(part, new.groupdict())
        return None
    if period := cursor.take(PERIOD):
        part.tell(Sense(Kind.PERIOD, {"day": "24h", "week": "7d", "hour": "1h"}[period.lastgroup or ""]))
        return None
    if cursor.take(OTHER_PERIOD):
        raise _LacksError(part.named.ref(), Missing.PERIOD)
    if amount := cursor.take(AMOUNT):
        if part.amount:
            raise _NotARuleError
        part.amount = amount[0]
        return None
    return _phrase(cursor, part)


def _phrase(cursor: Cursor, part: _Part) -> Op | Says | None:
    """A phrase or a name, whichever is longer here: 未平仓 is no 未, and `up` is no coin."""
    phrase = max(
        ((found, said) for said, pattern in PHRASES if (found := cursor.look(pattern))),
        key=lambda each: len(each[0][0]),
        default=None,
    )
    start = cursor.at
    sense = take_sense(cursor)
    if sense and (phrase is None or cursor.at - start >= len(phrase[0][0])):
        part.tell(sense)
        return None
    cursor.at = start
    if phrase:
        cursor.move(len(phrase[0][0]))
        part.hear(phrase[1])
        return phrase[1]
    coin = None if part.named.coin or part.named.measure or part.amount else take_coin(cursor)
    if coin is None:
        raise _NotARuleError
    part.tell(coin)
    return None


def _hear_extreme(part: _Part, said: dict[str, str | None]) -> None:
    end = next(said[name] for name in ("low1", "low2", "low3", "low4") if said[name])
    part.op = Op.NEW_LOW if end in {"low", "低"} else Op.NEW_HIGH
    length = said["before"] or said["behind"] or said["zh"]
    if not length:
        raise _LacksError(part.named.ref(), Missing.WINDOW)
    part.window = _length(length)


def _length(text: str) -> timedelta:
    found = LENGTH.match(text)
    if not found:
        raise _NotARuleError
    return length_of(found)


def _line(part: _Part, value_of: ValueOf) -> str:
    """One term as the grammar writes it."""
    ref = part.named.ref()
    if not part.named.says_anything:
        raise _LacksError(None, Missing.READING) if part.op and part.amount else _NotARuleError
    if ref is None:
        raise _NotARuleError
    if part.op and part.op.has_window:
        return f"{name_of(ref)} {part.op} {length_text(part.window or timedelta(0))}"
    signed = {Says.POSITIVE: Op.ABOVE, Says.NEGATIVE: Op.BELOW}
    for says, op in signed.items():
        if says in part.says and not part.amount:
            return f"{name_of(ref)} {op} 0"
    if part.amount is None:
        raise _open(part, ref)
    if OWN_READINGS[ref.reading].unit.is_dollars and _is_percent(part.amount):
        return _change(part, ref)
    if ref.reading == "etf" and {Says.OUT, Says.INTO} & part.says:
        return _flow(part, ref, part.amount)
    if ref.reading.startswith(("change_", "oi_")):
        return _moved(part, ref, part.amount)
    return f"{name_of(ref)} {_op(part, ref, value_of)} {part.amount}"


def _open(part: _Part, ref: Ref) -> Exception:
    """Without a number: it is asked for where something was said that a number belongs to."""
    if part.op or part.says & {Says.UP, Says.DOWN, Says.TOUCHES, Says.OUT, Says.INTO}:
        return _LacksError(ref, Missing.THRESHOLD)
    return _NotARuleError()


def _is_percent(amount: str) -> bool:
    return any(sign in amount for sign in ("%", "percent", "pct", "点"))


def _change(part: _Part, ref: Ref) -> str:
    """A price or open interest that moves by some percent: over which time has to be said."""
    if ref.reading == "price" and part.named.period is None:
        raise _LacksError(ref, Missing.PERIOD)
    if ref.reading == "oi":
        raise _LacksError(ref, Missing.PERIOD)
    raise _NotARuleError


def _moved(part: _Part, ref: Ref, amount: str) -> str:
    """A change by some percent: a fall by five is below minus five."""
    if not _is_percent(amount):
        raise _LacksError(ref, Missing.THRESHOLD)
    falls, rises = Says.DOWN in part.says, Says.UP in part.says
    if falls == rises or "-" in amount:
        if part.op is None:
            raise _LacksError(ref, Missing.DIRECTION)
        return f"{name_of(ref)} {part.op} {amount}"
    if part.op in {Op.BELOW, Op.AT_MOST}:
        raise _NotARuleError
    strict = part.op is Op.ABOVE
    if falls:
        return f"{name_of(ref)} {Op.BELOW if strict else Op.AT_MOST} -{amount.lstrip('+ ')}"
    return f"{name_of(ref)} {Op.ABOVE if strict else Op.AT_LEAST} {amount}"


def _flow(part: _Part, ref: Ref, amount: str) -> str:
    """Money that leaves is a flow below zero."""
    op = part.op or (Op.AT_LEAST if Says.TOUCHES in part.says else None)
    if op is None or "-" in amount:
        raise _LacksError(ref, Missing.DIRECTION)
    if Says.INTO in part.says:
        return f"{name_of(ref)} {op} {amount}"
    return f"{name_of(ref)} {_MIRRORED[op]} -{amount.lstrip('+ ')}"


_MOVES = {Says.UP, Says.DOWN}
_MIRRORED = {Op.ABOVE: Op.BELOW, Op.BELOW: Op.ABOVE, Op.AT_LEAST: Op.AT_MOST, Op.AT_MOST: Op.AT_LEAST}


def _op(part: _Part, ref: Ref, value_of: ValueOf) -> Op:
    """The comparison; where a number is only reached, from the side on which the value is now."""
    if part.op:
        return part.op
    if Says.TOUCHES not in part.says:
        # "drops 5000" may mean by or to.
        raise _LacksError(ref, Missing.THRESHOLD if _MOVES & part.says else Missing.DIRECTION)
    if Says.UP in part.says or Says.DOWN in part.says:
        return Op.AT_LEAST if Says.UP in part.says else Op.AT_MOST
    value = value_of(ref)
    rule = parse(f"{name_of(ref)} >= {part.amount}", _ANY_TIME)
    limit = rule.terms[0].threshold
    if value is None or not isfinite(value) or limit is None:
        raise _LacksError(ref, Missing.DIRECTION)
    return Op.AT_LEAST if value < limit else Op.AT_MOST
