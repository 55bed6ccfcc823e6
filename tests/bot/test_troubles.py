"""How long nothing is sent where Telegram does not know the token: seconds at first, minutes later."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery.errors import Failure, Trouble
from bot.delivery.troubles import Troubles

NOW = datetime(2025, 11, 28, 18, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def rests_s(troubles: Troubles, now: datetime, count: int) -> tuple[list[float], datetime]:
    """How long each rest is, where it is asked again right after each."""
    rests = []
    for _ in range(count):
        until = troubles.rest_until(now)
        rests.append((until - now).total_seconds())
        now = until
    return rests, now


def test_rests_double_up_to_five_minutes() -> None:
    rests, _ = rests_s(Troubles(), NOW, 10)
    assert rests == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_what_was_under_way_when_a_rest_began_does_not_make_it_longer() -> None:
    troubles = Troubles()
    assert troubles.rest_until(NOW) == NOW + 2 * SECOND
    assert troubles.rest_until(NOW + SECOND) == NOW + 2 * SECOND
    assert troubles.rest_until(NOW + 2 * SECOND) == NOW + 6 * SECOND


def test_a_message_that_arrives_begins_anew() -> None:
    troubles = Troubles()
    _, now = rests_s(troubles, NOW, 5)
    assert troubles.refused_since(now) == NOW
    troubles.are_over()
    assert troubles.refused_since(now) is None
    assert rests_s(troubles, now, 1)[0] == [2]


def test_a_refusal_long_after_the_last_one_has_nothing_to_do_with_it() -> None:
    """Where only boards are edited no message arrives that would say that it is over."""
    troubles = Troubles()
    _, now = rests_s(troubles, NOW, 5)
    later = now + timedelta(hours=1)
    assert troubles.refused_since(later) is None
    assert rests_s(troubles, later, 2)[0] == [2, 4]
    assert troubles.refused_since(later + SECOND) == later


@pytest.mark.parametrize(
    ("trouble", "is_known"),
    [(Trouble.CHAT_GONE, True), (Trouble.WAIT, True), (Trouble.UNSURE, False), (Trouble.BAD_TOKEN, False)],
)
def test_an_answer_about_one_chat_says_that_the_token_is_known(trouble: Trouble, *, is_known: bool) -> None:
    """One odd 404, and then somebody who has blocked the bot: it is well, though nothing arrived."""
    troubles = Troubles()
    troubles.concerns_all(Failure(Trouble.BAD_TOKEN, "404"))
    now = troubles.rest_until(NOW)
    troubles.concerns_all(Failure(trouble, "as it was said"))
    assert (troubles.refused_since(now) is None, troubles.present is None) == (is_known, is_known)
