"""Which protocols there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from cloudlab.errors import DriverFault
from drivers import naming
from drivers.kvm.storage.places import Place, Server
from drivers.kvm.storage.servers.iscsi import Iscsi
from drivers.kvm.storage.servers.nbd import Nbd
from drivers.kvm.storage.servers.nfs import Nfs
from drivers.kvm.storage.servers.rbd import Rbd

if TYPE_CHECKING:
    from cloudlab.model import StoragePool, Volume
    from drivers.kvm.storage.servers.backend import Backend

KINDS: Final[Mapping[str, Callable[[Server], Backend]]] = {
    "nfs": Nfs,
    "iscsi": Iscsi,
    "rbd": Rbd,
    "nbd": Nbd,
}
"""By the scheme of a pool's URL."""


def backend(place: Server) -> Backend:
    """Return what works on the server of `place`."""
    return KINDS[place.protocol](place)


def checked(pool: StoragePool, place: Server) -> Backend:
    """Return what works on the server of `pool`.

    Raises:
        DriverFault: its URL cannot be.
    """
    if place.has_login:
        raise DriverFault(
            f"{pool}: the URL has a name or password in it, which stays with nobody there: let "
            f"the hosts in by their addresses, or for RBD put a keyring into their /etc/ceph"
        )
    made = backend(place)
    made.check(pool)
    return made


def where(volume: Volume, place: Place) -> str:
    """Return what QEMU's tools call `volume`: a path or a URL."""
    if isinstance(place, Server):
        return backend(place).url(place.name(volume))
    return str(place.path / naming.volume_file(volume))
