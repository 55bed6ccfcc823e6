"""Who is told of a warning: that it is on with a sound, that it is over silently, and of nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from signals.conditions import Change, Kind
from signals.moments import to_ms
from signals.policy import Decision, Hearing, Reason, decide, is_news, is_worth_telling

NOW = datetime(2025, 11, 4, 21, tzinfo=UTC)
DAY = timedelta(days=1)


def change(before: str, after: str, reason: str = "entered", id_: str = "support") -> Change:
    return Change(to_ms(NOW), Kind.WARNING, id_, before, after, reason, {})


@pytest.mark.parametrize(
    ("before", "after", "reason", "silent"),
    [
        ("off", "on", Reason.SUBSCRIBED, False),
        ("no_data", "on", Reason.SUBSCRIBED, False),
        ("on", "on", Reason.SUBSCRIBED, False),
        ("on", "off", Reason.ENDED, True),
        ("on", "no_data", Reason.ENDED, True),
    ],
)
def test_a_warning_sounds_when_it_comes_on_or_gets_worse(before, after, reason, silent):
    decision = decide([change(before, after)], Hearing({"support": "sound"}), NOW)
    assert decision == Decision(tell=True, silent=silent, reason=reason)


@pytest.mark.parametrize(("before", "after"), [("no_data", "off"), ("off", "no_data")])
def test_that_a_warning_which_is_off_can_be_judged_is_no_news(before, after):
    quiet = change(before, after)
    assert not is_worth_telling(quiet)
    assert is_news([quiet], NOW, DAY, first_look=False) is Reason.QUIET
    assert decide([quiet], Hearing({"support": "sound"}), NOW).tell is False


def test_who_hears_silently_or_of_another_warning_only_is_not_woken():
    told = [change("off", "on")]
    assert decide(told, Hearing({"support": "silent"}), NOW)[:3] == (True, True, Reason.SUBSCRIBED)
    assert decide(told, Hearing({"rally_zone": "sound"}), NOW)[:3] == (False, True, Reason.NOT_SUBSCRIBED)
    assert decide(told, Hearing({"support": "sound"}, NOW + DAY), NOW) == (
        False,
        True,
        Reason.MUTED,
        NOW + DAY,
    )


def test_a_warning_that_comes_on_is_heard_beside_one_that_ends():
    both = [change("on", "off", "left", "rally_zone"), change("off", "on")]
    assert decide(both, Hearing({"support": "sound", "rally_zone": "sound"}), NOW).silent is False
