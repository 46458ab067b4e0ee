"""Pods, clusters and hosts: the racks of a zone."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from cloudlab.design.schema.addresses import (
    UNSPECIFIED,
    AddressRange,
    ReservedRange,
    Subnet,
)
from cloudlab.design.schema.choices import Allocation, Hypervisor, HypervisorName
from cloudlab.design.schema.part import Part
from cloudlab.design.schema.quantities import Cores, Count, Factor, Gib, Mhz, Name, Tags
from cloudlab.design.schema.settings import ClusterSettings
from cloudlab.design.schema.storage import PrimaryStorage
from cloudlab.model.topology import AllocationState

NamePattern = Annotated[
    str,
    StringConstraints(
        max_length=255,
        pattern=r"^(?:[A-Za-z0-9._-]|\{(?:zone|pod|cluster)\}|\{n(?::0?[1-9]d)?\})+$",
    ),
    Field(
        json_schema_extra={
            "allowed": "letters, digits, '-', '.', '_', {zone}, {pod}, {cluster} and {n:03d}"
        }
    ),
]


class HostGroup(Part):
    """Hosts of one kind in a cluster: a `type`, or `cpus`, `mhz` and `ram_gib`."""

    count: Count = 1
    """How many."""
    type: Name = ""
    """Name of an entry of `host_types`."""
    cpus: Cores | None = None
    """Cores of each, when no type is named."""
    mhz: Mhz | None = None
    """Speed of a core, when no type is named."""
    ram_gib: Gib | None = None
    """Memory of each that guests may use, when no type is named."""
    tags: Tags = ()
    """Host tags; offerings and templates with a host tag only use hosts that have it."""
    name_pattern: NamePattern = "{cluster}-h{n:03d}"
    """How they are called; `n` counts the hosts of the cluster from 1."""


class Cluster(Part):
    """Hosts with one hypervisor that share primary storage; VMs migrate inside it."""

    name: Name = ""
    """Default: the name of the pod with `-c1`, `-c2` ..."""
    hypervisor: HypervisorName = Hypervisor.KVM
    """What runs on every host of it."""
    cpu_overcommit: Factor | None = None
    """How many times the CPU may be allocated. Default: `cpu.overprovisioning.factor`."""
    ram_overcommit: Factor | None = None
    """How many times the RAM may be allocated. Default: `mem.overprovisioning.factor`."""
    allocation_state: Allocation = AllocationState.ENABLED
    """`Disabled`: takes no new VMs of users."""
    settings: ClusterSettings = ClusterSettings()
    """Thresholds of this cluster that differ from the cloud's."""
    hosts: Annotated[tuple[HostGroup, ...], Field(min_length=1)]
    """Its hosts, in the order in which first fit tries them."""
    primary_storage: tuple[PrimaryStorage, ...] = ()
    """Its pools; may be left out when the zone has zone-wide ones."""


class Pod(Subnet):
    """A rack-like unit: hosts of one management subnet."""

    name: Name = ""
    """Default: the name of the zone with `-p1`, `-p2` ..."""
    allocation_state: Allocation = AllocationState.ENABLED
    """`Disabled`: takes no new VMs of users."""
    reserved: ReservedRange = ReservedRange(start=UNSPECIFIED, end=UNSPECIFIED)
    """Addresses for system VMs; default: up to a quarter of the subnet, at most 254."""
    guest_ranges: tuple[AddressRange, ...] = ()
    """Addresses of VMs, in a Basic zone only; default: a /16 of 10.128.0.0/9."""
    clusters: Annotated[tuple[Cluster, ...], Field(min_length=1)]
    """Its clusters."""
