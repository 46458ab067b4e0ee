"""NICs as a machine's life needs them: an address, a plug, and both given back."""

from __future__ import annotations

from bisect import bisect_left
from ipaddress import IPv4Address
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from cloudlab.errors import (
    CloudError,
    DriverFault,
    HostFault,
    InsufficientCapacity,
    InvalidParameter,
)
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
from cloudlab.workflows import networks
from cloudlab.workflows.undoing import again, surely, tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

_GUEST_MAC: Final = 0x02 << 40
_BY_ID: Final = attrgetter("id")


def guest_network(zone: Zone) -> Network | None:
    """Return the shared guest network of `zone`."""
    for each in zone.networks:
        if each.traffic is TrafficType.GUEST:
            return each
    return None


def create(
    cloud: Cloud,
    vm: VirtualMachine,
    ip: int | None = None,
    host: Host | None = None,
    network: Network | None = None,
) -> None:
    """Give `vm` its NIC; the address is taken at the first start.

    Args:
        cloud: where it is.
        vm: the new machine.
        ip: an address that is wanted, as a number; it is taken at once.
        host: where it must be valid, if the machine was asked for on one host.
        network: which one it is on; the zone's shared guest network if not given.

    Raises:
        InvalidParameter: the zone has no guest network, or the address is not of the ranges
            that count.
        Conflict: the address is in use.
    """
    on = guest_network(vm.zone) if network is None else network
    if on is None:
        raise InvalidParameter(f"{vm.zone} has no guest network; add a guest range to it")
    nic = Nic(vm=vm, network=on, created=vm.created)
    if ip is not None:
        each = _range_with(cloud, on, vm.zone if host is None else host.cluster, ip)
        nic.address = cloud.addresses[each.row].take_exactly(ip, vm.id)
        nic.range = each
    cloud.inventory.nics.add(nic)
    nic.mac_number = _mac(cloud, nic.id)
    vm.nics.append(nic)
    on.nics.append(nic)


def _mac(cloud: Cloud, sequence: int) -> int:
    """Return the guest MAC `02:00:RR:RR:SS:SS`: R random, S the sequence.

    Source: CloudStack 4.0 `NetUtils.createSequenceBasedMacAddress`.
    """
    chance = lot(cloud.seed, "mac", sequence) & 0x7FFF
    return _GUEST_MAC | (chance << 16) | (sequence & 0xFFFF)


def _range_with(cloud: Cloud, network: Network, place: Zone | Cluster, ip: int) -> AddressRange:
    """Return the range of `network` that has the address `ip` and is valid in `place`."""
    ranges = [*place.guest_ranges] if network.range is None else [network.range]
    if network.range is None and isinstance(place, Zone):
        ranges += [each for pod in place.pods for each in pod.guest_ranges]
    for each in ranges:
        pool = cloud.addresses[each.row]
        if pool.first <= ip <= pool.last:
            return each
    where = place if network.range is None else network
    spans = ", ".join(f"{each.start} to {each.end}" for each in ranges)
    raise InvalidParameter(
        f"address {IPv4Address(ip)} is in no guest range of {where}; ranges: {spans or 'none'}"
    )


def take(cloud: Cloud, vm: VirtualMachine, host: Host) -> list[Nic]:
    """Give every NIC of `vm` an address that is valid on `host` and return those with a new one.

    No time passes.

    Raises:
        InsufficientCapacity: no address is left.
    """
    shared = host.cluster.guest_ranges
    changed = []
    for nic in vm.nics:
        own = nic.network.range
        ranges = shared if own is None else [own]
        if nic.range is not None and nic.range not in ranges:
            _free(cloud, nic)
        if nic.range is None:
            each = _with_room(cloud, ranges, host.cluster if own is None else nic.network)
            nic.address = cloud.addresses[each.row].take(vm.id)
            nic.range = each
            changed.append(nic)
    return changed


def _with_room(cloud: Cloud, ranges: list[AddressRange], place: Cluster | Network) -> AddressRange:
    for each in ranges:
        if cloud.addresses[each.row].free > 0:
            return each
    raise InsufficientCapacity(f"no guest address is left for {place}; add a range")


def give_back(cloud: Cloud, nics: list[Nic]) -> None:
    """Give the addresses of `nics` back; a NIC without one is no error."""
    for nic in nics:
        _free(cloud, nic)


