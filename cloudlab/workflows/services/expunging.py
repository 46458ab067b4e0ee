"""What was destroyed is removed for good after `expunge.delay`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import CloudError
from cloudlab.model import AlertType
from cloudlab.workflows import machines, volumes
from cloudlab.workflows.scopes import scope_of

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def expunge_destroyed(cloud: Cloud) -> None:
    """Remove machines destroyed `expunge.delay` ago or earlier, and disks that were left over."""
    for vm in machines.due(cloud):
        try:
            await machines.expunge(cloud, vm)
        except CloudError as error:
            text = f"Unable to expunge {vm.name}"
            cloud.alert(AlertType.USERVM, scope_of(vm), text, str(error))
        else:
            cloud.note("VM.EXPUNGE", vm, f"{vm} expunged")
    for volume in volumes.forsaken(cloud):
        await volumes.throw_away(cloud, volume)


def next_due(cloud: Cloud) -> float:
    """Return when the next machine is due, where `expunge.interval` is 0.

    With nothing to wait for it looks again after `expunge.delay`: nothing can be due before.
    """
    now, delay = cloud.now, cloud.settings.expunge_delay_s
    waiting = (vm.updated + delay for vm in cloud.inventory.vms if vm.state in machines.WAITING)
    return min((moment for moment in waiting if moment > now), default=now + delay)
