"""The way back from a page of settings: a button that puts the page before it in its place."""

from bot.words.answer import Button
from bot.words.wording import Wording

Row = tuple[Button, ...]


def back_to_settings(words: Wording) -> Row:
    """A row that leads to the page of all settings."""
    return (Button(words.plain("button.back_settings"), "here:settings"),)


def back_to_topics(words: Wording) -> Row:
    """A row that leads to what the chat hears."""
    return (Button(words.plain("button.back_topics"), "here:subscribe"),)
