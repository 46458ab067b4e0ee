"""The design document: from a YAML file to a checked cloud that can be built and planned.

`read_design` reads one, `new_design` makes one; a `Design` shows itself, says what it holds
and returns changed copies of itself. The models of its parts are in `cloudlab.design.schema`.
"""

from cloudlab.design.design import Design
from cloudlab.design.hosts import HostShape, PlannedHost, host_type, hosts_of, shape_of
from cloudlab.design.limits import ClusterLimits, PoolLimits, cluster_limits, pool_limits
from cloudlab.design.new import new_design
from cloudlab.design.reader import design_from_yaml, read_design
from cloudlab.design.totals import (
    Amount,
    Totals,
    cloud_totals,
    cluster_totals,
    pod_totals,
    zone_totals,
)
from cloudlab.design.walk import ClusterPlace, each_cluster, each_pod, each_zone

__all__ = [
    "Amount",
    "ClusterLimits",
    "ClusterPlace",
    "Design",
    "HostShape",
    "PlannedHost",
    "PoolLimits",
    "Totals",
    "cloud_totals",
    "cluster_limits",
    "cluster_totals",
    "design_from_yaml",
    "each_cluster",
    "each_pod",
    "each_zone",
    "host_type",
    "hosts_of",
    "new_design",
    "pod_totals",
    "pool_limits",
    "read_design",
    "shape_of",
    "zone_totals",
]
