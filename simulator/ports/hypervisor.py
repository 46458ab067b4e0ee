"""Hypervisors and power of simulated hosts."""

from __future__ import annotations

from cloudlab.errors import DriverFault
from cloudlab.model import Host, VirtualMachine
from cloudlab.ports import PowerState
from cloudlab.units import MIB_PER_GIB
from simulator.outside import Outside


def _ram_gib(vm: VirtualMachine) -> float:
    return vm.offering.ram_mib / MIB_PER_GIB


class SimulatedHypervisor:
    """Runs machines by remembering that they run."""

    def __init__(self, outside: Outside) -> None:
        """Work on `outside`."""
        self.outside = outside

    async def connect(self, host: Host) -> None:
        """Make contact with `host`."""
        await self.outside.spend("hypervisor.connect", host)
        self.outside.connect(host)

    async def disconnect(self, host: Host) -> None:
        """End the contact; none is no error."""
        if host.id in self.outside.connected:
            await self.outside.spend("hypervisor.disconnect", host)
            self.outside.connected.discard(host.id)

    async def ping(self, host: Host) -> bool:
        """Return whether `host` answers: it lives, and there is contact."""
        await self.outside.spend("hypervisor.ping", host)
        return host.id in self.outside.connected

    async def start(self, vm: VirtualMachine, host: Host) -> None:
        """Boot `vm` on `host`; one that runs elsewhere keeps its disks locked."""
        outside = self.outside
        outside.check_contact(host)
        await outside.spend("hypervisor.start", vm, ram_gib=_ram_gib(vm))
        outside.check_contact(host)
        if outside.running.setdefault(vm.id, host.id) != host.id:
            raise DriverFault(f"{vm} cannot start on {host}: its disks are locked by another host")

    async def stop(self, vm: VirtualMachine, host: Host, *, forced: bool = False) -> None:
        """Shut `vm` down, or pull its plug, which takes as long as `destroy`."""
        outside = self.outside
        outside.check_contact(host)
        await outside.spend("hypervisor.destroy" if forced else "hypervisor.stop", vm)
        outside.check_contact(host)
        self._end(vm, host)

    async def reboot(self, vm: VirtualMachine, host: Host) -> None:
        """Restart `vm` where it is."""
        self._check_runs(vm, host)
        await self.outside.spend("hypervisor.reboot", vm, ram_gib=_ram_gib(vm))
        self._check_runs(vm, host)

    async def destroy(self, vm: VirtualMachine, host: Host) -> None:
        """Make sure nothing of `vm` runs on `host`."""
        if self.outside.running.get(vm.id) == host.id:
            await self.outside.spend("hypervisor.destroy", vm)
            self._end(vm, host)

    async def migrate(self, vm: VirtualMachine, source: Host, target: Host) -> None:
        """Move the running `vm` from `source` to `target`."""
        outside = self.outside
        self._check_runs(vm, source)
        outside.check_contact(target)
        await outside.spend("hypervisor.migrate", vm, ram_gib=_ram_gib(vm))
        self._check_runs(vm, source)
        outside.check_contact(target)
        outside.running[vm.id] = target.id

    async def power_state(self, vm: VirtualMachine, host: Host) -> PowerState:
        """Return what `host` says of `vm`."""
        await self.outside.spend("hypervisor.power_state", vm)
        if host.id not in self.outside.connected:
            return PowerState.UNKNOWN
        on = self.outside.running.get(vm.id) == host.id
        return PowerState.ON if on else PowerState.OFF

    def _check_runs(self, vm: VirtualMachine, host: Host) -> None:
        """Refuse to do anything to a machine that does not run where it should.

        Raises:
            HostFault: `host` is broken.
            DriverFault: it does not run there.
        """
        self.outside.check_contact(host)
        if self.outside.running.get(vm.id) != host.id:
            raise DriverFault(f"{vm} does not run on {host}")

    def _end(self, vm: VirtualMachine, host: Host) -> None:
        """Let `vm` run on `host` no more."""
        if self.outside.running.get(vm.id) == host.id:
            del self.outside.running[vm.id]


class SimulatedPower:
    """Cuts and gives power by remembering it."""

    def __init__(self, outside: Outside) -> None:
        """Work on `outside`."""
        self.outside = outside

    async def off(self, host: Host) -> bool:
        """Cut the power of `host`; return whether it is certainly off."""
        await self.outside.spend("power.off", host)
        if host.id in self.outside.unfenceable:
            return False
        self.outside.break_host(host)
        return True

    async def on(self, host: Host) -> None:
        """Switch `host` on."""
        await self.outside.spend("power.on", host)
        self.outside.repair_host(host)

    async def state(self, host: Host) -> PowerState:
        """Return whether `host` has power."""
        await self.outside.spend("power.state", host)
        if host.id in self.outside.unfenceable:
            return PowerState.UNKNOWN
        return PowerState.OFF if host.id in self.outside.dead else PowerState.ON
