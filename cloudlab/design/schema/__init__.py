"""What a design document may say: one frozen pydantic model for each kind of mapping."""

from cloudlab.design.schema.addresses import AddressRange, ReservedRange
from cloudlab.design.schema.choices import AllocationAlgorithm, CapacityType, Hypervisor
from cloudlab.design.schema.document import CloudDocument
from cloudlab.design.schema.hardware import HostType, list_price
from cloudlab.design.schema.offerings import (
    ComputeOffering,
    DiskOffering,
    SystemOffering,
    Template,
)
from cloudlab.design.schema.places import Cluster, HostGroup, Pod
from cloudlab.design.schema.settings import ClusterSettings, Settings, ZoneSettings
from cloudlab.design.schema.storage import PrimaryStorage, SecondaryStorage
from cloudlab.design.schema.zones import PhysicalNetwork, Zone

__all__ = [
    "AddressRange",
    "AllocationAlgorithm",
    "CapacityType",
    "CloudDocument",
    "Cluster",
    "ClusterSettings",
    "ComputeOffering",
    "DiskOffering",
    "HostGroup",
    "HostType",
    "Hypervisor",
    "PhysicalNetwork",
    "Pod",
    "PrimaryStorage",
    "ReservedRange",
    "SecondaryStorage",
    "Settings",
    "SystemOffering",
    "Template",
    "Zone",
    "ZoneSettings",
    "list_price",
]
