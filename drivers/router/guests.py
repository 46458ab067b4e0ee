"""What a router knows of its guests: MAC and address, name, user data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from cloudlab.errors import DriverFault
from cloudlab.model import Network, Nic, NicState, VirtualMachine
from drivers.router.files import SECRET, File

DIRECTORIES: Final = "dhcp", "names", "guests"


def known(network: Network) -> list[Nic]:
    """Return the NICs that the router of `network` serves, oldest first.

    They are plugged, or about to be, or not yet unplugged.
    """
    in_use = (nic for nic in network.nics if nic.state is not NicState.ALLOCATED)
    return [nic for nic in in_use if nic.ip is not None]


def address_in(vm: VirtualMachine, network: Network) -> str | None:
    """Return the address of `vm` in `network`, `None` while it has none."""
    return next((nic.ip for nic in vm.nics if nic.network is network), None)


def label(vm: VirtualMachine) -> str:
    """Return the name of `vm` in DNS: its own if that is a host name."""
    fits = re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", vm.name)
    return vm.name.lower() if fits else vm.instance_name.lower()


def files_of(nic: Nic) -> Iterator[File]:
    """Yield the files by which dnsmasq and the guest services know `nic`.

    Raises:
        DriverFault: it has no address yet.
    """
    if nic.ip is None:
        raise DriverFault(f"{nic} of {nic.vm} has no address to be known by: take one first")
    name = label(nic.vm)
    aside = "" if nic.is_default else "set:aside,"
    yield File(f"dhcp/{nic.id}", f"{nic.mac},{aside}{nic.ip},{name},infinite\n")
    yield File(f"names/{nic.id}", f"{nic.ip} {name}\n")
    yield File(f"guests/{nic.id}@{nic.ip}", json.dumps(facts(nic)), SECRET)


def facts(nic: Nic) -> dict[str, str]:
    """Return what a guest is told of itself, by CloudStack's names."""
    vm = nic.vm
    return {
        "availability-zone": vm.zone.name,
        "instance-id": vm.instance_name,
        "local-hostname": label(vm),
        "local-ipv4": nic.ip or "",
        "public-ipv4": _public(nic),
        "public-keys": vm.public_key,
        "service-offering": vm.offering.name,
        "user-data": vm.user_data,
        "vm-id": vm.uuid,
    }


def _public(nic: Nic) -> str:
    """Return the address under which the machine is seen outside; its own on shared networks."""
    public = nic.network.public_ips
    own = [each.ip for each in public if each.vm is nic.vm]
    return next(iter([*own, *(each.ip for each in public)]), nic.ip or "")
