"""The documents that libvirt is given: tables of properties."""

from drivers.kvm.xml.disks import (
    DISK,
    Disk,
    disk_element,
    disk_of,
    first_free,
    serial,
    target,
    volumes_of,
)
from drivers.kvm.xml.domain import DOMAIN, MARK, NAMESPACE, Guest, domain_xml
from drivers.kvm.xml.interfaces import INTERFACE, Interface, interface_element
from drivers.kvm.xml.table import Row, built, read, text_of

__all__ = [
    "DISK",
    "DOMAIN",
    "INTERFACE",
    "MARK",
    "NAMESPACE",
    "Disk",
    "Guest",
    "Interface",
    "Row",
    "built",
    "disk_element",
    "disk_of",
    "domain_xml",
    "first_free",
    "interface_element",
    "read",
    "serial",
    "target",
    "text_of",
    "volumes_of",
]
