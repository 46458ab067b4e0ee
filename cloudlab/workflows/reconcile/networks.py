"""Virtual routers: those nobody wants any more go, those that are missing come back."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from cloudlab.errors import CloudError
from cloudlab.model import Host, HostStatus, Network, NetworkEvent, NetworkState
from cloudlab.workflows import hosts, networks
from cloudlab.workflows.undoing import tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def settle_networks(cloud: Cloud, silent: Collection[int]) -> None:
    """Shut down routers that were being brought up or moved away from, wherever they run.

    Hosts that are `silent`, by id, are not asked: each question would wait for an answer.
    """
    await shut_down_strays(cloud, silent)
    for network in cloud.inventory.networks:
        _settle(cloud, network)


async def shut_down_strays(cloud: Cloud, silent: Collection[int] = ()) -> None:
    """Let no router run but where the books say, on hosts that are not `silent`."""
    for host in cloud.inventory.hosts:
        there = set() if host.id in silent else await _routers(cloud, host)
        for network in cloud.inventory.networks:
            if network.id in there and network.router_host is not host:
                await _shut_down(cloud, network, host)


async def _shut_down(cloud: Cloud, network: Network, host: Host) -> None:
    """Shut a router down, unless it was brought up there meanwhile."""
    async with cloud.engine.lock(("network", network.id)):
        if network.router_host is not host:
            await tidy(cloud, network, cloud.ports.router.shutdown, network, host)


async def _routers(cloud: Cloud, host: Host) -> set[int]:
    """Return the networks whose router runs on `host`; of one that does not answer, none."""
    if host.status is not HostStatus.UP:
        return set()
    try:
        return await cloud.ports.router.networks(host)
    except CloudError:
        return set()


def _settle(cloud: Cloud, network: Network) -> None:
    """Write down that a network on its way is not implemented; its next machine does it anew."""
    if network.state is NetworkState.IMPLEMENTING:
        cloud.move(network, NetworkEvent.OPERATION_FAILED)
    if network.state is NetworkState.SHUTDOWN:
        cloud.move(network, NetworkEvent.OPERATION_SUCCEEDED)


async def bring_back(cloud: Cloud, silent: Collection[int]) -> None:
    """Run the routers that are missing, and let all of them do what the records say.

    Of those on hosts that are `silent`, by id, nothing is known: see `obey_when_back`.
    """
    for host in cloud.inventory.hosts:
        if host.status is HostStatus.UP and host.id not in silent:
            await networks.rescue(cloud, host)
    for network in cloud.inventory.networks:
        if network.router_host is None:
            await networks.mend(cloud, network)
        elif network.router_host.id not in silent:
            await tidy(cloud, network, cloud.ports.router.apply, network)


async def obey_when_back(cloud: Cloud, network: Network) -> None:
    """Let a router do what the records say as soon as its host, silent now, answers again.

    A host that is found dead meanwhile loses it to another, where it is made anew.
    """
    host = network.router_host
    while host is not None and network.router_host is host:
        await cloud.engine.sleep(cloud.settings.ping_interval_s)
        if host.status is HostStatus.UP and await hosts.answers(cloud, host):
            async with cloud.engine.lock(("network", network.id)):
                if network.router_host is host:
                    await tidy(cloud, network, cloud.ports.router.apply, network)
            return
