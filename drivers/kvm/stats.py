"""What the machines on a host use: one typed row for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import libvirt

from drivers.kvm.marks import mark_of

_WANTED: Final = (
    libvirt.VIR_DOMAIN_STATS_STATE
    | libvirt.VIR_DOMAIN_STATS_CPU_TOTAL
    | libvirt.VIR_DOMAIN_STATS_BALLOON
    | libvirt.VIR_DOMAIN_STATS_VCPU
    | libvirt.VIR_DOMAIN_STATS_INTERFACE
    | libvirt.VIR_DOMAIN_STATS_BLOCK
)
_NS: Final = 1e9
_KIB_PER_MIB: Final = 1024


@dataclass(frozen=True, slots=True)
class GuestStats:
    """What one machine used since it began; rates are differences of two of these.

    Attributes:
        vm_id: whose.
        cpu_seconds: of all its CPUs.
        vcpus: how many it has now.
        ram_mib: what its balloon leaves it.
        ram_unused_mib: what the guest does not use; `None` where it does not tell.
        disk_read_bytes: of all its disks; so are the next three.
        disk_written_bytes: see there.
        disk_reads: requests.
        disk_writes: requests.
        received_bytes: by all its NICs.
        sent_bytes: by all its NICs.
    """

    vm_id: int
    cpu_seconds: float
    vcpus: int
    ram_mib: float
    ram_unused_mib: float | None
    disk_read_bytes: int
    disk_written_bytes: int
    disk_reads: int
    disk_writes: int
    received_bytes: int
    sent_bytes: int


def all_stats(connection: libvirt.virConnect, owner: str) -> dict[int, GuestStats]:
    """Return what every running machine of `Site.owner` used, by VM id."""
    found = connection.getAllDomainStats(_WANTED, libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE)
    marked = ((mark_of(domain), raw) for domain, raw in found)
    return {mark.vm_id: _row(mark.vm_id, raw) for mark, raw in marked if mark and mark.is_of(owner)}


def _row(vm_id: int, raw: Mapping[str, int]) -> GuestStats:
    unused = raw.get("balloon.unused")
    return GuestStats(
        vm_id=vm_id,
        cpu_seconds=raw.get("cpu.time", 0) / _NS,
        vcpus=raw.get("vcpu.current", 0),
        ram_mib=raw.get("balloon.current", 0) / _KIB_PER_MIB,
        ram_unused_mib=None if unused is None else unused / _KIB_PER_MIB,
        disk_read_bytes=_total(raw, "block", "rd.bytes"),
        disk_written_bytes=_total(raw, "block", "wr.bytes"),
        disk_reads=_total(raw, "block", "rd.reqs"),
        disk_writes=_total(raw, "block", "wr.reqs"),
        received_bytes=_total(raw, "net", "rx.bytes"),
        sent_bytes=_total(raw, "net", "tx.bytes"),
    )


def _total(raw: Mapping[str, int], group: str, name: str) -> int:
    """Return the sum of one figure over all disks or NICs: `block.0.rd.bytes` and so on."""
    count = raw.get(f"{group}.count", 0)
    return sum(raw.get(f"{group}.{number}.{name}", 0) for number in range(count))
