"""A process killed while rules of many chats fire, again and again on one file: each firing is told once."""

import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from storage import own_alerts
from storage.database import Database, open_database

ROUNDS = 15

# Each line on standard input starts a bot on the file: a fork, for Python takes longer to start than all that
# it does. It says its process id, then `+` when a transaction begins and `!` when one is committed. Its price
# crosses the threshold of all rules every other minute, and two chats are told in one go; time goes on
# where the bot before it came to.
BOTS = r"""
import os, sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from bot.own import backlog
from bot.desk import Desk
from bot.own.alerts import OwnAlerts
from bot.settings import Settings
from signals.facts import BINANCE_BTC, Quote
from storage import chats, own_alerts
from storage.database import Database, open_database
from storage.market import load_market, save_facts

PATH, BEGINS, MINUTE = sys.argv[1], datetime(2025, 11, 3, tzinfo=UTC), timedelta(minutes=1)
backlog.MOST_AT_ONCE = 2

def price(at):
    return 104_000.0 if (at - BEGINS) // MINUTE % 2 else 106_000.0

def play():
    db = open_database(PATH)
    with db.transaction():
        for chat in () if own_alerts.count_armed(db) else range(1, 6):
            chats.ensure_chat(db, chat, "private", "Ann", BEGINS)
            text = "btc < 105000 repeat expires never"
            id_ = own_alerts.draft(db, chat, 0, text, None, made_by=7, now=BEGINS)
            own_alerts.set_state(db, id_, "armed")
    now = own_alerts.read_looked(db) or BEGINS
    market = load_market(db)
    desk = Desk(db, Settings(_env_file=None), lambda: now, market)
    own = OwnAlerts(desk, lambda: None)
    transaction = db.transaction
    @contextmanager
    def told():
        with transaction():
            os.write(1, b"+")
            yield
        os.write(1, b"!")
    db.transaction = told
    while True:
        own.look()
        while own.tell_some():
            pass
        now += MINUTE
        facts = [Quote(BINANCE_BTC, now, price(now), price(now), now)]
        save_facts(db, facts)
        desk.market = desk.market.add(facts)

for _ in sys.stdin:
    bot = os.fork()
    if not bot:
        os.write(1, b"%d\n" % os.getpid())
        play()
    os.waitpid(bot, 0)
    os.write(1, b"\n")
"""


@contextmanager
def bots(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", BOTS, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as running:
        yield running
        assert running.stdin
        running.stdin.close()
        assert running.wait() == 0


def run_until_killed(running: subprocess.Popen[bytes], marks: int) -> None:
    """Kill a bot after so many marks."""
    assert running.stdin
    assert running.stdout
    running.stdin.write(b"go\n")
    bot = int(running.stdout.readline())
    seen = b""
    while len(seen) < marks:
        seen += running.stdout.read(marks - len(seen))
        assert b"\n" not in seen, "the bot ended by itself"
    os.kill(bot, signal.SIGKILL)
    running.stdout.readline()


def check(db: Database) -> int:
    """Every firing has its delivery, numbered without a gap, or waits for it; how many a rule has."""
    looked, rules = own_alerts.read_looked(db), own_alerts.armed(db)
    for own in rules:
        texts = db.rows(
            "SELECT text FROM deliveries WHERE kind = 'own' AND chat_id = ? ORDER BY id", (own.chat_id,)
        )
        numbers = [int(found[1]) for (text,) in texts if (found := re.search(r"no\. (\d+)", text))]
        assert numbers == list(range(1, own.fired + 1 - (own.held is not None)))
        if own.fired:
            assert looked is not None
            assert own.last_fired_at is not None
            # It fires every other minute, and never in a minute that was not looked at.
            assert looked >= own.last_fired_at
    assert db.rows("PRAGMA integrity_check") == [("ok",)]
    [fired] = {own.fired for own in rules}
    return fired


def test_a_firing_its_state_and_its_delivery_survive_a_kill_together_or_not_at_all(tmp_path: Path) -> None:
    path, choose = tmp_path / "a.db", random.Random(20251103)
    fired, waited = [0], 0
    with bots(path) as running:
        for _ in range(ROUNDS):
            run_until_killed(running, marks=choose.randint(40, 320))
            with closing(open_database(path)) as db:
                fired.append(check(db))
                waited += any(own.held for own in own_alerts.armed(db))
    assert fired == sorted(fired)
    assert fired[-1] > ROUNDS
    assert waited
    with closing(open_database(path)) as db:
        looked, [own, *_] = own_alerts.read_looked(db), own_alerts.armed(db)
        assert looked is not None
        # It crosses in every odd minute but the first, in which it is true already: none was missed.
        minutes = (looked - own.created_at).total_seconds() // 60
        assert own.fired == (minutes + 1) // 2 - 1
