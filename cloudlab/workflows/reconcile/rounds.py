"""The order in which everything is looked at, and what waits for a host that does not answer."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from cloudlab.model import JobStatus, VirtualMachine
from cloudlab.workflows import networks
from cloudlab.workflows.defects import quietly
from cloudlab.workflows.reconcile.echoes import ECHO, await_echoes
from cloudlab.workflows.reconcile.hosts import settle_hosts, settle_pools
from cloudlab.workflows.reconcile.jobs import close_jobs, vm_of
from cloudlab.workflows.reconcile.machines import is_decided, settle_machine
from cloudlab.workflows.reconcile.networks import (
    bring_back,
    obey_when_back,
    settle_networks,
)
from cloudlab.workflows.reconcile.snapshots import settle_snapshots
from cloudlab.workflows.reconcile.storage import (
    remove_forsaken,
    settle_hand_overs,
    settle_images,
    settle_volumes,
)
from cloudlab.workflows.reconcile.survivors import take_over
from cloudlab.workflows.restarting import restart, unattended

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.model import Job


async def reconcile(cloud: Cloud) -> list[Job]:
    """Finish or undo whatever was under way when the last process ended; return its jobs.

    Call it once, before anything else is begun. Machines whose host does not answer are left
    as they are and looked at again every `ping.interval`, until it answers or is fenced: that
    a host cannot be asked says nothing about its machines. What a host was still asked to do
    by the last process, and does later, is undone some seconds later. Machines that fell and
    are to run again are restarted then. What runs while the books say that it is off, because
    they were restored from an earlier day, is taken over.
    """
    begun = [job for job in cloud.inventory.jobs if job.status is JobStatus.IN_PROGRESS]
    subjects = {vm_of(job) for job in begun}
    seen = [
        (vm, tuple(vm.nics)) for vm in cloud.inventory.vms if vm in subjects or not is_decided(vm)
    ]
    silent = await settle_hosts(cloud)
    await settle_pools(cloud)
    await settle_networks(cloud, silent)
    networks.forget_withdrawn(cloud)
    await settle_images(cloud)
    await settle_volumes(cloud)
    for vm in cloud.inventory.vms:
        await settle_machine(cloud, vm, begun)
    await settle_hand_overs(cloud, begun)
    await settle_snapshots(cloud)
    await bring_back(cloud, silent)
    await remove_forsaken(cloud)
    await take_over(cloud)
    close_jobs(cloud, begun)
    quiet = cloud.now + ECHO if begun or seen else cloud.now
    for vm in cloud.inventory.vms:
        if not is_decided(vm):
            _spawn(cloud, _until_known(cloud, vm, begun, quiet), f"reconciliation of {vm.name}")
    for network in cloud.inventory.networks:
        if network.router_host is not None and network.router_host.id in silent:
            _spawn(cloud, obey_when_back(cloud, network), f"reconciliation of {network.name}")
    if begun or seen:
        _spawn(cloud, await_echoes(cloud, seen), "echoes of the last process")
    for vm in unattended(cloud):
        _spawn(cloud, restart(cloud, vm, after=quiet - cloud.now), f"restart of {vm.name}")
    return begun


def _spawn(cloud: Cloud, work: Awaitable[object], name: str) -> None:
    """Let `work` go on beside everything else."""
    cloud.engine.spawn(quietly(cloud, work, name), name)


async def _until_known(cloud: Cloud, vm: VirtualMachine, begun: list[Job], quiet: float) -> None:
    """Look at `vm` again and again until its host says what became of it.

    If it is to run again, it is restarted then, but not before the moment `quiet`, when no
    host does any more what it was asked for by the dead process.
    """
    while not is_decided(vm) and vm.removed is None:
        await cloud.engine.sleep(cloud.settings.ping_interval_s)
        await quietly(cloud, settle_machine(cloud, vm, begun), f"reconciliation of {vm.name}")
    await restart(cloud, vm, after=quiet - cloud.now)
