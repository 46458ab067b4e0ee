"""The tree as nested boxes: zones hold pods, pods clusters, clusters hosts, hosts VMs."""

from cloudlab.views.pictures.topology.draw import draw_topology

__all__ = ["draw_topology"]
