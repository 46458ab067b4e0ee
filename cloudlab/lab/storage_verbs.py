"""What a lab does with disks: volumes made, attached, resized, moved; snapshots; the screen."""

from __future__ import annotations

from cloudlab.errors import NotFound
from cloudlab.lab.bench import Bench
from cloudlab.model import (
    Account,
    Command,
    DiskOffering,
    StoragePool,
    VirtualMachine,
    VmSnapshot,
    Volume,
    Zone,
)
from cloudlab.units import mib
from cloudlab.workflows import snapshots, volumes
from cloudlab.workflows.console import console

Vm = VirtualMachine


class StorageVerbs(Bench):
    """The verbs of volumes and snapshots; each returns what it made or changed."""

    def create_volume(
        self,
        name: str = "",
        offering: DiskOffering | str | None = None,
        *,
        size_gib: float | None = None,
        account: Account | str | None = None,
        zone: Zone | str | None = None,
    ) -> Volume:
        """Make a data volume; it takes space when it is attached first.

        Args:
            name: what to call it; made up if not given.
            offering: its size; the first disk offering if not given.
            size_gib: its size, for a customized offering.
            account: who owns it; admin if not given.
            zone: where; the first zone if not given.

        Raises:
            InvalidParameter: something asked for is not allowed.
        """
        stock = self.cloud.inventory
        work = volumes.create_volume(
            self.cloud,
            self.the(stock.accounts, account or self.cloud.admin),
            self.the(stock.zones, zone),
            name,
            self.the(stock.disk_offerings, offering),
            size_mib=None if size_gib is None else mib(size_gib),
        )
        return self.do(Command.CREATE_VOLUME, name or "volume", work)

    def attach(self, volume: Volume | str, vm: Vm | str) -> Volume:
        """Give a data volume to a machine; one that runs sees it at once."""
        it = self._volume(volume)
        machine = self.the(self.cloud.inventory.vms, vm)
        return self.do(Command.ATTACH_VOLUME, it, volumes.attach(self.cloud, it, machine))

    def detach(self, volume: Volume | str) -> Volume:
        """Take a data volume off its machine; what is on it stays."""
        it = self._volume(volume)
        return self.do(Command.DETACH_VOLUME, it, volumes.detach(self.cloud, it))

    def resize(
        self,
        volume: Volume | str,
        size_gib: float | None = None,
        *,
        offering: DiskOffering | str | None = None,
        shrink: bool = False,
    ) -> Volume:
        """Make a volume larger, or smaller if `shrink` allows it.

        Args:
            volume: which one.
            size_gib: the new size; a disk of a fixed offering needs a new offering instead.
            offering: the new disk offering.
            shrink: whether what lies beyond the new end may be lost.
        """
        it = self._volume(volume)
        new = None if offering is None else self.the(self.cloud.inventory.disk_offerings, offering)
        size = None if size_gib is None else mib(size_gib)
        work = volumes.resize(self.cloud, it, size, offering=new, shrink=shrink)
        return self.do(Command.RESIZE_VOLUME, it, work)

    def migrate_volume(self, volume: Volume | str, pool: StoragePool | str) -> Volume:
        """Move a volume that nothing runs on to another pool."""
        it = self._volume(volume)
        target = self.the(self.cloud.inventory.pools, pool)
        return self.do(Command.MIGRATE_VOLUME, it, volumes.migrate(self.cloud, it, target))

    def delete_volume(self, volume: Volume | str) -> Volume:
        """Remove a volume that belongs to no machine, with all that is on it."""
        it = self._volume(volume)
        return self.do(Command.DELETE_VOLUME, it, volumes.delete(self.cloud, it))

    def snapshot(self, vm: Vm | str, name: str = "", *, memory: bool = False) -> VmSnapshot:
        """Keep all disks of a machine as they are now, and its memory if that is asked for."""
        it = self.the(self.cloud.inventory.vms, vm)
        work = snapshots.create(self.cloud, it, name, memory=memory)
        return self.do(Command.CREATE_VM_SNAPSHOT, it, work)

    def revert(self, vm: Vm | str, snapshot: VmSnapshot | str | None = None) -> Vm:
        """Take a machine back to a snapshot of it, the last one if none is given."""
        it = self.the(self.cloud.inventory.vms, vm)
        chosen = self._snapshot(it, snapshot)
        return self.do(Command.REVERT_VM_SNAPSHOT, it, snapshots.revert(self.cloud, chosen))

    def delete_snapshot(self, vm: Vm | str, snapshot: VmSnapshot | str | None = None) -> VmSnapshot:
        """Delete a snapshot of a machine, the last one if none is given; its disks stay."""
        it = self._snapshot(self.the(self.cloud.inventory.vms, vm), snapshot)
        return self.do(Command.DELETE_VM_SNAPSHOT, it, snapshots.delete(self.cloud, it))

    def snapshots(self, vm: Vm | str) -> list[VmSnapshot]:
        """Return the snapshots of a machine, oldest first."""
        return volumes.snapshots_of(self.cloud, self.the(self.cloud.inventory.vms, vm))

    def console(self, vm: Vm | str) -> str:
        """Return where the screen of a running machine can be seen."""
        it = self.the(self.cloud.inventory.vms, vm)
        return self.finish(self.world.engine.spawn(console(self.cloud, it)))

    def _volume(self, volume: Volume | str) -> Volume:
        return self.the(self.cloud.inventory.volumes, volume)

    def _snapshot(self, vm: Vm, which: VmSnapshot | str | None) -> VmSnapshot:
        """Return the snapshot of `vm` that is meant."""
        there = volumes.snapshots_of(self.cloud, vm)
        name = which.name if isinstance(which, VmSnapshot) else which
        found = [each for each in there if name in (None, each.name)]
        if not found:
            names = ", ".join(each.name for each in there) or "none"
            raise NotFound(f"{vm} has no snapshot {name or ''}; there are: {names}")
        return found[-1]
