"""What hosts and VMs went through: bars of states, failures and waiting, on one axis of time."""

from cloudlab.views.history.comparison import ComparedRow, Comparison
from cloudlab.views.history.lanes import Bar, Lane, Mark, Timeline
from cloudlab.views.history.read import timeline

__all__ = ["Bar", "ComparedRow", "Comparison", "Lane", "Mark", "Timeline", "timeline"]
