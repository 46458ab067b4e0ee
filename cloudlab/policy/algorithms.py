"""The values of `vm.allocation.algorithm`: who plans, and in which order places are tried.

Source: CloudStack 4.0 `DeploymentPlanner.AllocationAlgorithm`; `firstfitleastconsumed`: 4.6.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from cloudlab.plugins import load
from cloudlab.policy.clusters import (
    ClusterOrder,
    PodOrder,
    by_capacity,
    by_concentration,
    by_dispersion,
    pods_by_capacity,
    pods_by_concentration,
    pods_by_dispersion,
)
from cloudlab.policy.hosts import (
    HostOrder,
    fewest_of_account,
    in_order_of_id,
    least_consumed,
    one_at_random,
)
from cloudlab.policy.pools import (
    PoolOrder,
    fewest_volumes_of_account,
    pools_at_random,
    pools_in_order_of_id,
)


@dataclass(frozen=True, slots=True)
class Algorithm:
    """Three orders: of clusters in a zone, of hosts in a cluster, of pools in a cluster.

    A fourth, of pods in a zone, counts where `apply.allocation.algorithm.to.pods` is true.
    """

    planner: str
    """The name CloudStack's operators know."""
    clusters: ClusterOrder
    hosts: HostOrder
    pools: PoolOrder
    pods: PodOrder = pods_by_capacity


RANDOM: Final = Algorithm("FirstFitPlanner", by_capacity, one_at_random, pools_at_random)
FIRST_FIT: Final = Algorithm("FirstFitPlanner", by_capacity, in_order_of_id, pools_in_order_of_id)
USER_DISPERSING: Final = Algorithm(
    "UserDispersingPlanner",
    by_dispersion,
    fewest_of_account,
    fewest_volumes_of_account,
    pods_by_dispersion,
)
USER_CONCENTRATED_POD_RANDOM: Final = Algorithm(
    "UserConcentratedPodPlanner",
    by_concentration,
    one_at_random,
    pools_at_random,
    pods_by_concentration,
)
USER_CONCENTRATED_POD_FIRST_FIT: Final = replace(
    USER_CONCENTRATED_POD_RANDOM, hosts=in_order_of_id, pools=pools_in_order_of_id
)
FIRST_FIT_LEAST_CONSUMED: Final = Algorithm(
    "FirstFitPlanner", by_capacity, least_consumed, pools_in_order_of_id
)


def algorithm(name: str) -> Algorithm:
    """Return the algorithm of this name, ours or a plug-in's.

    Raises:
        NotFound: there is none; the message lists the known names.
    """
    found = load("allocation", name)
    if not isinstance(found, Algorithm):
        raise TypeError(f"plug-in allocation.{name} is not a cloudlab.policy.Algorithm")
    return found
