"""Storage: every cluster has some, of a kind its hypervisor can use, in the right place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cloudlab.design.problems import Path, Problem
from cloudlab.design.schema import CloudDocument, Hypervisor, PrimaryStorage, Zone
from cloudlab.design.walk import ClusterPlace, each_cluster, each_zone
from cloudlab.model.storage import PoolScope, PoolType
from cloudlab.model.storage.urls import url_fault

MOST_POOL_GIB: Final = 4 * 1024 * 1024
"""Larger pools are asked about: 4 PiB."""
_LEAST_SECONDARY_GIB: Final = 100
_LOCAL: Final = {PoolType.FILESYSTEM, PoolType.LVM, PoolType.EXT}
_SHARED: Final = {
    Hypervisor.KVM: {
        PoolType.NFS,
        PoolType.SHARED_MOUNT_POINT,
        PoolType.CLVM,
        PoolType.RBD,
        PoolType.ISCSI,
    },
    Hypervisor.XENSERVER: {
        PoolType.NFS,
        PoolType.ISCSI,
        PoolType.ISCSI_LUN,
        PoolType.PRE_SETUP,
    },
    Hypervisor.VMWARE: {PoolType.NFS, PoolType.VMFS},
    Hypervisor.OVM: {PoolType.NFS, PoolType.ISCSI, PoolType.OCFS2},
}
"""Kinds of shared storage by hypervisor; those not named here take any.

Source: CloudStack 4.0 storage managers of each hypervisor; iSCSI on KVM came later, and is for data
disks, as everywhere (`IscsiAdmStorageAdaptor`)."""


def check_storage(document: CloudDocument) -> Iterator[Problem]:
    """Yield what is wrong with primary and secondary storage."""
    for path, zone in each_zone(document):
        yield from _zone_wide(path, zone)
        for place, store in enumerate(zone.secondary_storage):
            yield from _url((*path, "secondary_storage", place, "url"), store.url)
            if store.capacity_gib < _LEAST_SECONDARY_GIB:
                text = f"is {store.capacity_gib:g}; secondary storage should have 100 GiB or more"
                store_path = (*path, "secondary_storage", place, "capacity_gib")
                yield Problem(store_path, text, question=True)
    for at in each_cluster(document):
        yield from _of_cluster(at)


def _zone_wide(path: Path, zone: Zone) -> Iterator[Problem]:
    for place, pool in enumerate(zone.primary_storage):
        pool_path = (*path, "primary_storage", place)
        if pool.scope is not PoolScope.ZONE:
            text = f"is {pool.scope}, but stands under the zone; move it to a cluster, or say ZONE"
            yield Problem((*pool_path, "scope"), text)
        yield from _pool(pool_path, pool)


def _of_cluster(at: ClusterPlace) -> Iterator[Problem]:
    pools, name = at.cluster.primary_storage, at.cluster.name
    if not pools and not at.zone.primary_storage:
        text = f"has no primary_storage: cluster {name} needs a pool, or the zone a zone-wide one"
        yield Problem(at.path, text)
    for place, pool in enumerate(pools):
        path = (*at.path, "primary_storage", place)
        if pool.scope is PoolScope.ZONE:
            text = "is ZONE, but stands under a cluster; move the pool to the zone"
            yield Problem((*path, "scope"), text)
        if pool.is_local and not at.zone.local_storage:
            text = f"is HOST, but zone {at.zone.name} has local_storage: false; set it to true"
            yield Problem((*path, "scope"), text)
        usable = _LOCAL if pool.is_local else _SHARED.get(at.cluster.hypervisor, {pool.type})
        if pool.type not in usable:
            yield Problem((*path, "type"), _not_usable(pool, at, usable))
        yield from _pool(path, pool)


def _not_usable(pool: PrimaryStorage, at: ClusterPlace, usable: set[PoolType]) -> str:
    kind = "local" if pool.is_local else "shared"
    names = ", ".join(sorted(usable))
    return f"is {pool.type}; {kind} storage of {at.cluster.hypervisor} is one of {names}"


def _pool(path: Path, pool: PrimaryStorage) -> Iterator[Problem]:
    yield from _url((*path, "url"), pool.url)
    if pool.overprovisioning_factor not in {None, 1.0} and pool.type is not PoolType.NFS:
        text = f"is given for {pool.type}; only NetworkFilesystem is over-provisioned"
        yield Problem((*path, "overprovisioning_factor"), text)
    if pool.capacity_gib > MOST_POOL_GIB:
        size = pool.capacity_gib
        text = f"is {size:g} GiB ({size / 2**20:.3g} PiB); if it is MiB, write {size / 1024:g}"
        yield Problem((*path, "capacity_gib"), text, question=True)


def _url(path: Path, url: str) -> Iterator[Problem]:
    if fault := url_fault(url):
        yield Problem(path, fault)
