"""Machines that their hosts paused as storage was full: told once, and let go on with room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloudlab.model import Alert, AlertType, EventLevel, Host, VirtualMachine, VmState
from cloudlab.workflows import hosts
from cloudlab.workflows.defects import answer_of
from cloudlab.workflows.scopes import scope_of

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

STANDS_STILL: Final = " stands still: "
"""In the subject line of an alert about such a machine."""


class HaltedMachines:
    """Looks for machines that stand still, and knows which ones the administrator was told of.

    Such a machine is alive, so it stays Running: nobody ends it, nor starts it elsewhere. It is
    asked to go on at each look; as long as there is no room its host just pauses it again.
    """

    def __init__(self) -> None:
        """Know of none yet; what was told by an earlier process is found at the first look."""
        self._told: dict[int, tuple[VirtualMachine, Alert]] | None = None

    async def look_at(self, cloud: Cloud, host: Host) -> None:
        """See to the machines on `host`, which is Up."""
        question = cloud.ports.hypervisor.halted(host)
        halted = await answer_of(cloud, question, f"hypervisor.halted of {host.name}")
        if halted is None:
            return
        if self._told is None:
            self._told = dict(_told_before(cloud))
        if halted or self._told:
            self._settle(cloud, host, halted, self._told)
        for vm in hosts.guests(cloud, host) if halted else ():
            if vm.id in self._told and not cloud.engine.locks.is_held(("vm", vm.id)):
                going = cloud.ports.hypervisor.resume(vm, host)
                await answer_of(cloud, going, f"hypervisor.resume of {vm.name}")

    @staticmethod
    def _settle(
        cloud: Cloud,
        host: Host,
        halted: dict[int, set[int]],
        told: dict[int, tuple[VirtualMachine, Alert]],
    ) -> None:
        """Tell of those on `host` that are `halted` since the last look; see who goes on."""
        for vm in hosts.guests(cloud, host):
            if vm.id in halted and vm.id not in told and vm.state is VmState.RUNNING:
                told[vm.id] = vm, _tell(cloud, vm, host, halted[vm.id])
        for vm, alert in list(told.values()):
            if vm.host is None or (vm.host is host and vm.id not in halted):
                alert.resolved = cloud.now
                del told[vm.id]
                if vm.host is host:
                    cloud.note("VM.RESUME", vm, f"{vm} goes on: its storage has room")


def _told_before(cloud: Cloud) -> list[tuple[int, tuple[VirtualMachine, Alert]]]:
    """Return the machines that an open alert is about, by id."""
    named = {scope_of(vm): vm for vm in cloud.inventory.vms}
    return [
        (named[alert.scope].id, (named[alert.scope], alert))
        for alert in cloud.inventory.alerts
        if alert.is_open and STANDS_STILL in alert.name and alert.scope in named
    ]


def _tell(cloud: Cloud, vm: VirtualMachine, host: Host, volumes: set[int]) -> Alert:
    """Tell the administrator that `vm` stands still on `host`, and what to do about it."""
    stuck = [each for each in vm.volumes if each.id in volumes] or vm.volumes
    pools = dict.fromkeys(each.pool for each in stuck if each.pool is not None)
    full = " and ".join(map(str, pools))
    title = f"{vm.name}{STANDS_STILL}{full} is full"
    where = ", ".join(f"{pool} ({pool.url})" for pool in pools)
    text = (
        f"{host} paused {vm} before it lost what it writes to "
        f"{', '.join(map(str, stuck))}; make room on {where}, and it goes on by itself within "
        f"{cloud.settings.ping_interval_s:g} s; until then do not end it"
    )
    cloud.note("VM.PAUSE", vm, f"{title}: {text}", level=EventLevel.WARN)
    return cloud.alert(AlertType.USERVM, scope_of(vm), title, text)
