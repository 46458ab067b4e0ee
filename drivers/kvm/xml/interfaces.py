"""NICs in XML: a tap device on the bridge of a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from drivers.kvm.xml.table import Row, always, built


@dataclass(frozen=True, slots=True)
class Interface:
    """A NIC of a machine as libvirt is told of it."""

    mac: str
    bridge: str
    tap: str
    mtu: int


INTERFACE: Final[tuple[Row[Interface], ...]] = (
    Row("", "type", always("bridge")),
    Row("mac", "address", lambda nic: nic.mac),
    Row("source", "bridge", lambda nic: nic.bridge),
    Row("target", "dev", lambda nic: nic.tap),
    Row("model", "type", always("virtio")),
    Row("mtu", "size", lambda nic: nic.mtu),
    Row("rom", "enabled", always("no")),
)
"""Without its ROM a NIC does not try to boot from the network, which saves seconds."""


def interface_element(nic: Interface) -> ET.Element:
    """Return `<interface>`."""
    return built("interface", INTERFACE, nic)
