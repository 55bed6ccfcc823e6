from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from signals.etf_final import Finality, Number, known_as_history, settle
from signals.facts import EtfFlow

THURSDAY = date(2025, 11, 6)
FRIDAY = date(2025, 11, 7)
OVER = datetime(2025, 11, 6, 21, tzinfo=UTC)
NIGHT = datetime(2025, 11, 7, 1, tzinfo=UTC)
MORNING = datetime(2025, 11, 7, 13, 30, tzinfo=UTC)
DEADLINE = datetime(2025, 11, 7, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
OUT = -57.6e6
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def said(
    total_usd: float = OUT,
    at: datetime = NIGHT,
    *,
    source: str = "sosovalue",
    session: date = THURSDAY,
    complete: bool = True,
    final_at: datetime | None = None,
    **funds_usd: float,
) -> EtfFlow:
    return EtfFlow("BTC", session, source, total_usd, at, final_at, complete, funds_usd)


def judged(flow: EtfFlow, *stored: EtfFlow, judged_by: datetime = NEVER) -> Number:
    """What an answer of one number comes to at the moment it was given."""
    settled = settle([flow], stored, flow.known_at, judged_by)
    [number] = settled.numbers + settled.rejected
    return number


@pytest.mark.parametrize(
    ("flow", "reason"),
    [
        (said(session=date(2025, 11, 8), at=MORNING + 3 * HOUR), Finality.NO_SESSION),
        (said(session=date(2025, 11, 27), at=datetime(2025, 11, 28, 22, tzinfo=UTC)), Finality.NO_SESSION),
        (said(0.0, at=OVER - MINUTE), Finality.NOT_OVER),
        (said(at=datetime(2025, 11, 28, 17, 59, tzinfo=UTC), session=date(2025, 11, 28)), Finality.NOT_OVER),
    ],
    ids=["a weekend", "Thanksgiving", "a minute before the close", "a minute before the close of a half day"],
)
def test_a_number_that_no_session_can_have_is_rejected(flow: EtfFlow, reason: Finality) -> None:
    settled = settle([flow], [], flow.known_at)

    assert settled.numbers == ()
    assert [number.reason for number in settled.rejected] == [reason]


AGREEING = said(at=NIGHT)


@pytest.mark.parametrize(
    ("flow", "stored", "reason", "case"),
    [
        (said(), (), Finality.TOO_YOUNG, "the first answer"),
        (said(at=NIGHT + 59 * MINUTE), (AGREEING,), Finality.TOO_YOUNG, "the same 59 minutes later"),
        (said(at=NIGHT + HOUR), (AGREEING,), Finality.AGREED, "the same an hour later"),
        (said(OUT + 0.1e6, NIGHT + HOUR), (AGREEING,), Finality.AGREED, "the same but for rounding"),
        (said(OUT + 0.2e6, NIGHT + HOUR), (AGREEING,), Finality.TOO_YOUNG, "another number"),
        (
            said(at=NIGHT + 2 * HOUR),
            (AGREEING, said(OUT - 9e6, NIGHT + HOUR)),
            Finality.TOO_YOUNG,
            "the same again, but another came between",
        ),
        (
            said(at=NIGHT + HOUR),
            (replace(AGREEING, complete=False), replace(AGREEING, known_at=NIGHT + 30 * MINUTE)),
            Finality.AGREED,
            "the same number for an hour, complete since half an hour",
        ),
        (said(at=NIGHT + HOUR, source="farside"), (AGREEING,), Finality.TOO_YOUNG, "another source agreed"),
        (
            said(at=NIGHT + HOUR, session=FRIDAY - timedelta(days=2)),
            (AGREEING,),
            Finality.HISTORY,
            "another session",
        ),
        (said(at=DEADLINE - MINUTE), (), Finality.TOO_YOUNG, "the first answer, just before the deadline"),
        (said(OUT - 9e6, DEADLINE), (AGREEING,), Finality.DEADLINE, "a new number at the deadline"),
        (said(at=DEADLINE), (), Finality.HISTORY, "the first answer after the deadline"),
        (said(at=NIGHT + HOUR, complete=False), (AGREEING,), Finality.INCOMPLETE, "a fund is missing"),
        (
            said(at=DEADLINE + HOUR, complete=False),
            (AGREEING,),
            Finality.INCOMPLETE,
            "and is missing for good",
        ),
        (
            said(at=DEADLINE - MINUTE, source="coinmarketcap", complete=False),
            (said(source="coinmarketcap", complete=False),),
            Finality.INCOMPLETE,
            "a source that cannot say is not believed before the deadline",
        ),
        (
            said(at=DEADLINE, source="coinmarketcap", complete=False),
            (said(source="coinmarketcap", complete=False),),
            Finality.AGREED,
            "and is believed from then on",
        ),
        (
            said(30e6, NIGHT + HOUR, IBIT=20e6, FBTC=10.1e6),
            (said(30e6),),
            Finality.AGREED,
            "the funds add up but for rounding",
        ),
        (
            said(30e6, DEADLINE, IBIT=20e6, FBTC=10.2e6),
            (said(30e6),),
            Finality.SUM_DIFFERS,
            "the funds do not add up",
        ),
        (said(0.0, DEADLINE), (said(0.0),), Finality.ZERO_UNCONFIRMED, "a zero that nobody else says"),
        (
            said(0.0, DEADLINE),
            (said(0.0), said(5e6, source="farside")),
            Finality.ZERO_UNCONFIRMED,
            "a zero that another source contradicts",
        ),
        (
            said(0.0, DEADLINE),
            (said(0.0), said(0.0, source="farside", session=THURSDAY - timedelta(days=1))),
            Finality.ZERO_UNCONFIRMED,
            "a zero that another source has of another day",
        ),
        (
            said(0.0, NIGHT + HOUR),
            (said(0.0), said(0.0, source="farside")),
            Finality.AGREED,
            "a zero that another source says too",
        ),
    ],
)
def test_when_a_number_is_final(
    flow: EtfFlow, stored: tuple[EtfFlow, ...], reason: Finality, case: str
) -> None:
    number = judged(flow, *stored)

    assert number.reason is reason, case
    assert (number.flow.final_at is not None) == (
        reason in {Finality.AGREED, Finality.DEADLINE, Finality.HISTORY}
    )


def test_what_becomes_final_is_final_from_now_on() -> None:
    number = judged(said(at=NIGHT + HOUR), AGREEING)

    assert number.flow.final_at == number.flow.known_at == NIGHT + HOUR
    assert number.is_news


def test_history_counts_as_known_on_the_morning_after_the_session() -> None:
    number = judged(said(at=DEADLINE + timedelta(days=30)))

    assert number.flow.known_at == number.flow.final_at == MORNING == known_as_history(THURSDAY)


def test_the_newest_session_is_not_dated_back_behind_what_was_judged_already() -> None:
    saturday = datetime(2025, 11, 8, 0, 30, tzinfo=UTC)
    thursday, friday = (
        said(at=saturday + timedelta(days=1)),
        said(at=saturday + timedelta(days=1), session=FRIDAY),
    )

    numbers = settle(
        [thursday, friday], [], thursday.known_at, judged_by=saturday + timedelta(days=1)
    ).numbers

    assert [number.flow.known_at for number in numbers] == [MORNING, saturday + timedelta(days=1)]


def test_the_same_answer_again_is_no_news() -> None:
    assert judged(said()).is_news
    assert not judged(said(at=NIGHT + MINUTE), said()).is_news
    assert judged(said(OUT - 5e6, NIGHT + MINUTE), said()).is_news
    assert judged(said(at=NIGHT + MINUTE), said(complete=False)).is_news


FINAL = said(at=NIGHT, final_at=NIGHT + HOUR)
LATER = DEADLINE + timedelta(days=1)


def test_a_final_number_stands_while_its_source_stays_within_a_million() -> None:
    number = judged(said(OUT + 1e6, LATER), FINAL)

    assert number.reason is Finality.STANDS
    assert (number.flow.total_usd, number.flow.final_at) == (OUT, FINAL.final_at)
    assert not number.is_news


def test_a_revision_is_preliminary_until_it_was_seen_for_an_hour_and_then_noticed() -> None:
    revised = said(OUT + 11e6, LATER)
    first = judged(revised, FINAL)
    assert (first.reason, first.flow.final_at, first.is_revision) == (Finality.TOO_YOUNG, None, False)

    second = judged(replace(revised, known_at=LATER + HOUR), FINAL, first.flow)

    assert second.is_revision
    assert second.is_news
    assert second.final_before == FINAL
    assert second.flow.final_at == LATER + HOUR


def test_a_single_odd_answer_does_not_move_a_final_number() -> None:
    odd = judged(said(OUT + 500e6, LATER), FINAL).flow

    back = judged(said(at=LATER + 15 * MINUTE), FINAL, odd)

    assert (back.reason, back.flow.total_usd) == (Finality.STANDS, OUT)
    assert back.flow.known_at == LATER + 15 * MINUTE
    assert back.is_news
    assert not back.is_revision


def test_a_second_revision_is_measured_against_the_first() -> None:
    revised = said(OUT + 11e6, LATER, final_at=LATER)

    assert judged(said(OUT + 11.5e6, LATER + HOUR), FINAL, revised).reason is Finality.STANDS
    assert judged(said(at=LATER + HOUR), FINAL, revised).reason is Finality.TOO_YOUNG


def test_each_session_of_an_answer_is_judged_by_itself() -> None:
    wednesday = said(1e6, NIGHT + HOUR, session=date(2025, 11, 5))

    numbers = settle([wednesday, said(at=NIGHT + HOUR)], [AGREEING], NIGHT + HOUR).numbers

    assert [number.reason for number in numbers] == [Finality.HISTORY, Finality.AGREED]
