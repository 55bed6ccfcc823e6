"""What the page's clock bar shows and steers, where a scenario is being played."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from bot.playground.json_types import Json


@dataclass(frozen=True)
class PlaybackState:
    """Moments are aware UTC; `speed` is virtual seconds in a real one."""

    now: datetime
    since: datetime
    until: datetime
    speed: float
    paused: bool
    notice: str
    ended: bool

    def as_json(self) -> Json:
        """For the page: moments in ISO 8601."""
        moments = {name: getattr(self, name).isoformat() for name in ("now", "since", "until")}
        return {
            **moments,
            "speed": self.speed,
            "paused": self.paused,
            "notice": self.notice,
            "ended": self.ended,
        }


class Playback(Protocol):
    """A scenario that runs in virtual time."""

    def state(self) -> PlaybackState:
        """How it stands at this moment."""

    async def set_speed(self, speed: float) -> None:
        """Go on at so many virtual seconds in a real one."""

    async def pause(self) -> None:
        """Stop the virtual clock."""

    async def resume(self) -> None:
        """Go on where it was paused."""

    async def jump_to_next_alert(self) -> None:
        """Move on at once to the next moment at which the bot tells something."""


def real_clock() -> datetime:
    """The time on the wall, aware UTC."""
    return datetime.now(UTC)
