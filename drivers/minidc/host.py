"""The power switch of one host: on, off, and what can be told of it from outside."""

from __future__ import annotations

import shutil
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cloudlab.errors import HostFault
from drivers.minidc import netns
from drivers.minidc.commands import run, start
from drivers.minidc.doors import open_socket
from drivers.minidc.hostfiles import LIBVIRT_PORT, SSH_PORT, write_disk
from drivers.minidc.layout import Layout
from drivers.minidc.wiring import cut, plugs, wire_host

INIT: Final = Path(__file__).parent / "host-init.sh"
BOOT_TIMEOUT: Final = 30.0
PORTS: Final = (SSH_PORT, LIBVIRT_PORT)


@dataclass(frozen=True, slots=True)
class HostStatus:
    """What can be seen of a host at a moment.

    Attributes:
        name: h1 ...
        address: On the management network.
        on: Whether its power is on.
        ping: Whether it answers on the management network.
        ssh: Whether its sshd takes connections there.
        libvirt: Whether its libvirtd does.
        heartbeat_age: Seconds since it last wrote on primary storage; None: never.
        nics: Whether the cable is in, by NIC; empty when it is off.
    """

    name: str
    address: str
    on: bool
    ping: bool
    ssh: bool
    libvirt: bool
    heartbeat_age: float | None
    nics: dict[str, bool]


def is_on(layout: Layout, host: str) -> bool:
    """Return whether a host has power."""
    return netns.init(layout.namespace(host)) is not None


def power_on(layout: Layout, host: str) -> None:
    """Switch a host on, from nothing but its own disk; `wait_for` it afterwards."""
    power_off(layout, host)
    folder = layout.host_folder(host)
    write_disk(layout, host)
    (folder / "root").mkdir(exist_ok=True)
    (folder / "init.log").unlink(missing_ok=True)
    script = folder / "init.sh"
    shutil.copyfile(INIT, script)
    wire_host(layout, host)
    parts = ["--mount", "--uts", "--ipc", "--pid", "--cgroup", "--propagation", "private"]
    inside = ["ip", "netns", "exec", layout.namespace(host)]
    argv: list[str | Path] = ["unshare", *parts, "--fork", "--kill-child", "sh", script]
    argv += [host, folder, layout.primary, layout.secondary]
    start(inside, argv, log=folder / "init.log")


def power_off(layout: Layout, host: str) -> None:
    """Switch a host off as a power cut does, cables first; fine if it is off."""
    cut(layout, host)
    netns.remove(layout.namespace(host))


def wait_for(layout: Layout, host: str, timeout: float = BOOT_TIMEOUT) -> None:
    """Return once a host's daemons take connections.

    Raises:
        HostFault: they do not in time, or the host went down; the message quotes its log.
    """
    end = time.monotonic() + timeout
    waiting = list(PORTS)
    while waiting:
        if _listens(layout, host, waiting[0]):
            waiting.pop(0)
            continue
        if time.monotonic() > end or (len(_log(layout, host)) > 0 and not is_on(layout, host)):
            said = _log(layout, host)[-500:].strip() or "nothing"
            port = waiting[0]
            raise HostFault(
                f"{host} does not answer on port {port} (its log says: {said}); "
                f"cloudlab minidc kill {host}, then start {host} gives it a new start",
                host,
            )
        time.sleep(0.03)


def ping(layout: Layout, host: str) -> bool:
    """Return whether a host answers an echo request of the manager within a second."""
    if not netns.exists(layout.manager):
        return False
    inside = ["nsenter", f"--net={netns.path(layout.manager)}"]
    argv = [*inside, "ping", "-n", "-q", "-c", "1", "-W", "1", layout.address(host)]
    return run(argv, timeout=5, check=False).returncode == 0


def status(layout: Layout, host: str) -> HostStatus:
    """Return what can be seen of a host now; a dead one takes about a second."""
    answers = ping(layout, host)
    return HostStatus(
        name=host,
        address=layout.address(host),
        on=is_on(layout, host),
        ping=answers,
        ssh=answers and _listens(layout, host, SSH_PORT),
        libvirt=answers and _listens(layout, host, LIBVIRT_PORT),
        heartbeat_age=_age(layout.heartbeat(host)),
        nics=plugs(layout, host),
    )


def _listens(layout: Layout, host: str, port: int) -> bool:
    try:
        manager = netns.path(layout.manager)
        connection: socket.socket = open_socket(manager, layout.address(host), port, 1)
    except OSError:
        return False
    connection.close()
    return True


def _age(heartbeat: Path) -> float | None:
    try:
        return max(0.0, time.time() - heartbeat.stat().st_mtime)
    except FileNotFoundError:
        return None


def _log(layout: Layout, host: str) -> str:
    path = layout.host_folder(host) / "init.log"
    return path.read_text(errors="replace") if path.exists() else ""
