"""Widgets for notebooks: they show the views of a cloud and hold no logic of their own.

Every one shows itself when it is the last line of a cell, has `refresh()`, and `to_html()`
for reports; `render(widget)` shows it where there is no kernel. Importing this loads Jupyter's
widgets, which `pip install cloudlab[lab]` brings.
"""

from cloudlab.widgets.capacity import CapacityWidget
from cloudlab.widgets.machines import VmTable
from cloudlab.widgets.source import HasCloud
from cloudlab.widgets.static import render
from cloudlab.widgets.timeline import TimelineWidget
from cloudlab.widgets.topology import TopologyWidget
from cloudlab.widgets.what_if import WhatIfPanel

__all__ = [
    "CapacityWidget",
    "HasCloud",
    "TimelineWidget",
    "TopologyWidget",
    "VmTable",
    "WhatIfPanel",
    "render",
]
