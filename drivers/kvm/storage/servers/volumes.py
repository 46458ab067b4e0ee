"""Volumes on servers, whatever the protocol: made, removed, resized, copied, listed."""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cloudlab.errors import DriverFault
from drivers.kvm.storage.servers import qemu_img
from drivers.kvm.storage.servers.backend import Backend, Request
from drivers.kvm.storage.servers.qemu_img import MIB, Source

if TYPE_CHECKING:
    from cloudlab.model import Volume
    from drivers.site import Access


def moment() -> str:
    """Return a time that nobody else gives to an image: this second, any of its microseconds."""
    return f"{int(time.time())}.{secrets.randbelow(10**6):06}"


@dataclass(slots=True)
class Making:
    """Makes a volume, empty or all of a source; any host may go on where another fell silent.

    Attributes:
        volume: which.
        backend: where.
        what: for messages.
        source: what it is filled with; `None`: nothing.
    """

    volume: Volume
    backend: Backend
    what: str
    source: Source | None
    _mark: str = field(default_factory=moment)
    _is_begun: bool = False
    """Whether a host was told to write: what is found may then be this volume."""

    def __call__(self, access: Access) -> None:
        """Let a host make it.

        Raises:
            HostFault: the host does not answer.
            AlreadyThere: others made something of its name.
            DriverFault: it cannot be made, or the source is not there or does not fit.
        """
        name, size = self.backend.place.name(self.volume), self.volume.size_mib * MIB
        request = Request(name, size, self._mark, self.what)
        if self.backend.is_made(access, request, begun=self._is_begun):
            return
        if self.source is not None:
            self.source.check(access, self.what, size)
        self._is_begun = True
        draft = self.backend.draft(request)
        try:
            self._write(access, draft, request)
        except DriverFault:
            with suppress(DriverFault):
                self.backend.discard(access, draft, self.what)
            raise
        self.backend.publish(access, draft, request)

    def _write(self, access: Access, draft: str, request: Request) -> None:
        url = self.backend.url(draft)
        qemu_img.create(access, self.what, url, request.size)
        if self.source is not None:
            self.source.pour(access, self.what, url)


def delete(access: Access, *, volume: Volume, backend: Backend, what: str) -> None:
    """Make sure that nothing of `volume` is there."""
    backend.remove(access, backend.place.name(volume), what)


def resize(access: Access, *, volume: Volume, backend: Backend, size: int, what: str) -> None:
    """Make `volume`, which nothing has open and for which `fit` found room, larger: `size` bytes.

    Raises:
        DriverFault: it is not there, or larger already.
    """
    name = backend.place.name(volume)
    now = qemu_img.facts(access, what, backend.url(name), "qcow2").size
    if size < now:
        raise DriverFault(f"{what}: it is {now // MIB} MiB large and cannot shrink")
    if size > now:
        qemu_img.resize(access, what, backend.url(name), size)


def fit(access: Access, *, volume: Volume, backend: Backend, size: int, what: str) -> None:
    """Refuse to let `volume` be `size` bytes large where there is no room for that."""
    backend.fit(access, backend.place.name(volume), size, what)


def listed(access: Access, *, backend: Backend, what: str) -> set[int]:
    """Return the volumes of this lab that are there."""
    return backend.volumes(access, what)


def space(access: Access, *, backend: Backend, what: str) -> tuple[int, int]:
    """Return how many MiB the server has, and how many are free."""
    return backend.space(access, what)
