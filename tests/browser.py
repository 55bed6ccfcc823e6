"""A headless Chromium for tests of pages, driven over the DevTools protocol.

async with open_browser() as browser:
    page = await browser.open(url, width_px=390)
    await page.click("#send")
    await page.wait_for("document.title === 'Sent'")
"""

import asyncio
import json
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
_START_S = 30.0
_WAIT_S = 30.0
_NAVIGATED = "navigated or closed"
# Looks again and again inside the page, so that the test itself polls nothing.
_WATCH = """new Promise((resolve, reject) => {
  const end = performance.now() + %d;
  const look = () => {
    let found;
    try { found = (%s); } catch (error) { found = null; }
    if (found) resolve(found);
    else if (performance.now() > end) reject(new Error("never came true"));
    else setTimeout(look, 15);
  };
  look();
})"""


class PageError(AssertionError):
    """What was asked of the page failed there."""


class Page:
    """One tab. `errors` collects uncaught errors and everything that the page logs as an error."""

    def __init__(self, connection: "_Connection", session: str) -> None:
        self._connection = connection
        self._session = session
        self.errors: list[str] = []
        connection.listeners[session] = self._hear

    async def send(self, method: str, **params: Any) -> Any:
        """A command of the DevTools protocol."""
        return await self._connection.send(method, params, self._session)

    async def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited if it is a promise. Raises: PageError."""
        answer = await self.send(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise PageError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    async def wait_for(self, expression: str, timeout_s: float = _WAIT_S) -> Any:
        """The first truthy value of `expression`. Raises: PageError, naming it."""
        try:
            return await self.evaluate(_WATCH % (timeout_s * 1000, expression))
        except PageError as error:
            if _NAVIGATED in str(error):
                # The page that was watched is gone; the one that follows may fulfil the wish.
                return await self.wait_for(expression, timeout_s)
            raise PageError(f"{expression}: {error}; page errors: {self.errors}") from error

    async def wait_for_text(self, text: str, selector: str = "body") -> None:
        """Until the visible text of the first such element contains `text`."""
        await self.wait_for(
            f"document.querySelector({json.dumps(selector)})?.innerText.includes({json.dumps(text)})"
        )

    async def click(self, selector: str) -> None:
        """A real click in the middle of the first such element, once it is there."""
        spot = await self.wait_for(_SPOT % json.dumps(selector))
        for kind in ("mousePressed", "mouseReleased"):
            await self.send("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **spot)

    async def write(self, text: str) -> None:
        """Text into whatever has the focus."""
        await self.send("Input.insertText", text=text)

    async def press(self, key: str) -> None:
        """One key, such as Enter, Escape, ArrowDown or Tab."""
        code = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowDown": 40, "ArrowUp": 38, "ArrowRight": 39}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        common = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        await self.send("Input.dispatchKeyEvent", type="keyDown", **common, **text)
        await self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    async def resize(self, width_px: int, height_px: int) -> None:
        """The size of the view."""
        await self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width_px,
            height=height_px,
            deviceScaleFactor=1,
            mobile=False,
        )

    async def prefer(self, scheme: str) -> None:
        """Make the system look `light` or `dark` to the page."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        await self.send("Emulation.setEmulatedMedia", features=features)

    async def close(self) -> None:
        """Close the tab."""
        del self._connection.listeners[self._session]
        await self.send("Page.close")

    def _hear(self, method: str, params: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(params["entry"]["text"])


_SPOT = """(() => {
  const element = document.querySelector(%s);
  if (!element) return null;
  element.scrollIntoView({ block: "nearest" });
  const box = element.getBoundingClientRect();
  const spot = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const there = document.elementFromPoint(spot.x, spot.y);
  return box.width && (element.contains(there) || there?.contains(element)) ? spot : null;
})()"""


class Browser:
    """A running Chromium with a profile of its own."""

    def __init__(self, connection: "_Connection") -> None:
        self._connection = connection

    async def open(self, url: str, *, width_px: int = 1280, height_px: int = 800) -> Page:
        """A new tab that shows `url`."""
        target = await self._connection.send("Target.createTarget", {"url": "about:blank"})
        attached = await self._connection.send(
            "Target.attachToTarget", {"targetId": target["targetId"], "flatten": True}
        )
        page = Page(self._connection, attached["sessionId"])
        for domain in ("Runtime", "Log", "Page"):
            await page.send(f"{domain}.enable")
        await page.resize(width_px, height_px)
        await page.send("Page.navigate", url=url)
        await page.wait_for("location.href !== 'about:blank' && document.readyState === 'complete'")
        return page


class _Connection:
    """The DevTools socket: numbered commands out, their answers and events in."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self.listeners: dict[str, Any] = {}

    async def send(self, method: str, params: dict[str, Any], session: str | None = None) -> Any:
        number = next(self._numbers)
        answer = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        command = {"id": number, "method": method, "params": params}
        await self._socket.send_json(command | ({"sessionId": session} if session else {}))
        async with asyncio.timeout(_START_S):
            return await answer

    async def read(self) -> None:
        async for message in self._socket:
            body = json.loads(message.data)
            if "id" in body:
                self._settle(body)
            elif listener := self.listeners.get(body.get("sessionId", "")):
                listener(body["method"], body["params"])

    def _settle(self, body: dict[str, Any]) -> None:
        answer = self._waiting.pop(body["id"])
        if answer.done():
            return
        if "error" in body:
            answer.set_exception(PageError(body["error"]["message"]))
        else:
            answer.set_result(body["result"])


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Start Chromium and end it again. Raises: RuntimeError where there is none or it does not start."""
    if CHROMIUM is None:
        raise RuntimeError("no Chromium on this machine")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        async with (
            _running(CHROMIUM, profile) as address,
            aiohttp.ClientSession() as http,
            http.ws_connect(address, max_msg_size=0) as socket,
        ):
            connection = _Connection(socket)
            reader = asyncio.create_task(connection.read())
            try:
                yield Browser(connection)
                # Asked to close, it ends its own children too.
                with suppress(ConnectionError, TimeoutError):
                    await asyncio.wait_for(connection.send("Browser.close", {}), 5)
            finally:
                reader.cancel()


@asynccontextmanager
async def _running(program: str, profile: str) -> AsyncIterator[str]:
    """A Chromium process while the context lasts; the address of its DevTools socket."""
    process = await asyncio.create_subprocess_exec(
        program,
        *_FLAGS,
        f"--user-data-dir={profile}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(_START_S):
            address = await _address(process)
        drain = asyncio.create_task(_drain(process))
        yield address
        await drain
    finally:
        if process.returncode is None:
            # Its own process group: its children go with it.
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        if line.startswith(b"DevTools listening on "):
            return line.decode().split()[-1]
    raise RuntimeError("Chromium did not start")


async def _drain(process: asyncio.subprocess.Process) -> None:
    """Chromium talks a lot; a full pipe would stop it."""
    assert process.stderr is not None
    while await process.stderr.read(65536):
        pass
