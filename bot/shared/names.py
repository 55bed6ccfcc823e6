"""What a process is called among those on the same database."""

import os
import platform
import secrets

from storage.processes import ProcessPart


def new_name(part: ProcessPart) -> str:
    """A name that no other process has, nor had: of the machine, the process and chance."""
    return f"{part}-{platform.node()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"
