"""Servers on which images are made and removed at will: files on NFS, images of Ceph RBD.

An image is made under a name of its own that begins with a dot, and gets its place at the end, if
that is free: two labs may have one name, and what lies there may be the disk of a machine.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING

from drivers.kvm.storage.folders import AlreadyThere, of_others, unique
from drivers.kvm.storage.servers.backend import Backend, Request, no_space

if TYPE_CHECKING:
    from drivers.site import Access


def hidden(name: str) -> str:
    """Return a name for what will be called `name` once it is whole; nobody else uses it."""
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}.{last}.{unique()}.part"


class Named(Backend):
    """Volumes that have names of their own. Names are whole ones: with folder or pool."""

    keeps_documents = True
    has_drafts = True

    @abstractmethod
    def mark(self, access: Access, name: str, what: str) -> str | None:
        """Return the mark of an image, empty if it bears none, `None` if it is not there."""

    @abstractmethod
    def give(self, access: Access, draft: str, request: Request) -> bool:
        """Mark an image and let it have its name; return `False` if that is taken."""

    @abstractmethod
    def unlink(self, access: Access, names: Iterable[str], what: str) -> None:
        """Remove these, as far as they are there."""

    def volumes(self, access: Access, what: str) -> set[int]:
        """Return the volumes of this lab that are there."""
        numbers = map(self.place.number, self.names(access, what))
        return {number for number in numbers if number is not None}

    def is_made(self, access: Access, request: Request, *, begun: bool) -> bool:
        """Return whether the image is there, made for this request."""
        there = self.mark(access, request.name, request.what)
        if there is None:
            return False
        if not begun or there != request.mark:
            raise self._taken(request)
        return True

    def _taken(self, request: Request) -> AlreadyThere:
        server = f"{self.place.protocol} server {self.place.host}"
        return AlreadyThere(of_others(f"{request.what}: {request.name} is already on {server}"))

    def draft(self, request: Request) -> str:
        """Return a hidden name beside the name, used once."""
        return hidden(request.name)

    def publish(self, access: Access, draft: str, request: Request) -> None:
        """Let the image have its name, unless another has it."""
        if not self.give(access, draft, request):
            there = self.mark(access, request.name, request.what)
            self.discard(access, draft, request.what)
            if there != request.mark:
                raise self._taken(request)

    def discard(self, access: Access, draft: str, what: str) -> None:
        """Remove what was not finished."""
        self.unlink(access, [draft], what)

    def remove(self, access: Access, name: str, what: str, mark: str) -> None:
        """Remove an image, its documents, and what was begun under its name."""
        is_ours = not mark or self.mark(access, name, what) in {None, mark}
        folder, slash, last = name.rpartition("/")
        stem = last.removesuffix(".qcow2")
        parts, notes = f"{folder}{slash}.{last}.", f"{folder}{slash}{stem}.snapshot-"
        mine = [
            each
            for each in self.names(access, what)
            if (is_ours and each == name)
            or (each.startswith(parts) and each.endswith(".part"))
            or (is_ours and each.startswith(notes) and each.endswith(".xml"))
        ]
        if mine:
            self.unlink(access, mine, what)

    def fit(self, access: Access, name: str, size: int, what: str) -> None:
        """Accept every size: images grow as they are written to."""

    def drop(self, access: Access, name: str, what: str) -> None:
        """Remove a document."""
        self.unlink(access, [name], what)

    def space(self, access: Access, what: str) -> tuple[int, int]:
        """Refuse, where the protocol does not say."""
        raise no_space(access, self.place, what)
