"""What users may choose from: sizes of machines and disks, and templates."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, Strict

from cloudlab.design.schema.choices import Format, Hypervisor, HypervisorName, SystemVm
from cloudlab.design.schema.part import Part
from cloudlab.design.schema.quantities import Cores, Gib, Mhz, Name, RamMib, Tags, Text, Word
from cloudlab.model.offerings import SystemVmType
from cloudlab.model.storage import ImageFormat

Rate = Annotated[int, Strict(), Field(ge=0, le=10**6, json_schema_extra={"unit": "Mbit/s"})]

_IMAGE_FORMATS: Final = {
    Hypervisor.KVM: ImageFormat.QCOW2,
    Hypervisor.LXC: ImageFormat.QCOW2,
    Hypervisor.XENSERVER: ImageFormat.VHD,
    Hypervisor.HYPERV: ImageFormat.VHD,
    Hypervisor.SIMULATOR: ImageFormat.VHD,
    Hypervisor.VMWARE: ImageFormat.OVA,
    Hypervisor.OVM: ImageFormat.RAW,
    Hypervisor.BARE_METAL: ImageFormat.RAW,
}


class Offering(Part):
    """What every offering has."""

    name: Name
    """What users see."""
    display_text: Text = ""
    """Longer description."""
    storage_tags: Tags = ()
    """Its volumes only go to pools that have all of these tags."""
    local_storage: bool = False
    """Whether its volumes go to local disks of the host instead of shared pools."""
    domain: Text = ""
    """Domain that may use it, as in `ROOT/sales`; empty: everybody."""


class ComputeOffering(Offering):
    """The size of a machine (CloudStack's service offering)."""

    vcpu: Cores
    """Number of virtual CPUs."""
    cpu_mhz: Mhz | None = None
    """Speed promised for each; left out: the speed of the host it runs on."""
    ram_mib: RamMib
    """Memory."""
    host_tag: Word | None = None
    """Only hosts with this tag."""
    ha: bool = False
    """Whether its VMs are restarted elsewhere when their host fails (CloudStack's offerha)."""
    limit_cpu_use: bool = False
    """Whether the speed is a ceiling even when the host has CPU to spare."""
    network_rate_mbps: Rate | None = None
    """Network rate of a NIC; left out: CloudStack's 200."""


class SystemOffering(ComputeOffering):
    """The size of a system VM: virtual router, console proxy, secondary storage VM."""

    system_vm_type: SystemVm
    """What it is for."""


class DiskOffering(Offering):
    """The size of a data disk."""

    size_gib: Gib | None = None
    """Size; left out when `customized`."""
    customized: bool = False
    """Whether the user gives the size."""


class Template(Part):
    """An image that root disks are made from."""

    name: Name
    """What users see."""
    display_text: Text = ""
    """Longer description."""
    size_gib: Gib
    """Size of the root disks made from it."""
    hypervisor: HypervisorName = Hypervisor.KVM
    """The one hypervisor it runs on."""
    format: Format | None = None
    """Image format; default: the hypervisor's own (KVM QCOW2, XenServer VHD, VMware OVA ...)."""
    os: Text = "Other Linux (64-bit)"
    """Guest operating system."""
    requires_hvm: bool = False
    """Whether it needs a host with hardware virtualization."""
    host_tag: Word | None = None
    """Only hosts with this tag (CloudStack's template tag)."""
    public: bool = True
    """Whether every account may use it."""
    featured: bool = False
    """Whether it is offered first."""
    password_enabled: bool = False
    """Whether its guests fetch a password at first start."""

    @property
    def image_format(self) -> ImageFormat:
        """Return the format it has: the one given, or the hypervisor's own."""
        return self.format or _IMAGE_FORMATS[self.hypervisor]


COMPUTE_OFFERINGS: Final = (
    ComputeOffering(name="Small Instance", vcpu=1, cpu_mhz=500, ram_mib=512),
    ComputeOffering(name="Medium Instance", vcpu=1, cpu_mhz=1000, ram_mib=1024),
)
DISK_OFFERINGS: Final = (
    DiskOffering(name="Small", size_gib=5.0),
    DiskOffering(name="Medium", size_gib=20.0),
    DiskOffering(name="Large", size_gib=100.0),
    DiskOffering(name="Custom", customized=True),
)
SYSTEM_OFFERINGS: Final = (
    SystemOffering(
        name="System Offering For Software Router",
        vcpu=1,
        cpu_mhz=500,
        ram_mib=128,
        system_vm_type=SystemVmType.DOMAIN_ROUTER,
    ),
    SystemOffering(
        name="System Offering For Console Proxy",
        vcpu=1,
        cpu_mhz=500,
        ram_mib=1024,
        system_vm_type=SystemVmType.CONSOLE_PROXY,
    ),
    SystemOffering(
        name="System Offering For Secondary Storage VM",
        vcpu=1,
        cpu_mhz=500,
        ram_mib=256,
        system_vm_type=SystemVmType.SECONDARY_STORAGE_VM,
    ),
)
"""What CloudStack 4.0 creates at its first start.

Source: CloudStack 4.0 ConfigurationServerImpl."""