def _free(cloud: Cloud, nic: Nic) -> None:
    if nic.range is not None:
        cloud.addresses[nic.range.row].give_back(nic.address)
        nic.range, nic.address = None, 0


async def plug(cloud: Cloud, nic: Nic, host: Host) -> None:
    """Reserve `nic`, tell its network's router, and connect it on `host`.

    A network that has no router gets one, on `host`.

    Raises:
        HostFault: another host may do.
        CloudError: none will.
    """
    if nic.state is NicState.RESERVED and nic.vm.last_host is not None:
        await unplug(cloud, nic, nic.vm.last_host)  # what the last stop could not do
    cloud.move(nic, NicEvent.RESERVATION_REQUESTED)
    network = nic.network
    if network.router_host is None:
        await networks.implement(cloud, network, host)
    try:
        await cloud.ports.router.admit(nic)
    except HostFault as error:
        if network.router_host is host:
            raise
        # Its router is on another host: wherever the machine starts, it would be the same.
        raise DriverFault(f"the virtual router of {network}: {error}") from error
    await cloud.ports.fabric.plug(nic, host)
    cloud.move(nic, NicEvent.OPERATION_COMPLETED)


async def unplug(cloud: Cloud, nic: Nic, host: Host) -> None:
    """Make sure `nic` is not connected on `host`; its address stays its own.

    Raises:
        CloudError: it may still be connected; it is Reserved again, to be unplugged later.
    """
    if nic.state is NicState.RESERVED:
        cloud.move(nic, NicEvent.RELEASE_REQUESTED)
    try:
        await cloud.ports.fabric.unplug(nic, host)
        if nic.network.router_host is None:
            await _forget_in_turn(cloud, nic)
        else:
            await cloud.ports.router.forget(nic)
    except CloudError:
        await _unplug_again(cloud, nic, host)
    except Exception:
        _released(cloud, nic, NicEvent.OPERATION_FAILED)
        raise
    _released(cloud, nic, NicEvent.OPERATION_COMPLETED)


async def _forget_in_turn(cloud: Cloud, nic: Nic) -> None:
    """Let the router forget `nic`, once it is where it is going: it may be on the move."""
    if nic.network.router_host is None:
        async with cloud.engine.lock(("network", nic.network.id)):
            await cloud.ports.router.forget(nic)
    else:
        await cloud.ports.router.forget(nic)


async def _unplug_again(cloud: Cloud, nic: Nic, host: Host) -> None:
    """Do what `unplug` could not."""
    try:
        await again(cloud.ports.fabric.unplug, nic, host)
        await surely(_forget_in_turn, cloud, nic)
    except Exception:
        _released(cloud, nic, NicEvent.OPERATION_FAILED)
        raise


def _released(cloud: Cloud, nic: Nic, event: NicEvent) -> None:
    """Write down how an `unplug` ended; what was never plugged is cancelled."""
    if nic.state is NicState.RELEASING:
        cloud.move(nic, event)
    elif nic.state is NicState.RESERVING:
        cloud.move(nic, NicEvent.CANCEL_REQUESTED)


def let_be(cloud: Cloud, nic: Nic) -> None:
    """Write down that `nic` is not plugged, or no more, and ask nobody; its address stays its."""
    if nic.state is NicState.RESERVED:
        cloud.move(nic, NicEvent.RELEASE_REQUESTED)
    _released(cloud, nic, NicEvent.OPERATION_COMPLETED)


def remove(cloud: Cloud, vm: VirtualMachine) -> None:
    """Remove the NICs of `vm` and give their addresses back."""
    give_back(cloud, vm.nics)
    for nic in vm.nics:
        nic.removed = cloud.now
        cloud.inventory.nics.drop(nic)
        others = nic.network.nics
        del others[bisect_left(others, nic.id, key=_BY_ID)]  # in order of id: 50 times faster
    vm.nics.clear()


def _lose(cloud: Cloud, vm: VirtualMachine) -> None:
    """Write down that the NICs of `vm` are plugged nowhere; their addresses stay theirs."""
    for nic in vm.nics:
        if nic.state is NicState.RESERVED:
            let_be(cloud, nic)


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
                await tidy(cloud, vm, _forget_in_turn, cloud, nic)
