"""Connections to libvirt: a few for each host, opened, kept alive, opened again, let go.

No two calls are ever under way on one connection: where a host falls silent, libvirt's client
(9.0) ends the process with a segmentation fault if keepalive closes a connection on which two
threads wait. So a call borrows a connection for itself, and there are as many as are needed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar, TypeVarTuple

import libvirt

from cloudlab.errors import CloudError, HostFault, TimedOut
from drivers.kvm.claim import claim, release, still_claimed
from drivers.kvm.event_loop import start_event_loop
from drivers.kvm.faults import LOST, translated
from drivers.kvm.options import KvmOptions
from drivers.kvm.patience import within
from drivers.recorder import CommandLog

if TYPE_CHECKING:
    from cloudlab.engine import Engine
    from cloudlab.model import Host
    from drivers.site import Access, Site

T = TypeVar("T")
Args = TypeVarTuple("Args")

INTERVAL: Final = 1
"""Seconds between two keepalive messages."""
MISSED: Final = 3
"""How many may go unanswered; then every call under way ends with an error."""
RESPITE: Final = 1.0
"""Seconds for which a host that did not answer is not asked again."""
KEPT: Final = 8
"""Connections to a host that are kept while nobody uses them."""
GRACE: Final = 10.0
"""Seconds that a call may take in all: keepalive ends those to dead hosts far sooner."""


class Contacts:
    """The hosts that are connected, and the only way in which libvirt is called."""

    def __init__(
        self, engine: Engine, site: Site, options: KvmOptions, log: CommandLog | None = None
    ) -> None:
        """Be connected to nothing yet; what libvirt is asked will be written to `log`."""
        self.engine = engine
        self.site = site
        self.options = options
        self.log = CommandLog() if log is None else log
        self._idle: dict[str, list[libvirt.virConnect]] = {}
        """Host -> the connections that nobody uses; those with contact are the keys."""
        self._last: dict[str, libvirt.virConnect] = {}
        """Host -> the last connection that was opened or used."""
        self._claimed: set[str] = set()
        self._failed: dict[str, tuple[float, str]] = {}
        self._locks: dict[str, threading.Lock] = {}
        start_event_loop()

    async def ask(
        self,
        host: Host,
        what: str,
        fn: Callable[[libvirt.virConnect, *Args], T],
        *args: *Args,
        timeout: float = GRACE,
    ) -> T:
        """Return `fn(connection, *args)`, called in a thread.

        Args:
            host: whose connection it gets; one that broke is opened again.
            what: for messages, `starting vm web`.
            fn: a function that blocks.
            args: its further arguments.
            timeout: seconds it may take.

        Raises:
            HostFault: there is no contact with `host`, it broke, or the time is up.
            CloudError: what `fn` raised, or what libvirt's error means.
        """
        try:
            return await self.engine.call(self._run, host, what, fn, args, timeout=timeout)
        except TimedOut as error:
            message = f"{what} on {host} did not end within {timeout:g} s; it may yet happen"
            raise HostFault(message, host.name) from error

    async def connect(self, host: Host) -> None:
        """Make contact with `host`.

        Raises:
            HostFault: it does not answer.
            DriverFault: it belongs to another lab.
        """
        await self._call(host, self._connect, self.site.of(host))

    async def disconnect(self, host: Host) -> None:
        """End the contact and give up the claim to `host`, if it still answers."""
        await self._call(host, self._disconnect, self.site.of(host))

    def close(self) -> None:
        """Let go of every connection; the claims stay, for what runs on the hosts runs on."""
        self._idle.clear()
        self._last.clear()

    def has(self, host: Host) -> bool:
        """Return whether contact was made, and not ended since; it may be broken."""
        return host.name in self._idle

    def lives(self, host: Host) -> bool:
        """Return whether the last connection to `host` works, as far as is known just now."""
        connection = self._last.get(host.name)
        return connection is not None and is_alive(connection)

    async def shell(self, host: Host, fn: Callable[[Access, *Args], T], *args: *Args) -> T:
        """Return `fn(access, *args)`, called in a thread; `fn` bounds its own time.

        Raises:
            HostFault: there is no contact with `host`, or it does not answer.
        """
        return await self.engine.call(self._on_host, host, fn, args)

    def _on_host(self, host: Host, fn: Callable[[Access, *Args], T], args: tuple[*Args]) -> T:
        """Return `fn(access, *args)`; that the host is gone is seen sooner by its libvirt."""
        self._check(host)
        access = self.site.of(host)
        self._give_back(access.name, self._borrow(access))
        return fn(access, *args)

    def _check(self, host: Host) -> None:
        if not self.has(host):
            raise HostFault(f"there is no contact with {host}: connect it first", host.name)

    async def _call(self, host: Host, fn: Callable[[Access], None], access: Access) -> None:
        try:
            await self.engine.call(fn, access, timeout=4 * self.options.open_seconds)
        except TimedOut as error:
            raise HostFault(f"{host} does not answer: {error}", host.name) from error

    def _run(
        self,
        host: Host,
        what: str,
        fn: Callable[[libvirt.virConnect, *Args], T],
        args: tuple[*Args],
    ) -> T:
        begun, failure = monotonic(), ""
        try:
            self._check(host)
            return self._call_libvirt(host, what, fn, args)
        except CloudError as error:
            failure = str(error)
            raise
        finally:
            self.log.note(host.name, "libvirt", what, monotonic() - begun, failure)

    def _call_libvirt(
        self,
        host: Host,
        what: str,
        fn: Callable[[libvirt.virConnect, *Args], T],
        args: tuple[*Args],
    ) -> T:
        try:
            with self.lent(host) as connection:
                return fn(connection, *args)
        except libvirt.libvirtError as error:
            raise translated(error, what, host.name) from error

    @contextmanager
    def lent(self, host: Host) -> Iterator[libvirt.virConnect]:
        """Yield a connection to `host` for one thread; it is not used again if it broke.

        Raises:
            HostFault: there is no contact with `host`, or it does not answer.
        """
        self._check(host)
        connection = self._borrow(self.site.of(host))
        try:
            yield connection
        except TimedOut:
            raise  # somebody may still wait on it
        except libvirt.libvirtError as error:
            if error.get_error_code() not in LOST:
                self._give_back(host.name, connection)
            raise
        except CloudError:
            self._give_back(host.name, connection)
            raise
        else:
            self._give_back(host.name, connection)

    def _borrow(self, access: Access) -> libvirt.virConnect:
        """Return a connection that is alive as far as is known, and nobody else's."""
        idle = self._idle.get(access.name, [])
        with self._lock(access):
            while idle:
                connection = idle.pop()
                if is_alive(connection):
                    return connection
                self._claimed.discard(access.name)
            self._rest(access)
            return self._begin(access, still_claimed)

    def _give_back(self, name: str, connection: libvirt.virConnect) -> None:
        """Keep a connection for the next call, if there is contact and not too many are kept.

        None is ever closed by hand: it closes itself when nobody has it any more.
        """
        idle = self._idle.get(name)
        if idle is not None and len(idle) < KEPT:
            idle.append(connection)

    def _rest(self, access: Access) -> None:
        """Let the calls that queued up behind a failed attempt fail with it."""
        failed = self._failed.get(access.name)
        if failed is not None and monotonic() - failed[0] < RESPITE:
            raise HostFault(failed[1], access.name)

    def _begin(
        self, access: Access, claiming: Callable[[Access, str, str, float], None]
    ) -> libvirt.virConnect:
        """Open a connection, and have the host claimed if that is not sure any more.

        Only who connects claims it. A host that bears no note any more was restarted: what the
        books say of it has to be compared first, so that is no contact.
        """
        seconds = self.options.open_seconds
        try:
            connection = opened(access, seconds)
            if access.name not in self._claimed:
                claiming(access, self.site.owner, self.options.state_folder, GRACE / 2)
        except HostFault as fault:
            self._failed[access.name] = monotonic(), str(fault)
            raise
        self._claimed.add(access.name)
        self._last[access.name] = connection
        return connection

    def _connect(self, access: Access) -> None:
        """Open a new connection: the old ones may lead to a host that was off meanwhile."""
        with self._lock(access):
            self._idle.get(access.name, []).clear()
            self._claimed.discard(access.name)
            connection = self._begin(access, claim)
        self._idle.setdefault(access.name, [])
        self._give_back(access.name, connection)

    def _disconnect(self, access: Access) -> None:
        idle = self._idle.pop(access.name, None)
        last = self._last.pop(access.name, None)
        self._claimed.discard(access.name)
        if idle is not None and last is not None and is_alive(last):
            with suppress(CloudError):
                release(access, self.site.owner, self.options.state_folder, 5.0)

    def _lock(self, access: Access) -> threading.Lock:
        return self._locks.setdefault(access.name, threading.Lock())


def opened(access: Access, seconds: float) -> libvirt.virConnect:
    """Return a new connection to the libvirt of a host, with keepalive.

    Raises:
        HostFault: it does not answer within `seconds`.
    """

    def knock() -> libvirt.virConnect:
        connection = libvirt.open(access.libvirt_uri)
        connection.getLibVersion()
        with suppress(libvirt.libvirtError):  # libvirt's in-process drivers have no keepalive
            connection.setKeepAlive(INTERVAL, MISSED)
        return connection

    try:
        return within(seconds, knock, f"libvirt of host {access.name}")
    except libvirt.libvirtError as error:
        fault = translated(error, "connecting to libvirt", access.name)
        raise HostFault(str(fault), access.name) from error
    except TimedOut as error:
        raise HostFault(f"host {access.name} does not answer: {error}", access.name) from error


def is_alive(connection: libvirt.virConnect) -> bool:
    """Return whether a connection works, as far as is known just now."""
    try:
        return bool(connection.isAlive())
    except libvirt.libvirtError:
        return False
