"""A machine that is off gets another size: CloudStack's changeServiceForVirtualMachine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import ComputeOffering, VirtualMachine, VmState
from cloudlab.workflows.machines.request import check_domain
from cloudlab.workflows.presence import check_there
from cloudlab.workflows.volumes.kept import check_carries_none

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def change_offering(
    cloud: Cloud, vm: VirtualMachine, offering: ComputeOffering
) -> VirtualMachine:
    """Give `vm`, which is Stopped, the CPUs and the RAM of another offering.

    It has them when it starts next, wherever they fit then; what is reserved for it on its last
    host stays what it was. Its disks stay where they are.

    Raises:
        NotFound: machine or offering was removed.
        Conflict: it is not Stopped, has this offering already, or has snapshots: with their
            memory the old size would come back.
        InvalidParameter: its owner may not use the offering, or its disks do not allow it:
            local or shared storage must stay so, and no storage tag may be lost.
    """
    async with cloud.engine.lock(("vm", vm.id)):
        check_there(vm)
        check_there(offering)
        if vm.state is not VmState.STOPPED:
            raise Conflict(f"{vm} is {vm.state}; stop it before it gets another size")
        if offering is vm.offering:
            raise Conflict(f"{vm} has {offering} already")
        check_carries_none(cloud, vm, "it gets another size")
        _check(vm, offering)
        vm.offering = offering
    return vm


def _check(vm: VirtualMachine, offering: ComputeOffering) -> None:
    """Refuse what CloudStack refuses (4.0 `UserVmManagerImpl.upgradeVirtualMachine`)."""
    if offering.is_system:
        raise InvalidParameter(f"{offering} is for system VMs")
    check_domain(offering, vm.account)
    if offering.uses_local_storage != vm.offering.uses_local_storage:
        kinds = {True: "local", False: "shared"}
        raise InvalidParameter(
            f"{offering} uses {kinds[offering.uses_local_storage]} storage, the disks of {vm} are "
            f"on {kinds[vm.offering.uses_local_storage]} storage; allowed: the same"
        )
    lost = vm.offering.storage_tags - offering.storage_tags
    if lost:
        raise InvalidParameter(
            f"{offering} lacks the storage tags {', '.join(sorted(lost))} of {vm.offering}, by "
            f"which the disks of {vm} were placed; allowed: the same or more"
        )
