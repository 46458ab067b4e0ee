"""Hypervisors, power and probes of simulated hosts."""

from __future__ import annotations

from cloudlab.errors import AlreadyRunning, DriverFault
from cloudlab.model import Host, VirtualMachine, VmSnapshot, VmSnapshotType, Volume
from cloudlab.ports import PowerState
from cloudlab.units import MIB_PER_GIB
from simulator.outside import Outside


def _ram_gib(vm: VirtualMachine) -> float:
    return vm.offering.ram_mib / MIB_PER_GIB


def _sizes(vm: VirtualMachine, volume: Volume) -> dict[str, float]:
    return {"ram_gib": _ram_gib(vm), "disk_gib": volume.size_mib / MIB_PER_GIB}


class SimulatedHypervisor:
    """Runs machines by remembering that they run."""

    def __init__(self, outside: Outside) -> None:
        """Work on `outside`."""
        self.outside = outside

    async def connect(self, host: Host) -> None:
        """Make contact with `host`."""
        await self.outside.ask("hypervisor.connect", host)
        self.outside.connect(host)

    async def disconnect(self, host: Host) -> None:
        """End the contact; none is no error."""
        if host.id in self.outside.connected:
            await self.outside.spend("hypervisor.disconnect", host)
            self.outside.connected.discard(host.id)

    async def ping(self, host: Host) -> bool:
        """Return whether `host` answers: it lives, and there is contact."""
        await self.outside.ask("hypervisor.ping", host)
        return host.id in self.outside.connected

    async def start(self, vm: VirtualMachine, host: Host) -> None:
        """Boot `vm` on `host`; one that runs elsewhere keeps its disks locked."""
        outside = self.outside
        outside.check_contact(host)
        await outside.spend("hypervisor.start", vm, ram_gib=_ram_gib(vm))
        outside.check_contact(host)
        if vm.id in outside.running:
            if outside.running[vm.id] == host.id:
                raise AlreadyRunning(f"{vm} runs already on {host}; it was left alone")
            raise DriverFault(f"{vm} cannot start on {host}: its disks are locked by another host")
        outside.running[vm.id] = host.id
        outside.attached[vm.id] = {volume.id for volume in vm.volumes}

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
        """Make sure nothing of `vm` runs on `host`; what runs there needs contact to be ended."""
        outside = self.outside
        if outside.running.get(vm.id) == host.id:
            outside.check_contact(host)
            await outside.spend("hypervisor.destroy", vm)
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

    async def guests(self, host: Host) -> dict[int, PowerState]:
        """Return what runs on `host`."""
        self.outside.check_contact(host)
        await self.outside.spend("hypervisor.guests", host)
        self.outside.check_contact(host)
        running = self.outside.running.items()
        return {vm: PowerState.ON for vm, there in sorted(running) if there == host.id}

    async def halted(self, host: Host) -> dict[int, set[int]]:
        """Return what stands still on `host`; to ask takes no time."""
        outside = self.outside
        if not outside.full:
            return {}
        outside.check_contact(host)
        there = {volume for volume, pool in outside.disks if pool in outside.full}
        attached = outside.attached.items()
        waiting = {vm: has & there for vm, has in attached if outside.running[vm] == host.id}
        return {vm: volumes for vm, volumes in waiting.items() if volumes}

    async def resume(self, vm: VirtualMachine, host: Host) -> None:
        """Let `vm` go on; on a pool that is still full it stands still again."""
        self._check_runs(vm, host)
        await self.outside.spend("hypervisor.resume", vm)
        self._check_runs(vm, host)

    async def attach(self, vm: VirtualMachine, volume: Volume, host: Host) -> None:
        """Give the running `vm` one more disk."""
        self._check_runs(vm, host)
        await self.outside.spend("hypervisor.attach", vm, **_sizes(vm, volume))
        self._check_runs(vm, host)
        self.outside.attached[vm.id].add(volume.id)

    async def detach(self, vm: VirtualMachine, volume: Volume, host: Host) -> None:
        """Take a disk off `vm`; off already is no error."""
        outside = self.outside
        if outside.running.get(vm.id) == host.id and volume.id in outside.attached[vm.id]:
            outside.check_contact(host)
            await outside.spend("hypervisor.detach", vm, **_sizes(vm, volume))
            outside.check_contact(host)
            outside.attached.get(vm.id, set()).discard(volume.id)

    async def snapshot(self, vm: VirtualMachine, snapshot: VmSnapshot, host: Host) -> None:
        """Keep the disks of `vm`, and its memory if that is asked for."""
        outside = self.outside
        with_memory = snapshot.type is VmSnapshotType.DISK_AND_MEMORY
        if with_memory:
            self._check_runs(vm, host)
        outside.check_contact(host)
        await outside.spend("hypervisor.snapshot", vm, ram_gib=_ram_gib(vm) if with_memory else 0.0)
        outside.check_contact(host)
        outside.snapshots.add((snapshot.id, vm.id))

    async def revert(self, vm: VirtualMachine, snapshot: VmSnapshot, host: Host) -> None:
        """Go back to `snapshot`; with memory `vm` runs afterwards, without it is off."""
        outside = self.outside
        outside.check_contact(host)
        await outside.spend("hypervisor.revert", vm, ram_gib=_ram_gib(vm))
        outside.check_contact(host)
        if (snapshot.id, vm.id) not in outside.snapshots:
            raise DriverFault(f"{vm} has no {snapshot}")
        if snapshot.type is VmSnapshotType.DISK_AND_MEMORY:
            outside.running[vm.id] = host.id
            outside.attached[vm.id] = {volume.id for volume in vm.volumes}
        else:
            self._end(vm, host)

    async def drop_snapshot(self, vm: VirtualMachine, snapshot: VmSnapshot, host: Host) -> None:
        """Make sure there is no `snapshot`."""
        if (snapshot.id, vm.id) in self.outside.snapshots:
            self.outside.check_contact(host)
            await self.outside.spend("hypervisor.drop_snapshot", vm)
            self.outside.check_contact(host)
            self.outside.snapshots.discard((snapshot.id, vm.id))

    async def console(self, vm: VirtualMachine, host: Host) -> str:
        """Return where the screen would be seen."""
        self._check_runs(vm, host)
        await self.outside.spend("hypervisor.console", vm)
        return f"vnc://{host.ip or host.name}:{5900 + vm.id}"

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
            self.outside.attached.pop(vm.id, None)


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


class SimulatedProbe:
    """Looks at hosts past their agents."""

    def __init__(self, outside: Outside) -> None:
        """Look at `outside`."""
        self.outside = outside

    async def reachable(self, host: Host) -> bool:
        """Return whether `host` lives and its management cable is plugged."""
        await self.outside.ask("probe.reachable", host)
        return host.id not in self.outside.dead | self.outside.cut_off

    async def heartbeat_age(self, host: Host) -> float | None:
        """Return how long ago `host` died, 0 while it lives; `None` without shared storage."""
        outside = self.outside
        await outside.spend("probe.heartbeat_age", host)
        if not any(there == host.id for _, there in outside.mounted | outside.lost_mounts):
            return None
        since = outside.dead_since.get(host.id)
        return 0.0 if since is None else outside.engine.now - since
