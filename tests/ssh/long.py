"""A command that takes long, and says how far it came."""

from __future__ import annotations

import time
from pathlib import Path

LONG = """\
trap '' PIPE; trap 'exit 143' TERM; trap 'echo $? > "$1/ended"' EXIT
echo > "$1/begun"; sleep 30; touch "$1/late"
"""
"""A script that takes long, and notes that it began and with which code it ended."""


def appears(path: Path, seconds: float = 8.0) -> bool:
    """Return whether something is in a file before so many seconds are over."""
    deadline = time.monotonic() + seconds
    while not (path.exists() and path.read_text()):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
