"""The records of a cloud of two hosts, a pool and a few machines; nothing of it is out there."""

from __future__ import annotations

from itertools import count
from typing import Any

from cloudlab.model import (
    Account,
    Cluster,
    ComputeOffering,
    Domain,
    Host,
    Network,
    Nic,
    Pod,
    PoolType,
    StoragePool,
    Template,
    VirtualMachine,
    VmSnapshot,
    VmSnapshotType,
    Volume,
    VolumeType,
    Zone,
)


class Records:
    """Everything is numbered from 1, so that names are the same in every test."""

    def __init__(self, url: str = "file:///mnt/primary", type_: PoolType = PoolType.NFS) -> None:
        self.zone = Zone(id=1, name="z1")
        self.pod = Pod(id=1, name="p1", zone=self.zone)
        self.cluster = Cluster(id=1, name="c1", zone=self.zone, pod=self.pod)
        self.host, self.other = self._host(1), self._host(2)
        self.pool = StoragePool(
            id=1, name="primary", zone=self.zone, cluster=self.cluster, url=url, type=type_
        )
        self.template = Template(id=1, name="tiny", size_mib=64)
        self.network = Network(id=1, name="n1", zone=self.zone)
        self.offering = ComputeOffering(id=1, name="small", vcpu=1, ram_mib=128)
        self.account = Account(id=2, name="tenant", domain=Domain(id=1, name="ROOT"))
        self._volumes, self._vms, self._snapshots = count(1), count(1), count(1)

    def _host(self, number: int) -> Host:
        host = Host(
            id=number,
            name=f"h{number}",
            zone=self.zone,
            pod=self.pod,
            cluster=self.cluster,
            cpus=2,
            mhz=2000,
            ram_mib=4096,
            ip=f"10.77.0.1{number}",
        )
        self.cluster.hosts.append(host)
        return host

    def another_pool(self, url: str, **more: Any) -> StoragePool:
        """Return one more pool of the cluster."""
        common = {"zone": self.zone, "cluster": self.cluster, "type": PoolType.NFS, **more}
        return StoragePool(id=2, name="second", url=url, **common)

    def vm(self) -> VirtualMachine:
        """Return one more machine with a root disk and a NIC."""
        number = next(self._vms)
        vm = VirtualMachine(
            id=number,
            name=f"vm{number}",
            zone=self.zone,
            account=self.account,
            offering=self.offering,
            template=self.template,
        )
        vm.volumes.append(self.volume(vm, self.template))
        mac = 0x02_00_00_00_01_00 + number
        vm.nics.append(Nic(id=number, vm=vm, network=self.network, mac_number=mac))
        return vm

    def volume(self, vm: VirtualMachine, template: Template | None = None) -> Volume:
        """Return a disk for `vm`, on the pool: its root disk if it is made from a template."""
        number = next(self._volumes)
        return Volume(
            id=number,
            name=f"{'ROOT' if template else 'DATA'}-{number}",
            type=VolumeType.ROOT if template else VolumeType.DATADISK,
            account=self.account,
            zone=self.zone,
            size_mib=96 if template else 32,
            template=template,
            vm=vm,
            device_id=0 if template else None,
            pool=self.pool,
        )

    def snapshot(self, vm: VirtualMachine, *, memory: bool = False) -> VmSnapshot:
        """Return a snapshot of `vm`."""
        kind = VmSnapshotType.DISK_AND_MEMORY if memory else VmSnapshotType.DISK
        return VmSnapshot(id=next(self._snapshots), name="before", vm=vm, type=kind)
