"""People write while the bot is killed again and again: everybody is answered."""

import random
from collections import Counter
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from bot.playground.faults import Mishap
from bot.playground.users import User
from storage.database import open_database
from storage.inbox import count_inbox
from tests.acceptance.process import environment, running_bot
from tests.playground.stage import new_playground
from tests.venues import Venues

pytestmark = pytest.mark.timeout(240)

PEOPLE, KILLS = 200, 3
SEED = 20251103
_AT_ONCE = 32
"""How many updates are handled side by side, so how many answers a kill can leave unnoted."""


async def test_killed_three_times_it_answers_two_hundred_people_and_one_unreadable_update_stops_nobody(
    tmp_path: Path,
) -> None:
    choose = random.Random(SEED)
    async with new_playground() as server, Venues() as venues:
        env, log = environment(tmp_path / "bot.db", server, venues), tmp_path / "bot.log"
        people = [server.telegram.add_user(User(3000 + n, f"Reader {n}")) for n in range(PEOPLE)]
        server.faults.add(Mishap.SLOW, "sendMessage", times=10_000, delay_s=0.2)
        for place, person in enumerate(people):
            if place == PEOPLE // 2:
                server.telegram.updates.add("message", {"message_id": "?", "chat": 7})
            server.people.say(person, server.telegram.bot, "/about")

        def answered() -> Counter[int]:
            return Counter({p.id: len(server.sent(p)) for p in people if server.sent(p)})

        def has_answered(goal: int) -> bool:
            return answered().total() >= goal

        for _ in range(KILLS):
            goal = answered().total() + choose.randint(5, 40)
            async with running_bot(env, log) as bot:
                await server.wait_for(partial(has_answered, goal), 60.0)
                await bot.kill()
        async with running_bot(env, log) as bot:
            await server.wait_for(lambda: len(answered()) == PEOPLE or None, 60.0)
            assert await bot.terminate() == 0
    answers = answered()
    assert len(answers) == PEOPLE
    assert answers.total() - PEOPLE <= KILLS * _AT_ONCE
    with closing(open_database(tmp_path / "bot.db")) as db:
        assert count_inbox(db) == {"done": PEOPLE, "set_aside": 1}
