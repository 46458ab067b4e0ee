"""Where the screen of a machine can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import Conflict
from cloudlab.model import VirtualMachine, VmState

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def console(cloud: Cloud, vm: VirtualMachine) -> str:
    """Return where the screen of `vm` can be seen, as `vnc://10.0.0.11:5900`.

    Raises:
        Conflict: it is not Running: there is nothing to see.
        CloudError: its host does not say.
    """
    if vm.state is not VmState.RUNNING or vm.host is None:
        raise Conflict(f"{vm} is {vm.state}; only a Running machine has a screen")
    return await cloud.ports.hypervisor.console(vm, vm.host)
