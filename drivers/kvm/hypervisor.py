"""The hypervisor of real hosts: QEMU, with or without KVM, through libvirt."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from cloudlab.errors import CloudError, HostFault
from cloudlab.ports import PowerState
from drivers.kvm import domains, hot_plug, migration, power, screens
from drivers.kvm.faults import is_lost
from drivers.kvm.patience import within
from drivers.kvm.records import guest_of, new_password
from drivers.kvm.snapshotting import Snapshotting
from drivers.kvm.stats import GuestStats, all_stats
from drivers.kvm.xml import domain_xml

if TYPE_CHECKING:
    import libvirt

    from cloudlab.model import Host, VirtualMachine, Volume

PING_SECONDS: Final = 2.0
"""How long a host may take to say that it is there."""

_MIGRATION: Final = 3600.0
"""Seconds; a migration that is stuck is called off far sooner."""


class KvmHypervisor(Snapshotting):
    """Runs machines as libvirt domains that bear this lab's mark; no others are touched.

    A domain is defined only while its machine runs: what is off leaves nothing on any host.
    A host that does not answer is never said to have no machines.
    """

    async def connect(self, host: Host) -> None:
        """Make contact with `host` and claim it for this lab.

        What it still has defined of machines that fell with its power is removed.

        Raises:
            HostFault: it does not answer.
            DriverFault: it belongs to another lab.
        """
        await self.contacts.connect(host)
        owner = self.contacts.site.owner
        await self.contacts.ask(host, "forgetting what fell", domains.forget_fallen, owner)

    async def disconnect(self, host: Host) -> None:
        """End the contact and give up the claim; what runs there goes on."""
        await self.contacts.disconnect(host)

    def close(self) -> None:
        """Let go of the connections to all hosts; what runs there, and the claims, stay."""
        self.contacts.close()

    async def ping(self, host: Host) -> bool:
        """Return whether there is contact and libvirt answers."""
        if not self.contacts.has(host):
            return False
        try:
            await self.contacts.ask(host, "pinging libvirt", _version)
        except CloudError:
            return False
        return True

    async def start(self, vm: VirtualMachine, host: Host) -> None:
        """Boot `vm` on `host`; it runs afterwards, and will be up when its system is.

        Raises:
            HostFault: the host does not answer, or lacks what the machine needs.
            AlreadyRunning: it runs there.
            DriverFault: its disks are in use elsewhere, or a domain of its name is not ours.
        """
        site = self.contacts.site
        guest = guest_of(vm, site.of(host), site.owner, self.options, new_password())
        await self._ask(host, "starting", vm, domains.begin, domain_xml(guest))

    async def stop(self, vm: VirtualMachine, host: Host, *, forced: bool = False) -> None:
        """Shut `vm` down, or pull its plug if `forced`.

        Raises:
            HostFault: the host does not answer.
            DriverFault: the guest did not shut down in time; it still runs.
        """
        if not forced:
            await self._patiently(
                partial(self._ask, host, "shutting down", vm, power.press),
                partial(self._runs, vm, host),
                self.options.shutdown_seconds,
                f"{vm} did not shut down within {self.options.shutdown_seconds:g} s and still "
                f"runs on {host}; force it to stop, or look at its console",
            )
        await self.destroy(vm, host)

    async def reboot(self, vm: VirtualMachine, host: Host) -> None:
        """Restart `vm` where it is: as its system wants it, or by reset if that does nothing.

        Raises:
            DriverFault: it does not run there.
        """
        await self._ask(host, "rebooting", vm, power.restart, self.options.reboot_seconds)

    async def destroy(self, vm: VirtualMachine, host: Host) -> None:
        """Make sure nothing of `vm` runs or is defined on `host`.

        Raises:
            HostFault: the host does not answer, so nobody can be sure.
        """
        await self._ask(host, "destroying", vm, domains.end)

    async def migrate(self, vm: VirtualMachine, source: Host, target: Host) -> None:
        """Move the running `vm` from `source` to `target` without stopping it.

        Raises:
            HostFault: the target does not answer, failed meanwhile or made no progress, or the
                contact with the source broke; the machine goes on where it was.
            DriverFault: it does not run on `source`.
        """
        await self._ask(source, "moving", vm, domains.running)
        await self._ask(target, "making room for", vm, domains.make_room)
        access = self.contacts.site.of(target)
        plan = migration.Move(
            self._who(vm),
            str(target),
            migration.peer_uri(access),
            f"tcp://{access.address}",
            access.address,
            partial(self.contacts.lives, target),
            partial(self.contacts.lent, source),
            self.options.stalled_seconds,
        )
        try:
            what = f"moving {vm} to {target}"
            await self.contacts.ask(source, what, migration.move, plan, timeout=_MIGRATION)
        except CloudError as error:
            if await self._runs(vm, source):
                raise await self._stayed(vm, source, target, error) from error
            if await self.power_state(vm, target) is not PowerState.ON:
                raise HostFault(str(error), target.name) from error

    async def _stayed(
        self, vm: VirtualMachine, source: Host, target: Host, error: CloudError
    ) -> HostFault:
        """Remove what is left on `target` of a migration that failed; return why it did.

        A target that is gone may be known to the source before it is known here: so whether
        it answers is told by this, not by the error alone.
        """
        message, silent = str(error), migration.gone(str(target))
        try:
            await self.destroy(vm, target)
        except HostFault:  # it is down or cut off; libvirt there gives up by itself
            if silent not in message:
                message = f"{vm} did not move to {target}: {silent} ({error.__cause__ or error})"
            return HostFault(message, target.name)
        if isinstance(error, HostFault) and error.host_name == source.name and is_lost(error):
            return error
        return HostFault(message, target.name)

    async def power_state(self, vm: VirtualMachine, host: Host) -> PowerState:
        """Return what `host` says of `vm`: unknown if it says nothing, never off for that."""
        try:
            return await self.power_at(vm, host)
        except HostFault:
            return PowerState.UNKNOWN

    async def guests(self, host: Host) -> dict[int, PowerState]:
        """Return every machine of this lab that is defined on `host`, with its power state.

        Raises:
            HostFault: the host does not answer.
        """
        owner = self.contacts.site.owner
        return await self.contacts.ask(host, "listing machines", domains.all_ours, owner)

    async def halted(self, host: Host) -> dict[int, set[int]]:
        """Return the machines of this lab on `host` that stand still as storage was full.

        Raises:
            HostFault: the host does not answer.
        """
        owner = self.contacts.site.owner
        return await self.contacts.ask(host, "looking for halted machines", domains.halted, owner)

    async def resume(self, vm: VirtualMachine, host: Host) -> None:
        """Let `vm` go on that stands still as storage was full.

        Raises:
            DriverFault: it does not run there.
        """
        await self._ask(host, "resuming", vm, domains.resume)

    async def attach(self, vm: VirtualMachine, volume: Volume, host: Host) -> None:
        """Give the running `vm` one more disk.

        Raises:
            DriverFault: it does not run there, or the disk is in use elsewhere.
        """
        await self._ask(host, f"attaching {volume} to", vm, hot_plug.give_disk, volume)

    async def detach(self, vm: VirtualMachine, volume: Volume, host: Host) -> None:
        """Make sure `vm` does not have `volume`, once its system has let go of it.

        Raises:
            DriverFault: it does not let go in time; it still has it.
        """
        doing = f"detaching {volume} from"
        seconds = self.options.detach_seconds
        await self._patiently(
            partial(self._ask, host, doing, vm, hot_plug.take_disk, volume),
            partial(self._ask, host, doing, vm, hot_plug.has_disk, volume),
            seconds,
            f"{vm} does not let go of {volume} within {seconds:g} s; is it mounted inside?",
        )

    async def console(self, vm: VirtualMachine, host: Host) -> str:
        """Return where the screen of the running `vm` can be seen, as `vnc://10.0.0.11:5900`.

        Raises:
            DriverFault: it does not run there.
        """
        port = await self._ask(host, "finding the screen of", vm, screens.port)
        return f"vnc://{self.contacts.site.of(host).address}:{port}"

    async def screen_password(self, vm: VirtualMachine, host: Host) -> str:
        """Return what VNC asks for at the screen of the running `vm`; show it to its owner only.

        Raises:
            DriverFault: it does not run there.
        """
        return await self._ask(host, "opening the screen of", vm, screens.password)

    async def stats(self, host: Host) -> dict[int, GuestStats]:
        """Return what the machines of this lab that run on `host` used, by id."""
        owner = self.contacts.site.owner
        return await self.contacts.ask(host, "measuring machines", all_stats, owner)

    async def set_vcpus(self, vm: VirtualMachine, vcpus: int, host: Host) -> None:
        """Let the running `vm` have more vCPUs, up to `KvmOptions.vcpu_headroom` times its own."""
        await self._ask(host, "changing the vCPUs of", vm, hot_plug.set_vcpus, vcpus)

    async def set_ram(self, vm: VirtualMachine, ram_mib: int, host: Host) -> None:
        """Let the running `vm` have so much RAM, up to `KvmOptions.ram_headroom` times its own."""
        await self._ask(host, "changing the RAM of", vm, hot_plug.set_ram, ram_mib)


def _version(connection: libvirt.virConnect) -> int:
    """Return libvirt's version: the shortest question that goes to the host and back.

    Raises:
        TimedOut: no answer in time; that says that the host is silent, sooner than keepalive.
    """
    return int(within(PING_SECONDS, connection.getLibVersion, "a ping"))
