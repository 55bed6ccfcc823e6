"""Which release this is, also where the program runs from its folder and was never installed.

Platforms that know a Python program by its requirements.txt install what it needs, and not the program.
"""

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def release() -> str:
    """The number of the release; where nothing tells it `unknown`."""
    try:
        return version("aftershock")
    except PackageNotFoundError:
        if not _PROJECT.is_file():
            return "unknown"
        return str(tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"])
