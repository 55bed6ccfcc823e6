"""Own alerts at work: one engine over every armed rule, looked at after each look of the watch.

    changed rules -> engine <- what became known of the readings that rules are about
    firings -> decide per chat -> compose, together for one thread -> outbox

States, what fired, its deliveries and how far the look came are one transaction: killed at any moment, all of
it happened or none did, and the next look goes on from there. What became true while the bot was away is told
with its own time.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.coins import coins_of
from bot.desk import Desk
from bot.own.darkness import Darkness
from bot.own.kept import is_over, rule_of
from bot.own_telling import Home, OwnTelling
from bot.words.own_news import Blind, Fired
from signals.feeds.coins import step_of
from signals.moments import from_ms, to_ms
from signals.own.engine import RuleEngine
from signals.own.live import Tick, memory, past_of, run, ticks
from signals.own.misread import Misread
from signals.own.readings import has_news
from signals.own.rule import Ref, Rule
from signals.own.state import Firing, RuleState
from signals.own.values import Values
from storage import own_alerts
from storage.database import StorageError
from storage.market import read_candles
from storage.outbox import Delivery, enqueue
from storage.own_alerts import Held, OwnAlert

log = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=10)
"""Facts arrive after the moment at which they count as known; what was heard is passed over."""
COINS_PAST = timedelta(days=31)
"""As much as is fetched when a rule about a coin is tried."""
BLIND_AFTER = timedelta(hours=6)
"""A rule that cannot be judged for so long tells its chat, once."""


class _Running(NamedTuple):
    """A rule in the engine, and since when it is somebody's."""

    rule: Rule
    created_ms: int


