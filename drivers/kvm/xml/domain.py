"""A machine in XML: what it is made of, as a table of properties."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree as ET

from drivers.kvm.xml.disks import Disk, disk_element
from drivers.kvm.xml.interfaces import Interface, interface_element
from drivers.kvm.xml.table import Row, always, built, flag, text_of

NAMESPACE: Final = "urn:cloudlab:libvirt:1"
"""Of the element in a domain's metadata that says whose it is."""

MARK: Final = f"{{{NAMESPACE}}}vm"

LOGS: Final = "/var/log/libvirt"
"""Where a host keeps what the serial consoles of guests say; libvirt makes it at its start."""

TCG_CACHE_MIB: Final = 32
"""QEMU's cache of translated code; the default would cost 40 MB more per guest, no faster."""

ET.register_namespace("cloudlab", NAMESPACE)


@dataclass(frozen=True, slots=True)
class Guest:
    """A machine as libvirt is told of it.

    Attributes:
        lab_id: whose it is.
        store_id: in which books it is; empty if they have no name.
        vm_id: which one it is there.
        name: the domain's name.
        uuid: the same on every host.
        accelerator: libvirt's domain type.
        cpu_model: what its CPUs look like.
        vcpus: how many it begins with.
        most_vcpus: how many it may have.
        ram_mib: what it begins with.
        most_ram_mib: what it may have.
        screen_address: of the host, where its screen can be seen.
        screen_password: asked for there; 8 characters is all that VNC compares.
        disks: the root disk first.
        interfaces: the default NIC first.
    """

    lab_id: str
    store_id: str
    vm_id: int
    name: str
    uuid: str
    accelerator: str
    cpu_model: str
    vcpus: int
    most_vcpus: int
    ram_mib: int
    most_ram_mib: int
    screen_address: str
    screen_password: str = field(repr=False)
    disks: tuple[Disk, ...] = ()
    interfaces: tuple[Interface, ...] = ()

    @property
    def is_emulated(self) -> bool:
        """Whether its CPUs are emulated in software."""
        return self.accelerator == "qemu"


DOMAIN: Final[tuple[Row[Guest], ...]] = (
    Row("", "type", lambda guest: guest.accelerator),
    Row("name", "", lambda guest: guest.name),
    Row("uuid", "", lambda guest: guest.uuid),
    Row(f"metadata/{MARK}", "lab", lambda guest: guest.lab_id),
    Row(f"metadata/{MARK}", "store", lambda guest: guest.store_id or None),
    Row(f"metadata/{MARK}", "id", lambda guest: guest.vm_id),
    Row("memory", "unit", always("MiB")),
    Row("memory", "", lambda guest: guest.most_ram_mib),
    Row("currentMemory", "unit", always("MiB")),
    Row("currentMemory", "", lambda guest: guest.ram_mib),
    Row("vcpu", "placement", always("static")),
    Row("vcpu", "current", lambda guest: guest.vcpus),
    Row("vcpu", "", lambda guest: guest.most_vcpus),
    Row("os/type", "arch", always("x86_64")),
    Row("os/type", "machine", always("pc")),
    Row("os/type", "", always("hvm")),
    Row("os/boot", "dev", always("hd")),
    Row("features/acpi", "", flag(lambda _guest: True)),
    Row("features/apic", "", flag(lambda _guest: True)),
    Row("features/tcg/tb-cache", "unit", lambda guest: "MiB" if guest.is_emulated else None),
    Row("features/tcg/tb-cache", "", lambda guest: TCG_CACHE_MIB if guest.is_emulated else None),
    Row("cpu", "mode", always("custom")),
    Row("cpu", "match", always("exact")),
    Row("cpu", "check", always("none")),
    Row("cpu/model", "fallback", always("forbid")),
    Row("cpu/model", "", lambda guest: guest.cpu_model),
    Row("clock", "offset", always("utc")),
    Row("on_poweroff", "", always("destroy")),
    Row("on_reboot", "", always("restart")),
    Row("on_crash", "", always("destroy")),
    Row("devices/serial", "type", always("pty")),
    Row("devices/serial/log", "file", lambda guest: f"{LOGS}/{guest.name}-serial.log"),
    Row("devices/serial/log", "append", always("off")),
    Row("devices/serial/target", "port", always("0")),
    Row("devices/channel", "type", always("unix")),
    Row("devices/channel/target", "type", always("virtio")),
    Row("devices/channel/target", "name", always("org.qemu.guest_agent.0")),
    Row("devices/graphics", "type", always("vnc")),
    Row("devices/graphics", "autoport", always("yes")),
    Row("devices/graphics", "listen", lambda guest: guest.screen_address),
    Row("devices/graphics", "passwd", lambda guest: guest.screen_password),
    Row("devices/video/model", "type", always("vga")),
    Row("devices/video/model", "vram", always("2048")),
    Row("devices/memballoon", "model", always("virtio")),
    Row("devices/memballoon/stats", "period", always("5")),
    Row("devices/rng", "model", always("virtio")),
    Row("devices/rng/backend", "model", always("random")),
    Row("devices/rng/backend", "", always("/dev/urandom")),
)
"""Nothing in it limits locked memory: hosts that may not raise that limit refuse to migrate."""


def domain_xml(guest: Guest) -> str:
    """Return the document that defines `guest`."""
    root = built("domain", DOMAIN, guest)
    devices = root.find("devices")
    assert devices is not None  # noqa: S101  (the table has devices)
    devices.extend(disk_element(disk) for disk in guest.disks)
    devices.extend(interface_element(nic) for nic in guest.interfaces)
    return text_of(root)
