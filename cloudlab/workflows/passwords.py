"""A machine gets a new password from its network's router."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import Conflict
from cloudlab.model import VirtualMachine, VmState

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloudlab.cloud import Cloud


async def reset_password(
    cloud: Cloud, vm: VirtualMachine, told: Callable[[str], object]
) -> VirtualMachine:
    """Have the router of `vm` keep a new password for it, and tell it once; it is kept nowhere.

    The machine asks for it when it boots. Unlike in CloudStack it has to be Running: the router
    of a network none of whose machines runs may be shut down.

    Args:
        cloud: where it is.
        vm: the machine.
        told: is given the password.

    Raises:
        Conflict: it is not Running, or on no network.
        CloudError: the router does not answer; the old password is as good as before.
    """
    async with cloud.engine.lock(("vm", vm.id)):
        if vm.state is not VmState.RUNNING or not vm.nics:
            raise Conflict(f"{vm} is {vm.state}; only a Running machine gets a new password")
        told(await cloud.ports.router.issue_password(vm.nics[0]))
    return vm
