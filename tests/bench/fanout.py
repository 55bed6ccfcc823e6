"""One alert for many chats: from what the watch found to rows in the outbox, in a file and on a PostgreSQL.

Nine in ten chats are private; their apps speak three languages, half of them are in other time zones. Some
hear silently, are muted, have quiet hours or a cap of their own. While a look is told nothing else happens.
"""

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from bot.desk import Desk
from bot.settings import Settings
from bot.telling.alerts import Compose, News, Telling
from bot.words.compose import compose_alert
from bot.words.wording import wording_for
from signals.conditions import Change, Kind
from signals.engine import WARNINGS
from signals.moments import to_ms
from signals.verdict import VERDICT
from storage.alerts import raise_alert
from storage.chats import ChatRow
from storage.database import Database, Values, open_database
from storage.letters import Buttons
from tests.bench.row import Row
from tests.bench.timing import MS
from tests.storage.postgres_server import AS_SHIPPED, postgres_server, programs

CHATS = (1_000, 10_000, 100_000)
NOW = datetime(2025, 11, 3, 20, tzinfo=UTC)
SEED = 20251103

_TOPICS = ("verdict", "premium", "etf_flow", "eth_btc", "shock", *(warning.id for warning in WARNINGS))
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)

# When each alert comes, and what it tells of; a later one meets what the chats were told before.
_ALERTS = (
    ("first alert", timedelta(0), "support", "off", "on"),
    ("of something else, 10 min later", 10 * _MINUTE, "premium", "unmet", "holding"),
    ("within the cooldown: held", 15 * _MINUTE, "premium", "holding", "unmet"),
    ("again, while that is held", 20 * _MINUTE, "premium", "unmet", "holding"),
    ("a day later, an answer to the first", 24 * _HOUR, "support", "on", "off"),
)


def run() -> list[Row]:
    """Takes some minutes, most of them for making the chats."""
    return [row for chats in CHATS for row in (*_in_a_file(chats), *_on_a_server(chats))]


def _in_a_file(chats: int) -> Iterator[Row]:
    with (
        tempfile.TemporaryDirectory(prefix="aftershock-bench-") as folder,
        contextlib.closing(open_database(Path(folder) / "bench.db")) as db,
    ):
        yield from _rows(db, chats, "SQLite", time.process_time)


def _on_a_server(chats: int) -> Iterator[Row]:
    """Where a PostgreSQL is to be had, with its own defaults. The time of its process counts."""
    if programs() is None:
        return
    with (
        postgres_server(AS_SHIPPED) as server,
        contextlib.closing(open_database(server.new_database())) as db,
    ):
        [(backend,)] = db.rows("SELECT pg_backend_pid()")
        yield from _rows(db, chats, "PostgreSQL", lambda: time.process_time() + _cpu_s_of(backend))


def _cpu_s_of(process: int) -> float:
    """What another process has used of the processor, in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rows(db: Database, chats: int, engine: str, clock: Callable[[], float]) -> Iterator[Row]:
    _fill(db, chats)
    for name, after, *change in _ALERTS:
        with _writing_rows(db) as rows_s:
            cpu_s, wall_s, told = _told(db, NOW + after, clock, change)
        load = f"load {os.getloadavg()[0]:.0f}"
        rows = f"{sum(rows_s) * MS:,.0f} of them for {told:,} rows"
        note = f"{wall_s * MS:,.0f} ms on the clock, {rows}, {load}"
        yield Row(f"{engine}, {chats:,} chats, {name}", round(cpu_s * MS), "ms cpu", note)


@contextlib.contextmanager
def _writing_rows(db: Database) -> Iterator[list[float]]:
    """How long the statement takes that writes a row a chat, on the clock, in seconds."""
    plain, taken_s = db.execute, list[float]()

    def timed(sql: str, values: Values = ()) -> int:
        began = time.perf_counter()
        made = plain(sql, values)
        if sql.lstrip().startswith("INSERT INTO outbox"):
            taken_s.append(time.perf_counter() - began)
        return made

    db.execute = timed  # type: ignore[method-assign]
    try:
        yield taken_s
    finally:
        del db.execute


def _told(
    db: Database, now: datetime, clock: Callable[[], float], change: Sequence[str]
) -> tuple[float, float, int]:
    """One look that finds one change: seconds of the processor, on the clock, and messages."""
    topic, before, after = change
    desk = Desk(db, Settings(_env_file=None), lambda: now)  # type: ignore[call-arg]  # pydantic's own
    kind = Kind.WARNING if topic == "support" else Kind.CONDITION
    reason = {"on": "entered", "off": "recovered", "holding": "samples_positive"}.get(
        after, "session_negative"
    )
    found = Change(to_ms(now), kind, topic, before, after, reason, {})
    cpu, wall = clock(), time.perf_counter()
    with db.transaction():
        number = raise_alert(db, now, now, [found])
        told = Telling(desk, _composing(now)).tell([_news(desk, number, found)])
    return clock() - cpu, time.perf_counter() - wall, told


def _news(desk: Desk, number: int, change: Change) -> News:
    before = dict(desk.standings)
    return News(number, [change], before, {**before, change.id: before[change.id].after(change)})


def _composing(now: datetime) -> Compose:
    def compose(chat: ChatRow, news: News) -> tuple[str, Buttons]:
        words = wording_for(chat, now)
        text, buttons = compose_alert(
            words, news.alert_id, news.changes, news.after, before=news.before[VERDICT]
        )
        return text, [[button._asdict() for button in row] for row in buttons]

    return compose


_CHAT_COLUMNS = (
    "id",
    "kind",
    "title",
    "language",
    "app_language",
    "timezone",
    "state",
    "muted_until",
    "quiet_from",
    "quiet_until",
    "daily_cap",
    "created_at",
)


def _fill(db: Database, chats: int) -> None:
    random = Random(SEED)
    rows = [_chat(random, number) for number in range(chats)]
    with db.unhurried(), db.transaction():
        db.insert_all("chats", _CHAT_COLUMNS, rows)
        wants = [(row[0], 0, topic, _mode(random)) for row in rows for topic in _TOPICS]
        db.insert_all("subscriptions", ("chat_id", "thread_id", "topic", "mode"), sorted(wants))


def _chat(random: Random, number: int) -> Sequence[object]:
    is_private = number % 10 > 0
    chat_id = random.randrange(10**8, 8 * 10**9) * 10 + number % 10
    at_night = random.random() < 0.1
    return (
        chat_id if is_private else -chat_id,
        "private" if is_private else "supergroup",
        "Reader",
        random.choice([None, None, None, "zh"]),
        random.choice(["en", "zh-hans", "ru"]),
        random.choice(["UTC", "UTC", "UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin"]),
        "active",
        to_ms(NOW + _HOUR * random.random() * 48) if random.random() < 0.02 else None,
        "23:00" if at_night else None,
        "07:00" if at_night else None,
        10 if random.random() < 0.05 else None,
        0,
    )


def _mode(random: Random) -> str:
    return "silent" if random.random() < 0.03 else "sound"
