"""Snapshots of machines that run, and of those that are off: see `snapshots` for how."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cloudlab.errors import CloudError, DriverFault
from cloudlab.model import VmSnapshotType
from drivers.kvm import domains, snapshots
from drivers.kvm.asking import SLOW, Asking
from drivers.kvm.notes import name_of
from drivers.kvm.records import disks_of
from drivers.kvm.storage.documents import Document
from drivers.kvm.storage.folders import run
from drivers.kvm.storage.places import place_of_volume, snapshot_file
from drivers.kvm.storage.servers.kinds import where

if TYPE_CHECKING:
    from cloudlab.model import Host, VirtualMachine, VmSnapshot
    from drivers.site import Access


class Snapshotting(Asking):
    """Takes snapshots, goes back to them, drops them."""

    async def snapshot(self, vm: VirtualMachine, snapshot: VmSnapshot, host: Host) -> None:
        """Keep the disks of `vm` as they are now, and its memory if that is asked for.

        Raises:
            DriverFault: memory is wanted of a machine that is off, or whose root disk is where no
                document of it can be kept; or the storage is full.
        """
        if await self._runs(vm, host):
            await self._snapshot_running(vm, snapshot, host)
            return
        if _with_memory(snapshot):
            raise DriverFault(f"{vm} does not run on {host}, so there is no memory to keep")
        words = name_of(snapshot.id), *self._images(vm)
        await self._do(host, f"taking {snapshot} of {vm}", snapshots.TAKE, *words)

    async def _snapshot_running(self, vm: VirtualMachine, snapshot: VmSnapshot, host: Host) -> None:
        note, name = self._note(vm, snapshot), name_of(snapshot.id)
        has_memory = _with_memory(snapshot)
        if has_memory:
            note.check()
        document = await self._ask(
            host, "taking a snapshot of", vm, snapshots.take, name, not has_memory
        )
        if not note.can_be:
            return
        try:
            await self.contacts.shell(host, note.put, document.encode())
        except CloudError:
            await self.drop_snapshot(vm, snapshot, host)
            raise

    async def revert(self, vm: VirtualMachine, snapshot: VmSnapshot, host: Host) -> None:
        """Make the disks of `vm` what they were; with memory it runs on, without it is off.

        Raises:
            DriverFault: it has no such snapshot.
        """
        if _with_memory(snapshot):
            document = await self._document(vm, snapshot, host)
            address = self.contacts.site.of(host).address
            disks = disks_of(vm, self.contacts.site.lab_id)
            await self._ask(host, "reverting", vm, snapshots.restore, document, address, disks)
            return
        await self._ask(host, "cutting off", vm, domains.end)
        words = name_of(snapshot.id), *self._images(vm)
        await self._do(host, f"reverting {vm} to {snapshot}", snapshots.GO_BACK, *words)

    async def _document(self, vm: VirtualMachine, snapshot: VmSnapshot, host: Host) -> str:
        """Return the document of a snapshot with memory.

        Raises:
            DriverFault: there is none, so the machine has no such snapshot.
        """
        try:
            return (await self.contacts.shell(host, self._note(vm, snapshot).get)).decode()
        except DriverFault as fault:
            raise DriverFault(f"{vm} has no {snapshot} to go back to: {fault}") from fault

    async def drop_snapshot(self, vm: VirtualMachine, snapshot: VmSnapshot, host: Host) -> None:
        """Make sure `snapshot` takes no space any more; the disks stay as they are."""
        name, images = name_of(snapshot.id), self._images(vm)
        if await self._ask(host, f"dropping {snapshot} of", vm, snapshots.drop, name):
            images = []
        await self._do(host, f"dropping {snapshot} of {vm}", snapshots.DROP, name, *images)
        await self.contacts.shell(host, self._note(vm, snapshot).drop)

    def _note(self, vm: VirtualMachine, snapshot: VmSnapshot) -> Document:
        """Return the document of a snapshot: beside the root volume."""
        root = vm.volumes[0]
        place = place_of_volume(root, self.contacts.site.lab_id)
        return Document(place, snapshot_file(root, snapshot.id), f"{snapshot} of {vm}")

    def _images(self, vm: VirtualMachine) -> list[str]:
        """Return what QEMU's tools call the disks of `vm`, the root disk first.

        Raises:
            DriverFault: one of them is on no pool.
        """
        lab_id = self.contacts.site.lab_id
        return [where(volume, place_of_volume(volume, lab_id)) for volume in vm.volumes]

    async def _do(self, host: Host, what: str, script: str, *words: str) -> None:
        await self.contacts.shell(host, partial(_run, what=what, script=script, words=words))


def _with_memory(snapshot: VmSnapshot) -> bool:
    return snapshot.type is VmSnapshotType.DISK_AND_MEMORY


def _run(access: Access, *, what: str, script: str, words: tuple[str, ...]) -> None:
    run(access, what, script, *words, timeout=SLOW)
