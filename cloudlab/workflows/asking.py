"""Asking a host about a machine, whether or not the host answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import CloudError
from cloudlab.model import Host, VirtualMachine
from cloudlab.ports import PowerState
from cloudlab.workflows.undoing import TRIES

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def power_of(cloud: Cloud, vm: VirtualMachine, host: Host) -> PowerState:
    """Return what `host` says of `vm`, `UNKNOWN` if it says nothing, however often it is asked."""
    for _ in range(TRIES):
        try:
            return await cloud.ports.hypervisor.power_state(vm, host)
        except CloudError:
            continue
    return PowerState.UNKNOWN
