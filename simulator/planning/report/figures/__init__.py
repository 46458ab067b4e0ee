"""The figures of a report, as SVG that takes its colours from the page."""

from simulator.planning.report.figures.clusters import clusters_figure
from simulator.planning.report.figures.free import free_figure
from simulator.planning.report.figures.over_time import over_time_figure
from simulator.planning.report.figures.runs_out import runs_out_figure

__all__ = ["clusters_figure", "free_figure", "over_time_figure", "runs_out_figure"]
