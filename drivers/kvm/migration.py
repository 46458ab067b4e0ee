"""A running machine moves from host to host, watched so that nothing hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import libvirt

from cloudlab.engine import cancellation
from cloudlab.errors import CloudError, HostFault
from drivers.kvm import domains
from drivers.kvm.contacts import is_alive
from drivers.kvm.faults import means_lost
from drivers.kvm.marks import Identity
from drivers.kvm.notes import forget_notes

if TYPE_CHECKING:
    from drivers.site import Access

_FLAGS: Final = (
    libvirt.VIR_MIGRATE_LIVE
    | libvirt.VIR_MIGRATE_PEER2PEER
    | libvirt.VIR_MIGRATE_PERSIST_DEST
    | libvirt.VIR_MIGRATE_UNDEFINE_SOURCE
    | libvirt.VIR_MIGRATE_AUTO_CONVERGE
)
"""Peer to peer: the hosts finish or undo it themselves even if the orchestrator is gone."""

_DOCUMENT: Final = libvirt.VIR_DOMAIN_XML_SECURE | libvirt.VIR_DOMAIN_XML_MIGRATABLE

LOOK: Final = 0.5
"""Seconds between two looks at a migration under way."""


@dataclass(frozen=True, slots=True)
class Move:
    """A migration.

    Attributes:
        who: which machine.
        target: where it goes, for messages.
        peer_uri: the target's libvirt, as the source opens it.
        data_uri: where the target takes the machine's memory.
        address: the target's, where the screen will be seen.
        target_lives: whether the target answers; asked over and over.
        lend: gives the watch a connection of its own to the source.
        stalled_seconds: after so long without progress it is called off.
    """

    who: Identity
    target: str
    peer_uri: str
    data_uri: str
    address: str
    target_lives: Callable[[], bool]
    lend: Callable[[], AbstractContextManager[libvirt.virConnect]]
    stalled_seconds: float


def gone(target: str) -> str:
    """Return how messages say that a target is silent."""
    return f"{target} does not answer any more"


def peer_uri(target: Access) -> str:
    """Return how another host opens the libvirt of `target`.

    The orchestrator may come in by another door (a forwarded port, a key of its own); hosts
    use the same transport, but the target's own address and the transport's usual port.
    """
    scheme = urlsplit(target.libvirt_uri).scheme
    scheme = "qemu+tcp" if scheme in {"qemu", "qemu+unix"} else scheme
    return f"{scheme}://{target.address}/system"


def move(connection: libvirt.virConnect, what: Move) -> None:
    """Move a machine away from the host behind `connection`.

    Raises:
        DriverFault: it does not run there.
        HostFault: the target failed or made no progress, or nobody waits for it any more; it is
            still on the source.
    """
    domain = domains.running(connection, what.who)
    forget_notes(domain)
    watch = Watch(what, cancellation())
    parameters = {
        libvirt.VIR_MIGRATE_PARAM_URI: what.data_uri,
        libvirt.VIR_MIGRATE_PARAM_DEST_XML: seen_at(domain.XMLDesc(_DOCUMENT), what.address),
        libvirt.VIR_MIGRATE_PARAM_PERSIST_XML: seen_at(
            domain.XMLDesc(_DOCUMENT | libvirt.VIR_DOMAIN_XML_INACTIVE), what.address
        ),
    }
    with watch:
        try:
            domain.migrateToURI3(what.peer_uri, parameters, _FLAGS | _in_folders(domain))
        except libvirt.libvirtError as error:
            reason = watch.reason
            if not reason and is_alive(connection) and means_lost(error):
                reason = "the source lost its connection to it"
            if not reason:
                raise
            message = f"{what.who.name} did not move to {what.target}: {reason} ({error})"
            raise HostFault(message) from error


def _in_folders(domain: libvirt.virDomain) -> int:
    """Return the flag that lets disks in folders move.

    libvirt knows few file systems to be shared and calls all others unsafe; here the pool
    says that it is shared, every host was checked to see the same, and nothing is cached.
    """
    has_file = domains.xml_of(domain).find("devices/disk[@type='file']") is not None
    return libvirt.VIR_MIGRATE_UNSAFE if has_file else 0


def seen_at(document: str, address: str) -> str:
    """Return a domain's document with its screen at another address."""
    root = ET.fromstring(document)  # noqa: S314  (libvirt wrote it)
    for graphics in root.iterfind("devices/graphics"):
        graphics.set("listen", address)
        for listen in graphics.iterfind("listen[@type='address']"):
            listen.set("address", address)
    return ET.tostring(root, encoding="unicode")


class Watch:
    """Looks at a migration from a thread of its own and calls it off when it is stuck."""

    def __init__(self, what: Move, unwanted: threading.Event) -> None:
        """Watch the migration `what` from `__enter__` to `__exit__`, or until it is unwanted."""
        self.reason = ""
        """Why it was called off; empty if it was not."""
        self._what, self._unwanted = what, unwanted
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="migration watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join(timeout=2 * LOOK)

    def _look(self) -> None:
        """Look until it is over, or the source does not answer: then there is nothing to do."""
        with suppress(CloudError, libvirt.libvirtError), self._what.lend() as connection:
            domain = connection.lookupByName(self._what.who.name)
            moved, since = -1, monotonic()
            while not self._over.wait(LOOK):
                now = _moved(domain)
                if now != moved:
                    moved, since = now, monotonic()
                self.reason = self._trouble(monotonic() - since)
                if self.reason and not self._over.is_set():
                    with suppress(libvirt.libvirtError):  # it has not begun, or is over
                        domain.abortJob()

    def _trouble(self, still: float) -> str:
        """Return why it has to be called off, if nothing was moved for `still` seconds."""
        if self._unwanted.is_set():
            return "nobody waits for it any more"
        if not self._what.target_lives():
            return gone(self._what.target)
        if still > self._what.stalled_seconds:
            return f"it made no progress for {self._what.stalled_seconds:g} s"
        return self.reason


def _moved(domain: libvirt.virDomain) -> int:
    """Return how many bytes were moved so far; 0 as long as nothing is under way."""
    with suppress(libvirt.libvirtError):
        return int(domain.jobStats().get("data_processed", 0))
    return 0
