"""What a dead process had asked a host for may still happen: it is looked for once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from cloudlab.model import HostStatus
from cloudlab.workflows import migration
from cloudlab.workflows.reconcile.networks import shut_down_strays

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.model import Nic, VirtualMachine

ECHO: Final = 10.0
"""Seconds after which a host has done, or dropped, what it was asked for by a dead process."""


async def await_echoes(cloud: Cloud, seen: Sequence[tuple[VirtualMachine, Sequence[Nic]]]) -> None:
    """Let nothing of machines be where they are not, nor a router: whatever came too late goes.

    Args:
        cloud: where they are.
        seen: the machines something was being done to, with the NICs they had.
    """
    await cloud.engine.sleep(ECHO)
    for vm, had in seen:
        async with cloud.engine.lock(("vm", vm.id)):
            for host in list(cloud.inventory.hosts):
                if host.status is HostStatus.UP and host not in cloud.ledger.hosts_with(vm):
                    await migration.clear(cloud, vm, host, had)
    await shut_down_strays(cloud)
