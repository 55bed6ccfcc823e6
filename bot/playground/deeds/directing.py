"""The director's deeds: what goes wrong next, and how fast time passes."""

from bot.playground.deeds.stage import Stage
from bot.playground.faults import Mishap
from bot.playground.json_types import Json
from bot.playground.people import DeedError
from bot.playground.refusals import RefusedError, too_many_requests

# What the faults panel offers, for the bot's next call.
_FAULTS: dict[str, RefusedError | Mishap] = {
    "429": too_many_requests(5),
    "500": RefusedError(500, "restart"),
    "502": Mishap.BAD_GATEWAY,
    "drop": Mishap.DROP_BEFORE,
    "drop_after": Mishap.DROP_AFTER,
}
_MAX_SPEED = 100_000.0


def add_fault(stage: Stage, asked: Json) -> None:
    """The bot's next call meets it."""
    what = _FAULTS.get(str(asked.get("fault")))
    if what is None:
        raise DeedError("no such fault")
    stage.faults.add(what)
    stage.people.telegram.changes.publish("faults")


def clear_faults(stage: Stage, _asked: Json) -> None:
    """Nothing goes wrong any more."""
    stage.faults.queued.clear()
    stage.people.telegram.changes.publish("faults")


async def pause(stage: Stage, _asked: Json) -> None:
    """Time stands still."""
    await stage.running().pause()
    stage.show_clock()


async def resume(stage: Stage, _asked: Json) -> None:
    """Time goes on."""
    await stage.running().resume()
    stage.show_clock()


async def set_speed(stage: Stage, asked: Json) -> None:
    """How many times faster than outside."""
    speed = asked.get("speed")
    if not isinstance(speed, int | float) or not 0 < speed <= _MAX_SPEED:
        raise DeedError(f"the speed is a number above 0 and up to {_MAX_SPEED:g}")
    await stage.running().set_speed(float(speed))
    stage.show_clock()


async def jump(stage: Stage, _asked: Json) -> None:
    """To the moment when the bot next has something to tell."""
    await stage.running().jump_to_next_alert()
    stage.show_clock()
