"""Where the screen of a machine can be seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import Host, VirtualMachine, VmState

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

Asking: TypeAlias = Callable[[VirtualMachine, Host], Awaitable[str]]
"""What a hypervisor may have besides its port: how it tells the password of a screen."""


async def console(cloud: Cloud, vm: VirtualMachine) -> str:
    """Return where the screen of `vm` can be seen, as `vnc://10.0.0.11:5900`.

    Raises:
        Conflict: it is not Running: there is nothing to see.
        CloudError: its host does not say.
    """
    return await cloud.ports.hypervisor.console(vm, _host_of(vm))


async def screen_password(cloud: Cloud, vm: VirtualMachine) -> str:
    """Return what the screen of `vm` asks for; show it to its owner only.

    Raises:
        Conflict: it is not Running: there is nothing to see.
        InvalidParameter: it is simulated, or its hypervisor asks for nothing.
        CloudError: its host does not say.
    """
    host = _host_of(vm)
    ask: Asking | None = getattr(cloud.ports.hypervisor, "screen_password", None)
    if ask is None:
        raise InvalidParameter(
            f"the screen of {vm} asks for no password: there is one on real hosts only"
        )
    return await ask(vm, host)


def _host_of(vm: VirtualMachine) -> Host:
    """Return where `vm` runs.

    Raises:
        Conflict: nowhere.
    """
    if vm.state is not VmState.RUNNING or vm.host is None:
        raise Conflict(f"{vm} is {vm.state}; only a Running machine has a screen")
    return vm.host
