"""A machine is started: host after host, until one boots it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cloudlab.errors import (
    AlreadyRunning,
    Conflict,
    HostFault,
    InsufficientCapacity,
    LeftAlone,
)
from cloudlab.model import Host, Nic, PoolState, VirtualMachine, VmEvent, VmState, VolumeState
from cloudlab.policy import Avoid, Destination, Wish
from cloudlab.workflows import nics, volumes
from cloudlab.workflows.undoing import surely, undoing

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

Boot = Callable[[VirtualMachine, Host], Awaitable[None]]
"""What makes a machine run on a host where all of it is ready."""


async def start(
    cloud: Cloud,
    vm: VirtualMachine,
    wish: Wish | None = None,
    *,
    found: Boot | None = None,
) -> VirtualMachine:
    """Start a stopped machine, on its last host if that still has room.

    Args:
        cloud: where it is.
        vm: the machine.
        wish: where it is wanted.
        found: what makes sure that it runs there already; then nothing of it is ever ended.

    Raises:
        IllegalMove: it is not stopped.
        Conflict: one of its volumes is on a pool that is out of service.
        InsufficientCapacity: no place will do; it stays Stopped.
        CloudError: a host or the storage failed; it stays Stopped.
    """
    async with cloud.engine.lock(("vm", vm.id)):
        _check_pools(vm)
        await bring_up(cloud, vm, wish or Wish(vm.zone), found, is_there=found is not None)
    return vm


def _check_pools(vm: VirtualMachine) -> None:
    """Refuse to start a machine whose disks are on storage that is out of service."""
    in_service = (PoolState.UP, PoolState.DISABLED)
    for volume in vm.volumes:
        if volume.pool is not None and volume.pool.state not in in_service:
            raise Conflict(
                f"{vm} cannot start: {volume} is on {volume.pool}, which is in {volume.pool.state}"
            )


async def bring_up(
    cloud: Cloud,
    vm: VirtualMachine,
    wish: Wish,
    boot: Boot | None = None,
    *,
    is_there: bool = False,
) -> None:
    """Try hosts until `vm` runs, `start.retry` times at the most; it is Stopped if none will.

    Args:
        cloud: where it is.
        vm: the machine.
        wish: where it is wanted.
        boot: what makes it run; the hypervisor's `start` if not given.
        is_there: whether it ran there before: then nothing outside is undone.
    """
    cloud.move(vm, VmEvent.START_REQUESTED)
    try:
        begin = boot or cloud.ports.hypervisor.start
        await _try_hosts(cloud, vm, wish, begin, is_there=is_there)
    except Exception:
        if vm.state is VmState.STARTING:
            cloud.move(vm, VmEvent.OPERATION_FAILED)
        raise


async def _try_hosts(
    cloud: Cloud, vm: VirtualMachine, wish: Wish, boot: Boot, *, is_there: bool
) -> None:
    avoid = Avoid()
    tries = cloud.settings.start_retry
    for attempt in range(1, tries + 1):
        destination = await _next_place(cloud, vm, wish, avoid)
        avoid.hosts.add(destination.host.id)
        try:
            await _boot(cloud, vm, destination, boot, is_there=is_there)
        except HostFault:
            if attempt == tries:
                raise
            cloud.move(vm, VmEvent.OPERATION_RETRY)
        else:
            return


async def _next_place(cloud: Cloud, vm: VirtualMachine, wish: Wish, avoid: Avoid) -> Destination:
    """Return where to try next.

    Volumes that were built for an earlier try bind the machine to their cluster; when that
    has no more hosts they are built again elsewhere, unless the machine ever ran.
    """
    try:
        return cloud.place(vm, wish, avoid)
    except InsufficientCapacity:
        built = [volume for volume in vm.volumes if volume.state is VolumeState.READY]
        if not built or vm.last_host is not None:
            raise
        for volume in built:
            await cloud.engine.shield(volumes.renew(cloud, volume))
        return cloud.place(vm, wish, avoid)


async def _boot(
    cloud: Cloud, vm: VirtualMachine, destination: Destination, boot: Boot, *, is_there: bool
) -> None:
    """Claim the place, build what the machine needs there and boot it, or leave nothing.

    What was there before is nobody's to end: it is left as it is.
    """
    host = destination.host
    ours = _Ours(not is_there)
    async with undoing(cloud, vm) as undo:
        undo(_leave, cloud, vm, host)
        cloud.ledger.claim(vm, host)
        vm.host = host
        for volume, pool in destination.pools:
            undo(volumes.give_back, cloud, volume)
            volumes.take(cloud, volume, pool)
        undo(nics.give_back, cloud, nics.take(cloud, vm, host))
        for nic in vm.nics:
            undo(ours.unplug, cloud, nic, host)
            await nics.plug(cloud, nic, host)
        for volume in vm.volumes:
            if volume.state is not VolumeState.READY:
                undo(volumes.abandon, cloud, volume)
                await volumes.build(cloud, volume)
        undo(ours.destroy, cloud, vm, host)
        try:
            await boot(vm, host)
        except AlreadyRunning as found:  # the books are older than it
            cloud.note("VM.START", vm, f"{found}: the books said it was off, and have it Running")
        except LeftAlone:
            ours.is_all = False
            raise
        cloud.move(vm, VmEvent.OPERATION_SUCCEEDED)
        vm.restart_wanted_since = None


@dataclass(slots=True)
class _Ours:
    """Whether what is on the host is there by this start."""

    is_all: bool

    async def unplug(self, cloud: Cloud, nic: Nic, host: Host) -> None:
        """Unplug a NIC, but not that of a machine that was there before."""
        if self.is_all:
            await nics.unplug(cloud, nic, host)
        else:
            nics.let_be(cloud, nic)

    async def destroy(self, cloud: Cloud, vm: VirtualMachine, host: Host) -> None:
        """End a machine, unless it was there before."""
        if self.is_all:
            await surely(cloud.ports.hypervisor.destroy, vm, host)


def _leave(cloud: Cloud, vm: VirtualMachine, host: Host) -> None:
    """Take `vm` off `host` in the books."""
    cloud.ledger.release(vm, host)
    vm.host = None
