"""What the machines on a host used, where its hypervisor measures them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, TypeAlias

from cloudlab.errors import InvalidParameter
from cloudlab.model import Host
from cloudlab.views.listing import Listing

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

Measuring: TypeAlias = Callable[[Host], Awaitable[Mapping[int, object]]]
"""What a hypervisor may have besides its port: by id of machine, the fields of `UsageRow`."""


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What one machine used since it began to run; rates are differences of two of these.

    Attributes:
        vm: its name.
        cpu_seconds: of all its CPUs.
        vcpus: how many it has now.
        ram_mib: what it may use now.
        ram_unused_mib: what it does not use; `None` where the guest does not tell.
        disk_read_bytes: of all its disks.
        disk_written_bytes: of all its disks.
        received_bytes: by all its NICs.
        sent_bytes: by all its NICs.
    """

    vm: str
    cpu_seconds: float
    vcpus: int
    ram_mib: float
    ram_unused_mib: float | None
    disk_read_bytes: int
    disk_written_bytes: int
    received_bytes: int
    sent_bytes: int


async def usage(cloud: Cloud, host: Host) -> Listing[UsageRow]:
    """Return what the machines of the books that run on `host` used.

    Raises:
        InvalidParameter: it is simulated, or its hypervisor does not measure.
        CloudError: the host does not answer.
    """
    measure: Measuring | None = getattr(cloud.ports.hypervisor, "stats", None)
    if measure is None:
        raise InvalidParameter(f"the machines on {host} are not measured: only real ones are")
    found = await measure(host)
    measured = [each.name for each in fields(UsageRow)][1:]
    return Listing(
        UsageRow,
        [
            UsageRow(vm.name, *(getattr(found[vm.id], name) for name in measured))
            for vm in cloud.inventory.vms
            if vm.id in found
        ],
    )
