"""What people look at: a cloud as trees, rows, timelines and pictures, with no logic of its own.

The same views serve notebooks, the command line, reports and tests. Importing them loads
neither pandas nor anything of Jupyter.
"""

from cloudlab.views.details import DetailRow, details
from cloudlab.views.history import (
    Bar,
    ComparedRow,
    Comparison,
    Lane,
    Mark,
    Timeline,
    timeline,
)
from cloudlab.views.listing import Listing, frame
from cloudlab.views.logs import AlertRow, EventRow, JobRow, alert_rows, event_rows, job_rows
from cloudlab.views.machines import (
    HostRow,
    VmRow,
    VolumeRow,
    host_rows,
    vm_rows,
    volume_rows,
)
from cloudlab.views.markup import Markup
from cloudlab.views.pictures import draw_gauges, draw_timeline, draw_topology
from cloudlab.views.places import Level, Place, find, find_or_none
from cloudlab.views.shares import (
    CapacityRow,
    CapacityType,
    amount_text,
    capacity,
    capacity_of,
)
from cloudlab.views.study import Figure, Figures, Knob, Study, standard_knobs
from cloudlab.views.tones import Tone, host_state, tone_of
from cloudlab.views.tree import Node, Tally, TopologyView, topology

__all__ = [
    "AlertRow",
    "Bar",
    "CapacityRow",
    "CapacityType",
    "ComparedRow",
    "Comparison",
    "DetailRow",
    "EventRow",
    "Figure",
    "Figures",
    "HostRow",
    "JobRow",
    "Knob",
    "Lane",
    "Level",
    "Listing",
    "Mark",
    "Markup",
    "Node",
    "Place",
    "Study",
    "Tally",
    "Timeline",
    "Tone",
    "TopologyView",
    "VmRow",
    "VolumeRow",
    "alert_rows",
    "amount_text",
    "capacity",
    "capacity_of",
    "details",
    "draw_gauges",
    "draw_timeline",
    "draw_topology",
    "event_rows",
    "find",
    "find_or_none",
    "frame",
    "host_rows",
    "host_state",
    "job_rows",
    "standard_knobs",
    "timeline",
    "tone_of",
    "topology",
    "vm_rows",
    "volume_rows",
]
