"""NICs as a machine's life needs them: an address, a plug, and both given back."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final

from cloudlab.errors import CloudError, InsufficientCapacity, InvalidParameter
from cloudlab.model import (
    AddressRange,
    Cluster,
    Host,
    Network,
    Nic,
    NicEvent,
    NicState,
    TrafficType,
    VirtualMachine,
    Zone,
)
from cloudlab.streams import lot
from cloudlab.workflows.undoing import again, surely, tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

_GUEST_MAC: Final = 0x02 << 40


def guest_network(zone: Zone) -> Network | None:
    """Return the shared guest network of `zone`."""
    for each in zone.networks:
        if each.traffic is TrafficType.GUEST:
            return each
    return None


def create(
    cloud: Cloud, vm: VirtualMachine, ip: int | None = None, host: Host | None = None
) -> None:
    """Give `vm` its NIC on the zone's guest network; the address is taken at the first start.

    Args:
        cloud: where it is.
        vm: the new machine.
        ip: an address that is wanted, as a number; it is taken at once.
        host: where it must be valid, if the machine was asked for on one host.

    Raises:
        InvalidParameter: the zone has no guest network, or the address is not of the ranges
            that count.
        Conflict: the address is in use.
    """
    network = guest_network(vm.zone)
    if network is None:
        raise InvalidParameter(f"{vm.zone} has no guest network; add a guest range to it")
    nic = Nic(vm=vm, network=network, created=vm.created)
    if ip is not None:
        each = _range_with(cloud, vm.zone if host is None else host.cluster, ip)
        nic.address = cloud.addresses[each.row].take_exactly(ip, vm.id)
        nic.range = each
    cloud.inventory.nics.add(nic)
    nic.mac_number = _mac(cloud, nic.id)
    vm.nics.append(nic)


def _mac(cloud: Cloud, sequence: int) -> int:
    """Return the guest MAC `02:00:RR:RR:SS:SS`: R random, S the sequence.

    Source: CloudStack 4.0 `NetUtils.createSequenceBasedMacAddress`.
    """
    chance = lot(cloud.seed, "mac", sequence) & 0x7FFF
    return _GUEST_MAC | (chance << 16) | (sequence & 0xFFFF)


def _range_with(cloud: Cloud, place: Zone | Cluster, ip: int) -> AddressRange:
    """Return the guest range of `place` that has the address `ip`."""
    ranges = [*place.guest_ranges]
    if isinstance(place, Zone):
        ranges += [each for pod in place.pods for each in pod.guest_ranges]
    for each in ranges:
        pool = cloud.addresses[each.row]
        if pool.first <= ip <= pool.last:
            return each
    spans = ", ".join(f"{each.start} to {each.end}" for each in ranges)
    raise InvalidParameter(
        f"address {IPv4Address(ip)} is in no guest range of {place}; ranges: {spans or 'none'}"
    )


def take(cloud: Cloud, vm: VirtualMachine, host: Host) -> list[Nic]:
    """Give every NIC of `vm` an address that is valid on `host` and return those with a new one.

    No time passes.

    Raises:
        InsufficientCapacity: no address is left.
    """
    ranges = host.cluster.guest_ranges
    changed = []
    for nic in vm.nics:
        if nic.range is not None and nic.range not in ranges:
            _free(cloud, nic)
        if nic.range is None:
            each = _with_room(cloud, ranges, host)
            nic.address = cloud.addresses[each.row].take(vm.id)
            nic.range = each
            changed.append(nic)
    return changed


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
    if nic.state is NicState.RESERVED and nic.vm.last_host is not None:
        await unplug(cloud, nic, nic.vm.last_host)  # what the last stop could not do
    cloud.move(nic, NicEvent.RESERVATION_REQUESTED)
    await cloud.ports.router.admit(nic)
    await cloud.ports.fabric.plug(nic, host)
    cloud.move(nic, NicEvent.OPERATION_COMPLETED)


async def unplug(cloud: Cloud, nic: Nic, host: Host) -> None:
    """Make sure `nic` is not connected on `host`; its address stays its own.

    Raises:
        CloudError: it may still be connected; it is Reserved again, to be unplugged later.
    """
    if nic.state is NicState.RESERVED:
        cloud.move(nic, NicEvent.RELEASE_REQUESTED)
    fabric, router = cloud.ports.fabric, cloud.ports.router
    try:
        await fabric.unplug(nic, host)
        await router.forget(nic)
    except CloudError:
        await _unplug_again(cloud, nic, host)
    except Exception:
        _released(cloud, nic, NicEvent.OPERATION_FAILED)
        raise
    _released(cloud, nic, NicEvent.OPERATION_COMPLETED)


async def _unplug_again(cloud: Cloud, nic: Nic, host: Host) -> None:
    """Do what `unplug` could not."""
    try:
        await again(cloud.ports.fabric.unplug, nic, host)
        await surely(cloud.ports.router.forget, nic)
    except Exception:
        _released(cloud, nic, NicEvent.OPERATION_FAILED)
        raise


def _released(cloud: Cloud, nic: Nic, event: NicEvent) -> None:
    """Write down how an `unplug` ended; what was never plugged is cancelled."""
    if nic.state is NicState.RELEASING:
        cloud.move(nic, event)
    elif nic.state is NicState.RESERVING:
        cloud.move(nic, NicEvent.CANCEL_REQUESTED)


def remove(cloud: Cloud, vm: VirtualMachine) -> None:
    """Remove the NICs of `vm` and give their addresses back."""
    give_back(cloud, vm.nics)
    for nic in vm.nics:
        nic.removed = cloud.now
        cloud.inventory.nics.drop(nic)
    vm.nics.clear()


def _lose(cloud: Cloud, vm: VirtualMachine) -> None:
    """Write down that the NICs of `vm` are plugged nowhere; their addresses stay theirs."""
    for nic in vm.nics:
        if nic.state is NicState.RESERVED:
            cloud.move(nic, NicEvent.RELEASE_REQUESTED)
            cloud.move(nic, NicEvent.OPERATION_COMPLETED)


async def vanish(cloud: Cloud, vms: list[VirtualMachine]) -> None:
    """Write down that the NICs of `vms` went with their host, and tell the network's services."""
    for vm in vms:
        _lose(cloud, vm)
    await cloud.engine.all(*(_forget(cloud, vm) for vm in vms))


async def _forget(cloud: Cloud, vm: VirtualMachine) -> None:
    """Let the network's services know no NIC of `vm`, unless it was started again meanwhile."""
    async with cloud.engine.lock(("vm", vm.id)):
        for nic in vm.nics:
            if nic.state is NicState.ALLOCATED:
                await tidy(cloud, vm, cloud.ports.router.forget, nic)
