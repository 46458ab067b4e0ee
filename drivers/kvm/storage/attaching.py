"""A host takes up a pool: it is there, it is what the others see, and it is this lab's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloudlab.errors import DriverFault
from drivers.kvm.claim import stranger
from drivers.kvm.storage import scripts
from drivers.kvm.storage.folders import SPARE, run, unique
from drivers.kvm.storage.servers.asking import ServerFault, tried
from drivers.kvm.storage.servers.kinds import checked

if TYPE_CHECKING:
    from cloudlab.model import StoragePool
    from drivers.kvm.storage.places import Folder, Server
    from drivers.kvm.storage.servers.backend import Backend
    from drivers.site import Access

_NOTE: Final = "owner.txt"


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


def server(access: Access, *, pool: StoragePool, place: Server, link: str, owner: str) -> str:
    """Check that a host reaches a server, and that the volumes there are this lab's.

    Servers that keep documents keep one that names the owner. Return who the server is. What a
    host that died had on its way to or from a server is cleared away a day later.

    Raises:
        DriverFault: it does not, or volumes are there that other books know of.
    """
    backend, what = checked(pool, place), f"reaching {pool}"
    try:
        names = backend.names(access, what)
    except ServerFault as fault:
        raise DriverFault(
            f"{fault}; look whether {place.url} is there and lets {access.address} in"
        ) from fault
    if backend.keeps_documents:
        _own(access, backend, names, owner, what)
    old = ["-type", "f", "-name", ".volume-*.part", "-mmin", "+1440"]
    tried(access, what, ["find", SPARE, "-maxdepth", "1", *old, "-delete"], "findutils")
    access.shell.check(["mkdir", "-p", link.rpartition("/")[0]])
    access.shell.check(["ln", "-sfn", place.url, link])
    return place.url


def _own(access: Access, backend: Backend, names: list[str], owner: str, what: str) -> None:
    """Note on a server whose volumes are there; without any it changes hands."""
    note = backend.place.whole_name(_NOTE)
    noted = backend.get(access, note, what) if note in names else None
    theirs = (noted or b"").decode(errors="replace").strip()
    if theirs == owner:
        return
    has_volumes = any(backend.place.number(name) is not None for name in names)
    if theirs and theirs != owner.partition(" ")[0] and has_volumes:
        server = f"{backend.place.protocol} server {backend.place.host}"
        raise DriverFault(f"{what}: {server} {stranger(theirs, owner, note, 'there')}")
    backend.put(access, note, f"{owner}\n".encode(), what)
