"""Primary storage, where volumes live, and secondary storage, where images live."""

from __future__ import annotations

from cloudlab.design.schema.choices import Pool, Provider, Scope, StorageProvider
from cloudlab.design.schema.part import Part
from cloudlab.design.schema.quantities import Factor, Gib, Name, Tags, Text
from cloudlab.model.storage import PoolScope, PoolType


class PrimaryStorage(Part):
    """A pool for the volumes of VMs."""

    name: Name = ""
    """Default: the name of the cluster (or zone) with `-primary1`, `-primary2` ..."""
    type: Pool = PoolType.NFS
    """Kind of storage, by CloudStack's names."""
    scope: Scope = PoolScope.CLUSTER
    """`CLUSTER`; `HOST`: one such pool on every host; under a zone always `ZONE`."""
    capacity_gib: Gib
    """Size as bought, before over-provisioning; of scope `HOST`: of each host."""
    overprovisioning_factor: Factor | None = None
    """How many times the size may be allocated; only NFS. Default: the setting's value."""
    tags: Tags = ()
    """Offerings that ask for tags only use pools that have all of them."""
    url: Text = ""
    """Where it is, as in `nfs://10.0.0.5/export/primary`; not needed by the simulator."""

    @property
    def is_local(self) -> bool:
        """Whether it stands for the local disks of hosts."""
        return self.scope is PoolScope.HOST


class SecondaryStorage(Part):
    """A store for templates, ISOs and snapshots, shared by a zone."""

    name: Name = ""
    """Default: the name of the zone with `-secondary1` ..."""
    provider: Provider = StorageProvider.NFS
    """What serves it."""
    capacity_gib: Gib = 10_240.0
    """Size as bought."""
    url: Text = ""
    """Where it is, as in `nfs://10.0.0.6/export/secondary`; not needed by the simulator."""
