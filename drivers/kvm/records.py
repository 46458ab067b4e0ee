"""From the records of a cloud to what libvirt is told of a machine."""

from __future__ import annotations

import secrets
import string
import uuid
from typing import TYPE_CHECKING, Final

from drivers import naming
from drivers.kvm.storage.places import disk_of_volume
from drivers.kvm.xml import Disk, Guest, Interface, target

if TYPE_CHECKING:
    from cloudlab.model import Nic, VirtualMachine
    from drivers.kvm.options import KvmOptions
    from drivers.site import Access

_UUIDS: Final = uuid.UUID("0d1c1f0a-5f0e-5a77-8b43-6a3d2f6f5b11")
_LETTERS: Final = string.ascii_letters + string.digits

PASSWORD_LENGTH: Final = 8
"""Characters; VNC compares no more."""


def guest_of(
    vm: VirtualMachine, access: Access, owner: str, options: KvmOptions, password: str
) -> Guest:
    """Return `vm` of `Site.owner` as the host behind `access` is told of it.

    Raises:
        DriverFault: one of its volumes is on no pool, or on one that no real host understands.
    """
    lab_id, _, store_id = owner.partition(" ")
    size, accelerator = vm.offering, options.accelerator(access.name)
    headroom = 1 if accelerator == "qemu" else options.vcpu_headroom
    return Guest(
        lab_id=lab_id,
        store_id=store_id,
        vm_id=vm.id,
        name=naming.domain_name(vm),
        uuid=uuid_of(vm, lab_id),
        accelerator=accelerator,
        cpu_model=options.cpu_model,
        vcpus=size.vcpu,
        most_vcpus=size.vcpu * headroom,
        ram_mib=size.ram_mib,
        most_ram_mib=round(size.ram_mib * options.ram_headroom),
        screen_address=access.address,
        screen_password=password,
        disks=disks_of(vm, lab_id),
        interfaces=tuple(interface_of(nic, options.mtu) for nic in vm.nics),
    )


def disks_of(vm: VirtualMachine, lab_id: str) -> tuple[Disk, ...]:
    """Return the disks of `vm`, each in the place its record says, or the next that is free."""
    taken = {volume.device_id for volume in vm.volumes}
    free = (place for place in range(len(vm.volumes) + len(taken)) if place not in taken)
    return tuple(
        disk_of_volume(
            volume, lab_id, target(next(free) if volume.device_id is None else volume.device_id)
        )
        for volume in vm.volumes
    )


def interface_of(nic: Nic, mtu: int) -> Interface:
    """Return `nic` as an interface on the bridge of its network."""
    return Interface(nic.mac, naming.bridge(nic.network), naming.tap(nic), mtu)


def uuid_of(vm: VirtualMachine, lab_id: str) -> str:
    """Return the domain's UUID: the same on every host, another in every lab."""
    return str(uuid.uuid5(_UUIDS, f"{lab_id}/{vm.id}"))


def new_password() -> str:
    """Return a password for a screen that nobody can guess."""
    return "".join(secrets.choice(_LETTERS) for _ in range(PASSWORD_LENGTH))
