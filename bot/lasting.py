"""A trouble that lasts is said once: what is tried every second would else fill the log and hide the rest."""

import logging


class Lasting:
    """One thing that may go wrong for as long as it likes. `words` say what, `over` that it is well again."""

    def __init__(self, log: logging.Logger, words: str, over: str) -> None:
        self._log = log
        self._words = words
        self._over = over
        self._told: set[str] = set()

    def complain(self, error: Exception, *, is_bug: bool = False) -> None:
        """It went wrong: said if it has not been said since it was well; a bug with where it comes from."""
        if str(error) not in self._told:
            self._log.error("%s: %s", self._words, error, exc_info=error if is_bug else None)
        self._told.add(str(error))

    def is_well(self) -> None:
        """It went well: said after a complaint."""
        if self._told:
            self._log.info("%s", self._over)
            self._told.clear()
