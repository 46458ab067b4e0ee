"""High availability: a machine that fell is started elsewhere, several times if need be."""

from __future__ import annotations

from collections.abc import Iterable
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


def want_again(cloud: Cloud, vms: Iterable[VirtualMachine]) -> list[VirtualMachine]:
    """Write down which of `vms`, that fell, are to run again, and return those.

    That outlives the process: whoever comes next takes them up.
    """
    wanted = [vm for vm in vms if is_protected(cloud, vm)]
    for vm in wanted:
        vm.restart_wanted_since = cloud.now
    return wanted


def unattended(cloud: Cloud, waiting: float = 0.0) -> list[VirtualMachine]:
    """Return the machines that have been `waiting` so long to run again, nobody restarting them.

    Args:
        cloud: where they are.
        waiting: seconds; above 0 what fell just now is left to whoever wrote that down.
    """
    held, latest = cloud.engine.locks.is_held, cloud.now - waiting
    return [
        vm
        for vm in cloud.inventory.vms
        if vm.restart_wanted_since is not None
        and vm.restart_wanted_since <= latest
        and _is_wanted(vm)
        and not held(_key(vm))
    ]


def _is_wanted(vm: VirtualMachine) -> bool:
    return (
        vm.restart_wanted_since is not None and vm.state is VmState.STOPPED and vm.removed is None
    )


def _key(vm: VirtualMachine) -> tuple[str, int]:
    """Return the lock that whoever restarts `vm` holds to the end, waits between tries included."""
    return ("restart", vm.id)


async def restart(cloud: Cloud, vm: VirtualMachine, *, after: float = 0.0) -> bool:
    """Start `vm` elsewhere, trying `max.retries` times; return whether it runs.

    It is left alone once somebody else has done anything with it.

    Args:
        cloud: where it is.
        vm: a machine that is wanted again.
        after: how long to wait before the first try, seconds.
    """
    async with cloud.engine.lock(_key(vm)):
        await cloud.engine.sleep(after)
        return await _restart(cloud, vm)


async def _restart(cloud: Cloud, vm: VirtualMachine) -> bool:
    settings = cloud.settings
    for tried in range(settings.max_restarts):
        if tried:
            await cloud.engine.sleep(settings.restart_retry_interval_s)
        if not _is_wanted(vm):
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
    vm.restart_wanted_since = None
    return False
