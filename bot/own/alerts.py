"""Own alerts at work: one engine over every armed rule, looked at after each look of the watch.

    changed rules -> engine <- what became known of the readings that rules are about
    firings -> wait to be told -> decide per chat -> compose, together for one thread -> outbox

States, what fired and how far the look came are one transaction: killed at any moment, all of it happened or
none did, and the next look goes on from there. The first that is to be told goes into the outbox in the same
transaction; where thousands fire together the rest follows, a little at a time. What became true while the
bot was away is told with its own time.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from bot.coins import coins_of
from bot.desk import Desk
from bot.own.backlog import Done, OwnBacklog
from bot.own.darkness import Darkness
from bot.own.kept import is_over, rule_of
from bot.own.outcome import BLIND_AFTER, Running, what_fired, what_rests
from bot.own.telling import OwnTelling, Told, home_of
from bot.words.own_news import Blind
from signals.feeds.coins import step_of
from signals.moments import to_ms
from signals.own.engine import RuleEngine
from signals.own.live import Tick, memory, past_of, run, ticks
from signals.own.misread import Misread
from signals.own.readings import has_news
from signals.own.rule import Ref, Rule
from signals.own.state import Firing, RuleState
from signals.own.values import Values
from storage import own_alerts, own_firings
from storage.database import StorageError
from storage.market import read_candles
from storage.own_alerts import OwnAlert

log = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=10)
"""Facts arrive after the moment at which they count as known; what was heard is passed over."""
COINS_PAST = timedelta(days=31)
"""As much as is fetched when a rule about a coin is tried."""
_PAUSE_S = 0.02
"""As long as telling a few takes: whatever else is to be done gets half of the time at least."""


class OwnAlerts:
    """Runs the rules of all chats."""

    def __init__(self, desk: Desk, wake: Callable[[], None]) -> None:
        self._desk = desk
        self._backlog = OwnBacklog(desk, OwnTelling(desk))
        self._has_more = asyncio.Event()
        self._wake = wake
        self._engine: RuleEngine | None = None
        self._running: dict[int, Running] = {}
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
        fired = {firing.rule_id: self._running[firing.rule_id].rule for firing in firings}
        with desk.db.transaction():
            self._store(engine, firings, now)
            self._backlog.fill(fired, self._over(over), self._blind(now, set(over)))
            done = self._backlog.tell_some()
        self._looked = now
        self._drop(engine, [id_ for id_, rule in fired.items() if not rule.repeats])
        self._settle(engine, done)
        return len(firings)

    def tell_some(self) -> bool:
        """Tell the next few of what the last look had no time for; whether there was anything.

        Whatever goes wrong here, the next look finds it again.
        """
        if self._engine is None or not self._backlog:
            return False
        try:
            self._settle(self._engine, self._backlog.tell_some())
        except StorageError as error:
            log.error("own alerts were not told: %s", error)  # noqa: TRY400  # its one line says it all
        except Exception:
            log.exception("Bug: own alerts were not told")
        else:
            return True
        self._backlog.clear()
        return False

    @property
    def is_behind(self) -> bool:
        """Whether the last look left something to be told."""
        return bool(self._backlog)

    async def run(self) -> None:
        """Tell whatever a look had no time for, and leave the loop to everybody else in between."""
        while True:
            await self._has_more.wait()
            if not self.tell_some():
                self._has_more.clear()
            await asyncio.sleep(_PAUSE_S)

    def _settle(self, engine: RuleEngine, done: Done) -> None:
        """What follows from what was told."""
        self._drop(engine, done.over)
        self._told_blind.update(done.blind)
        if done.queued:
            self._wake()
        if self._backlog:
            self._has_more.set()

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
        self._running[own.id] = Running(rule, to_ms(own.created_at), home_of(own))
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

    def _store(self, engine: RuleEngine, firings: Sequence[Firing], now: datetime) -> None:
        """Store what came of a look: rules that did the same by one statement, for they may be thousands.

        Another process may have changed some while they were judged: what they were says nothing of them.
        """
        db, alike = self._desk.db, defaultdict[RuleState, list[int]](list)
        changed = own_alerts.changed_since(db)
        firings = [firing for firing in firings if firing.rule_id not in changed]
        for id_, state in engine.states_changed().items():
            if id_ not in changed:
                alike[state].append(id_)
        own_alerts.save_progress(db, ((state.as_json(), ids) for state, ids in alike.items()))
        if firings:
            log.info("own alerts fired: %s", ", ".join(f"R-{firing.rule_id}" for firing in firings[:20]))
        own_firings.note_fired(db, what_fired(firings, self._running, now))
        own_alerts.save_looked(db, now)

    def _over(self, over: Iterable[int]) -> list[Told[tuple[int, Rule]]]:
        return [(self._running[id_].home, (id_, self._running[id_].rule)) for id_ in over]

    def _blind(self, now: datetime, over: Container[int]) -> list[Told[Blind]]:
        """Note which rules can be judged again; those that cannot be for long and whose chats do not know."""
        dark = self._darkness.since(to_ms(now - BLIND_AFTER))
        if not dark and not self._told_blind:
            return []
        found = what_rests(self._running, dark, now)
        seeing = [id_ for id_ in self._told_blind if id_ not in found]
        own_alerts.note_blind(self._desk.db, seeing, None)
        self._told_blind.difference_update(seeing)
        return [
            (self._running[id_].home, blind)
            for id_, blind in found.items()
            if id_ not in self._told_blind and id_ not in over
        ]
