"""Prometheus' Alertmanager as a peer: Debian's package, with a receiver for each chat of a local Telegram.

Its Telegram receiver names one chat each, so an alert for many chats is a route to each of them.
"""

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from tests.bench.local_telegram import LocalTelegram
from tests.bench.row import Row

PROGRAM = "prometheus-alertmanager"
_PATIENCE_S = 30.0


def is_there() -> bool:
    """Whether it is installed."""
    return shutil.which(PROGRAM) is not None


def left_out(name: str, unit: str) -> Row:
    """The row where it is not."""
    return Row(name, None, unit, f"left out: {PROGRAM} is not installed (Debian's package of that name)")


class Alertmanager:
    """A running Alertmanager."""

    def __init__(self, process: asyncio.subprocess.Process, http: httpx.AsyncClient) -> None:
        self._process = process
        self._http = http

    async def post(self, alert: str) -> None:
        """Tell it of an alert; when this returns it has been accepted."""
        answer = await self._http.post("/api/v2/alerts", json=[{"labels": {"alertname": alert}}])
        answer.raise_for_status()

    async def wait_until_ready(self) -> None:
        """Wait until it takes alerts."""
        async with asyncio.timeout(_PATIENCE_S):
            while not await self._is_ready():  # noqa: ASYNC110  # another process
                await asyncio.sleep(0.02)

    async def _is_ready(self) -> bool:
        with suppress(httpx.TransportError):
            return (await self._http.get("/-/ready")).is_success
        return False

    async def kill(self) -> None:
        """kill -9."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def running(folder: Path, telegram: LocalTelegram) -> AsyncIterator[Alertmanager]:
    """One that keeps its memory in a folder, and is killed when the block ends."""
    place = folder / "alertmanager.yml"
    # JSON is YAML, too.
    place.write_text(json.dumps(configuration(telegram)), encoding="utf-8")
    address = f"127.0.0.1:{free_port()}"
    with (folder / "alertmanager.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            PROGRAM,
            f"--config.file={place}",
            f"--storage.path={folder}",
            f"--web.listen-address={address}",
            "--cluster.listen-address=",
            stdout=log,
            stderr=log,
        )
    async with httpx.AsyncClient(base_url=f"http://{address}") as http:
        alertmanager = Alertmanager(process, http)
        try:
            await alertmanager.wait_until_ready()
            yield alertmanager
        finally:
            await alertmanager.kill()


def configuration(telegram: LocalTelegram) -> dict[str, Any]:
    """Every alert at once to every reader, each of them on a route and with a receiver of its own."""
    names = [str(reader) for reader in telegram.readers]
    return {
        "route": {
            "receiver": names[0],
            "group_by": ["alertname"],
            "group_wait": "0s",
            "routes": [{"receiver": name, "continue": True} for name in names],
        },
        "receivers": list(_receivers(telegram, names)),
    }


def _receivers(telegram: LocalTelegram, names: Iterable[str]) -> Iterable[dict[str, Any]]:
    for name in names:
        chat = {
            "api_url": telegram.base_url,
            "bot_token": telegram.token,
            "chat_id": int(name),
            "message": "{{ .CommonLabels.alertname }}",
            "parse_mode": "HTML",
            "send_resolved": False,
        }
        yield {"name": name, "telegram_configs": [chat]}


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
