"""Virtual routers leave a host: because it failed, or because it is to be empty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.errors import CloudError, HostFault, InsufficientCapacity
from cloudlab.model import Host, HostStatus, Network
from cloudlab.workflows.networks.implementing import run_router
from cloudlab.workflows.undoing import left_behind, surely, tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def rescue(cloud: Cloud, host: Host) -> None:
    """Run the routers that fell with `host` elsewhere, where machines of theirs still run.

    Of a host that is Up it is asked which still run. One that is not must be certainly off:
    two routers of one network would answer for the same addresses. A network whose machines all
    fell gets its router back with the first that starts again. What cannot be done now is told
    to the administrator and tried again by `mend`.
    """
    fallen = await _fallen(cloud, host)
    await cloud.engine.all(*(_rescue(cloud, network, host) for network in fallen))


async def _fallen(cloud: Cloud, host: Host) -> list[Network]:
    """Return the networks whose router should run on `host` and does not.

    That a host which is Up does not answer says nothing about its routers: they may run on.
    """
    mine = [each for each in cloud.inventory.networks if each.router_host is host]
    if not mine or host.status is not HostStatus.UP:
        return mine
    try:
        there = await _routers_on(cloud, host)
    except HostFault:
        return []
    except CloudError:
        return mine
    return [each for each in mine if each.id not in there]


async def _routers_on(cloud: Cloud, host: Host) -> set[int]:
    """Return the networks whose routers run on `host`; one answer may be lost."""
    try:
        return await cloud.ports.router.networks(host)
    except HostFault:
        return await cloud.ports.router.networks(host)


async def _rescue(cloud: Cloud, network: Network, host: Host) -> None:
    async with cloud.engine.lock(("network", network.id)):
        if network.router_host is host:
            network.router_host = None
            if host.status is HostStatus.UP:
                await tidy(cloud, network, cloud.ports.router.shutdown, network, host)
            await _run_somewhere(cloud, network)


async def mend(cloud: Cloud, network: Network) -> None:
    """Run the router of a network that has none although machines on it run."""
    async with cloud.engine.lock(("network", network.id)):
        if network.removed is None and network.router_host is None:
            await _run_somewhere(cloud, network)


async def _run_somewhere(cloud: Cloud, network: Network) -> None:
    """Run the router of `network` where that is possible; where it is not, there is an alert."""
    for target in _places(network):
        try:
            await run_router(cloud, network, target)
        except CloudError as error:
            left_behind(cloud, network, error)
            if not isinstance(error, HostFault):
                return
        else:
            return


def _places(network: Network) -> Iterator[Host]:
    """Yield the hosts to try: those that run machines of `network`, then the others of the zone.

    Hosts that take no new machines, but run some of these, come last. A network of which no
    machine runs needs none.
    """
    running = {nic.vm.host for nic in network.nics} - {None}
    if not running:
        return
    up = [
        host
        for cluster in network.zone.clusters
        for host in cluster.hosts
        if host.status is HostStatus.UP
    ]
    yield from (host for host in up if host.is_usable and host in running)
    yield from (host for host in up if host.is_usable and host not in running)
    yield from (host for host in up if not host.is_usable and host in running)


async def evacuate(cloud: Cloud, host: Host) -> None:
    """Move every router off `host`, which takes no more machines.

    It is begun on another host before it is shut down on this one. The router of a network of
    which no machine runs is only shut down: it comes back with the first that starts.

    Raises:
        InsufficientCapacity: machines of a network run, and no other host is there for its router.
        CloudError: a router could not be moved; it runs where it was.
    """
    for network in cloud.inventory.networks:
        if network.router_host is host:
            await _move(cloud, network, host)


async def _move(cloud: Cloud, network: Network, host: Host) -> None:
    async with cloud.engine.lock(("network", network.id)), Rollback(cloud.engine) as undo:
        if network.router_host is not host:
            return
        # Without a router in the books, whoever starts or stops a machine waits for the lock.
        undo(_stay, network, host)
        network.router_host = None
        target = next((each for each in _places(network) if each is not host), None)
        if target is not None:
            await run_router(cloud, network, target)
            undo(_abandon, cloud, network, target)
        elif any(nic.vm.host is not None for nic in network.nics):
            raise InsufficientCapacity(f"no other host can run the virtual router of {network}")
        if host.status is HostStatus.UP:
            await surely(cloud.ports.router.shutdown, network, host)


async def _abandon(cloud: Cloud, network: Network, target: Host) -> None:
    """Take the router off `target`, as it could not be taken off where it was."""
    network.router_host = None
    await tidy(cloud, network, cloud.ports.router.shutdown, network, target)


def _stay(network: Network, host: Host) -> None:
    """Write down that the router runs where it was."""
    network.router_host = host
