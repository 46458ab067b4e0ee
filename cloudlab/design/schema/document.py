"""The document as a whole: settings, price list, offerings and zones."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from cloudlab.design.schema.hardware import HOST_TYPES, HostType
from cloudlab.design.schema.offerings import (
    COMPUTE_OFFERINGS,
    DISK_OFFERINGS,
    SYSTEM_OFFERINGS,
    ComputeOffering,
    DiskOffering,
    SystemOffering,
    Template,
)
from cloudlab.design.schema.part import Part
from cloudlab.design.schema.quantities import Currency, Name
from cloudlab.design.schema.settings import Settings
from cloudlab.design.schema.zones import Zone


class CloudDocument(Part):
    """A cloud to build: what stands where, what users may choose, and how VMs are placed."""

    cloud: Name = "cloud"
    """What the cloud is called."""
    currency: Currency = "USD"
    """Currency of all prices."""
    price_date: date | None = None
    """Day the prices were taken."""
    accept_unusual: bool = False
    """Take values that look like a mistake of units (2 MHz, 256 TiB of RAM) as they are."""
    settings: Settings = Settings()
    """Global settings by CloudStack's names; those left out have CloudStack's defaults."""
    host_types: tuple[HostType, ...] = HOST_TYPES
    """Price list of hosts; the plan recommends from it. Default: a small shipped one."""
    compute_offerings: tuple[ComputeOffering, ...] = COMPUTE_OFFERINGS
    """Sizes of machines; default: CloudStack's Small Instance and Medium Instance."""
    disk_offerings: tuple[DiskOffering, ...] = DISK_OFFERINGS
    """Sizes of data disks; default: CloudStack's Small, Medium, Large and Custom."""
    system_offerings: tuple[SystemOffering, ...] = SYSTEM_OFFERINGS
    """Sizes of system VMs; default: CloudStack's three."""
    templates: tuple[Template, ...] = ()
    """Images; default: one of 8 GiB for each hypervisor. A request without a disk size gets
    the size of the first."""
    zones: Annotated[tuple[Zone, ...], Field(min_length=1)]
    """Its zones."""
