"""The block store of real hosts: volumes are qcow2 images in folders or on servers."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cloudlab.units import MIB, size_text
from drivers import naming
from drivers.kvm import hot_plug
from drivers.kvm.marks import Identity
from drivers.kvm.storage import acts, attaching, local, scripts, transfer
from drivers.kvm.storage.places import Server, Templates, place_of
from drivers.kvm.storage.reach import Reach

if TYPE_CHECKING:
    from cloudlab.model import Host, StoragePool, Volume
    from drivers.kvm.contacts import Contacts


class Capacity(NamedTuple):
    """How large the storage under a pool really is, MiB."""

    total_mib: int
    free_mib: int


class KvmBlockStore:
    """Keeps volumes; any connected host that reaches the pool does the work.

    A volume is a qcow2 image that grows as it is written to. In a folder, one made from a template
    holds only what differs from it, and has a hard link of its own to the template's copy beside
    it; on a server it is a copy of all of it.
    """

    def __init__(self, contacts: Contacts, reach: Reach, templates: Templates) -> None:
        """Work through `contacts`; volumes on servers are filled from `templates`."""
        self.contacts = contacts
        self.reach = reach
        self.templates = templates

    @property
    def _lab(self) -> str:
        return self.contacts.site.lab_id

    async def attach_pool(self, pool: StoragePool, host: Host) -> None:
        """Make `pool` reachable from `host`, which has its folder mounted already.

        Raises:
            HostFault: `host` does not answer, does not have it, or sees other storage there.
            DriverFault: the URL of the pool says nothing to real hosts, or volumes of another
                lab of this name lie there.
        """
        place = place_of(pool, self._lab)
        owner, link = self.contacts.site.owner, self._link(pool)
        if isinstance(place, Server):
            act = partial(attaching.server, pool=pool, place=place, link=link, owner=owner)
        else:
            act = partial(attaching.folder, pool=pool, place=place, link=link, owner=owner)
        self.reach.add(pool, host, await self.contacts.shell(host, act))

    async def detach_pool(self, pool: StoragePool, host: Host) -> None:
        """Make sure `pool` is not in use from `host`; what is mounted stays mounted."""
        if self.contacts.has(host):
            what = f"detaching {pool}"
            act = acts.script(what, scripts.DETACH, self._link(pool))
            await self.contacts.shell(host, act)
        self.reach.drop(pool, host)

    def _link(self, pool: StoragePool) -> str:
        """Return the link on a host that shows that `pool` is attached; gone after a reboot."""
        folder = self.contacts.options.state_folder
        return f"{folder}/{naming.lab_folder(self._lab)}/pool-{pool.id}"

    async def create(self, volume: Volume, pool: StoragePool) -> None:
        """Make `volume` on `pool`, from its template's copy there if it has one.

        Raises:
            HostFault: no host that reaches the pool answers.
            AlreadyThere: a volume of this name is there that was not made for this one.
            DriverFault: the template is not there or larger, or the storage is full.
        """
        template = volume.template
        plan = partial(
            acts.making,
            volume,
            place_of(pool, self._lab),
            f"making {volume} on {pool}",
            partial(self.templates.image, template, pool.zone) if template is not None else None,
        )
        await self.reach.make(plan, naming.volume_file(volume), pool)

    async def delete(self, volume: Volume, pool: StoragePool) -> None:
        """Make sure `volume` is not on `pool`, and nothing that belongs to it.

        What a `create` or `copy` that failed did not make is not `volume`: it stays.

        Raises:
            HostFault: no host that reaches the pool answers, or one that fell silent while it
                made `volume` in a LUN or export may still be writing there.
        """
        place, what = place_of(pool, self._lab), f"deleting {volume} on {pool}"
        removal = partial(acts.deleting, volume, place, what)
        await self.reach.remove(removal, naming.volume_file(volume), pool)

    async def resize(self, volume: Volume, pool: StoragePool, size_mib: int) -> None:
        """Make `volume` on `pool` larger; a machine that runs on it sees it grow.

        Raises:
            DriverFault: it is larger already; a disk never shrinks.
        """
        place = place_of(pool, self._lab)
        what = f"resizing {volume} on {pool} to {size_text(size_mib)}"
        if isinstance(place, Server):
            await self.reach.anywhere(acts.fitting(volume, place, what, size_mib), pool)
        if not await self._resize_running(volume, size_mib):
            await self.reach.anywhere(acts.resizing(volume, place, what, size_mib), pool)

    async def _resize_running(self, volume: Volume, size_mib: int) -> bool:
        """Resize `volume` through the machine that runs on it; return False if none does."""
        vm = volume.vm
        if vm is None or vm.host is None:
            return False
        who = Identity.of(vm, self.contacts.site.owner)
        what = f"resizing {volume} of {vm}"
        return await self.contacts.ask(
            vm.host, what, hot_plug.grow_disk, who, volume, size_mib * MIB
        )

    async def copy(self, volume: Volume, source: StoragePool, target: StoragePool) -> None:
        """Make `volume`, which nothing runs on, on `target` as it is on `source`, snapshots too.

        Raises:
            HostFault: no host reaches both pools.
            AlreadyThere: a volume of this name is on `target` that was not made for this one.
            DriverFault: it is not on `source`, or `target` is full.
        """
        plan = partial(
            acts.copying,
            volume,
            place_of(source, self._lab),
            place_of(target, self._lab),
            f"copying {volume} from {source} to {target}",
        )
        await self.reach.make(plan, naming.volume_file(volume), source, target)

    async def download(self, volume: Volume, pool: StoragePool, path: Path) -> None:
        """Write all of `volume`, which nothing runs on, to the local file `path`.

        Raises:
            DriverFault: it is not there, in use, or there is no room for a copy beside it; or
                something is at `path`, or it cannot be written. There is no file then.
        """
        place, what = place_of(pool, self._lab), f"downloading {volume} from {pool}"
        with local.arriving(path, what) as file:
            act = partial(transfer.download, volume=volume, place=place, file=file, what=what)
            await self.reach.anywhere(act, pool)

    async def upload(self, volume: Volume, pool: StoragePool, path: Path) -> None:
        """Make `volume` on `pool` what is in the local file `path`, a whole qcow2 image.

        Raises:
            HostFault: no host that reaches the pool answers, or one that fell silent may still be
                writing there.
            DriverFault: it cannot be read or is no such image, larger than `volume`, or the pool
                is full.
        """
        place, what = place_of(pool, self._lab), f"uploading {volume} to {pool}"
        plan = partial(transfer.Uploading, volume, place, path, what)
        await self.reach.make(plan, naming.volume_file(volume), pool)

    async def volumes(self, pool: StoragePool) -> set[int]:
        """Return the volumes of this lab that lie on `pool`."""
        act = acts.listing(place_of(pool, self._lab), f"listing {pool}")
        return await self.reach.anywhere(act, pool)

    async def capacity(self, pool: StoragePool) -> Capacity:
        """Return how large the storage under `pool` is and how much of it is free.

        Raises:
            DriverFault: nobody can tell: it is on a server that says nothing of that.
        """
        act = acts.measuring(place_of(pool, self._lab), f"measuring {pool}")
        return Capacity(*await self.reach.anywhere(act, pool))
