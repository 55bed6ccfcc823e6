"""What a chat has missed that was away, as it is told when it is back."""

from datetime import timedelta

import pytest

from bot.playground.refusals import forbidden
from storage import chats
from storage.alerts import raise_alert
from storage.returns import missed_alerts
from tests.bot.desks import HELD_SESSION
from tests.bot.post_office import START, open_post_office


@pytest.mark.parametrize(("kind", "missed"), [("alert", 2), ("digest", 1)])
async def test_the_alert_by_whose_refusal_the_block_was_learnt_is_missed_too(kind: str, missed: int) -> None:
    """A digest tells of old alerts: from the first of them on others may have arrived."""
    before = START - timedelta(seconds=1)
    async with open_post_office() as office:
        ann = office.private_chat()
        chats.subscribe(office.db, ann.id, HELD_SESSION.id, "sound")
        office.server.faults.add(forbidden("bot was blocked by the user"), chat_id=ann.id)
        refused = raise_alert(office.db, before, before, [HELD_SESSION])
        office.queue(ann, "A-1", alert_id=refused, kind=kind)
        await office.send_all()
        raise_alert(office.db, office.time(), office.time(), [HELD_SESSION])
        row = chats.read_chat(office.db, ann.id)
        assert row is not None
        assert row.blocked_at is not None
        assert missed_alerts(office.db, ann.id, row.blocked_at) == missed
