"""The one name for a JSON object as the Bot API sends and takes it."""

from typing import Any, TypeAlias

# Any: the shape of each object is Telegram's, described in its specification, and checked
# against it at run time by spec.py rather than by 300 typed dictionaries here.
Json: TypeAlias = dict[str, Any]
