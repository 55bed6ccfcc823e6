"""`run`: which part of the bot this process plays, told by its options and its database."""

from collections.abc import Coroutine
from typing import Any

from bot import alone
from bot.logs import Complaints
from bot.settings import Settings
from bot.shared import web
from bot.shared import worker as shared_worker
from storage.database import is_postgres


def part_of(
    settings: Settings, complaints: Complaints, *, webhook: bool, worker: bool
) -> Coroutine[Any, Any, None]:
    """All of it on an SQLite file; on a PostgreSQL that of a web process, or that of a worker.

    A worker hears Telegram too, unless it is told that others do.
    """
    if not is_postgres(settings.database):
        return alone.run(settings, complaints, webhook=webhook)
    if webhook:
        return web.serve(settings, complaints)
    hears = not worker or settings.webhook_url is None
    return shared_worker.work(settings, complaints, hears=hears)
