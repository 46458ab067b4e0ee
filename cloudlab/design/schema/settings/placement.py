"""Settings that decide where a VM goes."""

from __future__ import annotations

from pydantic import Field

from cloudlab.design.schema.choices import (
    Algorithm,
    AllocationAlgorithm,
    CapacityType,
    OrderingCapacity,
)
from cloudlab.design.schema.quantities import Count, Times, Weight
from cloudlab.design.schema.settings.names import NamedSettings


class PlacementSettings(NamedSettings):
    """Order of clusters and hosts, and how often another host is tried."""

    vm_allocation_algorithm: Algorithm = AllocationAlgorithm.RANDOM
    """Order in which hosts and pools are tried."""
    vm_user_dispersion_weight: Weight = 1.0
    """For userdispersing: weight of the account's VMs against load; outside 0 to 1 it is 1."""
    host_capacity_type_to_order_clusters: OrderingCapacity = Field(
        default=CapacityType.CPU, alias="host.capacityType.to.order.clusters"
    )
    """The resource whose used share orders clusters, least loaded first."""
    apply_allocation_algorithm_to_pods: bool = False
    """Whether pods are ordered first and then the clusters inside each."""
    start_retry: Count = 10
    """How many hosts are tried before a start fails."""
    host_retry: Times = 2
    """How many hosts are tried before creating a volume fails."""
    xen_check_hvm: bool = True
    """Whether templates that require HVM only go to hosts that have it."""
