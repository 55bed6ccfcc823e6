"""What feeds are given by whoever runs them. They read neither the environment nor a clock of their own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class FeedContext:
    """Where the sources are, how to reach them, and what time it is.

    `base_urls` maps a source name to the base URL that replaces scheme and host of its addresses; paths are
    kept. `keys` maps a setting such as `SOSOVALUE_API_KEY` to its secret. `proxy` is for https addresses,
    as HTTPS_PROXY is everywhere. Secrets stay out of the representation.
    """

    clock: Callable[[], datetime]
    base_urls: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy: str | None = field(default=None, repr=False)
    timeout: timedelta = timedelta(seconds=8)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def address(self, source: str, url: str) -> str:
        """Where a source's address really leads."""
        base = self.base_urls.get(source)
        if not base:
            return url
        parts = urlsplit(url)
        return base.rstrip("/") + urlunsplit(("", "", parts.path, parts.query, ""))

    def proxy_for(self, url: str) -> str | None:
        """The proxy that an address is reached through."""
        return self.proxy if url.startswith("https:") else None
