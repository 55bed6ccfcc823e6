"""What can be done to one rule: save, change, arm, pause, delete. The watch learns of it at its next look."""

from dataclasses import replace
from datetime import timedelta

from bot.commands.mistakes import Misunderstood
from bot.commands.own_draft import draft_buttons, picture, tried
from bot.commands.own_list import listed, page_of
from bot.commands.own_panel import line_of, panel_buttons, panel_text, stepped
from bot.own.kept import is_over, rule_of
from bot.words.answer import Answer, Ask, Button
from bot.words.own import how_text, rule_text
from bot.words.own_news import number_text
from signals.own.canonical import canonical
from signals.own.grammar import full_minute
from signals.own.rule import EXPIRES_AFTER, Rule
from storage import own_alerts
from storage.market import save_facts
from storage.own_alerts import OwnAlert

MOST_OF_A_CHAT = 50
MOST_OF_ALL = 20_000
"""Sanity, not speed: all of them may fire with one tick, and each is a message."""
LIVES = {"1d": 1, "7d": 7, "30d": 30, "90d": 90, "never": None}
"""In days."""
LIST, YES = "list", "yes"


async def save(ask: Ask, own: OwnAlert, _: tuple[str, ...]) -> Answer:
    """From now on it runs."""
    if own.state == "draft":
        return await _armed(ask, own, "own.saved")
    return _said(ask, own, "own.saved")


async def arm(ask: Ask, own: OwnAlert, rest: tuple[str, ...]) -> Answer:
    """It runs, or runs again."""
    if own.state == "draft":
        return Answer(ask.words("own.not_saved_yet", number=number_text(ask.words, own.id)))
    answer = (
        _said(ask, own, "own.is_armed") if own.state == "armed" else await _armed(ask, own, "own.is_armed")
    )
    return _in_list(ask, own, answer, rest)


async def pause(ask: Ask, own: OwnAlert, rest: tuple[str, ...]) -> Answer:
    """It rests, and what it has seen so far is forgotten."""
    if own.state == "draft":
        return Answer(ask.words("own.not_saved_yet", number=number_text(ask.words, own.id)))
    if own.state == "armed":
        own_alerts.set_state(ask.desk.db, own.id, "paused")
    words = ask.words
    number = number_text(words, own.id)
    text = words("own.is_paused", number=number, rule=rule_text(words, rule_of(own)))
    again = Button(words.plain("button.own_resume"), f"here:alerts:on:{own.id}")
    return _in_list(ask, own, Answer(text, ((again, _to_list(ask)),)), rest)


async def cancel(ask: Ask, own: OwnAlert, _: tuple[str, ...]) -> Answer:
    """The draft is thrown away. What was saved stays."""
    if own.state != "draft":
        return _said(ask, own, "own.saved")
    own_alerts.delete_own(ask.desk.db, ask.chat.id, own.id)
    return Answer(ask.words("own.cancelled", rule=rule_text(ask.words, rule_of(own))))


async def delete(ask: Ask, own: OwnAlert, rest: tuple[str, ...]) -> Answer:
    """Asked once more, then gone; the line to have it again is in the answer."""
    words, rule = ask.words, rule_of(own)
    number = number_text(words, own.id)
    if rest not in {(), (LIST,), (YES,)}:
        raise Misunderstood(rest[0])
    if rest != (YES,):
        keep = _to_list(ask, "button.own_keep") if rest else Button(words.plain("button.own_keep"), "alerts")
        sure = Button(words.plain("button.own_delete"), f"here:alerts:delete:{own.id}:{YES}")
        return Answer(words("own.delete_this", number=number, rule=rule_text(words, rule)), ((sure, keep),))
    own_alerts.delete_own(ask.desk.db, ask.chat.id, own.id)
    text = words("own.deleted", number=number, rule=rule_text(words, rule), text=line_of(own))
    return Answer(text, ((_to_list(ask),),))


async def edit(ask: Ask, own: OwnAlert, _: tuple[str, ...]) -> Answer:
    """The panel that changes it."""
    return _panel(ask, own)


async def once(ask: Ask, own: OwnAlert, _: tuple[str, ...]) -> Answer:
    """It fires a single time."""
    return _panel(ask, _reworded(ask, own, replace(rule_of(own), repeats=False)))


