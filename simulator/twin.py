"""The outside that books describe: how a simulation goes on from a cloud on real hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.model import HostStatus, NicState, PoolState, VmSnapshotState, VolumeState
from cloudlab.workflows.hosts import pools_of

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.model import Host
    from simulator.outside import Outside

_BUILT = {VolumeState.READY, VolumeState.DESTROY}
_KEPT = {VmSnapshotState.READY}


def reflect(cloud: Cloud, outside: Outside) -> None:
    """Make true in the empty `outside` what the books of `cloud` say, which is at rest.

    Hosts that are Up live and are connected, those that are Down are dead, all others live but
    do not answer.
    """
    inventory = cloud.inventory
    for host in inventory.hosts:
        _reflect_host(host, outside)
    _reflect_machines(cloud, outside)
    _reflect_storage(cloud, outside)
    for network in inventory.networks:
        if network.router_host is not None:
            outside.routers.add((network.id, network.router_host.id))


def _reflect_machines(cloud: Cloud, outside: Outside) -> None:
    for vm in cloud.inventory.vms:
        if vm.host is not None:
            outside.running[vm.id] = vm.host.id
            outside.attached[vm.id] = {volume.id for volume in vm.volumes}
    for nic in cloud.inventory.nics:
        where = nic.vm.host or nic.vm.last_host
        if nic.state is NicState.RESERVED and where is not None:
            outside.admitted.add(nic.id)
            outside.plugged.add((nic.id, where.id))
    for snapshot in cloud.inventory.vm_snapshots:
        if snapshot.state in _KEPT:
            outside.snapshots.add((snapshot.id, snapshot.vm.id))


def _reflect_storage(cloud: Cloud, outside: Outside) -> None:
    for volume in cloud.inventory.volumes:
        if volume.pool is not None and volume.state in _BUILT:
            outside.disks.add((volume.id, volume.pool.id))
            outside.sizes[volume.id, volume.pool.id] = volume.size_mib
    for template in cloud.inventory.templates:
        outside.images |= {(template.id, pool) for pool in template.copies - template.staging}


def _reflect_host(host: Host, outside: Outside) -> None:
    reached = {(p.id, host.id) for p in pools_of(host) if p.state is not PoolState.MAINTENANCE}
    if host.status is HostStatus.UP:
        outside.connected.add(host.id)
        outside.mounted |= reached
    elif host.status is HostStatus.DOWN:
        outside.dead.add(host.id)
        outside.dead_since[host.id] = outside.engine.now
        outside.lost_mounts |= reached
    else:
        outside.cut_off.add(host.id)
        outside.mounted |= reached
