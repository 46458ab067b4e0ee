"""A network gets its virtual router when its first machine starts, and loses it when idle.

CloudStack has a planner choose a host for the virtual router, which is a machine of its own.
Ours is a part of the host that the first machine of the network starts on: it runs beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.model import Host, Network, NetworkEvent, NetworkState, NicState
from cloudlab.workflows.networks.public import drop_ip, take_source_nat
from cloudlab.workflows.presence import check_there
from cloudlab.workflows.undoing import surely, undoing

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def implement(cloud: Cloud, network: Network, host: Host) -> None:
    """Run the router of `network` on `host`, unless it runs somewhere already.

    Of several machines that start at once, the first brings the router up; the others wait.
    An isolated network gets its source NAT address and is Implemented afterwards; a shared one
    stays in Setup.

    Raises:
        NotFound: the network was removed meanwhile.
        InsufficientCapacity: no public address is left; nothing was begun.
        HostFault: `host` could not do it; nothing is left there.
    """
    async with cloud.engine.lock(("network", network.id)):
        check_there(network)
        if network.router_host is None:
            await run_router(cloud, network, host)


async def run_router(cloud: Cloud, network: Network, host: Host) -> None:
    """Do what `implement` does, for a caller that holds the lock of a network without router."""
    network.idle_since = None
    async with undoing(cloud, network) as undo:
        if network.state is NetworkState.ALLOCATED:
            undo(_withdraw, cloud, network)
            cloud.move(network, NetworkEvent.IMPLEMENT_NETWORK)
            if not network.public_ips or not network.public_ips[0].is_source_nat:
                undo(drop_ip, cloud, take_source_nat(cloud, network))
        undo(surely, cloud.ports.router.shutdown, network, host)
        await cloud.ports.router.implement(network, host)
        network.router_host = host
        if network.state is NetworkState.IMPLEMENTING:
            cloud.move(network, NetworkEvent.OPERATION_SUCCEEDED)


def _withdraw(cloud: Cloud, network: Network) -> None:
    """Write down that `network` could not be implemented."""
    cloud.move(network, NetworkEvent.OPERATION_FAILED)
    cloud.move(network, NetworkEvent.OPERATION_SUCCEEDED)


async def shut_down(cloud: Cloud, network: Network) -> bool:
    """Shut the router of an isolated network down that nobody uses; return whether it was.

    Its addresses and rules stay: the next machine that starts brings them all back.

    Raises:
        CloudError: the router may still run; the network is Implemented as before.
    """
    async with cloud.engine.lock(("network", network.id)):
        if network.state is not NetworkState.IMPLEMENTED or is_in_use(network):
            return False
        await stop_router(cloud, network)
        return True


async def stop_router(cloud: Cloud, network: Network) -> None:
    """Do what `shut_down` does, for a caller that holds the lock of an Implemented network."""
    # From here on a machine that starts waits for the lock, and implements the network anew.
    host, network.router_host = network.router_host, None
    cloud.move(network, NetworkEvent.DESTROY_NETWORK)
    try:
        if host is not None:
            await surely(cloud.ports.router.shutdown, network, host)
    except Exception:
        network.router_host = host
        cloud.move(network, NetworkEvent.OPERATION_FAILED)
        raise
    cloud.move(network, NetworkEvent.OPERATION_SUCCEEDED)


def is_in_use(network: Network) -> bool:
    """Return whether a NIC on `network` is plugged, or about to be, or not yet unplugged."""
    return any(nic.state is not NicState.ALLOCATED for nic in network.nics)
