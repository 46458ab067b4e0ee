"""What a running machine is given and loses: disks, CPUs, RAM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import libvirt

from cloudlab.errors import DriverFault
from cloudlab.ports import PowerState
from cloudlab.units import MIB, size_text
from drivers.kvm import domains
from drivers.kvm.marks import Identity
from drivers.kvm.storage.places import disk_of_volume
from drivers.kvm.xml import disk_element, disk_of, first_free, target, text_of

if TYPE_CHECKING:
    from cloudlab.model import Volume

_LIVE: Final = libvirt.VIR_DOMAIN_AFFECT_LIVE
_BOTH: Final = libvirt.VIR_DOMAIN_AFFECT_LIVE | libvirt.VIR_DOMAIN_AFFECT_CONFIG
_KIB_PER_MIB: Final = 1024


def give_disk(connection: libvirt.virConnect, who: Identity, volume: Volume) -> None:
    """Give a running machine one more disk; one that it has is left alone.

    Raises:
        DriverFault: it does not run.
    """
    domain = domains.running(connection, who)
    document = domains.xml_of(domain)
    if disk_of(document, volume) is None:
        disk = disk_of_volume(volume, who.lab_id, _place_for(volume, document))
        domain.attachDeviceFlags(text_of(disk_element(disk)), _BOTH)


def _place_for(volume: Volume, document: ET.Element) -> str:
    """Return the name that the record of `volume` asks for if it is free, else the next."""
    used = {each.get("dev") for each in document.iterfind("devices/disk/target")}
    wanted = target(volume.device_id) if volume.device_id is not None else None
    return wanted if wanted is not None and wanted not in used else first_free(document)


def take_disk(connection: libvirt.virConnect, who: Identity, volume: Volume) -> bool:
    """Ask the guest to let go of a disk; return False once the machine does not have it.

    A guest that is still booting does not hear it, so it has to be asked again.
    """
    domain = domains.ours(connection, who)
    if domain is None or domains.power_of(domain) is not PowerState.ON:
        return False
    disk = disk_of(domains.xml_of(domain), volume)
    if disk is None:
        return False
    _request(domain, text_of(disk))
    return disk_of(domains.xml_of(domain), volume) is not None


def _request(domain: libvirt.virDomain, xml: str) -> None:
    """Begin to unplug a device; a request that is under way already is no error."""
    for flags in (_BOTH, _LIVE):  # after the first request it is in no configuration any more
        try:
            domain.detachDeviceFlags(xml, flags)
        except libvirt.libvirtError as error:
            if error.get_error_code() not in {
                libvirt.VIR_ERR_OPERATION_FAILED,
                libvirt.VIR_ERR_INTERNAL_ERROR,
                libvirt.VIR_ERR_DEVICE_MISSING,
                libvirt.VIR_ERR_INVALID_ARG,
            }:
                raise
        else:
            return


def has_disk(connection: libvirt.virConnect, who: Identity, volume: Volume) -> bool:
    """Return whether a machine runs and has `volume`."""
    domain = domains.ours(connection, who)
    if domain is None or domains.power_of(domain) is not PowerState.ON:
        return False
    return disk_of(domains.xml_of(domain), volume) is not None


def grow_disk(connection: libvirt.virConnect, who: Identity, volume: Volume, size: int) -> bool:
    """Grow the disk of a running machine; return False if it does not run with it."""
    domain = domains.ours(connection, who)
    if domain is None or not domain.isActive():
        return False
    disk = disk_of(domains.xml_of(domain), volume)
    target = disk.find("target") if disk is not None else None
    if target is None:
        return False
    name = target.get("dev", "")
    now = domain.blockInfo(name)[0]
    if size < now:
        raise DriverFault(f"{volume} is {size_text(now // MIB)} large and cannot shrink")
    if size > now:
        domain.blockResize(name, size, libvirt.VIR_DOMAIN_BLOCK_RESIZE_BYTES)
    return True


def set_vcpus(connection: libvirt.virConnect, who: Identity, vcpus: int) -> None:
    """Let a running machine have so many vCPUs; the guest has to bring new ones online.

    Raises:
        DriverFault: it does not run, its CPUs are emulated, or that is out of range; guests do
            not give CPUs back.
    """
    domain = domains.running(connection, who)
    if domains.xml_of(domain).get("type") == "qemu":  # QEMU 7.2: tcg_region_initial_alloc asserts
        raise DriverFault(
            f"{who.name} has emulated CPUs, and more of them could crash it while it runs: stop "
            f"it first, or run it on a host with KVM"
        )
    now, most = domain.vcpusFlags(_LIVE), domain.maxVcpus()
    if not now <= vcpus <= most:
        raise DriverFault(
            f"{who.name} has {now} vCPUs and cannot have {vcpus} while it runs; allowed are "
            f"{now} to {most}: stop it for another number"
        )
    if vcpus > now:
        domain.setVcpusFlags(vcpus, _LIVE)


def set_ram(connection: libvirt.virConnect, who: Identity, ram_mib: int) -> None:
    """Let a running machine have so much RAM, by its balloon.

    Raises:
        DriverFault: it does not run, or that is out of range.
    """
    domain = domains.running(connection, who)
    most = domain.maxMemory() // _KIB_PER_MIB
    if not 0 < ram_mib <= most:
        raise DriverFault(
            f"{who.name} cannot have {ram_mib} MiB of RAM while it runs; allowed are 1 to {most}"
        )
    domain.setMemoryFlags(ram_mib * _KIB_PER_MIB, _LIVE)
