"""Servers whose administrator makes the room for volumes: exports of NBD, LUNs of iSCSI.

A slot is known by its name beforehand. A volume is there when its slot holds an image, and is
removed by wiping the beginning of it. What is in a slot and is no image stays, whatever it is.

It is made in its place and bears no mark, so no host goes on there while another that fell silent
may still be writing.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Final

from cloudlab.errors import DriverFault
from cloudlab.units import MIB
from drivers.kvm.storage.folders import AlreadyThere, of_others
from drivers.kvm.storage.servers import qemu_img
from drivers.kvm.storage.servers.backend import Backend, Request, no_space

if TYPE_CHECKING:
    from drivers.site import Access

_BEGINNING: Final = MIB
"""Bytes that are zeros in a slot that is free: every file system and image has its mark there."""


class Slots(Backend):
    """Volumes in slots that are there already."""

    has_drafts = False

    @abstractmethod
    def number(self, name: str) -> int | None:
        """Return the volume whose slot has this name; 0 or `None` if it is for none of this lab."""

    @abstractmethod
    def called(self, name: str) -> str:
        """Return what messages call a slot, `export x of nbd server y`."""

    @abstractmethod
    def wanted(self, name: str, size: int) -> str:
        """Return what the administrator has to do so that there is a slot of `size` bytes."""

    def volumes(self, access: Access, what: str) -> set[int]:
        """Return the volumes of this lab whose slots hold an image."""
        numbers = {name: self.number(name) for name in self.names(access, what)}
        return {
            number
            for name, number in numbers.items()
            if number and self._holds_image(access, name, what)
        }

    def _holds_image(self, access: Access, name: str, what: str) -> bool:
        return qemu_img.facts(access, what, self.url(name)).format == "qcow2"

    def is_made(self, access: Access, request: Request, *, begun: bool) -> bool:  # noqa: ARG002
        """Return `False`, after a look whether the slot is there, free and large enough."""
        name, what = request.name, request.what
        if name not in self.names(access, what):
            raise DriverFault(f"{what}: {self.wanted(name, self._least(access, request))}")
        if self._holds_image(access, name, what):
            said = f"{what}: an image is in the {self.called(name)} already"
            raise AlreadyThere(of_others(said, "wipe it"))
        if not qemu_img.is_blank(access, what, self.url(name), _BEGINNING):
            raise AlreadyThere(
                f"{what}: data are in the {self.called(name)} already; they were left alone: if "
                f"nobody needs them, write zeros over the first MiB"
            )
        self.fit(access, name, request.size, what)
        return False

    def _least(self, access: Access, request: Request) -> int:
        return qemu_img.most_bytes(access, request.what, request.size)

    def draft(self, request: Request) -> str:
        """Return the name itself: a slot cannot be renamed."""
        return request.name

    def publish(self, access: Access, draft: str, request: Request) -> None:
        """Do nothing: it was made in its place."""

    def discard(self, access: Access, draft: str, what: str) -> None:
        """Wipe what was not finished."""
        qemu_img.wipe(access, what, self.url(draft), _BEGINNING)

    def remove(self, access: Access, name: str, what: str, mark: str) -> None:  # noqa: ARG002
        """Wipe the image in a slot; a slot that holds none, or is not there, stays as it is.

        Whatever the mark: a making only begins in a slot that is free, so what is there is its.
        """
        if name in self.names(access, what) and self._holds_image(access, name, what):
            self.discard(access, name, what)

    def fit(self, access: Access, name: str, size: int, what: str) -> None:
        """Refuse a disk of `size` bytes in a slot that is too small for it."""
        least = qemu_img.most_bytes(access, what, size)
        has = qemu_img.facts(access, what, self.url(name), "raw").size
        if has < least:
            raise DriverFault(
                f"{what}: the {self.called(name)} is {has // MIB} MiB large; make it "
                f"{-(-least // MIB)} MiB or more, and larger for snapshots"
            )

    def space(self, access: Access, what: str) -> tuple[int, int]:
        """Refuse: how large slots are says nothing of what is behind them."""
        raise no_space(access, self.place, what)

    def put(self, access: Access, name: str, data: bytes, what: str) -> None:
        """Refuse: there is no slot for documents."""
        raise DriverFault(
            f"{what} by host {access.name}: {self.place.protocol} servers have no place for the "
            f"document {name} of {len(data)} bytes; use a pool in a folder, on NFS or on RBD"
        )

    def get(self, access: Access, name: str, what: str) -> bytes | None:
        """Return `None`: there is no slot for documents."""

    def drop(self, access: Access, name: str, what: str) -> None:
        """Do nothing: there is none."""
