"""What a protocol has to be able to do, so that volumes can be made on servers that speak it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cloudlab.errors import DriverFault

if TYPE_CHECKING:
    from cloudlab.model import StoragePool
    from drivers.kvm.storage.places import Server
    from drivers.site import Access


@dataclass(frozen=True, slots=True)
class Request:
    """An image that is to be made.

    Attributes:
        name: what it will be called on the server.
        size: of the disk inside, bytes.
        mark: a moment that nobody else chose: what bears it was made for this request, whose
            answer may have been lost.
        what: for messages, `making volume ROOT-7 on pool p1`.
    """

    name: str
    size: int
    mark: str
    what: str


class Backend(ABC):
    """The servers of one protocol. Every call is made on the host behind `access`, and blocks.

    All of them raise `DriverFault` where the server refuses or the host lacks something, and
    `HostFault` where the host does not answer.
    """

    keeps_documents: bool = False
    """Whether small documents can be written there."""

    has_drafts: bool
    """Whether images are made under names of their own: then a host that fell silent harms nobody
    when it goes on, and another one may begin anew."""

    def __init__(self, place: Server) -> None:
        """Work on the server of `place`."""
        self.place = place

    @abstractmethod
    def check(self, pool: StoragePool) -> None:
        """Refuse a pool whose URL cannot be."""

    @abstractmethod
    def url(self, name: str) -> str:
        """Return what QEMU's tools call an image."""

    def called(self, name: str) -> str:
        """Return what messages call an image."""
        return f"image {name} of {self.place.protocol} server {self.place.host}"

    @abstractmethod
    def names(self, access: Access, what: str) -> list[str]:
        """Return everything that the server has."""

    @abstractmethod
    def volumes(self, access: Access, what: str) -> set[int]:
        """Return the volumes of this lab that are there."""

    @abstractmethod
    def is_made(self, access: Access, request: Request, *, begun: bool) -> bool:
        """Return whether the image is there already, made for this very request.

        Args:
            access: a host.
            request: which image.
            begun: whether a host was told to make it before.

        Raises:
            AlreadyThere: others made something of its name.
            DriverFault: there is no room that it could be made in.
        """

    @abstractmethod
    def draft(self, request: Request) -> str:
        """Return the name under which an image is made; nobody takes it for a volume."""

    @abstractmethod
    def publish(self, access: Access, draft: str, request: Request) -> None:
        """Let the image `draft`, which is whole now, have its name.

        Raises:
            AlreadyThere: others were faster.
        """

    @abstractmethod
    def discard(self, access: Access, draft: str, what: str) -> None:
        """Remove what was not finished."""

    @abstractmethod
    def remove(self, access: Access, name: str, what: str, mark: str) -> None:
        """Make sure that no image has this name, and that nothing of it is left.

        Args:
            access: a host.
            name: of the image.
            what: for messages.
            mark: of the making that is undone, where images bear marks: one with another stays.
                Empty: whatever has the name goes.
        """

    @abstractmethod
    def fit(self, access: Access, name: str, size: int, what: str) -> None:
        """Refuse to let the disk in an image be so large, bytes, where there is no room for it."""

    @abstractmethod
    def space(self, access: Access, what: str) -> tuple[int, int]:
        """Return how many MiB the server has, and how many are free.

        Raises:
            DriverFault: such servers do not say.
        """

    @abstractmethod
    def put(self, access: Access, name: str, data: bytes, what: str) -> None:
        """Write a small document.

        Raises:
            DriverFault: there is no place for documents on such servers.
        """

    @abstractmethod
    def get(self, access: Access, name: str, what: str) -> bytes | None:
        """Return a small document, `None` if there is none."""

    @abstractmethod
    def drop(self, access: Access, name: str, what: str) -> None:
        """Make sure that a small document is not there."""


def no_space(access: Access, place: Server, what: str) -> DriverFault:
    """Return the error of servers that do not say how large they are."""
    return DriverFault(
        f"{what} from host {access.name}: {place.protocol} servers do not say how much room they "
        f"have; give the pool the capacity that {place.host} has for it in the design"
    )
