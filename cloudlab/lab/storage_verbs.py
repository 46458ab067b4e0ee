"""What a lab does with disks: volumes made, attached, resized, moved; snapshots; the screen."""

from __future__ import annotations

from pathlib import Path

from cloudlab.errors import NotFound
from cloudlab.lab.bench import Bench
from cloudlab.lab.finding import Which
from cloudlab.lab.words import mib_of, new_file, old_file, text
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
from cloudlab.workflows import snapshots, volumes
from cloudlab.workflows.console import console, screen_password

Vm = VirtualMachine


class StorageVerbs(Bench):
    """The verbs of volumes and snapshots; each returns what it made or changed."""

    def create_volume(
        self,
        name: str = "",
        offering: Which[DiskOffering] | None = None,
        *,
        size_gib: float | None = None,
        account: Which[Account] | None = None,
        zone: Which[Zone] | None = None,
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
            self.owner(account),
            self.the_or_first(stock.zones, zone),
            text("name", name),
            self.the_or_first(stock.disk_offerings, offering),
            size_mib=None if size_gib is None else mib_of("size_gib", size_gib),
        )
        return self.do(Command.CREATE_VOLUME, name or "volume", work)

    def attach(self, volume: Which[Volume], vm: Which[Vm]) -> Volume:
        """Give a data volume to a machine; one that runs sees it at once."""
        it = self._volume(volume)
        machine = self.the(self.cloud.inventory.vms, vm)
        return self.do(Command.ATTACH_VOLUME, it, volumes.attach(self.cloud, it, machine))

    def detach(self, volume: Which[Volume]) -> Volume:
        """Take a data volume off its machine; what is on it stays."""
        it = self._volume(volume)
        return self.do(Command.DETACH_VOLUME, it, volumes.detach(self.cloud, it))

    def resize(
        self,
        volume: Which[Volume],
        size_gib: float | None = None,
        *,
        offering: Which[DiskOffering] | None = None,
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
        size = None if size_gib is None else mib_of("size_gib", size_gib)
        work = volumes.resize(self.cloud, it, size, offering=new, shrink=shrink)
        return self.do(Command.RESIZE_VOLUME, it, work)

    def migrate_volume(self, volume: Which[Volume], pool: Which[StoragePool]) -> Volume:
        """Move a volume that nothing runs on to another pool."""
        it = self._volume(volume)
        target = self.the(self.cloud.inventory.pools, pool)
        return self.do(Command.MIGRATE_VOLUME, it, volumes.migrate(self.cloud, it, target))

    def upload_volume(
        self,
        path: str | Path,
        name: str = "",
        offering: Which[DiskOffering] | None = None,
        *,
        size_gib: float | None = None,
        pool: Which[StoragePool] | None = None,
        account: Which[Account] | None = None,
        zone: Which[Zone] | None = None,
    ) -> Volume:
        """Make a data volume with what is in a file: a whole qcow2 image.

        Args:
            path: the file; a simulation only looks whether it is there.
            name: what to call the volume; made up if not given.
            offering: its size, that of the image or more; the first disk offering if not given.
            size_gib: its size, for a customized offering.
            pool: where it goes; where most room is if not given.
            account: who owns it; admin if not given.
            zone: where; the first zone if not given.

        Raises:
            InvalidParameter: something asked for is not allowed.
            CloudError: the file is no such image; there is no volume.
        """
        stock = self.cloud.inventory
        work = volumes.upload(
            self.cloud,
            self.owner(account),
            self.the_or_first(stock.zones, zone),
            text("name", name),
            self.the_or_first(stock.disk_offerings, offering),
            path=old_file("path", path),
            size_mib=None if size_gib is None else mib_of("size_gib", size_gib),
            pool=None if pool is None else self.the(stock.pools, pool),
        )
        return self.do(Command.UPLOAD_VOLUME, name or "volume", work)

    def download_volume(self, volume: Which[Volume], path: str | Path) -> Path:
        """Write all of a volume that nothing runs on to a new file, and return the file.

        It is one whole qcow2 image: what came from a template is in it, snapshots are not.

        Raises:
            InvalidParameter: something is in the place of the file, or the volume is simulated.
            Conflict: its machine is not Stopped, or nothing is in it yet.
        """
        it, file = self._volume(volume), new_file("path", path)
        self.do(Command.EXTRACT_VOLUME, it, volumes.download(self.cloud, it, file))
        return file

    def delete_volume(self, volume: Which[Volume]) -> Volume:
        """Remove a volume that belongs to no machine, with all that is on it."""
        it = self._volume(volume)
        return self.do(Command.DELETE_VOLUME, it, volumes.delete(self.cloud, it))

    def snapshot(self, vm: Which[Vm], name: str = "", *, memory: bool = False) -> VmSnapshot:
        """Keep all disks of a machine as they are now, and its memory if that is asked for."""
        it = self.the(self.cloud.inventory.vms, vm)
        work = snapshots.create(self.cloud, it, text("name", name), memory=memory)
        return self.do(Command.CREATE_VM_SNAPSHOT, it, work)

    def revert(self, vm: Which[Vm], snapshot: Which[VmSnapshot] | None = None) -> Vm:
        """Take a machine back to a snapshot of it, the last one if none is given."""
        it = self.the(self.cloud.inventory.vms, vm)
        chosen = self._snapshot(it, snapshot)
        return self.do(Command.REVERT_VM_SNAPSHOT, it, snapshots.revert(self.cloud, chosen))

    def delete_snapshot(
        self, vm: Which[Vm], snapshot: Which[VmSnapshot] | None = None
    ) -> VmSnapshot:
        """Delete a snapshot of a machine, the last one if none is given; its disks stay."""
        it = self._snapshot(self.the(self.cloud.inventory.vms, vm), snapshot)
        return self.do(Command.DELETE_VM_SNAPSHOT, it, snapshots.delete(self.cloud, it))

    def snapshots(self, vm: Which[Vm]) -> list[VmSnapshot]:
        """Return the snapshots of a machine, oldest first."""
        return volumes.snapshots_of(self.cloud, self.the(self.cloud.inventory.vms, vm))

    def console(self, vm: Which[Vm]) -> str:
        """Return where the screen of a running machine can be seen; see `console_password`."""
        it = self.the(self.cloud.inventory.vms, vm)
        return self.ask(console(self.cloud, it))

    def console_password(self, vm: Which[Vm]) -> str:
        """Return what the screen of a running machine on a real host asks for.

        It lets whoever has it look and type: show it to the owner of the machine only.

        Raises:
            Conflict: the machine is not Running.
            InvalidParameter: it is simulated: there is no screen to look at.
        """
        it = self.the(self.cloud.inventory.vms, vm)
        return self.ask(screen_password(self.cloud, it))

    def _volume(self, volume: Which[Volume]) -> Volume:
        return self.the(self.cloud.inventory.volumes, volume)

    def _snapshot(self, vm: Vm, which: Which[VmSnapshot] | None) -> VmSnapshot:
        """Return the snapshot of `vm` that is meant."""
        there = volumes.snapshots_of(self.cloud, vm)
        asked = which.name if isinstance(which, VmSnapshot) else which
        found = [each for each in there if asked is None or asked in (each.name, each.id)]
        if not found:
            names = ", ".join(each.name for each in there) or "none"
            said = "" if asked is None else f" {asked}"
            raise NotFound(f"{vm} has no snapshot{said}; there are: {names}")
        return found[-1]
