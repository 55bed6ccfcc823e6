"""kill -9 at one step after the other, of the alert path and of the inbox: nothing is lost."""

import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from storage.database import open_database
from storage.inbox import count_inbox
from tests.acceptance.scene import Scene, name_levels, open_scene
from tests.acceptance.soak import this_soak
from tests.acceptance.tally import Told, under_way
from tests.acceptance.unusable import AFTER_WAITING, AT_ONCE, refuses_to_start

SOAK = this_soak()
pytestmark = pytest.mark.timeout(SOAK.patience_s)

ALERT, UPDATE = r"INSERT INTO alerts", r"INSERT INTO inbox"
STEPS = 60
"""So many statements follow with all that comes of it: an alert's three messages, an own alert's firing."""


def points(chance: Random) -> Iterator[tuple[str, int]]:
    """Every step of both paths, in no order, again and again."""
    while True:
        steps = [(path, step) for path in (ALERT, UPDATE) for step in range(STEPS)]
        chance.shuffle(steps)
        yield from steps


async def test_killed_at_any_step_it_loses_nothing_and_repeats_only_what_was_under_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    may_repeat: Counter[Told] = Counter()
    asked, where = 0, points(SOAK.chance("killed"))
    unusable = (*AT_ONCE, *(AFTER_WAITING if SOAK.is_long else ()))
    async with open_scene(tmp_path) as scene:
        async with scene.bots.bot() as bot:
            await name_levels(scene)
            scene.say("/board")
            await scene.server.wait_for_call("pinChatMessage")
            await bot.says("caught up")
        for turn in SOAK.rounds(short=5, share=0.4):
            path, step = next(where)
            async with scene.bots.bot(dies_after=path, dies_at=step) as bot:
                await bot.says("caught up")
                await scene.hears_all(bot)
                bot.arm()
                if path == UPDATE:
                    asked += 1
                    scene.say(f"/ack A-{scene.turns}" if scene.turns else "/ack", chat=scene.cast.night_desk)
                await scene.turn(bot)
                assert await bot.ended() == -9
            may_repeat += under_way(scene.database)
            if sys.platform == "linux" and (SOAK.is_long or turn < len(unusable)):
                await refuses_to_start(scene, unusable[turn % len(unusable)])
        async with scene.bots.bot() as bot:
            await scene.hears_all(bot)
            await scene.server.wait_for(lambda: is_quiet(scene))
            assert await bot.kill(signal.SIGTERM) == 0
        repeated = scene.check(may_repeat)
        assert set(scene.taken(scene.cast.night_desk).values()) <= {"Alice"}
        alerts = f"{scene.turns} kills at chosen steps, {scene.turns} alerts for 3 chats, {asked} updates"
        SOAK.tell(capsys, "killed", f"{alerts}, {repeated} repeated")


def is_quiet(scene: Scene) -> bool:
    """Everything that was said to the bot is settled."""
    with closing(open_database(scene.database)) as db:
        return "waiting" not in count_inbox(db)
