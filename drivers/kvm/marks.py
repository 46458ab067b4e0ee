"""The mark on a domain that says whose it is: lab, books and machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import libvirt

from drivers import naming
from drivers.kvm.xml import MARK, NAMESPACE

if TYPE_CHECKING:
    from cloudlab.model import VirtualMachine

GONE: Final = frozenset({libvirt.VIR_ERR_NO_DOMAIN, libvirt.VIR_ERR_OPERATION_INVALID})
"""What libvirt says of a domain that just went away, or does not run."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Whose a domain is; books without a name are those of an earlier release."""

    lab_id: str
    store_id: str
    vm_id: int

    def is_of(self, owner: str) -> bool:
        """Return whether it is a machine of `Site.owner`: of this lab, and in no other books."""
        lab_id, _, store_id = owner.partition(" ")
        return self.lab_id == lab_id and self.store_id in {"", store_id}

    def __str__(self) -> str:
        """Return whose, for messages."""
        books = f" (in the books {self.store_id})" if self.store_id else ""
        return f"vm {self.vm_id} of the lab {self.lab_id}{books}"


@dataclass(frozen=True, slots=True)
class Identity:
    """Which domain a machine is: its name, and the mark that makes it ours."""

    name: str
    owner: str
    """The lab and its books: `Site.owner`."""
    vm_id: int

    @classmethod
    def of(cls, vm: VirtualMachine, owner: str) -> Identity:
        """Return the identity of `vm` in a lab."""
        return cls(naming.domain_name(vm), owner, vm.id)

    @property
    def lab_id(self) -> str:
        """The lab alone, which names its files."""
        return self.owner.partition(" ")[0]

    def bears(self, mark: Mark | None) -> bool:
        """Return whether `mark` is that of this machine."""
        return mark is not None and mark.is_of(self.owner) and mark.vm_id == self.vm_id


def mark_of(domain: libvirt.virDomain) -> Mark | None:
    """Return the mark on `domain`; `None` if it is nobody's that we know."""
    try:
        text = domain.metadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, NAMESPACE)
    except libvirt.libvirtError as error:
        if error.get_error_code() in {libvirt.VIR_ERR_NO_DOMAIN_METADATA, *GONE}:
            return None
        raise
    root = ET.fromstring(text)  # noqa: S314  (libvirt wrote it)
    lab, number = root.get("lab"), root.get("id")
    if root.tag.rpartition("}")[2] != MARK.rpartition("}")[2] or lab is None or number is None:
        return None
    return Mark(lab, root.get("store", ""), int(number))