class OwnAlerts:
    """Runs the rules of all chats."""

    def __init__(self, desk: Desk, wake: Callable[[], None]) -> None:
        self._desk = desk
        self._telling = OwnTelling(desk)
        self._wake = wake
        self._engine: RuleEngine | None = None
        self._running: dict[int, _Running] = {}
        self._darkness = Darkness()
        self._told_blind: set[int] = set()
        self._pasts: dict[tuple[tuple[Ref, ...], timedelta, datetime], Mapping[Ref, Values]] = {}
        self._looked = desk.now

    def __len__(self) -> int:
        return len(self._running)

    def look(self) -> int:
        """Judge every rule by what became known since the last look; how many firings there were.

        Whatever goes wrong here, the watch goes on: the next look begins again from what is stored.
        """
        try:
            return self._look()
        except StorageError as error:
            log.error("own alerts were not judged: %s", error)  # noqa: TRY400  # its one line says it all
        except Exception:
            # The last resort: a bug in people's own rules must not silence the bot's own alerts.
            log.exception("Bug: own alerts were not judged")
        self._engine = None
        return 0

    def _look(self) -> int:
        desk, now = self._desk, self._desk.now
        engine = self._engine or self._load()
        if now < self._looked:
            # The clock was set back: the watch says so.
            return 0
        changed = own_alerts.take_changed(desk.db)
        self._take_changes(engine, changed, now)
        over = [id_ for id_, running in self._running.items() if is_over(running.rule, now)]
        for id_ in over:
            engine.remove(id_)
        firings = run(engine, self._heard(engine.refs(), now), to_ms(now))
        with desk.db.transaction():
            queued = enqueue(desk.db, list(self._outcome(engine, firings, over, now)))
            own_alerts.save_looked(desk.db, now)
        self._looked = now
        self._drop(
            engine, [*over, *(f.rule_id for f in firings if not self._running[f.rule_id].rule.repeats)]
        )
        if queued:
            self._wake()
        return len(firings)

    def _load(self) -> RuleEngine:
        """Take up where the last run ended: every rule as it stood at its last look."""
        desk = self._desk
        self._looked = own_alerts.read_looked(desk.db) or desk.now
        self._running, self._told_blind, self._darkness = {}, set(), Darkness()
        engine = RuleEngine()
        # What was changed before is in what is read.
        own_alerts.take_changed(desk.db)
        for own in own_alerts.armed(desk.db):
            self._add(engine, own, self._looked)
        self._pasts.clear()
        self._note_polled()
        self._engine = engine
        return engine

    def _take_changes(self, engine: RuleEngine, changed: set[int], now: datetime) -> None:
        """Let in what was armed, and take out what is not any more."""
        if not changed:
            return
        self._desk.coins.learn()
        self._drop(engine, changed)
        for own in own_alerts.read_rules(self._desk.db, changed):
            if own.state == "armed":
                self._add(engine, own, now)
        self._pasts.clear()
        self._note_polled()

    def _bring_in(self, refs: Iterable[Ref], at: datetime) -> None:
        """The past of coins that no rule was about before: whoever armed the rule has stored it."""
        desk = self._desk
        for name in coins_of(refs):
            instrument = desk.coins.instrument(name)
            if instrument is not None and not desk.market.steps(instrument):
                step = step_of(instrument.venue)
                desk.market = desk.market.add(read_candles(desk.db, instrument, step, at - COINS_PAST))

    def _add(self, engine: RuleEngine, own: OwnAlert, at: datetime) -> None:
        try:
            rule = rule_of(own)
            state = RuleState.of(own.progress) if own.progress else None
        except (Misread, ValueError, KeyError):
            log.exception("Bug: rule R-%d cannot be read: %s", own.id, own.text)
            return
        self._bring_in(rule.refs, at)
        past = self._past_of(engine, rule, at)
        engine.add(own.id, rule, state, past)
        self._running[own.id] = _Running(rule, to_ms(own.created_at))
        self._darkness.begin(past, to_ms(at - memory(rule)))
        if own.blind_at:
            self._told_blind.add(own.id)

    def _past_of(self, engine: RuleEngine, rule: Rule, at: datetime) -> Mapping[Ref, Values]:
        """What a rule has to know when it begins: nothing where the engine knows its readings already.

        Windows of lows and highs always want theirs. A thousand rules say much the same, and finding it out
        is the slowest step of a start.
        """
        has_window = any(term.window for term in rule.terms)
        if not has_window and set(rule.refs) <= set(engine.refs()):
            return {}
        key = rule.refs, memory(rule), at
        if key not in self._pasts:
            self._pasts[key] = past_of(rule, self._desk.trusted, to_ms(at), self._desk.coins.instrument)
        return self._pasts[key]

    def _drop(self, engine: RuleEngine, ids: Iterable[int]) -> None:
        gone = [id_ for id_ in ids if self._running.pop(id_, None)]
        for id_ in gone:
            engine.remove(id_)
        self._told_blind.difference_update(gone)
        if gone:
            self._note_polled()

    def _note_polled(self) -> None:
        """Which other coins are to be asked for from now on."""
        refs = {ref for running in self._running.values() for ref in running.rule.refs}
        self._desk.coins.polled = frozenset(coins_of(refs))

    def _heard(self, refs: Iterable[Ref], now: datetime) -> Iterator[Tick]:
        """What became known since the last look."""
        desk = self._desk
        looked_ms, since_ms, now_ms = to_ms(self._looked), to_ms(self._looked - OVERLAP), to_ms(now)
        news = [ref for ref in refs if has_news(ref, looked_ms, now_ms)]
        for tick in ticks(news, desk.trusted, since_ms, now_ms, desk.coins.instrument):
            self._darkness.note(tick)
            yield tick

    def _outcome(
        self, engine: RuleEngine, firings: Sequence[Firing], over: Sequence[int], now: datetime
    ) -> Iterator[Delivery]:
        """Store what came of a look, and give its deliveries."""
        db = self._desk.db
        states = engine.states_changed()
        own_alerts.save_progress(db, {id_: state.as_json() for id_, state in states.items()})
        yield from self._telling.fired([*self._released(), *self._told(self._fired(firings))])
        for id_ in over:
            own_alerts.set_state(db, id_, "done")
        yield from self._telling.over(
            (_home(own), (own.id, self._running[own.id].rule)) for own in own_alerts.read_rules(db, over)
        )
        yield from self._telling.blind(self._blind(now))

    def _fired(self, firings: Sequence[Firing]) -> list[tuple[Home, Fired]]:
        """Note every firing; of a rule that fired more than once in a look only the last one is news."""
        db = self._desk.db
        for firing in firings:
            repeats = self._running[firing.rule_id].rule.repeats
            own_alerts.note_fired(db, firing.rule_id, from_ms(firing.at_ms), is_done=not repeats)
        last = {firing.rule_id: firing for firing in firings}
        if last:
            log.info("own alerts fired: %s", ", ".join(f"R-{id_}" for id_ in list(last)[:20]))
        return [
            (
                _home(own),
                Fired(
                    own.id,
                    self._running[own.id].rule,
                    from_ms(last[own.id].at_ms),
                    last[own.id].values,
                    own.fired,
                ),
            )
            for own in own_alerts.read_rules(db, last)
        ]

    def _told(self, fired: Iterable[tuple[Home, Fired]]) -> Iterator[tuple[Home, Fired]]:
        """What is told now; what a mute or quiet hours keep away waits, the newest firing of each rule."""
        for home, each in fired:
            decision = self._telling.decide(home, each)
            if decision.tell:
                yield home, each
            elif decision.until is not None:
                own_alerts.hold_back(self._desk.db, each.id, Held(each.at, each.values))

    def _released(self) -> list[tuple[Home, Fired]]:
        """What waited in chats that want to hear again."""
        db = self._desk.db
        released = [own for own in own_alerts.held_back(db) if not self._telling.is_hushed(own.chat_id)]
        for own in released:
            own_alerts.hold_back(db, own.id, None)
        return [
            (_home(own), Fired(own.id, rule_of(own), own.held.at, own.held.values, own.fired))
            for own in released
            if own.held is not None
        ]

    def _blind(self, now: datetime) -> list[tuple[Home, Blind]]:
        """Note which rules cannot be judged for long, and which can be again; the former are news, once."""
        db, dark = self._desk.db, self._darkness.since(to_ms(now - BLIND_AFTER))
        if not dark and not self._told_blind:
            return []
        found = {
            id_: blind for id_, each in self._running.items() if (blind := _blind_of(id_, each, dark, now))
        }
        seeing = [id_ for id_ in self._told_blind if id_ not in found]
        own_alerts.note_blind(db, seeing, None)
        owned = own_alerts.read_rules(db, found.keys() - self._told_blind)
        # One that has just ended rests for good. Whoever is muted hears of it afterwards, if it is still so.
        news = [own for own in owned if own.state == "armed" and not self._telling.is_hushed(own.chat_id)]
        own_alerts.note_blind(db, [own.id for own in news], now)
        self._told_blind = {*self._told_blind, *(own.id for own in news)} - set(seeing)
        return [(_home(own), found[own.id]) for own in news]


def _blind_of(id_: int, running: _Running, dark: Mapping[Ref, int], now: datetime) -> Blind | None:
    """Since when a rule cannot be judged; None where it can be, or is younger than that."""
    refs = tuple(ref for ref in running.rule.refs if ref in dark)
    if not refs:
        return None
    since = from_ms(max(running.created_ms, min(dark[ref] for ref in refs)))
    return Blind(id_, running.rule, since, refs) if since <= now - BLIND_AFTER else None


def _home(own: OwnAlert) -> Home:
    return Home(own.chat_id, own.thread_id)
