"""Snapshots of machines that run, and of those that are off: see `snapshots` for how."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from cloudlab.errors import CloudError, DriverFault
from cloudlab.model import VmSnapshotType
from drivers.kvm import domains, snapshots
from drivers.kvm.asking import SLOW, Asking
from drivers.kvm.notes import name_of
from drivers.kvm.records import disks_of
from drivers.kvm.storage.folders import run
from drivers.kvm.storage.places import folder_of, snapshot_file

if TYPE_CHECKING:
    from cloudlab.model import Host, VirtualMachine, VmSnapshot
    from drivers.site import Access

_PRIVATE: Final = 0o600
"""The document of a snapshot holds the password of the machine's screen."""


class Snapshotting(Asking):
    """Takes snapshots, goes back to them, drops them."""

    async def snapshot(self, vm: VirtualMachine, snapshot: VmSnapshot, host: Host) -> None:
        """Keep the disks of `vm` as they are now, and its memory if that is asked for.

        Raises:
            DriverFault: memory is wanted of a machine that is off; or the storage is full.
        """
        if await self._runs(vm, host):
            await self._snapshot_running(vm, snapshot, host)
            return
        if _with_memory(snapshot):
            raise DriverFault(f"{vm} does not run on {host}, so there is no memory to keep")
        words = name_of(snapshot.id), *self._files(vm).values()
        await self._do(host, f"taking {snapshot} of {vm}", snapshots.TAKE, *words)

    async def _snapshot_running(self, vm: VirtualMachine, snapshot: VmSnapshot, host: Host) -> None:
        note, name = self._note(vm, snapshot), name_of(snapshot.id)
        frozen = not _with_memory(snapshot)
        document = await self._ask(host, "taking a snapshot of", vm, snapshots.take, name, frozen)
        try:
            await self.contacts.shell(host, _put, document, note)
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
            files = self._files(vm)
            await self._ask(host, "reverting", vm, snapshots.restore, document, address, files)
            return
        await self._ask(host, "cutting off", vm, domains.end)
        words = name_of(snapshot.id), *self._files(vm).values()
        await self._do(host, f"reverting {vm} to {snapshot}", snapshots.GO_BACK, *words)

    async def _document(self, vm: VirtualMachine, snapshot: VmSnapshot, host: Host) -> str:
        """Return the document of a snapshot with memory.

        Raises:
            DriverFault: there is none, so the machine has no such snapshot.
        """
        try:
            return await self.contacts.shell(host, _get, self._note(vm, snapshot))
        except DriverFault as fault:
            raise DriverFault(f"{vm} has no {snapshot} to go back to: {fault}") from fault

    async def drop_snapshot(self, vm: VirtualMachine, snapshot: VmSnapshot, host: Host) -> None:
        """Make sure `snapshot` takes no space any more; the disks stay as they are."""
        name, files = name_of(snapshot.id), list(self._files(vm).values())
        if await self._ask(host, f"dropping {snapshot} of", vm, snapshots.drop, name):
            files = []
        words = name, self._note(vm, snapshot), *files
        await self._do(host, f"dropping {snapshot} of {vm}", snapshots.DROP, *words)

    def _note(self, vm: VirtualMachine, snapshot: VmSnapshot) -> str:
        """Return the path of the document of a snapshot: beside the root volume."""
        root = vm.volumes[0]
        if root.pool is None:
            raise DriverFault(f"{vm} has no root disk yet, so there is nothing to keep")
        folder = folder_of(root.pool, self.contacts.site.lab_id)
        return str(folder.path / snapshot_file(root, snapshot.id))

    def _files(self, vm: VirtualMachine) -> dict[str, str]:
        """Return the path of every disk of `vm`, by serial number, the root disk first.

        Raises:
            DriverFault: one of them is no file.
        """
        files = {disk.serial: disk.file for disk in disks_of(vm, self.contacts.site.lab_id)}
        if not all(files.values()):
            raise DriverFault(f"{vm} has a disk on a server; only disks in folders can do that")
        return files

    async def _do(self, host: Host, what: str, script: str, *words: str) -> None:
        await self.contacts.shell(host, partial(_run, what=what, script=script, words=words))


def _with_memory(snapshot: VmSnapshot) -> bool:
    return snapshot.type is VmSnapshotType.DISK_AND_MEMORY


def _put(access: Access, document: str, path: str) -> None:
    access.shell.put(document.encode(), path, mode=_PRIVATE)


def _get(access: Access, path: str) -> str:
    return access.shell.get(path).decode()


def _run(access: Access, *, what: str, script: str, words: tuple[str, ...]) -> None:
    run(access, what, script, *words, timeout=SLOW)
