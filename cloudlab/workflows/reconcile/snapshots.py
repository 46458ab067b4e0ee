"""Snapshots of machines: one that was being made is not kept, one that was to go is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import CloudError
from cloudlab.model import VmSnapshot, VmSnapshotEvent, VmSnapshotState
from cloudlab.workflows import snapshots, volumes
from cloudlab.workflows.undoing import left_behind

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def settle_snapshots(cloud: Cloud) -> None:
    """See to every snapshot that something was being done to.

    Whether a machine was taken back is not known where the answer was lost: its disks are whole
    either way, and the snapshot is still there to be reverted to.
    """
    for snapshot in cloud.inventory.vm_snapshots:
        if snapshot.state is VmSnapshotState.REVERTING:
            cloud.move(snapshot, VmSnapshotEvent.OPERATION_FAILED)
            continue
        try:
            await _settle(cloud, snapshot)
        except CloudError as error:
            left_behind(cloud, snapshot, error)


async def _settle(cloud: Cloud, snapshot: VmSnapshot) -> None:
    """Remove what was being made or removed.

    Raises:
        CloudError: it could not be removed now.
    """
    host = volumes.host_in_reach(cloud, snapshot.vm)
    if snapshot.state is VmSnapshotState.CREATING:
        if host is None:
            cloud.move(snapshot, VmSnapshotEvent.OPERATION_FAILED)
        else:
            await snapshots.give_up(cloud, snapshot, host)
    elif snapshot.state is VmSnapshotState.EXPUNGING and host is not None:
        await volumes.drop(cloud, snapshot, host)
