"""What is told to machines follows the settings: nothing where nothing is set."""

import asyncio
import socket
import subprocess
import sys

import httpx
from pydantic import SecretStr

from bot.desk import Desk
from bot.vitals.attended import attended
from tests.bot.desks import new_desk
from tests.ports import free_port


def with_settings(desk: Desk, **values: object) -> Desk:
    desk.settings = desk.settings.model_copy(update=values)
    return desk


def tasks() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks()}


async def test_without_a_setting_nobody_is_told_anything() -> None:
    with new_desk() as desk:
        async with attended(desk):
            assert "ping" not in tasks()


async def test_a_port_is_listened_on_and_an_address_pinged_while_the_bot_runs() -> None:
    port = free_port()
    url = SecretStr(f"http://127.0.0.1:{port}/metrics")
    with new_desk() as desk:
        async with attended(with_settings(desk, metrics_port=port, ping_url=url)):
            assert "ping" in tasks()
            async with httpx.AsyncClient() as http:
                assert (await http.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200
        assert "ping" not in tasks()
    with socket.socket() as free:
        assert free.connect_ex(("127.0.0.1", port)) != 0


async def test_of_several_processes_only_the_one_that_watches_pings() -> None:
    with new_desk() as desk:
        desk.health.watches = False
        async with attended(with_settings(desk, ping_url=SecretStr("http://127.0.0.1:9/"))):
            assert "ping" not in tasks()


def test_what_nobody_asks_for_is_not_imported() -> None:
    """In a process of its own: other tests have imported it long ago."""
    code = "import bot.app, sys; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
