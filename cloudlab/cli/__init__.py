"""The command line: what `cloudlab` does when it is typed in a terminal.

Each module holds the commands of one word. They only read arguments, call what lies below and
print: whatever they know, a notebook can have as well. What a command needs is loaded when it
runs, so that `cloudlab --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from cloudlab.cli.codes import ExitCode
from cloudlab.cli.console import speak_any_encoding
from cloudlab.cli.interrupt import leave_at_once

__all__ = ["ExitCode", "main"]


def main() -> None:
    """Run the command that the process was started with, and end the process."""
    leave_at_once()
    speak_any_encoding()
    try:
        from cloudlab.cli.app import app  # noqa: PLC0415  (Ctrl-C may come while it loads)

        app(prog_name="cloudlab")
    except KeyboardInterrupt:
        _stop()
    except SystemExit as end:
        if end.code == ExitCode.STOPPED:
            _stop()
        raise


def _stop() -> None:
    """End the process at once, with our exit code.

    After a Ctrl-C inside an `exec`, which Python runs for every dataclass, `sys.exit` would
    end it by the signal instead.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(ExitCode.STOPPED)
