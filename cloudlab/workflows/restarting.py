"""High availability: a machine that fell is started elsewhere, several times if need be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import CloudError
from cloudlab.model import AlertType, VirtualMachine, VmState
from cloudlab.policy import Wish
from cloudlab.workflows import machines
from cloudlab.workflows.scopes import scope_of

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


def is_protected(cloud: Cloud, vm: VirtualMachine) -> bool:
    """Return whether `vm` is started again when it falls, as its offering or `force.ha` says."""
    settings = cloud.settings
    return settings.ha_enabled and (vm.offering.ha or settings.force_ha)


async def restart(cloud: Cloud, vm: VirtualMachine) -> bool:
    """Start `vm` elsewhere, trying `max.retries` times; return whether it runs.

    It is left alone once somebody else has done anything with it.
    """
    settings = cloud.settings
    for tried in range(settings.max_restarts):
        if tried:
            await cloud.engine.sleep(settings.restart_retry_interval_s)
        if vm.state is not VmState.STOPPED or vm.removed is not None:
            return vm.state is VmState.RUNNING
        try:
            await machines.start(cloud, vm, Wish(vm.zone, for_ha=True))
        except CloudError as error:
            text = f"Unable to restart {vm.name} after its host failed"
            cloud.alert(AlertType.USERVM, scope_of(vm), text, str(error))
        else:
            cloud.resolve(AlertType.USERVM, scope_of(vm))
            cloud.note("HA.RESTART", vm, f"{vm} runs again on {vm.host}")
            return True
    return False
