"""A process killed while it commits alerts with their deliveries, again and again on the same file."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from storage.alerts import read_changes
from storage.database import Database, open_database
from storage.standings import read_standings

ROUNDS = 40
CHATS = 5

# Each line on standard input starts a writer. It says its process id, then `+` when a transaction begins,
# `.` after each of its steps and `!` when it is committed; once it is dead a line ends. The writers are
# forks, because starting Python for each of them would take longer than all they do.
WRITERS = r"""
import os, sys
from datetime import UTC, datetime
from signals.conditions import Change, Kind, Standing
from storage import alerts, chats, outbox, standings
from storage.database import open_database

PATH, CHATS = sys.argv[1], range(int(sys.argv[2]))
NOW = datetime(2025, 11, 3, tzinfo=UTC)

def say(mark):
    os.write(1, mark)

def write():
    db = open_database(PATH)
    for chat in CHATS:
        chats.ensure_chat(db, chat, "private", "x", NOW)
    serial = len(alerts.read_changes(db, limit=10**9))
    while True:
        serial += 1
        change = Change(serial, Kind.VERDICT, "verdict", "fragile", "broken", "all_met", {"text": "x" * 3000})
        with db.transaction():
            say(b"+")
            alert_id = alerts.raise_alert(db, NOW, NOW, [change])
            say(b".")
            standings.save_standings(db, {"verdict": Standing(state="broken", judged_ms=serial)})
            say(b".")
            draft = dict(alert_id=alert_id, kind="alert", text="x" * 3000, created_at=NOW)
            outbox.enqueue(db, [outbox.Delivery(chat_id=chat, **draft) for chat in CHATS])
            say(b".")
        say(b"!")

for _ in sys.stdin:
    writer = os.fork()
    if not writer:
        say(b"%d\n" % os.getpid())
        write()
    os.waitpid(writer, 0)
    say(b"\n")
"""


@contextmanager
def _writers(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", WRITERS, str(path), str(CHATS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as writers:
        yield writers
        assert writers.stdin
        writers.stdin.close()
        assert writers.wait() == 0


def _run_until_killed(writers: subprocess.Popen[bytes], marks: int) -> int:
    """Kill a writer after so many marks; how many transactions it had acknowledged."""
    assert writers.stdin
    assert writers.stdout
    writers.stdin.write(b"go\n")
    writer = int(writers.stdout.readline())
    seen = b""
    while len(seen) < marks:
        seen += writers.stdout.read(marks - len(seen))
        assert b"\n" not in seen, "the writer ended by itself"
    os.kill(writer, signal.SIGKILL)
    seen += writers.stdout.readline()
    return seen.count(b"!")


def _check(db: Database, acknowledged: int) -> int:
    """Every alert is there with all that belongs to it; how many there are."""
    serials = [saved.change.at_ms for saved in reversed(read_changes(db, limit=10**9))]
    assert serials == list(range(1, len(serials) + 1))
    # The last commit may be on disk although there was no time left to say so.
    assert len(serials) - acknowledged in (0, 1)
    deliveries = db.rows("SELECT alert_id, count(*) FROM deliveries GROUP BY alert_id ORDER BY alert_id")
    assert deliveries == [(alert_id, CHATS) for alert_id in range(1, len(serials) + 1)]
    assert db.rows("SELECT count(*) FROM alerts") == [(len(serials),)]
    standing = read_standings(db).get("verdict")
    assert (standing.judged_ms if standing else 0) == len(serials)
    assert db.rows("PRAGMA integrity_check") == [("ok",)]
    return len(serials)


def test_a_change_and_its_deliveries_survive_a_kill_together_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    choose = random.Random(20251103)
    stored = 0
    with _writers(path) as writers:
        for _ in range(ROUNDS):
            acknowledged = _run_until_killed(writers, marks=choose.randint(1, 60))
            with closing(open_database(path)) as db:
                stored = _check(db, stored + acknowledged)
    assert stored > ROUNDS
