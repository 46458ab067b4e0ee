"""A fleet with more hosts in one cluster, for the search after the hosts that suffice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cloudlab.errors import InvalidParameter
from simulator.fleet.kind import HostKind

if TYPE_CHECKING:
    from simulator.fleet.columns import Fleet


def grown(fleet: Fleet, cluster: int, extra_hosts: int, like: HostKind | int | None) -> Fleet:
    """Return `fleet` with `extra_hosts` hosts of kind `like` at the end of cluster `cluster`.

    Raises:
        InvalidParameter: there is no such cluster or host, or `extra_hosts` < 0.
    """
    clusters = len(fleet.cluster_names)
    if not 0 <= cluster < clusters:
        message = f"cluster index {cluster} must lie in 0 .. {clusters - 1}"
        raise InvalidParameter(message)
    if extra_hosts < 0:
        message = f"extra_hosts is {extra_hosts}; it must be 0 or more"
        raise InvalidParameter(message)
    start, end = (int(edge) for edge in fleet.cluster_start[cluster : cluster + 2])
    kind = _kind(fleet, like, start, end)
    stem, first = fleet.cluster_names[cluster], end - start
    names = tuple(f"{stem}-extra{first + number}" for number in range(extra_hosts))
    at = np.full(extra_hosts, end)
    return replace(
        fleet,
        host_names=fleet.host_names[:end] + names + fleet.host_names[end:],
        host_cluster=np.insert(fleet.host_cluster, at, cluster),
        host_cores=np.insert(fleet.host_cores, at, kind.cores),
        host_mhz=np.insert(fleet.host_mhz, at, kind.mhz),
        host_ram_mib=np.insert(fleet.host_ram_mib, at, kind.ram_mib),
        host_type=fleet.host_type[:end] + (kind.name,) * extra_hosts + fleet.host_type[end:],
    )


def _kind(fleet: Fleet, like: HostKind | int | None, start: int, end: int) -> HostKind:
    if isinstance(like, HostKind):
        return like
    if like is None and start == end:
        message = "the cluster has no host to copy; say what the new hosts are like"
        raise InvalidParameter(message)
    host = end - 1 if like is None else like
    if not 0 <= host < len(fleet):
        message = f"host index {host} must lie in 0 .. {len(fleet) - 1}"
        raise InvalidParameter(message)
    return fleet.kind_of(host)
