"""Keeps the doors of the hosts open: one small forwarder a host, in the manager's namespace."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

from cloudlab.errors import DriverFault
from drivers.minidc import netns
from drivers.minidc.commands import start
from drivers.minidc.hostfiles import LIBVIRT_PORT, SSH_PORT
from drivers.minidc.layout import Layout

FORWARDER: Final = Path(__file__).parent / "forwarder.py"
PATIENCE: Final = 10.0


def ssh_door(layout: Layout, host: str) -> Path:
    """Return the socket that leads to a host's sshd."""
    layout.number(host)
    return layout.doors / f"{host}-ssh.sock"


def libvirt_door(layout: Layout, host: str) -> Path:
    """Return the socket that leads to a host's libvirtd."""
    layout.number(host)
    return layout.doors / f"{host}-libvirt.sock"


def open_doors(layout: Layout, host: str) -> None:
    """Start the forwarder of a host, unless it runs; `wait_for_doors` afterwards."""
    doors = {ssh_door(layout, host): SSH_PORT, libvirt_door(layout, host): LIBVIRT_PORT}
    layout.doors.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _runs(layout, next(iter(doors))):
        return
    for door in doors:
        door.unlink(missing_ok=True)
    inside = ["nsenter", f"--net={netns.path(layout.manager)}"]
    pairs = [f"{door}={port}" for door, port in doors.items()]
    argv = [sys.executable, "-I", "-S", str(FORWARDER), layout.address(host), *pairs]
    start(inside, argv, log=layout.doors / f"{host}.log")


def wait_for_doors(layout: Layout, host: str) -> None:
    """Return once the doors of a host are there.

    Raises:
        DriverFault: the forwarder did not start; the message quotes what it said.
    """
    end = time.monotonic() + PATIENCE
    doors = (ssh_door(layout, host), libvirt_door(layout, host))
    while not all(door.exists() for door in doors):
        if time.monotonic() > end:
            log = layout.doors / f"{host}.log"
            said = log.read_text()[-500:].strip() if log.exists() else "nothing"
            raise DriverFault(f"the doors to {host} do not open; the forwarder said: {said}")
        time.sleep(0.02)


def _runs(layout: Layout, door: Path) -> bool:
    """Return whether a forwarder serves the door: asked of the kernel, not of a file."""
    word = f"{door}={SSH_PORT}".encode()
    return any(word in _words(pid) for pid in netns.pids(layout.manager))


def _words(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []
