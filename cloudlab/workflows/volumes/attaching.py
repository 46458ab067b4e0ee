"""A data volume is given to a machine, running or not, and taken off it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloudlab.errors import CloudError, Conflict, InvalidParameter
from cloudlab.model import Host, VirtualMachine, VmState, Volume, VolumeState, VolumeType
from cloudlab.policy import Avoid
from cloudlab.policy.pools import reaches_volumes
from cloudlab.workflows.presence import check_there
from cloudlab.workflows.undoing import surely, undoing
from cloudlab.workflows.volumes.building import abandon, build, give_back, take
from cloudlab.workflows.volumes.checks import (
    check_at_rest,
    check_in_service,
    check_still,
    keys_of,
    pool_for,
)
from cloudlab.workflows.volumes.kept import check_carries_none, host_in_reach
from cloudlab.workflows.volumes.removal import let_go

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

MAX_DATA_VOLUMES: Final = 6
"""How many data volumes a machine may have.

Source: CloudStack 4.0 `hypervisor_capabilities.max_data_volumes_limit` of KVM.
"""

_DEVICES: Final[list[int]] = [1, 2, *range(4, 16)]
"""The places of data volumes: 0 is the root volume, 3 the CD (CloudStack 4.0 `UserVmManager`)."""


async def attach(cloud: Cloud, volume: Volume, vm: VirtualMachine) -> Volume:
    """Give a data volume that belongs to nobody to `vm`, at the first free device.

    A running machine sees it at once. One that is Allocated is built first, where the
    machine's hosts reach it; if the machine itself was never built, both are at its start.

    Raises:
        InvalidParameter: it is a root volume, of another account or of another zone.
        Conflict: it belongs to a machine, its pool is out of service or out of reach, or the
            machine is neither Running nor Stopped, full of volumes or has snapshots.
        InsufficientCapacity: no pool takes it.
        CloudError: the host or the storage could not do it; it belongs to nobody again.
    """
    _check_data(volume)
    async with cloud.engine.lock(*keys_of(volume, vm)):
        check_still(volume, None)
        _check(cloud, volume, vm)
        async with undoing(cloud, volume) as undo:
            undo(_take_back, cloud, vm, _hand_over(volume, vm))
            host = _worker(cloud, volume, vm)
            if host is not None and volume.state is VolumeState.ALLOCATED:
                undo(give_back, cloud, volume)
                take(cloud, volume, pool_for(cloud, volume, vm, host))
                undo(abandon, cloud, volume)
                await build(cloud, volume)
            if vm.state is VmState.RUNNING and vm.host is not None:
                await cloud.ports.hypervisor.attach(vm, volume, vm.host)
    return volume


def _check_data(volume: Volume) -> None:
    """Refuse a volume that is its machine's for good."""
    if volume.type is not VolumeType.DATADISK:
        raise InvalidParameter(f"{volume} is a {volume.type} volume; allowed: DATADISK")


def _check(cloud: Cloud, volume: Volume, vm: VirtualMachine) -> None:
    """Refuse what CloudStack refuses."""
    check_there(vm)
    for own, theirs in ((volume.account, vm.account), (volume.zone, vm.zone)):
        if own is not theirs:
            raise InvalidParameter(f"{volume} is of {own}, {vm} of {theirs}; both must be the same")
    if volume.state not in (VolumeState.ALLOCATED, VolumeState.READY):
        raise Conflict(f"{volume} is {volume.state}; allowed: Allocated or Ready")
    check_at_rest(vm)
    check_in_service(volume)
    check_carries_none(cloud, vm, "a volume is attached")
    count = len(vm.volumes) - 1
    if count >= MAX_DATA_VOLUMES:
        raise Conflict(f"{vm} has {count} data volumes; allowed: {MAX_DATA_VOLUMES}")


def _hand_over(volume: Volume, vm: VirtualMachine) -> int:
    """Write down that `volume` belongs to `vm`; return the device, the first that was free."""
    taken = {each.device_id for each in vm.volumes}
    device = next(each for each in _DEVICES if each not in taken)
    volume.vm, volume.device_id = vm, device
    vm.volumes.append(volume)
    vm.volumes.sort(key=lambda each: each.device_id or 0)
    return device


async def _take_back(cloud: Cloud, vm: VirtualMachine, device: int) -> None:
    """Undo `_hand_over`: what is at `device` of `vm`, be it a replacement, belongs to nobody.

    Where the host does not confirm that it is unplugged it stays the machine's: nobody else
    may write to it.
    """
    volume = next(each for each in vm.volumes if each.device_id == device)
    if volume.state is VolumeState.READY:
        await _unplug(cloud, volume, vm)
    let_go(volume)


async def _unplug(cloud: Cloud, volume: Volume, vm: VirtualMachine) -> None:
    """Make sure that `vm`, if it runs, does not have `volume`.

    Raises:
        CloudError: it may still have it.
    """
    host = vm.host
    if vm.state is not VmState.RUNNING or host is None:
        return
    try:
        await surely(cloud.ports.hypervisor.detach, vm, volume, host)
    except CloudError:
        if vm.host is host:  # else it fell meanwhile, and its disks with it
            raise


def _worker(cloud: Cloud, volume: Volume, vm: VirtualMachine) -> Host | None:
    """Return the host that sees to it, in reach of all disks; `None` if none were built yet.

    Raises:
        Conflict: there is no such host.
    """
    if vm.volumes[0].pool is None:
        return None
    host = host_in_reach(cloud, vm)
    if host is None:
        raise Conflict(f"no host that is Up reaches {volume} and the disks of {vm}")
    if not reaches_volumes(vm, host, Avoid()):
        raise Conflict(f"{host}, where {vm} runs, does not reach {volume} on {volume.pool}")
    return host


async def detach(cloud: Cloud, volume: Volume) -> Volume:
    """Take a data volume off its machine, running or not; what is on it stays.

    A disk cannot be half unplugged, so an interrupt waits for the end.

    Raises:
        InvalidParameter: it is a root volume.
        Conflict: it belongs to no machine, or to one that is neither Running nor Stopped or
            has snapshots.
        CloudError: the host could not do it; it is still attached.
    """
    vm = volume.vm
    if vm is None:
        raise Conflict(f"{volume} belongs to no machine; there is nothing to detach it from")
    async with cloud.engine.lock(*keys_of(volume)):
        check_still(volume, vm)
        _check_data(volume)
        check_at_rest(vm)
        check_carries_none(cloud, vm, "a volume is detached")
        await cloud.engine.shield(_let_go_of(cloud, volume, vm))
    return volume


async def _let_go_of(cloud: Cloud, volume: Volume, vm: VirtualMachine) -> None:
    await _unplug(cloud, volume, vm)
    let_go(volume)


async def take_off(cloud: Cloud, volume: Volume) -> None:
    """Make sure that `volume` belongs to nobody, however far it was attached or detached.

    Raises:
        CloudError: its machine may still have it.
    """
    async with cloud.engine.lock(*keys_of(volume)):
        vm = volume.vm
        if vm is None:
            return
        if volume.state is not VolumeState.READY:
            await abandon(cloud, volume)
            give_back(cloud, volume)
        await _let_go_of(cloud, volume, vm)
