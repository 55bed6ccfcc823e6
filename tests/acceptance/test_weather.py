"""One real bot through all weathers: Telegram, disk, database, clock, machine and venues fail in turn."""

import signal
import sys
from pathlib import Path

import pytest

from tests.acceptance.scene import name_levels, open_scene
from tests.acceptance.tally import lost_answers
from tests.acceptance.weathers import LONG, SHORT, SOAK

pytestmark = [
    pytest.mark.timeout(SOAK.patience_s),
    pytest.mark.skipif(sys.platform != "linux", reason="the limits of a running process are set there alone"),
]


async def test_through_all_weathers_every_alert_arrives_and_the_bot_lives(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = SOAK.chance("weather")
    async with open_scene(tmp_path) as scene, scene.bots.bot() as bot:
        await name_levels(scene)
        await bot.says("caught up")
        weathers = list(LONG if SOAK.is_long else SHORT)
        for _ in SOAK.rounds(short=1, share=0.2):
            if SOAK.is_long:
                chance.shuffle(weathers)
            for weather in weathers:
                assert "Traceback" not in bot.log
                bot.forget()
                async with weather(scene, bot):
                    await scene.turn(bot)
                    await scene.hears_all(bot)
        assert await bot.kill(signal.SIGTERM) == 0
        assert "Traceback" not in bot.log
        may_repeat = lost_answers(scene.server.calls)
        repeated = scene.check(may_repeat)
    lost = f"{may_repeat.total()} answers lost"
    SOAK.tell(capsys, "weather", f"{scene.turns} alerts for 3 chats, {lost}, {repeated} repeated")
