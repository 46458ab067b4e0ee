"""Networks that nobody uses lose their router; those that lost theirs get another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import CloudError
from cloudlab.model import Network, NetworkState
from cloudlab.workflows import networks
from cloudlab.workflows.undoing import left_behind

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def tend_networks(cloud: Cloud) -> None:
    """Shut idle isolated networks down, and run routers that could not be run when they fell.

    Source: CloudStack 4.0 `NetworkManagerImpl.NetworkGarbageCollector`: a network is looked at
    every `network.gc.interval`, and shut down when it is idle at one round and, at least
    `network.gc.wait` later, still is. Shared networks are never shut down.
    """
    for network in cloud.inventory.networks:
        if network.state is NetworkState.IMPLEMENTED:
            await _retire(cloud, network)
        if network.router_host is None:
            await networks.mend(cloud, network)


async def _retire(cloud: Cloud, network: Network) -> None:
    if networks.is_in_use(network):
        network.idle_since = None
    elif network.idle_since is None:
        network.idle_since = cloud.now
    elif cloud.now - network.idle_since >= cloud.settings.network_gc_wait_s:
        try:
            await networks.shut_down(cloud, network)
        except CloudError as error:
            left_behind(cloud, network, error)
