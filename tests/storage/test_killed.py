"""A process killed while it commits alerts with their deliveries, again and again on the same file."""

import random
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from storage.alerts import read_changes
from storage.database import Database, open_database
from storage.standings import read_standings

ROUNDS = 12
CHATS = 5

# Says `+` when a round has begun, `.` after each of its steps and `!` when it is committed.
WRITER = """
import os, sys
from contextlib import closing
from datetime import UTC, datetime
from signals.conditions import Change, Kind, Standing
from storage import alerts, chats, outbox, standings
from storage.database import open_database

NOW = datetime(2025, 11, 3, tzinfo=UTC)
say = lambda mark: os.write(1, mark)
db = open_database(sys.argv[1])
for chat in range(int(sys.argv[2])):
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
        outbox.enqueue(db, (
            outbox.Delivery(chat_id=chat, alert_id=alert_id, kind="verdict", text="x" * 3000, created_at=NOW)
            for chat in range(int(sys.argv[2]))
        ))
        say(b".")
    say(b"!")
"""


def _run_until_killed(path: Path, marks: int) -> int:
    """Kill the writer after so many marks; how many rounds it had acknowledged."""
    command = [sys.executable, "-c", WRITER, str(path), str(CHATS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as writer:
        assert writer.stdout
        seen = b""
        while len(seen) < marks:
            chunk = writer.stdout.read(marks - len(seen))
            assert chunk, "the writer ended by itself"
            seen += chunk
        writer.kill()
        seen += writer.stdout.read()
    return seen.count(b"!")


def _check(db: Database, acknowledged: int) -> int:
    """Every alert is there with all that belongs to it; how many there are."""
    serials = [saved.change.at_ms for saved in reversed(read_changes(db, limit=10**9))]
    assert serials == list(range(1, len(serials) + 1))
    # The last commit may be on disk although there was no time left to say so.
    assert len(serials) - acknowledged in (0, 1)
    deliveries = db.rows("SELECT alert_id, count(*) FROM outbox GROUP BY alert_id ORDER BY alert_id")
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
    for _ in range(ROUNDS):
        acknowledged = _run_until_killed(path, marks=choose.randint(1, 120))
        with closing(open_database(path)) as db:
            stored = _check(db, stored + acknowledged)
    assert stored > ROUNDS
