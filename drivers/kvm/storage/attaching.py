"""A host takes up a pool: it is there, it is what the others see, and it is this lab's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import DriverFault
from drivers.kvm.claim import stranger
from drivers.kvm.storage import exports, scripts
from drivers.kvm.storage.folders import run, unique

if TYPE_CHECKING:
    from cloudlab.model import StoragePool
    from drivers.kvm.storage.places import Folder, Server
    from drivers.site import Access


def folder(access: Access, *, pool: StoragePool, place: Folder, link: str, owner: str) -> str:
    """Prepare the lab's folder on a pool; return the word that is written there.

    The note in the folder names the owner: unlike that of a host it outlives a reboot.

    Raises:
        DriverFault: there is no such folder, or volumes are in it that other books know of.
    """
    words = str(place.pool_path), place.path.name, unique(), link, owner
    word, _, theirs = run(access, f"attaching {pool}", scripts.ATTACH, *words).text.partition("\n")
    if theirs != owner:
        whose = stranger(theirs, owner, str(place.path / ".lab"))
        raise DriverFault(f"{pool}: folder {place.path} on host {access.name} {whose}")
    return word


def server(access: Access, *, pool: StoragePool, place: Server, link: str) -> str:
    """Check that a host reaches a server; return who the server is.

    Raises:
        DriverFault: it does not, or volumes cannot be made there.
    """
    exports.check(pool, place)
    exports.names(access, place, f"reaching {pool}")
    access.shell.check(["mkdir", "-p", link.rpartition("/")[0]])
    access.shell.check(["ln", "-sfn", place.url(""), link])
    return place.url("")
