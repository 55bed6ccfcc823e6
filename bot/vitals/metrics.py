"""/metrics: a snapshot in the form of Prometheus, together with the process's own figures.

A group of numbers is one row of `PARTS`. Ages are seconds; what was never seen has no age, and no sample.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import StrEnum

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.release import release
from bot.vitals.judgement import Part, ailments
from bot.vitals.snapshot import Snapshot, Stored
from signals.conditions import Alarm, State, Verdict
from signals.engine import CONDITIONS
from signals.episode import ShockState
from signals.readings import Quality
from signals.shock import SHOCK
from signals.verdict import VERDICT

Labelled = tuple[tuple[str, ...], float]
"""The values of a sample's labels, and its number."""


def exposed(snapshot: Snapshot, stored: Stored | None) -> bytes:
    """The text that Prometheus reads; `stored` is None where the database does not answer."""
    registry = CollectorRegistry()
    registry.register(_Told(snapshot, stored))
    # Memory, processor time and open files, where the system tells them in /proc.
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Told(Collector):
    """A snapshot as the library asks for it."""

    def __init__(self, snapshot: Snapshot, stored: Stored | None) -> None:
        self._snapshot = snapshot
        self._stored = stored

    def collect(self) -> Iterator[Metric]:
        """Every metric."""
        return metrics(self._snapshot, self._stored)


def metrics(snapshot: Snapshot, stored: Stored | None) -> Iterator[Metric]:
    """All that is told."""
    for part in PARTS:
        yield from part(snapshot)
    if stored is not None:
        for stored_part in STORED_PARTS:
            yield from stored_part(stored, snapshot.now)


def _itself(snapshot: Snapshot) -> Iterator[Metric]:
    ailing = {ailment.part for ailment in ailments(snapshot)}
    yield InfoMetricFamily("aftershock", "The running program", {"version": release()})
    yield GaugeMetricFamily("aftershock_healthy", "1: it does its work, as /healthz says", not ailing)
    watches = "1: of the processes on its database this is the one that watches and sends"
    yield GaugeMetricFamily("aftershock_watches", watches, snapshot.watches)
    rows = (((part,), float(part in ailing)) for part in Part)
    yield _gauge("aftershock_ailing", "1: this part keeps it from its work", ("part",), rows)


def _watch_and_line(snapshot: Snapshot) -> Iterator[Metric]:
    looked = _ages([((), snapshot.looked_at)], snapshot.now)
    yield _gauge("aftershock_watch_age_seconds", "Since the watch last looked at the market", (), looked)
    hearing = snapshot.hearing
    heard = _ages([((hearing.way,), hearing.heard_at)], snapshot.now)
    yield _gauge("aftershock_telegram_heard_age_seconds", "Since Telegram was heard", ("way",), heard)


def _states(snapshot: Snapshot) -> Iterator[Metric]:
    rows = (
        ((subject, state), float(state == at_present))
        for subject, at_present in snapshot.states.items()
        for state in states_of(subject)
    )
    text = "1: the verdict, a condition, a warning or the shock is in this state"
    yield _gauge("aftershock_state", text, ("subject", "state"), rows)


def _qualities(snapshot: Snapshot) -> Iterator[Metric]:
    rows = (
        ((reading, quality), float(quality is at_present))
        for reading, at_present in snapshot.qualities.items()
        for quality in Quality
    )
    text = "1: the reading is ok, stale, disputed (venues contradict each other) or missing"
    yield _gauge("aftershock_quality", text, ("reading", "quality"), rows)


def states_of(subject: str) -> type[StrEnum]:
    """Every state that a subject may be in."""
    special: dict[str, type[StrEnum]] = {VERDICT: Verdict, SHOCK: ShockState}
    conditions: dict[str, type[StrEnum]] = {condition.id: State for condition in CONDITIONS}
    return {**conditions, **special}.get(subject, Alarm)


