"""What is asked before a volume is changed, and what is held meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import Conflict, InsufficientCapacity
from cloudlab.model import Host, PoolState, StoragePool, VirtualMachine, VmState, Volume
from cloudlab.policy import algorithm
from cloudlab.policy.pools import accepts, reachable, room, takes
from cloudlab.units import size_text
from cloudlab.workflows.presence import check_there

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.engine import LockKey

AT_REST = (VmState.RUNNING, VmState.STOPPED)
"""States of a machine in which its disks may be changed."""


def keys_of(volume: Volume, *others: VirtualMachine) -> list[LockKey]:
    """Return what must stand still while `volume` changes: itself and its machine."""
    vms = [*others] if volume.vm is None else [volume.vm, *others]
    return [*(("vm", vm.id) for vm in vms), ("volume", volume.id)]


def check_still(volume: Volume, vm: VirtualMachine | None) -> None:
    """Refuse to go on with a volume that changed hands while its lock was waited for.

    Raises:
        NotFound: it was removed.
        Conflict: it belongs to another machine than `vm` now.
    """
    check_there(volume)
    if volume.vm is not vm:
        now = f"belongs to {volume.vm}" if volume.vm is not None else "was detached"
        raise Conflict(f"{volume} {now} meanwhile; look at it again")


def check_at_rest(vm: VirtualMachine) -> None:
    """Refuse to change disks of a machine that is neither Running nor Stopped.

    Raises:
        Conflict: it is not.
    """
    if vm.state not in AT_REST:
        raise Conflict(f"{vm} is {vm.state}; allowed: Running or Stopped")


def check_in_service(volume: Volume) -> None:
    """Refuse to touch a volume whose storage is out of service.

    Raises:
        Conflict: it is.
    """
    pool = volume.pool
    if pool is not None and pool.state not in (PoolState.UP, PoolState.DISABLED):
        raise Conflict(f"{volume} is on {pool}, which is in {pool.state}")


def pool_for(cloud: Cloud, volume: Volume, vm: VirtualMachine, host: Host) -> StoragePool:
    """Return the pool that `host` reaches where `volume` of `vm` should be, as at a deployment.

    Raises:
        InsufficientCapacity: none takes it; the message names the one with most room.
    """
    scene = cloud.scene
    near = reachable(host, volume, local=vm.offering.uses_local_storage)
    fitting = [pool for pool in near if takes(scene, pool, volume)]
    if not fitting:
        left = {pool: room(scene, pool) for pool in near if accepts(pool, volume)}
        raise InsufficientCapacity(_no_pool(volume, host, left))
    return algorithm(cloud.settings.allocation_algorithm).pools(scene, vm, host.cluster, fitting)[0]


def _no_pool(volume: Volume, host: Host, left: dict[StoragePool, int]) -> str:
    size = size_text(volume.size_mib)
    if not left:
        tags = f" with tags {', '.join(sorted(volume.tags))}" if volume.tags else ""
        return f"no pool that {host} reaches is Up{tags} to take {size} for {volume}"
    best = max(left, key=left.__getitem__)
    return (
        f"no pool that {host} reaches has {size} for {volume}; "
        f"the most is {size_text(left[best])} on {best.name}"
    )
