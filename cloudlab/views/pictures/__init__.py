"""Pictures of the views as SVG text, computed in Python: the same input, the same picture."""

from cloudlab.views.pictures.gauges import draw_gauges
from cloudlab.views.pictures.timeline import draw_timeline
from cloudlab.views.pictures.topology import draw_topology

__all__ = ["draw_gauges", "draw_timeline", "draw_topology"]
