"""A host is added to a cluster, and switched on and off for new machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.errors import InvalidParameter
from cloudlab.model import Cluster, Host, HostEvent, ResourceEvent
from cloudlab.workflows.hosts.reach import reconnect
from cloudlab.workflows.presence import check_there

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def add(
    cloud: Cloud,
    cluster: Cluster,
    name: str,
    *,
    cpus: int,
    mhz: int,
    ram_mib: int,
    kind: str = "",
    url: str = "",
    ip: str = "",
    tags: frozenset[str] = frozenset(),
    has_hvm: bool = True,
    guest_os_category: str | None = None,
    max_guests: int | None = None,
) -> Host:
    """Add a host to `cluster`, connect to it and give it the pools it should reach.

    Raises:
        InvalidParameter: the name is missing or taken, or a size is not positive.
        NotFound: the cluster was removed.
        HostFault: it cannot be reached; nothing was added.
    """
    host = Host(
        name=name,
        zone=cluster.zone,
        pod=cluster.pod,
        cluster=cluster,
        cpus=cpus,
        mhz=mhz,
        ram_mib=ram_mib,
        type=kind,
        url=url,
        ip=ip,
        tags=tags,
        has_hvm=has_hvm,
        guest_os_category=guest_os_category,
        max_guests=max_guests,
        created=cloud.now,
    )
    async with cloud.engine.lock(("zone", cluster.zone.id), ("cluster", cluster.id)):
        check_there(cluster)
        _check(host)
        await _connect(cloud, host)
    return host


def _check(host: Host) -> None:
    """Refuse a host that nothing could run on, or whose name is taken in its cluster."""
    if not host.name:
        raise InvalidParameter("a host needs a name")
    if any(each.name == host.name for each in host.cluster.hosts):
        raise InvalidParameter(f"there is already a host {host.name} in {host.cluster}")
    for what in ("cpus", "mhz", "ram_mib"):
        size = getattr(host, what)
        if size <= 0:
            raise InvalidParameter(f"host {host.name}: {what} is {size}; allowed: 1 or more")


async def _connect(cloud: Cloud, host: Host) -> None:
    """Take `host` into the books once it answers and reaches its pools."""
    cloud.inventory.hosts.add(host)
    async with Rollback(cloud.engine) as undo:
        undo(_drop, cloud, host)
        await reconnect(cloud, host)
    host.cluster.hosts.append(host)
    cloud.ledger.add_host(host)
    cloud.move(host, HostEvent.AGENT_CONNECTED)
    cloud.move(host, HostEvent.READY)
    cloud.move(host, ResourceEvent.INTERNAL_CREATED)


def _drop(cloud: Cloud, host: Host) -> None:
    """Let nobody find a host that was not added after all."""
    host.removed = cloud.now
    cloud.inventory.hosts.drop(host)


async def enable(cloud: Cloud, host: Host) -> None:
    """Place machines on `host` again.

    Raises:
        IllegalMove: it is in maintenance.
    """
    cloud.move(host, ResourceEvent.ENABLE)


async def disable(cloud: Cloud, host: Host) -> None:
    """Place no new machines on `host`; those it runs stay.

    Raises:
        IllegalMove: it is in maintenance.
    """
    cloud.move(host, ResourceEvent.DISABLE)
