"""What each failure leads to: one case a line, no clock, no network."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery.errors import Failure, Trouble
from bot.delivery.settle import GIVEN_UP, Step, decide, retry_after
from storage.outbox import Delivery

NOW = datetime(2025, 11, 28, 18, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def delivery(attempts: int = 1, *, unsure: bool = False, thread_id: int = 0) -> Delivery:
    return Delivery(
        chat_id=7,
        thread_id=thread_id,
        kind="alert",
        text="A-1",
        created_at=NOW,
        attempts=attempts,
        unsure=unsure,
    )


@pytest.mark.parametrize(
    ("failure", "step"),
    [
        (
            Failure(Trouble.WAIT, "429", retry_after=timedelta(hours=3)),
            Step(after(10_800), hold_chat_until=after(10_800)),
        ),
        (Failure(Trouble.CHAT_MIGRATED, "400", new_chat_id=-100), Step(NOW, migrate_to=-100)),
        (Failure(Trouble.CHAT_GONE, "403"), Step(block_chat=True)),
        (Failure(Trouble.CHAT_UNKNOWN, "400"), Step(after(1))),
        (
            Failure(Trouble.NO_RIGHTS, "400"),
            Step(NOW, hold_chat_until=after(3600), tell_keepers=True),
        ),
        (
            Failure(Trouble.THREAD_CLOSED, "400"),
            Step(NOW, hold_chat_until=after(3600), tell_keepers=True),
        ),
        (Failure(Trouble.BAD_TOKEN, "401"), Step(NOW)),
        (Failure(Trouble.TEMPORARY, "500"), Step(after(1))),
        (Failure(Trouble.CONFLICT, "409"), Step(after(1))),
        (Failure(Trouble.GATEWAY, "502"), Step(after(1), unsure=True)),
        (Failure(Trouble.UNSURE, "timed out"), Step(after(1), unsure=True)),
        (Failure(Trouble.REFUSED, "400"), GIVEN_UP),
        (Failure(Trouble.BAD_MARKUP, "400"), GIVEN_UP),
        (Failure(Trouble.TOO_LONG, "400"), GIVEN_UP),
        (Failure(Trouble.NO_THREAD, "400"), GIVEN_UP),
        (Failure(Trouble.UNCHANGED, "400"), GIVEN_UP),
        (Failure(Trouble.MESSAGE_GONE, "400"), GIVEN_UP),
        (Failure(Trouble.QUERY_TOO_OLD, "400"), GIVEN_UP),
    ],
    ids=lambda case: case.trouble.value if isinstance(case, Failure) else "",
)
def test_a_first_failure_leads_to(failure: Failure, step: Step) -> None:
    assert decide(delivery(), failure, NOW) == step


@pytest.mark.parametrize(
    ("attempted", "failure", "step"),
    [
        (delivery(2, unsure=True), Failure(Trouble.UNSURE, "timed out"), Step(after(4), unsure=True)),
        (delivery(9, unsure=True), Failure(Trouble.UNSURE, "timed out"), Step(after(600), unsure=True)),
        (delivery(unsure=True), Failure(Trouble.TEMPORARY, "500"), Step(after(1))),
        (delivery(unsure=True), Failure(Trouble.GATEWAY, "502"), Step(after(1), unsure=True)),
        (delivery(attempts=3), Failure(Trouble.TEMPORARY, "500"), Step(after(4))),
        (delivery(attempts=2), Failure(Trouble.CHAT_UNKNOWN, "400"), Step(after(2))),
        (delivery(attempts=3), Failure(Trouble.CHAT_UNKNOWN, "400"), Step(block_chat=True)),
        (
            delivery(thread_id=17),
            Failure(Trouble.NO_THREAD, "400"),
            Step(NOW, leave_topic=Trouble.NO_THREAD),
        ),
        (
            delivery(thread_id=17),
            Failure(Trouble.THREAD_CLOSED, "400"),
            Step(NOW, leave_topic=Trouble.THREAD_CLOSED),
        ),
    ],
    ids=[
        "second lost answer",
        "ninth lost answer",
        "unsure, then 500",
        "unsure, then 502",
        "third 500",
        "again",
        "too often",
        "deleted topic",
        "closed topic",
    ],
)
def test_what_happened_before_counts(attempted: Delivery, failure: Failure, step: Step) -> None:
    assert decide(attempted, failure, NOW) == step


def test_waits_double_up_to_a_minute() -> None:
    waits_s = [retry_after(attempts).total_seconds() for attempts in (1, 2, 3, 4, 5, 6, 7, 8, 10_000)]
    assert waits_s == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_what_is_refused_when_paid_for_is_tried_unpaid() -> None:
    refused = Failure(Trouble.REFUSED, "400")
    assert decide(delivery(), refused, NOW, is_paid=True) == Step(NOW, pay_again_at=after(10))
    gone = Failure(Trouble.CHAT_GONE, "403")
    assert decide(delivery(), gone, NOW, is_paid=True) == Step(block_chat=True)
