"""One term of a sentence in plain words: what was said of it, and the line of the grammar it comes to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import isfinite
from typing import NamedTuple

from signals.own.canonical import length_text
from signals.own.grammar import parse
from signals.own.lexicon import Sense
from signals.own.naming import Named, name_of
from signals.own.phrases import Says
from signals.own.readings import OWN_READINGS
from signals.own.rule import Op, Ref

ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
"""What is understood has no dates in it."""


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


class Unfinished(NamedTuple):
    """A rule that lacks something; `ref` is what it is about, None where that is not known."""

    ref: Ref | None
    missing: Missing


class NotARuleError(Exception):
    """There is something in the sentence that is not understood."""


class LacksError(Exception):
    """A rule that lacks something, with what it lacks."""

    def __init__(self, ref: Ref | None, missing: Missing) -> None:
        super().__init__(missing)
        self.unfinished = Unfinished(ref, missing)


ValueOf = Callable[[Ref], float | None]


@dataclass
class Part:
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
        """Take in a word of its reading's name.

        Raises:
            NotARuleError: it does not go with the words before it.
        """
        told = self.named.told(sense)
        if told is None:
            raise NotARuleError
        self.named = told

    def hear(self, said: Op | Says) -> None:
        """Take in a phrase.

        Raises:
            NotARuleError: it is a comparison the other way round than one before it.
        """
        if isinstance(said, Says):
            self.says.add(said)
        elif self.op and self.op.is_up != said.is_up:
            raise NotARuleError
        else:
            self.op = self.op or said


def line_of(part: Part, value_of: ValueOf) -> str:
    """One term as the grammar writes it."""
    ref = part.named.ref()
    if not part.named.says_anything:
        raise LacksError(None, Missing.READING) if part.op and part.amount else NotARuleError
    if ref is None:
        raise NotARuleError
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


def _open(part: Part, ref: Ref) -> Exception:
    """Without a number: it is asked for where something was said that a number belongs to."""
    if part.op or part.says & {Says.UP, Says.DOWN, Says.TOUCHES, Says.OUT, Says.INTO}:
        return LacksError(ref, Missing.THRESHOLD)
    return NotARuleError()


def _is_percent(amount: str) -> bool:
    return any(sign in amount for sign in ("%", "percent", "pct", "点"))


def _change(part: Part, ref: Ref) -> str:
    """A price or open interest that moves by some percent: over which time has to be said."""
    if ref.reading == "price" and part.named.period is None:
        raise LacksError(ref, Missing.PERIOD)
    if ref.reading == "oi":
        raise LacksError(ref, Missing.PERIOD)
    raise NotARuleError


def _moved(part: Part, ref: Ref, amount: str) -> str:
    """A change by some percent: a fall by five is below minus five."""
    if not _is_percent(amount):
        raise LacksError(ref, Missing.THRESHOLD)
    falls, rises = Says.DOWN in part.says, Says.UP in part.says
    if falls == rises or "-" in amount:
        if part.op is None:
            raise LacksError(ref, Missing.DIRECTION)
        return f"{name_of(ref)} {part.op} {amount}"
    if part.op in {Op.BELOW, Op.AT_MOST}:
        raise NotARuleError
    strict = part.op is Op.ABOVE
    if falls:
        return f"{name_of(ref)} {Op.BELOW if strict else Op.AT_MOST} -{amount.lstrip('+ ')}"
    return f"{name_of(ref)} {Op.ABOVE if strict else Op.AT_LEAST} {amount}"


def _flow(part: Part, ref: Ref, amount: str) -> str:
    """Money that leaves is a flow below zero."""
    op = part.op or (Op.AT_LEAST if Says.TOUCHES in part.says else None)
    if op is None or "-" in amount:
        raise LacksError(ref, Missing.DIRECTION)
    if Says.INTO in part.says:
        return f"{name_of(ref)} {op} {amount}"
    return f"{name_of(ref)} {_MIRRORED[op]} -{amount.lstrip('+ ')}"


_MOVES = {Says.UP, Says.DOWN}
_MIRRORED = {Op.ABOVE: Op.BELOW, Op.BELOW: Op.ABOVE, Op.AT_LEAST: Op.AT_MOST, Op.AT_MOST: Op.AT_LEAST}


def _op(part: Part, ref: Ref, value_of: ValueOf) -> Op:
    """The comparison; where a number is only reached, from the side on which the value is now."""
    if part.op:
        return part.op
    if Says.TOUCHES not in part.says:
        # "drops 5000" may mean by or to.
        raise LacksError(ref, Missing.THRESHOLD if _MOVES & part.says else Missing.DIRECTION)
    if Says.UP in part.says or Says.DOWN in part.says:
        return Op.AT_LEAST if Says.UP in part.says else Op.AT_MOST
    value = value_of(ref)
    rule = parse(f"{name_of(ref)} >= {part.amount}", ANY_TIME)
    limit = rule.terms[0].threshold
    if value is None or not isfinite(value) or limit is None:
        raise LacksError(ref, Missing.DIRECTION)
    return Op.AT_LEAST if value < limit else Op.AT_MOST
