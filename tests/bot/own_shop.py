"""A bot over a real file, as far as own alerts go: prices come, time passes, it is started again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.delivery.split import plain
from bot.desk import Desk
from bot.own.alerts import OwnAlerts
from bot.settings import Settings
from signals.facts import BINANCE_BTC, Quote
from storage import chats, own_alerts
from storage.database import Database, open_database
from storage.market import load_market, save_facts
from storage.outbox import Delivery, claim
from storage.own_alerts import OwnAlert
from tests.bot.desks import NOW

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ANN, GROUP = 7, -100


@dataclass
class Shop:
    """One run of the bot, as far as own alerts are concerned."""

    db: Database
    desk: Desk
    own: OwnAlerts
    woken: int = 0
    now: datetime = NOW

    def arm(self, text: str, chat_id: int = ANN, thread_id: int = 0) -> int:
        id_ = own_alerts.draft(self.db, chat_id, thread_id, text, None, made_by=None, now=self.now)
        own_alerts.set_state(self.db, id_, "armed")
        return id_

    def trades_at(self, *prices: float, every: timedelta = MINUTE, look: bool = True) -> None:
        for price in prices:
            self.now += every
            facts = [Quote(BINANCE_BTC, self.now, price, price, self.now)]
            save_facts(self.db, facts)
            self.desk.market = self.desk.market.add(facts)
            if look:
                self.own.look()

    def passes(self, length: timedelta) -> None:
        self.now += length
        self.own.look()

    def rule(self, id_: int) -> OwnAlert:
        [found] = own_alerts.read_rules(self.db, [id_])
        return found

    def sent(self) -> list[Delivery]:
        """What would be sent from the outbox, one a chat."""
        return claim(self.db, self.now, 100)

    def texts(self) -> list[str]:
        rows = self.db.rows("SELECT text FROM deliveries WHERE kind = 'own' ORDER BY id")
        return [plain(text).splitlines()[0] for (text,) in rows]


@contextmanager
def shops(folder: Path) -> Iterator[Callable[..., Shop]]:
    """Opens the same file again and again, as restarts do."""
    path, opened = folder / "aftershock.db", []

    def start(now: datetime = NOW) -> Shop:
        db = open_database(path)
        for chat_id, kind in ((ANN, "private"), (GROUP, "supergroup")):
            chats.ensure_chat(db, chat_id, kind, "Somebody", now)  # type: ignore[arg-type]  # they are kinds
        shop = Shop.__new__(Shop)
        desk = Desk(db, Settings(_env_file=None), lambda: shop.now, load_market(db))  # type: ignore[call-arg]  # pydantic's own
        Shop.__init__(shop, db, desk, None, now=now)  # type: ignore[arg-type]  # at once

        def wake() -> None:
            shop.woken += 1

        shop.own = OwnAlerts(desk, wake)
        opened.append(db)
        return shop

    yield start
    for db in opened:
        db.close()