def _sending(snapshot: Snapshot) -> Iterator[Metric]:
    sending = snapshot.sending
    yield GaugeMetricFamily("aftershock_in_flight", "Messages that are being sent", sending.in_flight)
    text = "How many times slower than usual it sends, because Telegram asked for it"
    yield GaugeMetricFamily("aftershock_send_slowness", text, sending.slowness)
    text = "Since a message last arrived"
    age = _ages([((), sending.last_sent_at)], snapshot.now)
    yield _gauge("aftershock_last_sent_age_seconds", text, (), age)
    text = "Attempts since the start: sent, retried, limited (Telegram said wait), failed"
    rows = sending.results.items()
    yield _counter("aftershock_sends", text, ("kind", "result"), rows)


def _feeds(stored: Stored, now: datetime) -> Iterator[Metric]:
    feeds = stored.feeds.values()
    ages = _ages((((feed.feed,), feed.last_ok_at) for feed in feeds), now)
    yield _gauge("aftershock_feed_age_seconds", "Since the feed last answered well", ("feed",), ages)
    failures = (((feed.feed,), feed.failures_in_a_row) for feed in feeds)
    yield _gauge("aftershock_feed_failures_in_a_row", "Failures since then", ("feed",), failures)
    rejected = (((feed.feed,), feed.rejected_count) for feed in feeds)
    yield _counter("aftershock_feed_rejected", "Facts that were not believed, ever", ("feed",), rejected)


def _jobs(stored: Stored, now: datetime) -> Iterator[Metric]:
    jobs = stored.jobs.values()
    late = (((job.job,), job.last_late.total_seconds()) for job in jobs)
    yield _gauge("aftershock_job_late_seconds", "How much too late its last run began", ("job",), late)
    ages = _ages((((job.job,), job.last_done_at) for job in jobs), now)
    yield _gauge("aftershock_job_age_seconds", "Since a run last ended well", ("job",), ages)
    runs = (
        ((job.job, outcome), count)
        for job in jobs
        for outcome, count in (
            ("started", job.runs),
            ("failed", job.failed),
            ("missed", job.missed),
            ("skipped", job.skipped),
        )
    )
    text = "Runs, ever: started, failed, missed (its time had long passed), skipped (the one before went on)"
    yield _counter("aftershock_job_runs", text, ("job", "outcome"), runs)


def _boxes(stored: Stored, now: datetime) -> Iterator[Metric]:
    depth = (((each.kind,), each.deliveries) for each in stored.waiting)
    yield _gauge("aftershock_outbox_waiting", "Messages that are still to be sent", ("kind",), depth)
    ages = _ages((((each.kind,), each.oldest_at) for each in stored.waiting), now)
    yield _gauge("aftershock_outbox_age_seconds", "How long the oldest of them waits", ("kind",), ages)
    open_states = (((state,), stored.inbox.get(state, 0)) for state in ("waiting", "set_aside"))
    text = "Updates of Telegram's: waiting to be handled, or set aside because they cannot be"
    yield _gauge("aftershock_inbox", text, ("state",), open_states)


def _chats(stored: Stored, now: datetime) -> Iterator[Metric]:
    del now
    rows = (((each.kind, each.state), each.chats) for each in stored.chats)
    yield _gauge("aftershock_chats", "Chats that the bot knows", ("kind", "state"), rows)
    kept = (((what,), count) for what, count in stored.kept.items())
    yield _gauge("aftershock_kept", "Boards, held alerts, own alerts that are armed", ("what",), kept)


PARTS: tuple[Callable[[Snapshot], Iterator[Metric]], ...] = (
    _itself,
    _watch_and_line,
    _states,
    _qualities,
    _sending,
)
STORED_PARTS: tuple[Callable[[Stored, datetime], Iterator[Metric]], ...] = (_feeds, _jobs, _boxes, _chats)


def _ages(moments: Iterable[tuple[tuple[str, ...], datetime | None]], now: datetime) -> Iterator[Labelled]:
    return ((labels, (now - at).total_seconds()) for labels, at in moments if at is not None)


def _gauge(name: str, text: str, labels: tuple[str, ...], rows: Iterable[Labelled]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family


def _counter(name: str, text: str, labels: tuple[str, ...], rows: Iterable[Labelled]) -> Metric:
    family = CounterMetricFamily(name, text, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family
