"""What every verb works with."""

from dataclasses import dataclass

from bot.logs import Complaints
from bot.settings import Settings
from storage.database import Database, open_database


@dataclass(frozen=True, slots=True)
class Program:
    """The settings as they were loaded, and what was complained of since."""

    settings: Settings
    complaints: Complaints

    def open_database(self) -> Database:
        """The database of the settings."""
        return open_database(self.settings.database)
