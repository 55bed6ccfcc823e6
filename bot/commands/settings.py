"""`/settings`: all that a chat can choose on one page, and a button for each."""

from collections.abc import Callable, Iterator

from bot.commands.brief import brief_page
from bot.commands.mistakes import Misunderstood
from bot.commands.quiet import hours_text
from bot.commands.subscribe import topics_page, warnings_page
from bot.commands.topics_said import TOPICS
from bot.telling.listeners import cap_of, quiet_hours_of, told_today
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.texts import Html
from bot.words.zones import zone_label
from storage import briefs, chats, topic_mutes
from storage.held import count_held

_PAGES: dict[str, Callable[[Ask], Answer]] = {
    "topics": topics_page,
    "warnings": warnings_page,
    "brief": brief_page,
}
"""The pages that no command shows by itself, or another way."""

_BUTTONS = {
    "topics": "here:settings:topics",
    "brief": "here:settings:brief",
    "mute": "here:mute",
    "quiet": "here:quiet",
    "cap": "here:cap",
    "language": "here:language",
    "timezone": "here:timezone",
}


async def settings(ask: Ask) -> Answer:
    """Without a word after it all settings; `topics`, `warnings` and `brief` show their page."""
    if ask.args:
        page = _PAGES.get(ask.args[0].lower())
        if page is None:
            raise Misunderstood(ask.args[0])
        return page(ask)
    return Answer(Html("\n".join(_lines(ask))), settings_buttons(ask))


def settings_buttons(ask: Ask) -> Buttons:
    """A button for each setting, in pairs; in a chat that is paused the end of that comes first."""
    words = ask.words
    resume = ((Button(words.plain("button.resume"), "here:stop:off"),),) if ask.chat.state == "paused" else ()
    buttons = [Button(words.plain(f"button.set_{name}"), data) for name, data in _BUTTONS.items()]
    return (*resume, *(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2)))


def _lines(ask: Ask) -> Iterator[Html]:
    words = ask.words
    heard = list(chats.read_subscriptions(ask.desk.db, ask.chat.id, thread_id=ask.thread_id).values())
    yield words("settings.title")
    yield words("settings.topics", loud=heard.count("sound"), silent=heard.count("silent"), all=len(TOPICS))
    yield from lines_beside_topics(ask)


def lines_beside_topics(ask: Ask) -> Iterator[Html]:
    """All that a chat chose but the topics it hears, a line each."""
    words, chat = ask.words, ask.chat
    if chat.state == "paused":
        yield words("settings.paused")
    yield _brief(ask)
    muted = chat.muted_until if chat.muted_until and chat.muted_until > words.now else None
    yield words("settings.muted", moment=words.moment(muted)) if muted else words("settings.not_muted")
    if topics := _muted_topics(ask):
        yield words("settings.muted_topics", topics=topics)
    hours = quiet_hours_of(chat)
    yield words("settings.quiet", hours=hours_text(hours)) if hours else words("settings.no_quiet")
    yield _cap(ask)
    yield words("settings.language", name=words("language.own_name"))
    yield words("settings.timezone", zone=zone_label(chat.timezone), clock=words.clock(words.now))
    if count := count_held(ask.desk.db, chat.id):
        yield words("settings.held", n=count)


def _muted_topics(ask: Ask) -> str:
    """Which topics are muted here until when; empty where none is."""
    words, place = ask.words, (ask.chat.id, ask.thread_id)
    muted = topic_mutes.muted_topics(ask.desk.db, place, words.now)
    # What a version that has been undone let people mute has no name any more.
    return words.listed(
        [
            words.plain(
                "settings.muted_topic", name=words.plain(f"name.{topic}"), moment=words.moment(muted[topic])
            )
            for topic in TOPICS
            if topic in muted
        ]
    )


def _brief(ask: Ask) -> Html:
    chosen = briefs.read_brief(ask.desk.db, ask.chat.id)
    if chosen is None:
        return ask.words("settings.no_brief")
    return ask.words("settings.brief", clock=f"{chosen.at:%H:%M}")


def _cap(ask: Ask) -> Html:
    cap = cap_of(ask.chat, ask.desk.settings)
    if not cap:
        return ask.words("settings.no_cap")
    return ask.words("settings.cap", n=cap, today=told_today(ask.desk.db, ask.chat, ask.words.now))
