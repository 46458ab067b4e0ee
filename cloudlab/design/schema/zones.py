"""Zones: data centres with their networks, secondary storage and pods."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Annotated, Final

from pydantic import Field

from cloudlab.design.schema.addresses import NOWHERE, Address, AddressRange, Network
from cloudlab.design.schema.choices import (
    Allocation,
    Isolation,
    IsolationMethod,
    Traffic,
    ZoneType,
)
from cloudlab.design.schema.part import Part
from cloudlab.design.schema.places import Pod
from cloudlab.design.schema.quantities import Name, Tags, Text, VlanRange, vlan_bounds
from cloudlab.design.schema.settings import ZoneSettings
from cloudlab.design.schema.storage import PrimaryStorage, SecondaryStorage
from cloudlab.model.networks import TrafficType
from cloudlab.model.topology import AllocationState, NetworkType

DNS: Final = IPv4Address("8.8.8.8")
"""The name server of CloudStack's own examples."""


class TrafficLabels(Part):
    """The name of the bridge or switch on the hosts for each kind of traffic."""

    guest: Text = Field(default="", alias="Guest")
    """Traffic between VMs."""
    public: Text = Field(default="", alias="Public")
    """Traffic to and from the outside."""
    management: Text = Field(default="", alias="Management")
    """Traffic between management server, hosts and system VMs."""
    storage: Text = Field(default="", alias="Storage")
    """Traffic to secondary storage."""


class PhysicalNetwork(Part):
    """A cable: what carries the traffic of a zone."""

    name: Name = ""
    """Default: the name of the zone with `-physical1` ..."""
    vlan_range: VlanRange = ""
    """VLANs of guest networks, as in `500-999`, which is the default in an Advanced zone."""
    isolation: IsolationMethod = Isolation.VLAN
    """How guest networks are kept apart."""
    traffic: tuple[Traffic, ...] = ()
    """What it carries; the only network of a zone carries everything by default."""
    tags: Tags = ()
    """Tells several guest networks of a zone apart; network offerings refer to it."""
    labels: TrafficLabels = TrafficLabels()
    """What the bridge or switch on the hosts is called, as in `{Guest: cloudbr0}`."""

    @property
    def vlans(self) -> tuple[int, int] | None:
        """Return the first and last VLAN of guest networks, `None` when it has none."""
        return vlan_bounds(self.vlan_range) if self.vlan_range else None

    def carries(self, traffic: TrafficType) -> bool:
        """Return whether `traffic` runs over it."""
        return traffic in self.traffic


class Zone(Part):
    """The largest unit: a data centre with its own secondary storage."""

    name: Name = ""
    """Default: `z1`, `z2` ..."""
    network_type: ZoneType = NetworkType.ADVANCED
    """`Basic`: one flat network with security groups; `Advanced`: guest networks with VLANs."""
    allocation_state: Allocation = AllocationState.ENABLED
    """`Disabled`: takes no new VMs of users."""
    domain: Text = ""
    """Domain a private zone belongs to, as in `ROOT/sales`; empty: the zone is public."""
    network_domain: Text = ""
    """DNS suffix of VM names."""
    dns1: Address = DNS
    """Name server of guests."""
    dns2: Address | None = None
    """Second name server of guests."""
    internal_dns1: Address = DNS
    """Name server of system VMs."""
    internal_dns2: Address | None = None
    """Second name server of system VMs."""
    guest_cidr: Network = NOWHERE
    """Network of isolated guest networks, Advanced zones only; default 10.1.1.0/24."""
    security_groups: bool = False
    """Whether security groups part VMs of a shared network; default: yes in a Basic zone."""
    local_storage: bool = False
    """Whether VMs may use the local disks of hosts."""
    settings: ZoneSettings = ZoneSettings()
    """Thresholds of this zone's pools that differ from the cloud's."""
    physical_networks: tuple[PhysicalNetwork, ...] = ()
    """Default: one that carries everything."""
    public_ranges: tuple[AddressRange, ...] = ()
    """Public addresses, Advanced zones only; default: a /24 of 198.18.0.0/15."""
    guest_ranges: tuple[AddressRange, ...] = ()
    """Addresses of VMs on the shared guest network, Advanced zones only; default: a /16 of
    10.128.0.0/9."""
    secondary_storage: tuple[SecondaryStorage, ...] = ()
    """At least one; default: one NFS store of 10 TiB."""
    primary_storage: tuple[PrimaryStorage, ...] = ()
    """Zone-wide pools, which every cluster of the zone reaches."""
    pods: Annotated[tuple[Pod, ...], Field(min_length=1)]
    """Its pods."""

    @property
    def is_basic(self) -> bool:
        """Whether VMs share one flat network."""
        return self.network_type is NetworkType.BASIC
