"""A bulk to 300 chats in front of the strictest Telegram: who breaks a limit is refused everything for 5 s.

So bots report of the real one. The peers are those of the large bulk, and the library without any limiter.
"""

from functools import partial

from tests.bench import bulk
from tests.bench.row import Row

CHATS = 300
PENALTY_S = 5.0


def run(readers: int = CHATS) -> list[Row]:
    """Takes about three minutes."""
    alone = bulk.Peer("library without a limiter", partial(bulk.library, "none"))
    return bulk.rows([*bulk.peers(), alone], readers, PENALTY_S)
