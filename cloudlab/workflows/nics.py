"""NICs as a machine's life needs them: an address, a plug, and both given back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloudlab.errors import InsufficientCapacity, InvalidParameter
from cloudlab.model import (
    AddressRange,
    Host,
    Network,
    Nic,
    NicEvent,
    NicState,
    TrafficType,
    VirtualMachine,
    Zone,
)
from cloudlab.streams import draw

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

_MAC_SALT: Final = -1
_GUEST_MAC: Final = 0x02 << 40


def guest_network(zone: Zone) -> Network | None:
    """Return the shared guest network of `zone`."""
    return next((each for each in zone.networks if each.traffic is TrafficType.GUEST), None)


def create(cloud: Cloud, vm: VirtualMachine, ip: int | None = None) -> None:
    """Give `vm` its NIC on the zone's guest network; the address is taken at the first start.

    Args:
        cloud: where it is.
        vm: the new machine.
        ip: an address that is wanted, as a number; it is taken at once.

    Raises:
        InvalidParameter: the zone has no guest network, or the address is not of its ranges.
        Conflict: the address is in use.
    """
    network = guest_network(vm.zone)
    if network is None:
        raise InvalidParameter(f"{vm.zone} has no guest network; add a guest range to it")
    nic = Nic(vm=vm, network=network, created=cloud.now)
    if ip is not None:
        nic.range = _range_with(cloud, vm.zone, ip)
        nic.address = cloud.addresses[nic.range.row].take_exactly(ip, vm.id)
    cloud.inventory.nics.add(nic)
    nic.mac_number = _mac(cloud, nic.id)
    vm.nics.append(nic)


def _mac(cloud: Cloud, sequence: int) -> int:
    """Return the guest MAC `02:00:RR:RR:SS:SS`: R random, S the sequence.

    Source: CloudStack 4.0 `NetUtils.createSequenceBasedMacAddress`.
    """
    chance = int(draw(cloud.seed, sequence, _MAC_SALT) * (1 << 15))
    return _GUEST_MAC | (chance << 16) | (sequence & 0xFFFF)


def _range_with(cloud: Cloud, zone: Zone, ip: int) -> AddressRange:
    ranges = [*zone.guest_ranges, *(each for pod in zone.pods for each in pod.guest_ranges)]
    for each in ranges:
        pool = cloud.addresses[each.row]
        if pool.first <= ip <= pool.last:
            return each
    spans = ", ".join(f"{each.start} to {each.end}" for each in ranges)
    raise InvalidParameter(f"that address is in no guest range of {zone}; ranges: {spans or 'none'}")


def take(cloud: Cloud, vm: VirtualMachine, host: Host) -> None:
    """Give every NIC of `vm` an address that is valid on `host`; no time passes.

    Raises:
        InsufficientCapacity: no address is left; none was taken.
    """
    ranges = host.cluster.guest_ranges
    for nic in vm.nics:
        if nic.range is not None and nic.range not in ranges:
            _free(cloud, nic)
        if nic.range is None:
            nic.range = _with_room(cloud, ranges, host)
            nic.address = cloud.addresses[nic.range.row].take(vm.id)


def _with_room(cloud: Cloud, ranges: list[AddressRange], host: Host) -> AddressRange:
    for each in ranges:
        if cloud.addresses[each.row].free > 0:
            return each
    raise InsufficientCapacity(f"no guest address is left for {host.cluster}; add a range")


def give_back(cloud: Cloud, nics: list[Nic]) -> None:
    """Give the addresses of `nics` back; a NIC without one is no error."""
    for nic in nics:
        _free(cloud, nic)


def _free(cloud: Cloud, nic: Nic) -> None:
    if nic.range is not None:
        cloud.addresses[nic.range.row].give_back(nic.address)
        nic.range, nic.address = None, 0


async def plug(cloud: Cloud, nic: Nic, host: Host) -> None:
    """Reserve `nic`, tell the network's services, and connect it on `host`."""
    cloud.move(nic, NicEvent.RESERVATION_REQUESTED)
    await cloud.ports.router.admit(nic)
    await cloud.ports.fabric.plug(nic, host)
    cloud.move(nic, NicEvent.OPERATION_COMPLETED)


async def unplug(cloud: Cloud, nic: Nic, host: Host) -> None:
    """Make sure `nic` is not connected on `host`; its address stays its own."""
    if nic.state is NicState.RESERVED:
        cloud.move(nic, NicEvent.RELEASE_REQUESTED)
    await cloud.ports.fabric.unplug(nic, host)
    await cloud.ports.router.forget(nic)
    if nic.state is NicState.RELEASING:
        cloud.move(nic, NicEvent.OPERATION_COMPLETED)
    elif nic.state is NicState.RESERVING:
        cloud.move(nic, NicEvent.CANCEL_REQUESTED)


def remove(cloud: Cloud, vm: VirtualMachine) -> None:
    """Remove the NICs of `vm` and give their addresses back."""
    give_back(cloud, vm.nics)
    for nic in vm.nics:
        nic.removed = cloud.now
        cloud.inventory.nics.drop(nic)
    vm.nics.clear()


def lost(cloud: Cloud, vm: VirtualMachine) -> None:
    """Write down that the NICs of `vm` went away with its host; their addresses stay theirs."""
    for nic in vm.nics:
        if nic.state is NicState.RESERVED:
            cloud.move(nic, NicEvent.RELEASE_REQUESTED)
            cloud.move(nic, NicEvent.OPERATION_COMPLETED)
