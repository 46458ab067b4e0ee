"""A data centre on one Linux machine: hosts in namespaces, a switch, shared storage, a guest."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from cloudlab.errors import Conflict, InvalidParameter, NotFound
from drivers.minidc import host, inventory, netns, portal, wiring
from drivers.minidc.commands import run
from drivers.minidc.guest.image import guest_image, write_template
from drivers.minidc.host import HostStatus
from drivers.minidc.layout import MOST_HOSTS, Layout
from drivers.minidc.needs import check_machine, check_root
from drivers.minidc.place import claim, locked, release, sweep

Say = Callable[[str], None]

SPECIAL: Final = ("mgmt", "internet", "sw")
"""Namespaces that are no hosts, by the names people use."""


def _silence(_text: str) -> None:
    """Tell nobody."""


class MiniDc:
    """One mini data centre, found by its layout: everything else is asked of the kernel.

    An object holds no state, so any number of processes may look at one data centre, and one that
    was left behind by a crash is like any other. Changes exclude each other. As a context manager
    it is up inside and down afterwards.

    Args:
        layout: Names, places and addresses.
        say: Told in a line what takes long.
    """

    def __init__(self, layout: Layout | None = None, say: Say = _silence) -> None:
        self.layout = layout or Layout.named()
        self._say = say

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            stack.callback(self.down)
            self.up()
            stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.down()

    # --- all of it ---------------------------------------------------------------------------

    def up(self, hosts: int = 2) -> None:
        """Bring up what is not: switch, storage, guest template, and hosts h1 to h`hosts`.

        Hosts that run are left alone; more than `hosts` stay.

        Raises:
            NotPermitted, Refused: this machine or user cannot; the message says what is missing.
            InvalidParameter: hosts is not 1 to 9.
            Conflict: the directory is somebody else's.
            HostFault, DriverFault: it failed on the way; call `up` or `down` again.
        """
        if not 1 <= hosts <= MOST_HOSTS:
            raise InvalidParameter(f"hosts is {hosts}; it must be 1 to {MOST_HOSTS}")
        check_root()
        check_machine()
        with locked(self.layout.directory, make=True):
            claim(self.layout)
            self._prepare()
            wiring.build_switch(self.layout)
            self._switch_on([f"h{number}" for number in range(1, hosts + 1)])

    def down(self) -> None:
        """Take everything down and remove its files; what is down already is fine.

        Only the built guest stays, in the cache.

        Raises:
            NotPermitted: the caller is not root.
        """
        check_root()
        with locked(self.layout.directory):
            for namespace in self.layout.namespaces:
                netns.remove(namespace)
            release(self.layout)
        sweep(self.layout.cache)

    def hosts(self) -> list[str]:
        """Return the names of all hosts, on and off, in order; none when it is down."""
        folder = self.layout.directory / "hosts"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def status(self) -> list[HostStatus]:
        """Return what can be seen of each host now.

        Raises:
            NotPermitted: the caller is not root.
        """
        check_root()
        names = self.hosts()
        with ThreadPoolExecutor(max_workers=MOST_HOSTS) as threads:
            return list(threads.map(lambda name: host.status(self.layout, name), names))

    # --- one host ----------------------------------------------------------------------------

    def kill(self, name: str) -> None:
        """Cut a host's power: cables, processes and guests are gone at once; fine if it is off.

        Raises:
            NotFound: there is no such host.
        """
        with self._changing(name):
            host.power_off(self.layout, name)

    def start(self, name: str) -> None:
        """Give a host power again and wait for its daemons; nothing runs on it. Fine if it is on.

        Raises:
            NotFound: there is no such host.
            HostFault: it does not come up.
        """
        with self._changing(name):
            self._switch_on([name])

    def unplug(self, name: str, nic: str) -> None:
        """Pull one of a host's cables: `eth0` management, `eth1` guests, `eth2` public.

        Raises:
            NotFound, InvalidParameter: there is no such host or NIC.
            Conflict: the host is off.
        """
        with self._changing(name):
            wiring.set_plugged(self.layout, name, nic, plugged=False)

    def plug(self, name: str, nic: str) -> None:
        """Put a cable back; errors are those of `unplug`."""
        with self._changing(name):
            wiring.set_plugged(self.layout, name, nic, plugged=True)

    def is_on(self, name: str) -> bool:
        """Return whether a host has power.

        Raises:
            NotFound: there is no such host.
        """
        self._check(name)
        return host.is_on(self.layout, name)

    def ping(self, name: str) -> bool:
        """Return whether a host answers the manager's echo request within a second."""
        self._check(name)
        return host.ping(self.layout, name)

    # --- ways in -----------------------------------------------------------------------------

    def ssh_door(self, name: str) -> Path:
        """Return the unix socket that leads to a host's sshd over the management network."""
        return portal.ssh_door(self.layout, name)

    def libvirt_uri(self, name: str) -> str:
        """Return the libvirt URI that leads to a host over the management network."""
        return inventory.libvirt_uri(self.layout, name)

    def inventory(self) -> dict[str, object]:
        """Return what a lab needs to know; `up` writes the same as inventory.yaml."""
        return inventory.inventory(self.layout, self.hosts())

    def run_in(
        self, place: str, argv: Sequence[str | Path], timeout: float = 30
    ) -> subprocess.CompletedProcess[str]:
        """Return how a command ended that ran on a host, or in `mgmt`, `internet` or `sw`.

        Any exit code is fine; on a host the command sees the host's files and processes.

        Raises:
            NotFound: there is no such place, or the host is off.
            TimedOut: the command was killed.
        """
        return run([*self._inside(place), *argv], timeout=timeout, check=False)

    def client(
        self, argv: Sequence[str | Path], timeout: float = 30
    ) -> subprocess.CompletedProcess[str]:
        """Return how a command ended that somebody outside ran, on the public network."""
        return self.run_in("internet", argv, timeout)

    # --- steps -------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Make storage, the lab's key and its template."""
        layout = self.layout
        for folder in (layout.primary / ".heartbeat", layout.secondary, layout.key.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not layout.key.with_suffix(".pub").exists():
            layout.key.unlink(missing_ok=True)
            words = ["-q", "-t", "ed25519", "-N", "", "-C", "cloudlab"]
            run(["ssh-keygen", *words, "-f", layout.key])
        sweep(layout.cache)
        image = guest_image(layout.cache, self._say)
        write_template(image, layout.key.with_suffix(".pub").read_text(), layout.template)

    def _switch_on(self, names: Sequence[str]) -> None:
        """Start the hosts that are off, all at once, and wait for all."""
        layout = self.layout
        for name in names:
            portal.open_doors(layout, name)
            if not host.is_on(layout, name):
                self._say(f"starting {name} ...")
                host.power_on(layout, name)
        for name in names:
            host.wait_for(layout, name)
            portal.wait_for_doors(layout, name)
        inventory.write_inventory(layout, self.hosts())

    @contextlib.contextmanager
    def _changing(self, name: str) -> Iterator[None]:
        check_root()
        with locked(self.layout.directory):
            self._check(name)
            yield

    def _check(self, name: str) -> None:
        """Refuse a name that no host has.

        Raises:
            NotFound: the message lists those there are.
        """
        if not (there := self.hosts()):
            where = self.layout.directory
            raise NotFound(f"there is no data centre in {where}; make one: {self.layout.up}")
        if name not in there:
            raise NotFound(f"there is no host {name!r}; there are {', '.join(there)}")

    def _inside(self, place: str) -> list[str]:
        """Return the command that runs the words behind it elsewhere."""
        if place not in SPECIAL:
            self._check(place)
            first = netns.init(self.layout.namespace(place))
            if first is None:
                raise NotFound(f"{place} is off; start it first")
            parts = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"]
            return ["nsenter", f"--target={first}", *parts, "--"]
        namespace = self.layout.namespace(place)
        if not netns.exists(namespace):
            raise Conflict(f"there is no namespace {namespace}; make it: {self.layout.up}")
        return ["ip", "netns", "exec", namespace]
