"""Network namespaces: made, asked who lives in them, emptied and removed.

Nothing is remembered: the kernel is asked every time, so a crash leaves nothing unknown.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Final

from cloudlab.errors import TimedOut
from drivers.minidc.commands import run

NAMESPACES: Final = Path("/run/netns")
_PATIENCE: Final = 10.0


def path(name: str) -> Path:
    """Return the file that stands for a namespace."""
    return NAMESPACES / name


def exists(name: str) -> bool:
    """Return whether there is such a namespace, and not just what a crash left of one."""
    return path(name).is_file() and path(name).stat().st_dev != NAMESPACES.stat().st_dev


def add(name: str) -> None:
    """Make a namespace whose loopback is up; one that is there stays as it is."""
    if not exists(name):
        path(name).unlink(missing_ok=True)
        run(["ip", "netns", "add", name])
    run(["ip", "-n", name, "link", "set", "lo", "up"])


def remove(name: str) -> None:
    """End everything that runs in a namespace, then remove it; fine if there is none."""
    if not path(name).exists():
        return
    empty(name)
    if exists(name):
        run(["ip", "netns", "delete", name])
    path(name).unlink(missing_ok=True)


def pids(name: str) -> list[int]:
    """Return the processes whose network is this namespace, sorted."""
    if not exists(name):
        return []
    inode = path(name).stat().st_ino
    return sorted(pid for pid in _all_pids() if _network_of(pid) == inode)


def init(name: str) -> int | None:
    """Return the process that is number 1 of a process namespace inside, None without one."""
    return next((pid for pid in pids(name) if _is_init(pid)), None)


def empty(name: str) -> None:
    """Kill everything that runs in a namespace, and wait until it is gone.

    Process 1 goes first: the kernel then ends all others of its process namespace at once, those
    in network namespaces of their own, too.

    Raises:
        TimedOut: something does not die (a process waiting for a disk does not).
    """
    end = time.monotonic() + _PATIENCE
    while found := [pid for pid in pids(name) if pid != os.getpid()]:
        for pid in sorted(found, key=lambda pid: not _is_init(pid)):
            _kill(pid)
        if time.monotonic() > end:
            raise TimedOut(f"processes {found} in {name} were killed, but do not end")
        time.sleep(0.01)


def _all_pids() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]  # noqa: PTH208


def _network_of(pid: int) -> int | None:
    try:
        return os.stat(f"/proc/{pid}/ns/net").st_ino  # noqa: PTH116
    except OSError:
        return None  # gone, or a zombie


def _is_init(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    line = next((line for line in status.splitlines() if line.startswith("NSpid:")), "")
    numbers = line.split()[1:]
    return len(numbers) > 1 and numbers[-1] == "1"


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it was quicker
        os.kill(pid, signal.SIGKILL)
