"""Where Telegram is paid for: replies and alerts leave faster, all else as always, and refusals slow both."""

from collections.abc import AsyncIterator

import pytest

from bot.delivery.pace import PAID, TELEGRAM, Pace
from bot.playground.chats import Chat
from bot.playground.limits import Limits
from bot.playground.refusals import RefusedError, bad_request, too_many_requests
from tests.bot.post_office import PostOffice, open_post_office

CHATS = 120


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with open_post_office() as office:
        yield office


def paid_for(office: PostOffice) -> list[bool]:
    return [bool(call.params.get("allow_paid_broadcast")) for call in office.calls()]


async def test_alerts_leave_faster_and_are_marked_as_paid_for(office: PostOffice) -> None:
    office.limit()
    chats = [office.private_chat(f"Reader {number}") for number in range(CHATS)]
    for chat in chats:
        office.queue(chat, "A-1")
    await office.send_all(paid=Pace(PAID))
    assert [office.texts(chat) for chat in chats] == [["A-1"]] * CHATS
    assert office.refusals() == []
    assert sum(paid_for(office)) > CHATS - TELEGRAM.per_second
    assert max(office.try_times(chat)[0] for chat in chats) < 1.0


async def test_what_is_not_urgent_is_never_paid_for(office: PostOffice) -> None:
    for number in range(40):
        office.queue(office.private_chat(f"Reader {number}"), "A digest", kind="digest")
    await office.send_all(paid=Pace(PAID))
    assert paid_for(office) == [False] * 40


async def test_without_it_nothing_is_paid_for(office: PostOffice) -> None:
    office.queue(office.private_chat(), "A-1")
    await office.send_all()
    assert paid_for(office) == [False]


async def test_a_refused_token_holds_back_what_is_paid_for_too(office: PostOffice) -> None:
    ann, bob = office.private_chat("Ann"), office.private_chat("Bob")
    office.server.faults.add(RefusedError(401), chat_id=ann.id)
    office.queue(ann, "A-1")
    async with office.open(paid=Pace(PAID)):
        await office.server.wait_for_call("sendMessage", ok=False)
        office.queue(bob, "A-1")
        await office.server.wait_for_message(bob, "A-1")
    assert office.try_times(bob)[0] >= 2


async def test_several_chats_limited_at_once_slow_it_down(office: PostOffice) -> None:
    paid = Pace(PAID)
    for number in range(3):
        chat = office.private_chat(f"Reader {number}")
        office.server.faults.add(too_many_requests(2), chat_id=chat.id)
        office.queue(chat, "A-1")
    await office.send_all(paid=paid)
    assert paid.slowness == 2


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
    await office.send_all(paid=Pace(PAID))
    assert office.states() == {"sent": 40}
    assert all(office.texts(reader) == ["A-1"] for reader in readers)
    assert len(office.refusals()) <= 40


async def test_what_is_refused_unpaid_too_is_given_up(office: PostOffice) -> None:
    ann, bob = office.private_chat("Ann"), office.private_chat("Bob")
    office.server.faults.add(bad_request("something else"), chat_id=ann.id, times=2)
    office.queue(ann, "A-1")
    office.queue(bob, "A-1")
    await office.send_all(paid=Pace(PAID))
    assert office.states() == {"failed": 1, "sent": 1}
    assert len(office.calls(ann)) == 2
