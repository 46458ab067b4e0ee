"""The block store of real hosts: volumes are qcow2 images in folders or on NBD servers."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from cloudlab.units import size_text
from drivers import naming
from drivers.kvm import hot_plug
from drivers.kvm.marks import Identity
from drivers.kvm.storage import attaching, exports, scripts, transfer
from drivers.kvm.storage.folders import Reach, moment, run, unique
from drivers.kvm.storage.places import Server, Templates, base_file, folder_of, place_of
from drivers.site import Access

if TYPE_CHECKING:
    from cloudlab.model import Host, StoragePool, Volume
    from drivers.kvm.contacts import Contacts

_VOLUME: Final = re.compile(r"volume-(\d+)\.qcow2")
_MIB: Final = 1024 * 1024
_LONG: Final = 3600.0
"""Seconds that copying a disk may take."""


class Capacity(NamedTuple):
    """How large the storage under a pool really is, MiB."""

    total_mib: int
    free_mib: int


class KvmBlockStore:
    """Keeps volumes; any connected host that reaches the pool does the work.

    A volume is a qcow2 image that grows as it is written to. One made from a template holds
    only what differs from it, and has a hard link of its own to the template's copy beside it.
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
        if isinstance(place, Server):
            act = partial(attaching.server, pool=pool, place=place, link=self._link(pool))
        else:
            owner, link = self.contacts.site.owner, self._link(pool)
            act = partial(attaching.folder, pool=pool, place=place, link=link, owner=owner)
        self.reach.add(pool, host, await self.contacts.shell(host, act))

    async def detach_pool(self, pool: StoragePool, host: Host) -> None:
        """Make sure `pool` is not in use from `host`; what is mounted stays mounted."""
        if self.contacts.has(host):
            what = f"detaching {pool}"
            act = partial(_run, what=what, script=scripts.DETACH, words=(self._link(pool),))
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
        place, what, name = (
            place_of(pool, self._lab),
            f"making {volume} on {pool}",
            naming.volume_file(volume),
        )
        if isinstance(place, Server):
            template = volume.template
            source = self.templates.source(template, pool.zone) if template else None
            making = exports.Making(volume, place, what, source)
            await self.reach.make(making, name, pool)
            return
        words = (
            str(place.path),
            name,
            str(volume.size_mib * _MIB),
            base_file(volume),
            naming.template_file(volume.template) if volume.template is not None else "",
            unique(),
            moment(),
        )
        act = partial(_run, what=what, script=scripts.CREATE, words=words)
        await self.reach.make(act, name, pool)

    async def delete(self, volume: Volume, pool: StoragePool) -> None:
        """Make sure `volume` is not on `pool`, and nothing that belongs to it.

        What `create` or `copy` found there is not `volume`: it stays.
        """
        place, what, name = (
            place_of(pool, self._lab),
            f"deleting {volume} on {pool}",
            naming.volume_file(volume),
        )
        if self.reach.is_others(name, pool):
            return
        if isinstance(place, Server):
            act = partial(exports.delete, volume=volume, place=place, what=what)
            await self.reach.anywhere(act, pool)
            return
        stem = f"volume-{volume.id}"
        await self._do(pool, what, scripts.DELETE, str(place.path), name, base_file(volume), stem)

    async def resize(self, volume: Volume, pool: StoragePool, size_mib: int) -> None:
        """Make `volume` on `pool` larger; a machine that runs on it sees it grow.

        Raises:
            DriverFault: it is larger already; a disk never shrinks.
        """
        if not await self._resize_running(volume, size_mib):
            path = str(folder_of(pool, self._lab).path)
            what = f"resizing {volume} on {pool} to {size_text(size_mib)}"
            words = path, naming.volume_file(volume), str(size_mib * _MIB)
            await self._do(pool, what, scripts.RESIZE, *words)

    async def _resize_running(self, volume: Volume, size_mib: int) -> bool:
        """Resize `volume` through the machine that runs on it; return False if none does."""
        vm = volume.vm
        if vm is None or vm.host is None:
            return False
        who = Identity.of(vm, self.contacts.site.owner)
        what = f"resizing {volume} of {vm}"
        return await self.contacts.ask(
            vm.host, what, hot_plug.grow_disk, who, volume, size_mib * _MIB
        )

    async def copy(self, volume: Volume, source: StoragePool, target: StoragePool) -> None:
        """Make `volume`, which nothing runs on, on `target` as it is on `source`, snapshots too.

        Raises:
            HostFault: no host reaches both pools.
            AlreadyThere: a volume of this name is on `target` that was not made for this one.
            DriverFault: it is not on `source`, or `target` is full.
        """
        words = (
            str(folder_of(source, self._lab).path),
            str(folder_of(target, self._lab).path),
            naming.volume_file(volume),
            base_file(volume),
            f"volume-{volume.id}",
            unique(),
            moment(),
        )
        what = f"copying {volume} from {source} to {target}"
        act = partial(_run, what=what, script=scripts.COPY, words=words, timeout=_LONG)
        await self.reach.make(act, naming.volume_file(volume), source, target)

    async def download(self, volume: Volume, pool: StoragePool, path: Path) -> None:
        """Write all of `volume`, which nothing runs on, to the local file `path`.

        Raises:
            DriverFault: it is not there, in use, or there is no room for a copy beside it.
        """
        await self._travel(transfer.download, f"downloading {volume} from", volume, pool, path)

    async def upload(self, volume: Volume, pool: StoragePool, path: Path) -> None:
        """Make `volume` on `pool` what is in the local file `path`, a whole qcow2 image.

        Raises:
            DriverFault: it is no such image, larger than `volume`, or the pool is full.
        """
        await self._travel(transfer.upload, f"uploading {volume} to", volume, pool, path)

    async def _travel(
        self,
        way: Callable[..., None],
        doing: str,
        volume: Volume,
        pool: StoragePool,
        path: Path,
    ) -> None:
        """Let `volume` travel to or from the local file `path`."""
        place, what = folder_of(pool, self._lab), f"{doing} {pool}"
        act = partial(way, volume=volume, place=place, path=path, what=what)
        await self.reach.anywhere(act, pool)

    async def volumes(self, pool: StoragePool) -> set[int]:
        """Return the volumes of this lab that lie on `pool`."""
        place, what = place_of(pool, self._lab), f"listing {pool}"
        if isinstance(place, Server):
            act = partial(exports.volumes, place=place, what=what)
            return await self.reach.anywhere(act, pool)
        return ids(await self._do(pool, what, scripts.LIST, str(place.path)), _VOLUME)

    async def capacity(self, pool: StoragePool) -> Capacity:
        """Return how large the storage under `pool` is and how much of it is free."""
        path = str(folder_of(pool, self._lab).pool_path)
        text = await self._do(pool, f"measuring {pool}", scripts.CAPACITY, path)
        total, free = (int(word) // 1024 for word in text.split())
        return Capacity(total, free)

    async def _do(self, pool: StoragePool, what: str, script: str, *words: str) -> str:
        """Run a script on any host that reaches `pool` and return what it printed."""
        act = partial(_run, what=what, script=script, words=words)
        return await self.reach.anywhere(act, pool)


def ids(listing: str, pattern: re.Pattern[str]) -> set[int]:
    """Return the numbers in those lines of `listing` that are of this `pattern`."""
    matches = (pattern.fullmatch(line) for line in listing.splitlines())
    return {int(match.group(1)) for match in matches if match}


def _run(
    access: Access, *, what: str, script: str, words: tuple[str, ...], timeout: float = 60.0
) -> str:
    return run(access, what, script, *words, timeout=timeout).text
