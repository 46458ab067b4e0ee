"""Bare records for the tests of the books: no engine, no workflows, just things with sizes."""

from __future__ import annotations

from itertools import count

from cloudlab.model import (
    Account,
    Cluster,
    ComputeOffering,
    Domain,
    Host,
    Pod,
    StoragePool,
    Template,
    VirtualMachine,
    Volume,
    Zone,
)

_ids = count(1)

DOMAIN = Domain(name="ROOT")
ZONE = Zone(id=1, name="z1")
POD = Pod(id=1, name="p1", zone=ZONE)


def account(name: str = "sales") -> Account:
    """Return a user's account."""
    return Account(id=next(_ids), name=name, domain=DOMAIN)


def cluster(name: str = "c1", cpu: float = 1.0, ram: float = 1.0) -> Cluster:
    """Return a cluster with over-provisioning factors."""
    return Cluster(
        id=next(_ids), name=name, zone=ZONE, pod=POD, cpu_overcommit=cpu, ram_overcommit=ram
    )


def host(of: Cluster, cpus: int = 4, mhz: int = 1000, ram_mib: int = 8192, **more: object) -> Host:
    """Return a host of a cluster, in its list."""
    number = next(_ids)
    made = Host(
        id=number,
        name=f"h{number}",
        zone=of.zone,
        pod=of.pod,
        cluster=of,
        cpus=cpus,
        mhz=mhz,
        ram_mib=ram_mib,
        **more,
    )
    of.hosts.append(made)
    return made


def vm(owner: Account, vcpu: int = 1, ram_mib: int = 1024, cpu_mhz: int = 0) -> VirtualMachine:
    """Return a machine of a size."""
    size = ComputeOffering(vcpu=vcpu, cpu_mhz=cpu_mhz, ram_mib=ram_mib)
    number = next(_ids)
    return VirtualMachine(
        id=number,
        name=f"vm-{number}",
        zone=ZONE,
        account=owner,
        offering=size,
        template=Template(name="linux"),
    )


def pool(of: Cluster, capacity_mib: int, factor: float = 1.0) -> StoragePool:
    """Return a pool of a cluster."""
    number = next(_ids)
    return StoragePool(
        id=number,
        name=f"pool-{number}",
        zone=of.zone,
        cluster=of,
        capacity_mib=capacity_mib,
        overprovisioning=factor,
    )


def volume(owner: Account, size_mib: int) -> Volume:
    """Return a volume of a size."""
    number = next(_ids)
    return Volume(id=number, name=f"v{number}", account=owner, zone=ZONE, size_mib=size_mib)
