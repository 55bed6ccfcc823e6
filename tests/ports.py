"""Ports for processes that are told where to listen."""

import os
import socket
from itertools import count

_FIRST, _LAST = 20_000, 32_000
_next = count(os.getpid() * 37 % (_LAST - _FIRST))


def free_port() -> int:
    """A port that nobody listens on, and that the system gives to no connection in the meantime."""
    while True:
        port = _FIRST + next(_next) % (_LAST - _FIRST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
