"""A wall clock that can be set, for a process and for those who watch it: eight bytes that both of them see.

Only the wall is another one. What waits for a length of time goes on as the hours on the wall jump, just as
it does where somebody sets the machine's clock.
"""

import datetime as dt
import mmap
import struct
import time
from pathlib import Path
from typing import Any

_OFFSET = struct.Struct("d")


class WallClock:
    """The time of the machine and an offset in seconds, which stands in a file."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_OFFSET.pack(0.0))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _OFFSET.size)
        self._machine = time.time

    def __call__(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.seconds(), dt.UTC)

    def seconds(self) -> float:
        """Since 1970, as `time.time`."""
        offset: float
        [offset] = _OFFSET.unpack_from(self._shared)
        return self._machine() + offset

    def jump(self, by: dt.timedelta) -> None:
        """It is later at once, or earlier."""
        [offset] = _OFFSET.unpack_from(self._shared)
        _OFFSET.pack_into(self._shared, 0, offset + by.total_seconds())


def hang_up(clock: WallClock) -> None:
    """Let this process go by a clock. Only what is imported afterwards knows it."""
    real = dt.datetime

    class Kind(type):
        """What was made before, or in C, is a moment as well."""

        def __instancecheck__(cls, moment: Any) -> bool:
            return isinstance(moment, real)

    class Moment(dt.datetime, metaclass=Kind):
        """`datetime` with another present."""

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return cls.fromtimestamp(clock.seconds(), tz)

    time.time = clock.seconds
    dt.datetime = Moment  # type: ignore[misc]
