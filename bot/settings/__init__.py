"""Settings: one typed table of everything that can be set, by parts of the program."""

from bot.settings.kinds import SettingsError
from bot.settings.table import Settings, load_settings, setting_names

__all__ = ["Settings", "SettingsError", "load_settings", "setting_names"]
