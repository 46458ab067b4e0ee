"""New volumes, Allocated: with a machine, or by themselves until they are attached to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import InvalidParameter
from cloudlab.model import (
    Account,
    AllocationState,
    DiskOffering,
    VirtualMachine,
    Volume,
    VolumeType,
    Zone,
)
from cloudlab.units import MIB_PER_GIB
from cloudlab.workflows.names import check_name

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


def create_root(cloud: Cloud, vm: VirtualMachine, size_mib: int) -> Volume:
    """Make the root volume of `vm`, Allocated: it has no pool until the machine starts."""
    volume = Volume(
        name=f"ROOT-{vm.id}",
        account=vm.account,
        zone=vm.zone,
        size_mib=size_mib,
        tags=vm.offering.storage_tags,
        template=vm.template,
        vm=vm,
        device_id=0,
        created=vm.created,
    )
    vm.volumes.append(volume)
    return cloud.inventory.volumes.add(volume)


def create_data(
    cloud: Cloud, vm: VirtualMachine, offering: DiskOffering, size_mib: int | None
) -> Volume:
    """Make a data volume of `vm`, Allocated.

    Raises:
        InvalidParameter: a size for a fixed offering, none for a customized one, or one that
            is not allowed.
    """
    size = size_of(offering, size_mib)
    if offering.is_customized:
        check_size(cloud, size)
    volume = Volume(
        name=f"DATA-{vm.id}",
        type=VolumeType.DATADISK,
        account=vm.account,
        zone=vm.zone,
        size_mib=size,
        tags=offering.storage_tags,
        offering=offering,
        vm=vm,
        device_id=len(vm.volumes),
        created=cloud.now,
    )
    vm.volumes.append(volume)
    return cloud.inventory.volumes.add(volume)


async def create_volume(
    cloud: Cloud,
    account: Account,
    zone: Zone,
    name: str,
    offering: DiskOffering,
    *,
    size_mib: int | None = None,
) -> Volume:
    """Make a data volume that belongs to no machine: it has no pool until it is attached first.

    Args:
        cloud: where it belongs.
        account: who owns it.
        zone: where it can be used.
        name: for people; made up if empty.
        offering: its size and tags.
        size_mib: its size, for a customized offering.

    Raises:
        InvalidParameter: the owner may not use zone or offering, or the size is not allowed.
    """
    if name:
        check_name("volume", name)
    _check_owner(account, zone, offering)
    size = size_of(offering, size_mib)
    if offering.is_customized:
        check_size(cloud, size)
    volume = Volume(
        name=name,
        type=VolumeType.DATADISK,
        account=account,
        zone=zone,
        size_mib=size,
        tags=offering.storage_tags,
        offering=offering,
        created=cloud.now,
    )
    cloud.inventory.volumes.add(volume)
    volume.name = name or f"DISK-{volume.id}"
    return volume


def size_of(offering: DiskOffering, size_mib: int | None) -> int:
    """Return the size of a disk of `offering`, MiB.

    Raises:
        InvalidParameter: a size for a fixed offering, or none for a customized one.
    """
    if offering.is_customized == (size_mib is None):
        need = "needs a size" if offering.is_customized else f"is {offering.size_mib} MiB, no other"
        raise InvalidParameter(f"{offering} {need}")
    return size_mib or offering.size_mib or 0


def check_size(cloud: Cloud, size_mib: int) -> None:
    """Refuse a size that no user may ask for.

    Raises:
        InvalidParameter: it is below `custom.diskoffering.size.min`, over
            `custom.diskoffering.size.max` or over `storage.max.volume.size`.
    """
    settings = cloud.settings
    least = settings.least_disk_gib
    most = min(settings.largest_disk_gib, settings.largest_volume_gib)
    if not least * MIB_PER_GIB <= size_mib <= most * MIB_PER_GIB:
        raise InvalidParameter(
            f"size is {size_mib / MIB_PER_GIB:g} GiB; allowed: {least} to {most} GiB "
            "(custom.diskoffering.size.min and .max, storage.max.volume.size)"
        )


def _check_owner(account: Account, zone: Zone, offering: DiskOffering) -> None:
    """Refuse an owner who may not have a volume of `offering` in `zone`."""
    if account.state != "enabled":
        raise InvalidParameter(f"{account} is {account.state}; enable it before making volumes")
    if zone.state is not AllocationState.ENABLED and not account.is_root_admin:
        raise InvalidParameter(f"{zone} is Disabled: only the root administrator may use it")
    if zone.domain is not None and not zone.domain.contains(account.domain):
        raise InvalidParameter(f"{zone} is private to domain {zone.domain.path}")
    if offering.domain is not None and not offering.domain.contains(account.domain):
        raise InvalidParameter(f"{offering} is reserved for domain {offering.domain.path}")
