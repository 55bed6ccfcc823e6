"""A kept rule of somebody's own: what it says, and whether its time is up."""

from datetime import datetime

from signals.own.grammar import parse
from signals.own.rule import Rule
from storage.own_alerts import OwnAlert


def rule_of(own: OwnAlert) -> Rule:
    """The rule that is kept. What was kept is always read again."""
    return parse(own.text, own.created_at)


def is_over(rule: Rule, now: datetime) -> bool:
    """Whether a rule's time is up."""
    return rule.expires_at is not None and rule.expires_at <= now
