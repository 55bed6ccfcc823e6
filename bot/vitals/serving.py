"""/healthz and /metrics over HTTP, for monitors and container platforms; nothing on them is secret."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from aiohttp import web

from bot.desk import Desk
from bot.settings import SettingsError
from bot.vitals.judgement import ailments
from bot.vitals.metrics import exposed
from bot.vitals.snapshot import read_stored, take_snapshot, with_qualities
from signals.verdict import VERDICT

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
_CLOSES_WITHIN_SECONDS = 1.0


@asynccontextmanager
async def serving(desk: Desk, host: str, port: int) -> AsyncIterator[None]:
    """Answer while the block runs.

    Raises:
        SettingsError: nobody can listen there.
    """
    answers = _Answers(desk)
    app = web.Application()
    app.add_routes([web.get("/healthz", answers.health), web.get("/metrics", answers.metrics)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CLOSES_WITHIN_SECONDS)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise SettingsError(
            f"AFTERSHOCK_METRICS_PORT: {host}:{port} cannot be listened on: {error.strerror}."
        ) from error


class _Answers:
    """Each answer is of a snapshot of its own."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def health(self, _: web.Request) -> web.Response:
        """Whether all is well, for programs (200 or 503) and for people."""
        snapshot = with_qualities(take_snapshot(self._desk), self._desk)
        told = ailments(snapshot)
        status = HTTPStatus.SERVICE_UNAVAILABLE if told else HTTPStatus.OK
        body = {
            "status": "ailing" if told else "well",
            "at": snapshot.now.isoformat(timespec="seconds"),
            "started_at": snapshot.started_at.isoformat(timespec="seconds"),
            "watches": snapshot.watches,
            "verdict": snapshot.states.get(VERDICT),
            "readings": snapshot.qualities,
            "ailments": [ailment._asdict() for ailment in told],
        }
        return web.json_response(body, status=status, headers={"Cache-Control": "no-store"})

    async def metrics(self, _: web.Request) -> web.Response:
        """All numbers."""
        snapshot = with_qualities(take_snapshot(self._desk), self._desk)
        stored = None if snapshot.storage_error else read_stored(self._desk.db)
        return web.Response(body=exposed(snapshot, stored), headers={"Content-Type": _PROMETHEUS})
