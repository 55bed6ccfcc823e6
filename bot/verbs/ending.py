"""How the program ends where it cannot go on: one line on standard error, and an exit status."""

import contextlib
import sys
from collections.abc import Iterator
from typing import NoReturn

import click

from bot.settings import SettingsError
from storage.database import StorageError

EXIT_FAILED, EXIT_WRONG_USE = 1, 2
_INTERRUPTED = 130
"""What shells say of a program that Ctrl+C ended."""


@contextlib.contextmanager
def ending_at(*errors: type[Exception], exit_status: int = EXIT_FAILED) -> Iterator[None]:
    """End at errors that one verb foresees."""
    try:
        yield
    except errors as error:
        _end(str(error), exit_status)


@contextlib.contextmanager
def ending_well() -> Iterator[None]:
    """End at the errors that every verb may meet."""
    try:
        yield
    except SettingsError as error:
        _end(str(error), EXIT_WRONG_USE)
    except click.UsageError as error:
        error.show()
        sys.exit(EXIT_WRONG_USE)
    except click.ClickException as error:
        _end(error.format_message(), error.exit_code)
    except StorageError as error:
        _end(str(error), EXIT_FAILED)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(_INTERRUPTED)


def _end(sentence: str, exit_status: int) -> NoReturn:
    click.echo(f"aftershock: {sentence}", err=True)
    sys.exit(exit_status)
