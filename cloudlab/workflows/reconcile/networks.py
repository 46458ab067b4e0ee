"""Virtual routers: those nobody wants any more go, those that are missing come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import CloudError
from cloudlab.model import Host, HostStatus, Network, NetworkEvent, NetworkState
from cloudlab.workflows import networks
from cloudlab.workflows.undoing import tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def settle_networks(cloud: Cloud) -> None:
    """Shut down routers that were being brought up or moved away from, wherever they run."""
    await shut_down_strays(cloud)
    for network in cloud.inventory.networks:
        _settle(cloud, network)


async def shut_down_strays(cloud: Cloud) -> None:
    """Let no router run but where the books say."""
    for host in cloud.inventory.hosts:
        there = await _routers(cloud, host)
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


async def bring_back(cloud: Cloud) -> None:
    """Run the routers that are missing, and let all of them do what the records say."""
    for host in cloud.inventory.hosts:
        if host.status is HostStatus.UP:
            await networks.rescue(cloud, host)
    for network in cloud.inventory.networks:
        if network.router_host is None:
            await networks.mend(cloud, network)
        else:
            await tidy(cloud, network, cloud.ports.router.apply, network)
