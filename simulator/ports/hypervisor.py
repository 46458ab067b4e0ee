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
        self.outside.check_alive(host)
        self.outside.connected.add(host.id)

    async def disconnect(self, host: Host) -> None:
        """End the contact."""
        await self.outside.spend("hypervisor.disconnect", host)
        self.outside.connected.discard(host.id)

    async def ping(self, host: Host) -> bool:
        """Return whether `host` answers."""
        await self.outside.spend("hypervisor.ping", host)
        return host.id not in self.outside.dead

    async def start(self, vm: VirtualMachine, host: Host) -> None:
        """Boot `vm` on `host`."""
        outside = self.outside
        outside.check_alive(host)
        await outside.spend("hypervisor.start", vm, ram_gib=_ram_gib(vm))
        outside.check_alive(host)
        outside.running[vm.id] = host.id

    async def stop(self, vm: VirtualMachine, host: Host, *, forced: bool = False) -> None:
        """Shut `vm` down, or pull its plug."""
        outside = self.outside
        outside.check_alive(host)
        await outside.spend("hypervisor.destroy" if forced else "hypervisor.stop", vm)
        outside.check_alive(host)
        outside.running.pop(vm.id, None)

    async def reboot(self, vm: VirtualMachine, host: Host) -> None:
        """Restart `vm` where it is."""
        self.outside.check_alive(host)
        await self.outside.spend("hypervisor.reboot", vm, ram_gib=_ram_gib(vm))
        self.outside.check_alive(host)

    async def destroy(self, vm: VirtualMachine, host: Host) -> None:
        """Make sure nothing of `vm` runs on `host`."""
        outside = self.outside
        if outside.running.get(vm.id) == host.id:
            await outside.spend("hypervisor.destroy", vm)
            del outside.running[vm.id]

    async def migrate(self, vm: VirtualMachine, source: Host, target: Host) -> None:
        """Move the running `vm` from `source` to `target`."""
        outside = self.outside
        outside.check_alive(source)
        outside.check_alive(target)
        await outside.spend("hypervisor.migrate", vm, ram_gib=_ram_gib(vm))
        outside.check_alive(source)
        outside.check_alive(target)
        if vm.id not in outside.running:
            raise DriverFault(f"{vm} does not run on {source} any more")
        outside.running[vm.id] = target.id

    async def power_state(self, vm: VirtualMachine, host: Host) -> PowerState:
        """Return what `host` says of `vm`."""
        await self.outside.spend("hypervisor.power_state", vm)
        if host.id in self.outside.dead:
            return PowerState.UNKNOWN
        on = self.outside.running.get(vm.id) == host.id
        return PowerState.ON if on else PowerState.OFF


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
