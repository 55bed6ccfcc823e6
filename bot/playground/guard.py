"""Keeps other web sites, and other machines, out of the playground.

A page anywhere on the web can make a browser send requests to this machine. So: only loopback
addresses are bound, the Host header must name the address that was bound (DNS rebinding brings
another name), changes need a token that only our own page knows, and the page itself may load
nothing from elsewhere.
"""

import hmac
import ipaddress
import secrets
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aiohttp import web

CSRF_HEADER = "X-Playground-Token"
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guard:
    """`port` is known only once the server listens."""

    def __init__(self) -> None:
        self.csrf_token = secrets.token_urlsafe(24)
        self.port = 0

    @web.middleware
    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in only what names this machine. Raises: HTTPMisdirectedRequest."""
        if request.host not in {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}:
            raise web.HTTPMisdirectedRequest(text="This server answers to this machine only.\n")
        return await handler(request)

    def check_own_page(self, request: web.Request) -> None:
        """Raises: HTTPForbidden, for a change that our own page did not ask for."""
        # The server reads bytes of a header that are no text as surrogates.
        given = request.headers.get(CSRF_HEADER, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, self.csrf_token.encode()):
            raise web.HTTPForbidden(text="This is for the playground's own page.\n")
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            raise web.HTTPForbidden(text="Requests from other sites are refused.\n")
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{request.host}":
            raise web.HTTPForbidden(text="Requests from other sites are refused.\n")


def check_loopback(host: str) -> None:
    """Raises: ValueError, for an address that other machines could reach."""
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise ValueError(f"the playground serves this machine only, not {host}")
