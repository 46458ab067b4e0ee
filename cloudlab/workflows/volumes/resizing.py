"""A volume gets another size, under a machine that runs or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import Conflict, InsufficientCapacity, InvalidParameter
from cloudlab.model import DiskOffering, VmState, Volume, VolumeEvent, VolumeState, VolumeType
from cloudlab.units import size_text
from cloudlab.workflows.undoing import surely
from cloudlab.workflows.volumes.checks import (
    check_at_rest,
    check_in_service,
    check_still,
    keys_of,
)
from cloudlab.workflows.volumes.creation import check_size, size_of
from cloudlab.workflows.volumes.kept import check_carries_none

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def resize(
    cloud: Cloud,
    volume: Volume,
    size_mib: int | None = None,
    *,
    offering: DiskOffering | None = None,
    shrink: bool = False,
) -> Volume:
    """Make `volume` larger, or smaller if `shrink` allows it; a machine that runs sees it grow.

    A disk cannot be half resized, so an interrupt waits for the end.

    Args:
        cloud: where it is.
        volume: Ready, or Allocated: then only its record changes.
        size_mib: the new size; not with a new offering that has a size of its own.
        offering: a new offering; without one the old must be customized (or none: a root).
        shrink: whether what lies beyond the new end may be lost.

    Raises:
        InvalidParameter: the size or offering is not allowed, or it would shrink.
        Conflict: its storage is out of service, its machine is neither Running nor Stopped or
            has snapshots, or it would shrink under a machine that runs.
        IllegalMove: its state does not allow it.
        InsufficientCapacity: its pool has no room for more.
        CloudError: the storage could not do it; the books say the old size.
    """
    vm = volume.vm
    async with cloud.engine.lock(*keys_of(volume)):
        check_still(volume, vm)
        size = _new_size(cloud, volume, size_mib, offering)
        if vm is not None:
            check_at_rest(vm)
            check_carries_none(cloud, vm, "a volume is resized")
        check_in_service(volume)
        _check_end(volume, size, shrink=shrink)
        wanted = offering or volume.offering
        if volume.state is VolumeState.ALLOCATED and volume.pool is None:
            volume.size_mib, volume.offering = size, wanted
        else:
            await cloud.engine.shield(_resize(cloud, volume, size, wanted))
    return volume


def _new_size(
    cloud: Cloud, volume: Volume, size_mib: int | None, offering: DiskOffering | None
) -> int:
    """Return the size that is asked for, MiB."""
    wanted = offering or volume.offering
    if wanted is None:
        if size_mib is None:
            raise InvalidParameter(f"{volume} needs a size")
    else:
        _check_offering(volume, wanted)
        size_mib = size_of(wanted, size_mib)
    if wanted is None or wanted.is_customized:
        check_size(cloud, size_mib)
    return size_mib


def _check_offering(volume: Volume, offering: DiskOffering) -> None:
    """Refuse an offering whose tags the pool does not have, or of the root administrator's own."""
    if volume.type is not VolumeType.DATADISK:
        raise InvalidParameter(f"{volume} is a {volume.type} volume; it has no disk offering")
    if volume.pool is not None and not offering.storage_tags <= volume.pool.tags:
        asked = ", ".join(sorted(offering.storage_tags))
        raise InvalidParameter(f"{offering} asks for the tags {asked}; {volume.pool} lacks some")
    if offering.domain is not None and not offering.domain.contains(volume.account.domain):
        raise InvalidParameter(f"{offering} is reserved for domain {offering.domain.path}")


def _check_end(volume: Volume, size: int, *, shrink: bool) -> None:
    """Refuse to cut off the end of a disk by mistake, or while somebody uses it."""
    if size >= volume.size_mib:
        return
    change = f"{volume} from {size_text(volume.size_mib)} to {size_text(size)}"
    if not shrink:
        raise InvalidParameter(f"{change} would lose what is at its end; ask for shrink=True")
    if volume.vm is not None and volume.vm.state is not VmState.STOPPED:
        raise Conflict(f"{change}: {volume.vm} is {volume.vm.state}; stop it before it shrinks")


async def _resize(cloud: Cloud, volume: Volume, size: int, offering: DiskOffering | None) -> None:
    """Take the room, let the storage do it, and write down how it ended.

    What it is to be is in the books meanwhile: if we end, that is what it becomes.
    """
    pool, before, old = volume.pool, volume.size_mib, volume.offering
    assert pool is not None  # noqa: S101  (one without a pool has only its record)
    cloud.move(volume, VolumeEvent.RESIZE_REQUESTED)
    try:
        _reallocate(cloud, volume, size)
        volume.offering = offering
        await surely(cloud.ports.blocks.resize, volume, pool, size)
    except Exception:
        _reallocate(cloud, volume, before)
        volume.offering = old
        cloud.move(volume, VolumeEvent.OPERATION_FAILED)
        raise
    cloud.move(volume, VolumeEvent.OPERATION_SUCCEEDED)


def _reallocate(cloud: Cloud, volume: Volume, size: int) -> None:
    """Write down that `volume` takes `size` MiB of its pool.

    Raises:
        InsufficientCapacity: it does not fit; nothing changed.
    """
    pool, before = volume.pool, volume.size_mib
    assert pool is not None  # noqa: S101  (who resizes has one)
    cloud.ledger.deallocate(volume, pool)
    volume.size_mib = size
    try:
        cloud.ledger.allocate(volume, pool)
    except InsufficientCapacity:
        volume.size_mib = before
        cloud.ledger.allocate(volume, pool)
        raise
