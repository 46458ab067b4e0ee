"""Volumes as a machine's life needs them: placed, built, given back, expunged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.errors import CloudError, InsufficientCapacity, InvalidParameter
from cloudlab.model import (
    DiskOffering,
    StoragePool,
    Template,
    VirtualMachine,
    Volume,
    VolumeEvent,
    VolumeState,
    VolumeType,
)
from cloudlab.workflows.undoing import again, left_behind, surely, tidy

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
        InvalidParameter: a size for a fixed offering, or none for a customized one.
    """
    if offering.is_customized == (size_mib is None):
        need = "needs a size" if offering.is_customized else f"is {offering.size_mib} MiB, no other"
        raise InvalidParameter(f"{offering} {need}")
    volume = Volume(
        name=f"DATA-{vm.id}",
        type=VolumeType.DATADISK,
        account=vm.account,
        zone=vm.zone,
        size_mib=size_mib or offering.size_mib or 0,
        tags=offering.storage_tags,
        offering=offering,
        vm=vm,
        device_id=len(vm.volumes),
        created=cloud.now,
    )
    vm.volumes.append(volume)
    return cloud.inventory.volumes.add(volume)


def take(cloud: Cloud, volume: Volume, pool: StoragePool) -> None:
    """Take the space of `volume`, and of its template's first copy, on `pool`.

    Raises:
        InsufficientCapacity: it does not fit; nothing changed.
    """
    cloud.ledger.allocate(volume, pool)
    template = volume.template
    if template is not None and pool.id not in template.copies and template.size_mib:
        try:
            cloud.ledger.allocate(template, pool)
        except InsufficientCapacity:
            cloud.ledger.deallocate(volume, pool)
            raise
        template.copies.add(pool.id)
        template.staging.add(pool.id)
    volume.pool = pool


def give_back(cloud: Cloud, volume: Volume) -> None:
    """Undo `take`; a template's copy stays, as it would on a real pool."""
    if volume.pool is not None and volume.state is VolumeState.ALLOCATED:
        cloud.ledger.deallocate(volume, volume.pool)
        volume.pool = None


async def build(cloud: Cloud, volume: Volume) -> None:
    """Make `volume` on its pool, bringing its template there first if it is the first.

    Raises:
        HostFault: the host could not.
    """
    pool = volume.pool
    assert pool is not None  # noqa: S101  (it was taken before)
    template = volume.template
    if template is not None and pool.id in template.staging:
        await _stage(cloud, template, pool)
    cloud.move(volume, VolumeEvent.CREATE_REQUESTED)
    await cloud.ports.blocks.create(volume, pool)
    cloud.move(volume, VolumeEvent.OPERATION_SUCCEEDED)


async def _stage(cloud: Cloud, template: Template, pool: StoragePool) -> None:
    """Copy `template` to `pool`; whoever comes second waits for the first."""
    async with cloud.engine.lock(("template", f"{template.id}@{pool.id}")):
        if pool.id not in template.staging:
            return
        async with Rollback(cloud.engine) as undo:
            undo(tidy, cloud, template, cloud.ports.images.evict, template, pool)
            await cloud.ports.images.stage(template, pool)
            template.staging.discard(pool.id)


async def abandon(cloud: Cloud, volume: Volume) -> None:
    """Undo a `build` that did not end; a volume that is Ready stays.

    Where the storage cannot remove what it made, a new volume takes this one's place.
    """
    if volume.state is not VolumeState.CREATING or volume.pool is None:
        return
    try:
        await surely(cloud.ports.blocks.delete, volume, volume.pool)
    except CloudError as error:
        _replace(cloud, volume)
        cloud.move(volume, VolumeEvent.DESTROY_REQUESTED)
        left_behind(cloud, volume, error)
    else:
        cloud.move(volume, VolumeEvent.OPERATION_FAILED)


async def renew(cloud: Cloud, volume: Volume) -> None:
    """Replace a volume nothing was written to by a new one that may go anywhere."""
    _replace(cloud, volume)
    await throw_away(cloud, volume)


def _replace(cloud: Cloud, volume: Volume) -> None:
    """Put a new volume, Allocated, into the place of `volume` in its machine."""
    vm = volume.vm
    assert vm is not None  # noqa: S101  (only a machine's own volumes are replaced)
    fresh = replace(volume, id=0, state=VolumeState.ALLOCATED, pool=None, last_pool=None)
    vm.volumes[vm.volumes.index(volume)] = cloud.inventory.volumes.add(fresh)
    volume.vm, volume.device_id = None, None


async def throw_away(cloud: Cloud, volume: Volume) -> None:
    """Remove `volume` for good; if it cannot be done now, the expunge service will try again."""
    try:
        await expunge(cloud, volume)
    except CloudError as error:
        detach(volume)
        left_behind(cloud, volume, error)


async def expunge(cloud: Cloud, volume: Volume) -> None:
    """Remove `volume` for good.

    Raises:
        CloudError: the storage could not remove it; it is in Destroy, to be tried again.
    """
    if volume.state is not VolumeState.DESTROY:
        cloud.move(volume, VolumeEvent.DESTROY_REQUESTED)
    cloud.move(volume, VolumeEvent.EXPUNGING_REQUESTED)
    try:
        if volume.pool is not None:
            await cloud.ports.blocks.delete(volume, volume.pool)
    except CloudError:
        await _delete_again(cloud, volume)
    except Exception:
        cloud.move(volume, VolumeEvent.OPERATION_FAILED)
        raise
    cloud.move(volume, VolumeEvent.OPERATION_SUCCEEDED)
    remove(cloud, volume)


async def _delete_again(cloud: Cloud, volume: Volume) -> None:
    """Do what the first `delete` of `volume` could not."""
    assert volume.pool is not None  # noqa: S101  (there was a first)
    try:
        await again(cloud.ports.blocks.delete, volume, volume.pool)
    except Exception:
        cloud.move(volume, VolumeEvent.OPERATION_FAILED)
        raise


def forsaken(cloud: Cloud) -> list[Volume]:
    """Return the volumes that belong to no machine and are to be removed."""
    return [
        volume
        for volume in cloud.inventory.volumes
        if volume.vm is None and volume.state is VolumeState.DESTROY
    ]


def detach(volume: Volume) -> None:
    """Take `volume` off its machine; it lives on by itself."""
    if volume.vm is not None:
        volume.vm.volumes.remove(volume)
        volume.vm, volume.device_id = None, None


def remove(cloud: Cloud, volume: Volume) -> None:
    """Remove the record of `volume` and give its space back."""
    if volume.pool is not None:
        cloud.ledger.deallocate(volume, volume.pool)
        volume.last_pool, volume.pool = volume.pool, None
    detach(volume)
    volume.removed = cloud.now
    cloud.inventory.volumes.drop(volume)
