"""What people do: each deed changes the state and, where Telegram would tell the bot, adds an update."""

from bot.playground.people.crowd import DeedError
from bot.playground.people.inline import Inline
from bot.playground.people.keys import Keys
from bot.playground.people.links import Links
from bot.playground.people.places import Places
from bot.playground.people.topics import Topics

__all__ = ["DeedError", "People"]


class People(Keys, Links, Inline, Topics, Places):
    """Everybody but the bot."""
