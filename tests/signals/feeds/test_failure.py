from datetime import timedelta

import pytest

from signals.feeds.failure import GEO_BLOCK, FailureKind, FeedError, failure_of_status, scrubbed
from tests.signals.feeds.moments import NOW

PAGE = "<!DOCTYPE html><html><body>Request could not be satisfied</body></html>"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, "{}", FailureKind.PERMANENT),
        (401, "{}", FailureKind.PERMANENT),
        (403, "{}", FailureKind.PERMANENT),
        (403, PAGE, FailureKind.GEO_BLOCKED),
        (403, "... configured to block access from your country", FailureKind.GEO_BLOCKED),
        (404, PAGE, FailureKind.PERMANENT),
        (408, "", FailureKind.TEMPORARY),
        (418, "{}", FailureKind.RATE_LIMITED),
        (429, PAGE, FailureKind.RATE_LIMITED),
        (451, "", FailureKind.GEO_BLOCKED),
        (400, "Service unavailable from a RESTRICTED LOCATION", FailureKind.GEO_BLOCKED),
        (500, "{}", FailureKind.TEMPORARY),
        (503, PAGE, FailureKind.TEMPORARY),
        (520, "", FailureKind.TEMPORARY),
    ],
)  # fmt: skip
def test_what_a_status_asks_the_caller_to_do(status: int, body: str, kind: FailureKind) -> None:
    failure = failure_of_status("somebody", status, body, {}, NOW)

    assert failure is not None
    assert failure.kind is kind
    assert failure.retry_after == (GEO_BLOCK if kind is FailureKind.GEO_BLOCKED else None)
    assert str(failure).startswith(f"somebody: HTTP {status}")


@pytest.mark.parametrize("status", [200, 204, 304])
def test_a_good_status_is_no_failure(status: int) -> None:
    assert failure_of_status("somebody", status, PAGE, {}, NOW) is None


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("45", timedelta(seconds=45)),
        ("0", timedelta(0)),
        ("Fri, 20 Nov 2026 14:33:07 GMT", timedelta(minutes=1)),
        ("Fri, 20 Nov 2026 14:00:00 GMT", timedelta(0)),
        ("99999999999999999999", timedelta(days=1)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(days=1)),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_moment_and_a_day_at_most(header: str, wait: timedelta | None) -> None:
    failure = failure_of_status("somebody", 429, "", {"Retry-After": header}, NOW)

    assert failure is not None
    assert failure.retry_after == wait


def test_a_long_answer_is_quoted_in_part_and_on_one_line() -> None:
    failure = failure_of_status("somebody", 500, "line\n" * 1000, {}, NOW)

    assert "\n" not in str(failure)
    assert len(str(failure)) < 160


def test_secrets_are_taken_out_and_the_rest_stays() -> None:
    error = FeedError("somebody", FailureKind.RATE_LIMITED, "key abc of abc", timedelta(seconds=3))

    clean = scrubbed(error, ["abc", ""])

    assert str(clean) == "somebody: key *** of ***"
    assert (clean.feed, clean.kind, clean.retry_after) == (error.feed, error.kind, error.retry_after)
