"""Primary and secondary storage of a simulated cloud."""

from __future__ import annotations

from pathlib import Path

from cloudlab.errors import DriverFault, InvalidParameter
from cloudlab.model import Host, StoragePool, Template, Volume, VolumeType
from cloudlab.units import MIB_PER_GIB
from simulator.outside import Outside


class SimulatedBlockStore:
    """Keeps volumes by remembering where they are."""

    def __init__(self, outside: Outside) -> None:
        """Work on `outside`."""
        self.outside = outside

    async def attach_pool(self, pool: StoragePool, host: Host) -> None:
        """Make `pool` reachable from `host`."""
        await self.outside.spend("blocks.attach_pool", pool)
        self.outside.check_contact(host)
        self.outside.mounted.add((pool.id, host.id))

    async def detach_pool(self, pool: StoragePool, host: Host) -> None:
        """End that; a pool that is not reachable is no error."""
        if (pool.id, host.id) in self.outside.mounted:
            self.outside.check_contact(host)
            await self.outside.spend("blocks.detach_pool", pool)
            self.outside.mounted.discard((pool.id, host.id))

    async def create(self, volume: Volume, pool: StoragePool) -> None:
        """Make `volume` on `pool`."""
        await self.outside.spend("blocks.create", volume, disk_gib=volume.size_mib / MIB_PER_GIB)
        self._put(volume, pool, volume.size_mib)

    async def delete(self, volume: Volume, pool: StoragePool) -> None:
        """Make sure `volume` is not on `pool`."""
        if (volume.id, pool.id) in self.outside.disks:
            await self.outside.spend("blocks.delete", volume)
            self.outside.disks.discard((volume.id, pool.id))
            self.outside.sizes.pop((volume.id, pool.id), None)
            self._lose_snapshots(volume)

    async def resize(self, volume: Volume, pool: StoragePool, size_mib: int) -> None:
        """Make `volume` so large."""
        self._check_there(volume, pool)
        await self.outside.spend("blocks.resize", volume, disk_gib=size_mib / MIB_PER_GIB)
        self._check_there(volume, pool)
        self._put(volume, pool, size_mib)

    async def copy(self, volume: Volume, source: StoragePool, target: StoragePool) -> None:
        """Make `volume` on `target`, too."""
        self._check_there(volume, source)
        await self.outside.spend("blocks.copy", volume, disk_gib=volume.size_mib / MIB_PER_GIB)
        self._check_there(volume, source)
        self._put(volume, target, self.outside.sizes[volume.id, source.id])

    async def download(self, volume: Volume, pool: StoragePool, path: Path) -> None:
        """Refuse: nothing is in a simulated volume.

        Raises:
            InvalidParameter: always.
        """
        del pool, path
        raise InvalidParameter(
            f"{volume} is simulated: nothing is in it; on real hosts it can be downloaded"
        )

    async def upload(self, volume: Volume, pool: StoragePool, path: Path) -> None:
        """Let the time pass that it takes to send so much; what is in `path` is not looked at."""
        del path
        self._check_there(volume, pool)
        await self.outside.spend("blocks.upload", volume, disk_gib=volume.size_mib / MIB_PER_GIB)
        self._check_there(volume, pool)

    async def volumes(self, pool: StoragePool) -> set[int]:
        """Return the volumes that lie on `pool`."""
        await self.outside.spend("blocks.volumes", pool)
        return {volume for volume, there in self.outside.disks if there == pool.id}

    def _put(self, volume: Volume, pool: StoragePool, size_mib: int) -> None:
        self.outside.disks.add((volume.id, pool.id))
        self.outside.sizes[volume.id, pool.id] = size_mib

    def _lose_snapshots(self, volume: Volume) -> None:
        """Let the snapshots of a machine go with its root disk: they are kept in its disks."""
        vm, outside = volume.vm, self.outside
        if vm is not None and volume.type is VolumeType.ROOT and outside.snapshots:
            outside.snapshots = {each for each in outside.snapshots if each[1] != vm.id}

    def _check_there(self, volume: Volume, pool: StoragePool) -> None:
        """Raise a fault if `volume` is not on `pool`.

        Raises:
            DriverFault: it is not.
        """
        if (volume.id, pool.id) not in self.outside.disks:
            raise DriverFault(f"{volume} is not on {pool}")


class SimulatedImageStores:
    """Brings templates to primary storage by remembering that they are there."""

    def __init__(self, outside: Outside) -> None:
        """Work on `outside`."""
        self.outside = outside

    async def stage(self, template: Template, pool: StoragePool) -> None:
        """Copy `template` to `pool`."""
        gib = template.size_mib / MIB_PER_GIB
        await self.outside.spend("images.stage", template, disk_gib=gib)
        self.outside.images.add((template.id, pool.id))

    async def evict(self, template: Template, pool: StoragePool) -> None:
        """Make sure no copy of `template` is on `pool`."""
        if (template.id, pool.id) in self.outside.images:
            await self.outside.spend("images.evict", template)
            self.outside.images.discard((template.id, pool.id))

    async def copies(self, pool: StoragePool) -> set[int]:
        """Return the templates that have a copy on `pool`."""
        await self.outside.spend("images.copies", pool)
        return {template for template, there in self.outside.images if there == pool.id}
