"""Which of the vitals are told to whom, as it is set; what nobody asks for is not even imported."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from bot.desk import Desk
from bot.vitals.judgement import Ailment, ailments
from bot.vitals.snapshot import take_snapshot


@asynccontextmanager
async def attended(desk: Desk) -> AsyncIterator[None]:
    """Serve /healthz and /metrics, and ping, while the block runs.

    Of several processes only the one that watches pings: else nobody would hear that none does.

    Raises:
        SettingsError: the port cannot be listened on.
    """
    settings = desk.settings
    async with AsyncExitStack() as stack:
        if settings.metrics_port is not None:
            # prometheus_client costs memory, and few look at it.
            from bot.vitals.serving import serving

            await stack.enter_async_context(serving(desk, settings.listen_host, settings.metrics_port))
        if settings.ping_url is not None and desk.health.watches:
            url, proxy = settings.ping_url.get_secret_value(), settings.https_proxy
            await stack.enter_async_context(_pinging(url, lambda: ailments(take_snapshot(desk)), proxy))
        yield


@asynccontextmanager
async def _pinging(
    url: str, judge: Callable[[], Sequence[Ailment]], proxy: str | None
) -> AsyncIterator[None]:
    from bot.vitals.ping import ping

    pinging = asyncio.create_task(ping(url, judge, proxy=proxy), name="ping")
    try:
        yield
    finally:
        pinging.cancel()
        await asyncio.gather(pinging, return_exceptions=True)
