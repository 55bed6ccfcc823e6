"""Rules in plain words: "tell me when bitcoin falls below 100k", "溢价转正并保持6小时提醒我".

A sentence becomes a rule only where it asks to be told, and where every word of it is understood. A threshold
is never guessed: what is missing is named, so that it can be asked for. Questions and refusals are no rules.
"""

from datetime import timedelta
from typing import NamedTuple

from signals.own.amounts import AMOUNT, LENGTH, length_of
from signals.own.canonical import canonical, length_text
from signals.own.cursor import Cursor
from signals.own.grammar import parse
from signals.own.lexicon import COINS, Kind, Sense, take_coin, take_sense
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
    SESSION,
    SESSION_AHEAD,
    Says,
    with_digits,
)
from signals.own.plain_terms import (
    ANY_TIME,
    LacksError,
    Missing,
    NotARuleError,
    Part,
    Unfinished,
    ValueOf,
    line_of,
)
from signals.own.readings import OWN_READINGS
from signals.own.rule import MAX_TERMS, Op, Ref

__all__ = ["LONGEST", "Missing", "Understood", "Unfinished", "understand"]

LONGEST = 200
"""Letters of the longest sentence."""


class Understood(NamedTuple):
    """The rule that a sentence says, as a line of the grammar without an expiry."""

    text: str


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
        return Understood(canonical(parse(line, ANY_TIME), with_expiry=False))
    except LacksError as lacks:
        return lacks.unfinished if _is_surely_meant(lacks.unfinished.ref) else None
    except (NotARuleError, Misread):
        return None


def _is_surely_meant(ref: Ref | None) -> bool:
    """Whether to ask what is missing: any word may be a coin, half a sentence about one may be anything."""
    return ref is None or ref.subject in {"", *COINS} or ref.subject in OWN_READINGS[ref.reading].subjects


_ENDS = " .!,。"


def _asked(text: str) -> str | None:
    """The sentence without its request; None where it is none."""
    polite = bool(POLITE.search(text))
    if REFUSAL.search(text) or QUESTION.search(text) or (ASKS.search(text) and not polite):
        return None
    request = REQUEST.search(text)
    if not request or (request[0][0].isascii() and not OCCASION.search(text)):
        return None
    clause = f"{text[: request.start()]} {text[request.end() :]}"
    return ASKS.sub(" ", POLITE.sub(" ", clause)).strip(_ENDS)


def _parts(clause: str, value_of: ValueOf) -> tuple[list[str], timedelta, bool]:
    cursor = Cursor(clause)
    part, lines = Part(), []
    hold, again = timedelta(0), False
    while not cursor.is_done:
        if held := cursor.take(HOLD):
            hold = _length(held["en"] or held["zh"])
            continue
        if said := _said(cursor, part):
            again = again or said is Says.AGAIN
            if said is Says.AND and part.is_whole:
                lines.append(line_of(part, value_of))
                part = Part()
    if part.named.says_anything or part.op or part.amount or not lines:
        lines.append(line_of(part, value_of))
    if len(lines) > MAX_TERMS:
        raise NotARuleError
    return lines, hold, again


def _said(cursor: Cursor, part: Part) -> Op | Says | None:
    """Take the next phrase into a part."""
    if new := cursor.take(NEW):
        _hear_extreme(part, new.groupdict())
        return None
    if cursor.take(SESSION_AHEAD) or (part.named.measure == "etf" and cursor.take(SESSION)):
        return None
    if period := cursor.take(PERIOD):
        part.tell(Sense(Kind.PERIOD, {"day": "24h", "week": "7d", "hour": "1h"}[period.lastgroup or ""]))
        return None
    if cursor.take(OTHER_PERIOD):
        raise LacksError(part.named.ref(), Missing.PERIOD)
    if amount := cursor.take(AMOUNT):
        if part.amount:
            raise NotARuleError
        part.amount = amount[0]
        return None
    return _phrase(cursor, part)


def _phrase(cursor: Cursor, part: Part) -> Op | Says | None:
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
        raise NotARuleError
    part.tell(coin)
    return None


def _hear_extreme(part: Part, said: dict[str, str | None]) -> None:
    end = next(said[name] for name in ("low1", "low2", "low3", "low4") if said[name])
    part.op = Op.NEW_LOW if end in {"low", "低"} else Op.NEW_HIGH
    length = said["before"] or said["behind"] or said["zh"]
    if not length:
        raise LacksError(part.named.ref(), Missing.WINDOW)
    part.window = _length(length)


def _length(text: str) -> timedelta:
    found = LENGTH.match(text)
    if not found:
        raise NotARuleError
    return length_of(found)
