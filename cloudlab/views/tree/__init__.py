"""The cloud as a tree, zone > pod > cluster > host > VM, small enough to be drawn."""

from cloudlab.views.tree.grow import topology
from cloudlab.views.tree.node import Node, Tally, TopologyView

__all__ = ["Node", "Tally", "TopologyView", "topology"]
