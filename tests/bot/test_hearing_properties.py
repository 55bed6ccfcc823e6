"""Whatever happens, in whatever order: a chat ends up knowing how things stand, and nothing is lost."""

from collections import Counter
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.telling.listeners import listener_at
from signals.policy import hush
from storage import chats
from tests.bot.hearers import ANN, HOUR, KINDS, MINUTE, Stage

STATES = {
    "verdict": ("unknown", "fragile", "broken"),
    "shock": ("calm", "open"),
    "premium": ("no_data", "unmet", "holding", "met"),
    "etf_flow": ("unmet", "holding", "met"),
    "support": ("off", "on"),
    "thin_book": ("off", "on"),
}
FIRST = {"verdict": "fragile", "shock": "calm", "premium": "unmet", "etf_flow": "unmet"} | dict.fromkeys(
    ("support", "thin_book"), "off"
)
WORSENS = {("support", "on"), ("shock", "open")}
ZONES = ("UTC", "Asia/Shanghai", "America/New_York")
CLOCKS = st.integers(0, 47).map(lambda half: time(half // 2, 30 * (half % 2)))


class Night(RuleBasedStateMachine):
    """A chat over some days; `states` is the truth, which the chat has to learn."""

    @initialize(
        topics=st.dictionaries(
            st.sampled_from(sorted(KINDS)), st.sampled_from(["sound", "silent"]), min_size=1
        ),
        zone=st.sampled_from(ZONES),
        cap=st.integers(1, 5),
        cooldown=st.sampled_from([0, 30, 120]),
        always=st.booleans(),
    )
    def begin(self, topics, zone, cap, cooldown, always):
        self.stage = Stage(options={"cooldown_minutes": cooldown})
        self.topics, self.cap, self.always, self.zone = topics, cap, always, ZoneInfo(zone)
        self.states = dict(FIRST)
        self.told_while_hushed: list[str] = []
        self.stage.chat(ANN)
        for topic, mode in topics.items():
            chats.subscribe(self.stage.db, ANN, topic, mode)
        chats.set_timezone(self.stage.db, ANN, zone)
        chats.set_daily_cap(self.stage.db, ANN, cap)
        chats.set_verdict_always(self.stage.db, ANN, always)

    def teardown(self):
        if hasattr(self, "stage"):
            try:
                self.ends()
            finally:
                self.stage.db.close()

    @rule(data=st.data(), moments=st.integers(1, 3))
    def look(self, data, moments):
        """A look finds changes, some of them of one moment."""
        found = []
        for _ in range(moments):
            subjects = data.draw(st.sets(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3))
            found.append([self._change(subject, data) for subject in sorted(subjects)])
        before = len(self.stage.sent())
        hushed = hush(listener_at(self.stage.desk, (ANN, 0)).hearing, self.stage.now)
        self.stage.look(*found)
        if hushed and len(self.stage.sent()) > before:
            self.told_while_hushed += [self.stage.sent()[-1].text]

    def _change(self, subject, data):
        before = self.states[subject]
        others = [state for state in STATES[subject] if state != before or (subject, state) in WORSENS]
        self.states[subject] = data.draw(st.sampled_from(others))
        return self.stage.change(subject, before, self.states[subject])

    @rule(minutes=st.sampled_from([5, 20, 45, 300, 900]))
    def passes(self, minutes):
        self.stage.passes(minutes * MINUTE, minutes * MINUTE / 4)

    @rule(hours=st.sampled_from([0, 1, 9]))
    def mutes(self, hours):
        until = self.stage.now + hours * HOUR if hours else None
        self.stage.chooses(lambda db: chats.mute(db, ANN, until))

    @rule(ends=st.none() | st.tuples(CLOCKS, CLOCKS))
    def quiets(self, ends):
        self.stage.chooses(lambda db: chats.set_quiet_hours(db, ANN, ends))

    @precondition(lambda self: hasattr(self, "stage"))
    @invariant()
    def at_most_cap_alerts_a_day(self):
        days = Counter(
            each.at.astimezone(self.zone).date() for each in self.stage.sent() if each.kind == "alert"
        )
        # A verdict that may always speak is above the cap too.
        assert self.always or max(days.values(), default=0) <= self.cap

    @precondition(lambda self: hasattr(self, "stage"))
    @invariant()
    def only_a_verdict_that_may_speaks_while_it_is_quiet(self):
        assert not self.told_while_hushed or self.always

    @precondition(lambda self: hasattr(self, "stage"))
    @invariant()
    def no_alert_is_told_in_one_message_and_held_for_another(self):
        told = {number for each in self.stage.sent() for number in each.alerts}
        held = {number for number, outcome in self.stage.outcomes() if outcome is None}
        assert not told & held

    def ends(self):
        """Everything that holds ends; then the chat knows the truth, and every alert its fate."""
        for end in (
            lambda db: chats.mute(db, ANN, None),
            lambda db: chats.set_quiet_hours(db, ANN, None),
            lambda db: chats.set_daily_cap(db, ANN, 0),
        ):
            self.stage.chooses(end)
        self.stage.passes(timedelta(hours=3), HOUR / 2)
        told = {number for each in self.stage.sent() for number in each.alerts}
        fates = dict(self.stage.outcomes())
        known = dict(FIRST)
        for number, subject, state in self.stage.db.rows(
            "SELECT alert_id, subject, to_state FROM changes ORDER BY alert_id"
        ):
            if subject in self.topics:
                assert number in told or fates.get(number) is not None
            if number in told:
                known[subject] = state
        assert {topic: known[topic] for topic in self.topics} == {
            topic: self.states[topic] for topic in self.topics
        }


TestNight = Night.TestCase
TestNight.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
