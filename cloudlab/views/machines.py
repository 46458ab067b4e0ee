"""The lists of things that exist: VMs, hosts and volumes, a row each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cloudlab.views.listing import Listing
from cloudlab.views.tones import Tone, host_state, tone_of

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.model import Host, VirtualMachine, Volume


@dataclass(frozen=True, slots=True)
class VmRow:
    """One virtual machine."""

    id: int
    name: str
    state: str
    vcpu: int
    cpu_mhz: int
    """Speed promised for each core; 0: the host's."""
    ram_mib: int
    disk_mib: int
    """All its volumes together."""
    ip: str
    host: str
    """Where it runs; empty while it is on no host."""
    cluster: str
    zone: str
    account: str
    offering: str
    created: float
    """Seconds."""
    updated: float
    """Moment of the last change of state, seconds."""

    @property
    def tone(self) -> Tone:
        """How its state looks."""
        return tone_of(self.state)


@dataclass(frozen=True, slots=True)
class HostRow:
    """One host; the shares are allocated shares of what is usable, not measured use."""

    id: int
    name: str
    state: str
    zone: str
    pod: str
    cluster: str
    cpus: int
    mhz: int
    ram_mib: int
    vms: int
    cpu_allocated_mhz: int
    cpu_usable_mhz: int
    cpu_share: float
    ram_allocated_mib: int
    ram_usable_mib: int
    ram_share: float

    @property
    def tone(self) -> Tone:
        """How its state looks."""
        return tone_of(self.state)


@dataclass(frozen=True, slots=True)
class VolumeRow:
    """One volume."""

    id: int
    name: str
    state: str
    type: str
    size_mib: int
    vm: str
    pool: str
    account: str
    zone: str
    created: float
    """Seconds."""

    @property
    def tone(self) -> Tone:
        """How its state looks."""
        return tone_of(self.state)


def vm_rows(cloud: Cloud) -> Listing[VmRow]:
    """Return every VM, oldest first."""
    return Listing(VmRow, map(_vm, cloud.inventory.vms))


def host_rows(cloud: Cloud) -> Listing[HostRow]:
    """Return every host, oldest first."""
    return Listing(HostRow, (_host(cloud, host) for host in cloud.inventory.hosts))


def volume_rows(cloud: Cloud) -> Listing[VolumeRow]:
    """Return every volume, oldest first."""
    return Listing(VolumeRow, map(_volume, cloud.inventory.volumes))


def _vm(vm: VirtualMachine) -> VmRow:
    host = vm.host
    return VmRow(
        id=vm.id,
        name=vm.name,
        state=vm.state,
        vcpu=vm.offering.vcpu,
        cpu_mhz=vm.offering.cpu_mhz,
        ram_mib=vm.offering.ram_mib,
        disk_mib=sum(volume.size_mib for volume in vm.volumes),
        ip=next((nic.ip for nic in vm.nics if nic.ip is not None), ""),
        host=host.name if host is not None else "",
        cluster=host.cluster.name if host is not None else "",
        zone=vm.zone.name,
        account=vm.account.name,
        offering=vm.offering.name,
        created=vm.created,
        updated=vm.updated,
    )


def _host(cloud: Cloud, host: Host) -> HostRow:
    cpu, ram = cloud.ledger.cpu(host), cloud.ledger.ram(host)
    return HostRow(
        id=host.id,
        name=host.name,
        state=host_state(host),
        zone=host.zone.name,
        pod=host.pod.name,
        cluster=host.cluster.name,
        cpus=host.cpus,
        mhz=host.mhz,
        ram_mib=host.ram_mib,
        vms=len(cloud.ledger.guests[host.row]),
        cpu_allocated_mhz=cpu.used + cpu.reserved,
        cpu_usable_mhz=cpu.total,
        cpu_share=cpu.taken,
        ram_allocated_mib=ram.used + ram.reserved,
        ram_usable_mib=ram.total,
        ram_share=ram.taken,
    )


def _volume(volume: Volume) -> VolumeRow:
    return VolumeRow(
        id=volume.id,
        name=volume.name,
        state=volume.state,
        type=volume.type,
        size_mib=volume.size_mib,
        vm=volume.vm.name if volume.vm is not None else "",
        pool=volume.pool.name if volume.pool is not None else "",
        account=volume.account.name,
        zone=volume.zone.name,
        created=volume.created,
    )
