"""What several alerts come to: of each subject the newest state, or that it went to and fro."""

from hypothesis import given
from hypothesis import strategies as st

from signals.conditions import Change
from signals.summing import Told, sum_up, untangled
from tests.signals.test_policy import KINDS, change, changes

TOPICS = frozenset(KINDS)


def told(*alerts: Change | tuple[Change, ...]) -> list[Told]:
    """Alerts numbered from 1."""
    together = [alert if isinstance(alert, tuple) else (alert,) for alert in alerts]
    return [Told(number, changes) for number, changes in enumerate(together, start=1)]


def test_the_newest_state_of_each_subject_counts_and_the_verdict_comes_first():
    total = sum_up(
        told(
            change("support", "off", "on"),
            change("premium", "unmet", "holding"),
            (change("premium", "holding", "met"), change("verdict", "fragile", "broken")),
        ),
        TOPICS,
    )
    assert [(c.last.id, c.last.to_state, c.alert_ids) for c in total.news] == [
        ("verdict", "broken", (3,)),
        ("premium", "met", (2, 3)),
        ("support", "on", (1,)),
    ]
    assert total.back == ()
    assert total.alert_ids == (1, 2, 3)


def test_what_ended_where_it_began_went_back():
    total = sum_up(told(change("support", "off", "on"), change("support", "on", "off")), TOPICS)
    assert total.news == ()
    assert [(c.last.id, c.alert_ids) for c in total.back] == [("support", (1, 2))]


def test_a_verdict_that_turned_twice_and_a_warning_that_got_worse_are_never_mere_to_and_fro():
    turned = told(change("verdict", "fragile", "broken"), change("verdict", "broken", "fragile"))
    worse = told(
        change("support", "on", "on"), change("support", "on", "off"), change("support", "off", "on")
    )
    blinked = told(change("verdict", "fragile", "unknown"), change("verdict", "unknown", "fragile"))
    assert [c.last.to_state for c in sum_up(turned, TOPICS).news] == ["fragile"]
    assert [c.last.to_state for c in sum_up(worse, TOPICS).news] == ["on"]
    assert sum_up(blinked, TOPICS).news == ()


def test_the_end_of_what_an_alert_tells_on_the_way_is_news_too():
    total = sum_up(
        told(
            (change("shock", "calm", "open"), change("premium", "holding", "unmet")),
            change("premium", "unmet", "holding"),
            change("support", "off", "on"),
            change("support", "on", "off"),
        ),
        TOPICS,
    )
    assert [course.last.id for course in total.news] == ["shock"]
    assert [course.last.id for course in untangled(total).news] == ["shock", "premium"]
    assert [course.last.id for course in untangled(total).back] == ["support"]


def test_what_nobody_listens_to_is_nothing():
    alerts = told(change("premium", "unmet", "met"), change("support", "no_data", "off"))
    assert sum_up(alerts, {"support"}) == ((), ())


ALERTS = st.lists(st.lists(changes(), min_size=1, max_size=3).map(tuple), max_size=8)


@given(ALERTS, st.sets(st.sampled_from(sorted(TOPICS))))
def test_every_subject_that_is_heard_of_is_in_it_once_with_its_last_state(alerts, topics):
    total = sum_up(told(*alerts), topics)
    courses = [*total.news, *total.back]
    assert len({c.last.id for c in courses}) == len(courses)
    assert {c.last.id for c in courses} <= topics
    for course in courses:
        assert list(course.alert_ids) == sorted(course.alert_ids)
