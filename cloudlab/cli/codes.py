"""How a command ended, for the shell."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of `cloudlab`."""

    DONE = 0
    DEFECT = 1
    """Something went wrong that should not: there is a traceback."""
    REFUSED = 2
    """A file, an option or a missing package is to be corrected; stderr says which."""
    STOPPED = 130
    """Ctrl-C; as shells have it, 128 + SIGINT."""