async def repeat(ask: Ask, own: OwnAlert, _: tuple[str, ...]) -> Answer:
    """It fires at each crossing."""
    return _panel(ask, _reworded(ask, own, replace(rule_of(own), repeats=True)))


async def expires(ask: Ask, own: OwnAlert, rest: tuple[str, ...]) -> Answer:
    """It lives for so long from now on."""
    if not rest or rest[0].lower() not in LIVES:
        raise Misunderstood(rest[0] if rest else "expires")
    days = LIVES[rest[0].lower()]
    until = None if days is None else full_minute(ask.desk.now + timedelta(days=days))
    return _panel(ask, _reworded(ask, own, replace(rule_of(own), expires_at=until)))


async def up(ask: Ask, own: OwnAlert, _: tuple[str, ...]) -> Answer:
    """A step up with its threshold."""
    return await _stepped(ask, own, 1)


async def down(ask: Ask, own: OwnAlert, _: tuple[str, ...]) -> Answer:
    """A step down."""
    return await _stepped(ask, own, -1)


async def _stepped(ask: Ask, own: OwnAlert, steps: int) -> Answer:
    """The panel again, with a new picture: it is the threshold that is drawn."""
    own = _reworded(ask, own, stepped(rule_of(own), steps))
    rule = rule_of(own)
    answer = _panel(ask, own)
    photo = await picture(ask, rule, await tried(ask, rule), answer.text)
    return replace(answer, photo=photo)


def _panel(ask: Ask, own: OwnAlert) -> Answer:
    return Answer(panel_text(ask, own), panel_buttons(ask, own))


def _reworded(ask: Ask, own: OwnAlert, rule: Rule) -> OwnAlert:
    """The rule under the same number. One that runs begins anew, where it stands by now."""
    if rule == rule_of(own):
        return own
    text = canonical(rule)
    own_alerts.reword(ask.desk.db, own.id, text, rule.expires_at)
    return replace(own, text=text, expires_at=rule.expires_at)


async def _armed(ask: Ask, own: OwnAlert, key: str) -> Answer:
    """Arm it from where its readings stand, if there is room for it and time left."""
    desk, words, rule = ask.desk, ask.words, rule_of(own)
    if is_over(rule, desk.now) and own.state != "draft":
        # "Again" under an alert of long ago: it lives as long as it would if it were made now.
        own = _reworded(ask, own, replace(rule, expires_at=full_minute(desk.now + EXPIRES_AFTER)))
        rule = rule_of(own)
    if is_over(rule, desk.now):
        return Answer(words("own.over_already"), panel_buttons(ask, own))
    if own.state == "draft" and own_alerts.count_saved(desk.db, ask.chat.id) >= MOST_OF_A_CHAT:
        return Answer(words("own.full", n=MOST_OF_A_CHAT), draft_buttons(ask, own.id))
    if own_alerts.count_armed(desk.db) >= MOST_OF_ALL:
        return Answer(words("own.full_everywhere"), ((_to_list(ask),),))
    preview = await tried(ask, rule)
    past = await desk.coins.past(rule.refs, desk.now)
    if past:
        save_facts(desk.db, past)
        desk.market = desk.market.add(past)
    with desk.db.transaction():
        own_alerts.set_state(desk.db, own.id, "armed")
        own_alerts.save_progress(desk.db, [(preview.state.as_json(), [own.id])])
    return _said(ask, own, key)


def _said(ask: Ask, own: OwnAlert, key: str) -> Answer:
    words, rule = ask.words, rule_of(own)
    number, how = number_text(words, own.id), how_text(words, rule)
    text = words(key, number=number, rule=rule_text(words, rule), how=how)
    off = Button(words.plain("button.own_pause"), f"here:alerts:off:{own.id}")
    return Answer(text, ((off, _to_list(ask)),))


def _in_list(ask: Ask, own: OwnAlert, answer: Answer, rest: tuple[str, ...]) -> Answer:
    """The list where the button was pressed in it, else the answer. Raises Misunderstood."""
    if rest not in {(), (LIST,)}:
        raise Misunderstood(rest[0])
    return listed(ask, page=page_of(ask, own.id)) if rest else answer


def _to_list(ask: Ask, key: str = "button.own_list") -> Button:
    return Button(ask.words.plain(key), "here:alerts")
