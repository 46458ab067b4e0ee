"""Volumes on servers, whatever the protocol: made, removed, resized, copied, listed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from cloudlab.errors import Cancelled, DriverFault, HostFault
from cloudlab.units import MIB, clock_text
from drivers.kvm.storage.folders import LONG, moment
from drivers.kvm.storage.servers import qemu_img
from drivers.kvm.storage.servers.backend import Backend, Request
from drivers.kvm.storage.servers.qemu_img import Source

if TYPE_CHECKING:
    from cloudlab.model import Volume
    from drivers.site import Access


@dataclass(slots=True)
class Silence:
    """Which host fell silent while it wrote, and may still be writing.

    Attributes:
        clock: seconds.
    """

    clock: Callable[[], float] = monotonic
    _host: str = ""
    _over: float = 0.0
    """When its tools have ended all the same: it bounds their time itself."""

    def begin(self, host: str) -> None:
        """Note that `host` fell silent now."""
        self._host, self._over = host, self.clock() + LONG

    def check_over(self, what: str, place: str) -> None:
        """Refuse while it may still be writing.

        Args:
            what: for messages.
            place: where it writes, for messages.

        Raises:
            HostFault: it may.
        """
        left = self._over - self.clock()
        if left <= 0.0:
            return
        raise HostFault(
            f"{what}: host {self._host} fell silent while it wrote into the {place} and may go on "
            f"for {clock_text(left)}; look at that host and at what is in there: nobody else "
            f"writes or wipes there until then",
            self._host,
        )


@dataclass(slots=True)
class Making:
    """Makes a volume, empty or all of a source, by one host or by several after each other.

    Attributes:
        volume: which.
        backend: where.
        what: for messages.
        source: what it is filled with; `None`: nothing.
        silence: whether a host fell silent while it wrote.
        mark: what the image bears, where images can; NFS knows microseconds.
        is_begun: whether a host was told to write: what is found may then be this volume.
    """

    volume: Volume
    backend: Backend
    what: str
    source: Source | None
    silence: Silence = field(default_factory=Silence)
    mark: str = field(default_factory=partial(moment, 6))
    is_begun: bool = False

    def __call__(self, access: Access) -> None:
        """Let a host make it.

        Raises:
            HostFault: the host does not answer, or another may still be writing.
            AlreadyThere: others made something of its name.
            DriverFault: it cannot be made, or the source is not there or does not fit.
        """
        self.check_over()
        request = Request(self._name, self.volume.size_mib * MIB, self.mark, self.what)
        if self.backend.is_made(access, request, begun=self.is_begun):
            return
        if self.source is not None:
            self.source.check(access, self.what, request.size)
        self.is_begun = True
        try:
            self._make(access, request)
        except HostFault:
            self.silence.begin(access.name)
            raise

    def check_over(self) -> None:
        """Refuse while a host that fell silent may still be writing in the volume's own place.

        Raises:
            HostFault: it may.
        """
        if not self.backend.has_drafts:
            self.silence.check_over(self.what, self.backend.called(self._name))

    @property
    def _name(self) -> str:
        return self.backend.place.name(self.volume)

    def _make(self, access: Access, request: Request) -> None:
        draft = self.backend.draft(request)
        try:
            self._write(access, draft, request)
        except (DriverFault, Cancelled):
            with suppress(DriverFault):
                self.backend.discard(access, draft, self.what)
            raise
        self.backend.publish(access, draft, request)

    def _write(self, access: Access, draft: str, request: Request) -> None:
        url = self.backend.url(draft)
        qemu_img.create(access, self.what, url, request.size)
        if self.source is not None:
            self.source.pour(access, self.what, url)


def delete(access: Access, *, volume: Volume, backend: Backend, what: str, mark: str = "") -> None:
    """Make sure that nothing of `volume` is there; with a mark, nothing that bears it."""
    backend.remove(access, backend.place.name(volume), what, mark)


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
