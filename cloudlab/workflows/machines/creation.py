"""A new machine: its records made, its first start, and nothing left where that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.errors import InsufficientCapacity
from cloudlab.model import VirtualMachine, VmEvent, VmState
from cloudlab.policy import Wish
from cloudlab.workflows import networks, nics, volumes
from cloudlab.workflows.machines.ending import erase
from cloudlab.workflows.machines.request import Deployment, check
from cloudlab.workflows.machines.starting import bring_up

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def deploy(
    cloud: Cloud, asked: Deployment, made: Callable[[VirtualMachine], object] | None = None
) -> VirtualMachine:
    """Make a virtual machine and start it; tell `made` the machine before it is started.

    Where there is no capacity the machine stays behind in state Error, holding nothing, as
    in CloudStack; after any other failure, and when interrupted, nothing stays behind.

    Raises:
        InvalidParameter: something asked for is not allowed.
        InsufficientCapacity: no place will do.
    """
    vm = create(cloud, asked)
    if made is not None:
        made(vm)
    if not asked.start:
        return vm
    async with Rollback(cloud.engine) as undo:
        undo(undeploy, cloud, vm)
        try:
            await bring_up(cloud, vm, _wish(vm, asked))
        except InsufficientCapacity:
            cloud.move(vm, VmEvent.OPERATION_FAILED_TO_ERROR)
            raise
    return vm


def _wish(vm: VirtualMachine, asked: Deployment) -> Wish:
    """Return where the machine is wanted: in the pod of the address that was asked for, if any."""
    kept = vm.nics[0].range if asked.ip is not None else None
    return Wish(asked.zone, pod=None if kept is None else kept.pod, host=asked.host)


async def undeploy(cloud: Cloud, vm: VirtualMachine) -> None:
    """Undo `create`, and what a failed start has built since.

    A machine in Error stays, holding nothing: it tells its owner what went wrong.
    """
    if vm.state is not VmState.ERROR:
        cloud.move(vm, VmEvent.EXPUNGE_OPERATION)
    for volume in list(vm.volumes):
        if volume.pool is not None:
            await volumes.throw_away(cloud, volume)
    if vm.state is VmState.ERROR:
        nics.give_back(cloud, vm.nics)
    else:
        erase(cloud, vm)


def create(cloud: Cloud, asked: Deployment) -> VirtualMachine:
    """Make the records of a virtual machine, stopped and without capacity; no time passes.

    Raises:
        InvalidParameter: something asked for is not allowed; nothing was made.
        Conflict: the address asked for is in use; nothing was made.
    """
    check(asked)
    now = cloud.engine.now
    vm = VirtualMachine(
        name=asked.name,
        zone=asked.zone,
        account=asked.account,
        offering=asked.offering,
        template=asked.template,
        user_data=asked.user_data,
        public_key=asked.public_key.strip(),
        created=now,
        updated=now,
        ordinal=cloud.requests if asked.ordinal is None else asked.ordinal,
    )
    cloud.inventory.vms.add(vm)
    if not asked.name:
        vm.name = f"vm-{vm.id}"
    vm.display_name = vm.name
    try:
        _equip(cloud, vm, asked)
    except Exception:
        erase(cloud, vm)
        raise
    cloud.requests += 1
    return vm


def _equip(cloud: Cloud, vm: VirtualMachine, asked: Deployment) -> None:
    """Give `vm` the records of its NIC, what protects it, and its volumes."""
    nics.create(cloud, vm, asked.ip, asked.host, asked.network)
    if asked.zone.security_groups and not vm.nics[0].network.is_isolated:
        groups = asked.security_groups or (networks.default_group(cloud, asked.account),)
        vm.security_groups += dict.fromkeys(groups)
    size = asked.template.size_mib if asked.root_size_mib is None else asked.root_size_mib
    volumes.create_root(cloud, vm, size)
    if asked.disk is not None:
        volumes.create_data(cloud, vm, asked.disk, asked.disk_size_mib)
