"""The engine of rules: tick by tick, it touches only the rules that a value has something to say to.

    tick -> the reading's borders between its last value and this one -> the terms that turned
         -> the watches of those terms (rules that say the same share one) -> those that fire
         -> and, as time goes on, the watches that have held for long enough

A value stands until the next one, or until a tick with None says that nothing is known. Then nothing about it
fires; a `for` goes on afterwards if the reading's patience was not exceeded, else it begins anew. A rule that
is true at its first look does not fire: it waits for the next time.
"""

from collections.abc import Callable, Iterable, Mapping
from heapq import heappop, heappush
from itertools import count
from math import isfinite

from signals.own.readings import OWN_READINGS, patience_ms
from signals.own.rule import Ref, Rule, Term
from signals.own.sides import Side
from signals.own.state import Firing, Phase, RuleState
from signals.own.stream import Stream
from signals.own.units import Margin, margin_of
from signals.own.values import Values
from signals.own.watch import Key, Member, Watch, key_of
from signals.rows import Floats


class RuleEngine:
    """All rules that run. It knows no clock: ticks bring the time, in order over all readings."""

    def __init__(self, patience: Callable[[Ref], int] = patience_ms) -> None:
        self._patience = patience
        self._streams: dict[Ref, Stream] = {}
        self._watches: dict[Key, Watch] = {}
        self._members: dict[int, Member] = {}
        self._watchers: dict[Side, list[Watch]] = {}
        """Which watches a side is one of."""
        self._waiting: dict[Ref, list[Watch]] = {}
        """Watches whose time came while nothing was known of a reading."""
        self._due: list[tuple[int, int, Watch]] = []
        self._turn = count()
        self._changed: dict[Watch, None] = {}
        self._done: list[int] = []

    def __len__(self) -> int:
        return len(self._members)

    def refs(self) -> tuple[Ref, ...]:
        """The readings that rules are about: only these need ticks."""
        return tuple(self._streams)

    def add(
        self,
        rule_id: int,
        rule: Rule,
        state: RuleState | None = None,
        past: Mapping[Ref, Values] | None = None,
    ) -> None:
        """Let a rule run, from where it stood; one of the same id is replaced.

        `past`: what was known of its readings until now. It is looked at for a reading that no rule was about
        before, and for the window of a new low or high; without it both begin with the next tick. A rule that
        is armed but true already by then fires with the next tick or `advance`.
        """
        state = state or RuleState()
        self.remove(rule_id)
        if state.phase is Phase.DONE:
            return
        watch = self._watches.get(key_of(rule))
        if watch is None:
            watch = self._watched(rule, past or {})
            watch.restore(state)
        member = self._members[rule_id] = Member(rule_id, rule, watch)
        {Phase.NEW: watch.new, Phase.ARMED: watch.armed, Phase.FIRED: watch.fired}[state.phase].append(member)
        watch.settle()
        if watch.since_ms is not None and watch.armed:
            self._queue(watch)
        self._changed[watch] = None

    def remove(self, rule_id: int) -> None:
        """Stop a rule; one that does not run is passed over."""
        member = self._members.pop(rule_id, None)
        if member:
            member.watch.remove(member)
            self._drop_if_empty(member.watch)

    def tick(self, ref: Ref, at_ms: int, value: float | None) -> list[Firing]:
        """What fires with the next value of a reading; None, NaN and infinity say that nothing is known.

        A tick that is not newer than the reading's last one changes nothing.
        """
        stream = self._streams.get(ref)
        if stream is None or at_ms <= stream.at_ms:
            return []
        firings = self.advance(at_ms - 1) if self._due else []
        stream.at_ms = at_ms
        if value is None or not isfinite(value):
            stream.lose(at_ms)
            return firings
        was_blind = stream.blind_ms is not None
        for side in stream.move(at_ms, value):
            for watch in tuple(self._watchers.get(side, ())):
                self._look(watch, at_ms, firings)
        if was_blind:
            self._requeue(ref, at_ms)
        return firings

    def advance(self, now_ms: int) -> list[Firing]:
        """What fires by the time alone, up to a moment by which every value has been told."""
        firings: list[Firing] = []
        while self._due and self._due[0][0] <= now_ms:
            _, _, watch = heappop(self._due)
            watch.queued = False
            since_ms = watch.held_since()
            if since_ms is None or not watch.armed:
                continue
            due_ms = since_ms + watch.hold_ms
            if due_ms > now_ms:
                self._queue(watch)
            elif watch.is_blind:
                for stream in watch.streams:
                    if stream.blind_ms is not None:
                        self._waiting.setdefault(stream.ref, []).append(watch)
            else:
                self._fire(watch, max(due_ms, watch.looked_ms), firings)
        return firings

    def is_true(self, rule_id: int) -> bool | None:
        """Whether a rule is true, and was for as long as it has to be, by the last tick; None: not known."""
        watch = self._members[rule_id].watch
        if watch.is_blind or any(not side.zone for side in watch.sides):
            return None
        return watch.has_held

    def borders(self, ref: Ref) -> Floats | None:
        """The values at which a rule about a reading may turn, ascending; None where any value may."""
        return self._streams[ref].borders()

    def state_of(self, rule_id: int) -> RuleState:
        """Where a rule stands.

        Raises:
            KeyError: it does not run.
        """
        return dict(self._members[rule_id].watch.states())[rule_id]

    def states_changed(self) -> dict[int, RuleState]:
        """Where those rules stand that are not known to stand where they did at the last call."""
        states = dict.fromkeys(self._done, RuleState(Phase.DONE))
        for watch in self._changed:
            states.update(watch.states())
        self._changed, self._done = {}, []
        return states

    def _look(self, watch: Watch, at_ms: int, firings: list[Firing]) -> None:
        if watch.look(at_ms):
            self._changed[watch] = None
        if watch.since_ms is None or not watch.armed:
            return
        if watch.by_clock:
            self._queue(watch)
        else:
            self._fire(watch, at_ms, firings)

    def _queue(self, watch: Watch) -> None:
        """Each watch stands in the queue once, at its due moment or before it."""
        since_ms = watch.held_since()
        if not watch.queued and since_ms is not None:
            watch.queued = True
            heappush(self._due, (since_ms + watch.hold_ms, next(self._turn), watch))

    def _requeue(self, ref: Ref, at_ms: int) -> None:
        for watch in self._waiting.pop(ref, ()):
            watch.looked_ms = max(watch.looked_ms, at_ms)
            self._queue(watch)

    def _fire(self, watch: Watch, at_ms: int, firings: list[Firing]) -> None:
        values = tuple(stream.value for stream in watch.streams)
        members, watch.armed = watch.armed, []
        for member in members:
            alive = member.expires_ms is None or at_ms < member.expires_ms
            if alive:
                firings.append(Firing(member.rule_id, at_ms, values))
            if alive and member.repeats:
                watch.fired.append(member)
            else:
                del self._members[member.rule_id]
                self._done.append(member.rule_id)
        self._changed[watch] = None
        self._drop_if_empty(watch)

    def _watched(self, rule: Rule, past: Mapping[Ref, Values]) -> Watch:
        streams = tuple(self._stream(term.ref, past.get(term.ref)) for term in rule.terms)
        sides = tuple(
            stream.side(term, _margin(term, rule.hysteresis_pct), past.get(term.ref))
            for stream, term in zip(streams, rule.terms, strict=True)
        )
        watch = self._watches[key_of(rule)] = Watch(rule, sides, streams)
        for side in dict.fromkeys(sides):
            self._watchers.setdefault(side, []).append(watch)
        return watch

    def _stream(self, ref: Ref, past: Values | None) -> Stream:
        stream = self._streams.get(ref)
        if stream is None:
            stream = self._streams[ref] = Stream(ref, self._patience(ref))
            if past is not None:
                stream.prime(past)
        return stream

    def _drop_if_empty(self, watch: Watch) -> None:
        """Take a watch without rules, and what only it needed, out of the index."""
        if not watch.is_empty:
            return
        terms, _, hysteresis = watch.key
        del self._watches[watch.key]
        self._changed.pop(watch, None)
        watch.since_ms = None
        for term, side, stream in _each(terms, watch):
            watchers = self._watchers.get(side, [])
            if watch in watchers:
                watchers.remove(watch)
                if not watchers:
                    del self._watchers[side]
                    stream.drop(term, _margin(term, hysteresis))
            if stream.is_empty:
                self._streams.pop(stream.ref, None)
                self._waiting.pop(stream.ref, None)


def _each(terms: Iterable[Term], watch: Watch) -> Iterable[tuple[Term, Side, Stream]]:
    return zip(terms, watch.sides, watch.streams, strict=True)


def _margin(term: Term, hysteresis_pct: float | None) -> Margin:
    reading = OWN_READINGS[term.ref.reading]
    return margin_of(reading.unit, reading.margin, hysteresis_pct)
