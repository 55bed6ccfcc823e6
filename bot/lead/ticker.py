"""A thread that does one thing again and again, whatever the event loop is busy with."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from bot.lasting import Lasting
from storage.database import StorageError

_log = logging.getLogger(__name__)


class Ticker:
    """Calls `tick` every so often, first at once, from `start` to `stop`.

    What fails in it is logged once for as long as it goes on failing.
    """

    def __init__(self, tick: Callable[[], None], every: timedelta, name: str) -> None:
        self._tick = tick
        self._every = every
        self._trouble = Lasting(_log, name, over=f"{name}: it is well again")
        self._stopped = threading.Event()
        # A thread that hangs in the network must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, *, wait: timedelta = timedelta(seconds=1)) -> None:
        """End; `wait` is how long to wait for the tick that is under way."""
        self._stopped.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(wait.total_seconds())

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._tick()
            except StorageError as error:
                self._trouble.complain(error)
            except Exception as error:  # noqa: BLE001
                # The last resort: without the next tick others would take this process for dead.
                self._trouble.complain(error, is_bug=True)
            else:
                self._trouble.is_well()
            self._stopped.wait(self._every.total_seconds())
