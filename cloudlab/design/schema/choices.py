"""The choices a design offers, by CloudStack's names; upper and lower case do not matter."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator

from cloudlab.model.networks import TrafficType
from cloudlab.model.offerings import SystemVmType
from cloudlab.model.storage import ImageFormat, PoolScope, PoolType
from cloudlab.model.topology import AllocationState, NetworkType


class Hypervisor(StrEnum):
    """What runs on the hosts of a cluster (CloudStack's HypervisorType)."""

    KVM = "KVM"
    XENSERVER = "XenServer"
    VMWARE = "VMware"
    HYPERV = "Hyperv"
    OVM = "Ovm"
    LXC = "LXC"
    BARE_METAL = "BareMetal"
    SIMULATOR = "Simulator"


class AllocationAlgorithm(StrEnum):
    """The values of `vm.allocation.algorithm`."""

    RANDOM = "random"
    FIRST_FIT = "firstfit"
    USER_DISPERSING = "userdispersing"
    USER_CONCENTRATED_POD_RANDOM = "userconcentratedpod_random"
    USER_CONCENTRATED_POD_FIRST_FIT = "userconcentratedpod_firstfit"
    FIRST_FIT_LEAST_CONSUMED = "firstfitleastconsumed"


class CapacityType(StrEnum):
    """The values of `host.capacityType.to.order.clusters`."""

    CPU = "CPU"
    RAM = "RAM"


class Isolation(StrEnum):
    """How a physical network keeps guest networks apart (CloudStack's isolation methods)."""

    VLAN = "VLAN"
    VXLAN = "VXLAN"
    GRE = "GRE"
    STT = "STT"


class StorageProvider(StrEnum):
    """What serves secondary storage."""

    NFS = "NFS"
    SWIFT = "Swift"
    S3 = "S3"


def any_case(choices: type[StrEnum]) -> BeforeValidator:
    """Return a validator that finds a choice by value or name (NFS), whatever the case."""
    by_lower = {choice.name.lower(): choice for choice in choices}
    by_lower |= {choice.value.lower(): choice for choice in choices}

    def found(value: object) -> object:
        return by_lower.get(value.strip().lower(), value) if isinstance(value, str) else value

    return BeforeValidator(found)


HypervisorName = Annotated[Hypervisor, any_case(Hypervisor)]
Algorithm = Annotated[AllocationAlgorithm, any_case(AllocationAlgorithm)]
OrderingCapacity = Annotated[CapacityType, any_case(CapacityType)]
IsolationMethod = Annotated[Isolation, any_case(Isolation)]
Provider = Annotated[StorageProvider, any_case(StorageProvider)]
Traffic = Annotated[TrafficType, any_case(TrafficType)]
ZoneType = Annotated[NetworkType, any_case(NetworkType)]
Allocation = Annotated[AllocationState, any_case(AllocationState)]
Pool = Annotated[PoolType, any_case(PoolType)]
Scope = Annotated[PoolScope, any_case(PoolScope)]
Format = Annotated[ImageFormat, any_case(ImageFormat)]
SystemVm = Annotated[SystemVmType, any_case(SystemVmType)]
