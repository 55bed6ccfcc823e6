"""What is sent against payment where something goes wrong: nothing is lost by it, and nobody is stormed."""

from collections.abc import AsyncIterator

import pytest

from bot.delivery.pace import PAID, Pace
from bot.playground.chats import Chat
from bot.playground.limits import Limits
from bot.playground.refusals import RefusedError, bad_request, too_many_requests
from tests.bot.post_office import PostOffice, open_post_office


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with open_post_office(read_timeout=0.25) as office:
        office.paid = Pace(PAID)
        yield office


class NoStars(Limits):
    """A balance that is empty."""

    def retry_after_s(self, _: Chat, *, is_paid: bool = False) -> int | None:
        if is_paid:
            raise bad_request("BALANCE_TOO_LOW")
        return None


async def test_without_stars_alerts_arrive_unpaid(office: PostOffice) -> None:
    office.server.faults.limits = NoStars(office.time.seconds)
    readers = office.private_chats(40)
    for reader in readers:
        office.queue(reader, "A-1")
    await office.send_all()
    assert office.states() == {"sent": 40}
    assert all(office.texts(reader) == ["A-1"] for reader in readers)
    assert len(office.refusals()) <= 40


async def test_what_is_refused_unpaid_too_is_given_up(office: PostOffice) -> None:
    ann, bob = office.private_chat("Ann"), office.private_chat("Bob")
    office.server.faults.add(bad_request("something else"), chat_id=ann.id, times=2)
    office.queue(ann, "A-1")
    office.queue(bob, "A-1")
    await office.send_all()
    assert office.states() == {"failed": 1, "sent": 1}
    assert len(office.calls(ann)) == 2


async def test_a_token_that_is_refused_stops_what_is_paid_for_as_well(office: PostOffice) -> None:
    ann = office.private_chat()
    office.server.faults.add(RefusedError(401))
    office.queue(ann, "A-1")
    await office.send_all()
    first, second = office.try_times(ann)
    assert second - first == pytest.approx(300, abs=1)


async def test_several_limited_chats_slow_down_what_is_paid_for(office: PostOffice) -> None:
    office.server.faults.add(too_many_requests(5), times=8)
    for reader in office.private_chats(12):
        office.queue(reader, "A-1")
    await office.send_all()
    assert office.paid is not None
    assert office.paid.slowness == 2
    assert office.states() == {"sent": 12}
