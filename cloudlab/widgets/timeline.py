"""The timeline as a widget: choose the stretch of time and the names to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets

from cloudlab.engine.background import mutex
from cloudlab.views import draw_timeline, timeline
from cloudlab.views.markup import Markup
from cloudlab.widgets.source import Source, cloud_of
from cloudlab.widgets.static import Static, framed

if TYPE_CHECKING:
    from cloudlab.views import Timeline


class TimelineWidget(Static, ipywidgets.VBox):  # type: ignore[misc]
    """What hosts and VMs went through, as bars.

    Attributes:
        window: The slider for the stretch of time, seconds.
        search: The field for a part of the names.
        picture: The bars.
        view: The timeline that is shown, as data.
    """

    def __init__(self, source: Source, *, width: int = 960, lanes: int = 60) -> None:
        """Show everything the journal of `source` remembers.

        Args:
            source: A cloud, or a lab.
            width: Of the picture, pixels.
            lanes: How many lanes are drawn at most.
        """
        self.source = source
        self.width = width
        self.lanes = lanes
        self._guard = mutex()
        wide = ipywidgets.Layout(width="560px")
        self.window = ipywidgets.FloatRangeSlider(
            value=(0.0, 0.0),
            min=0.0,
            max=0.0,
            description="Seconds",
            readout_format=".0f",
            continuous_update=False,
            layout=wide,
        )
        self.search = ipywidgets.Text(description="Names", placeholder="part of a name")
        self.picture = ipywidgets.HTML()
        self.view: Timeline
        super().__init__([ipywidgets.HBox([self.window, self.search]), self.picture])
        self.window.observe(self._on_change, "value")
        self.search.observe(self._on_change, "value")
        self.refresh()

    def refresh(self) -> None:
        """Show the cloud as it is now; a window that reached to the present still does."""
        with self._guard:
            now = cloud_of(self.source).now
            since, until = self.window.value
            followed = until >= self.window.max
            self.window.max = now
            self.window.step = max(now / 1000, 0.001)
            self.window.value = (min(since, now), now if followed else min(until, now))
            self._draw()

    def to_html(self) -> Markup:
        """Return the bars as HTML."""
        return framed(Markup(self.picture.value))

    def _on_change(self, _change: dict[str, object]) -> None:
        with self._guard:
            self._draw()

    def _draw(self) -> None:
        since, until = self.window.value
        shown = timeline(cloud_of(self.source), since, until)
        self.view = shown.named(self.search.value) if self.search.value else shown
        self.picture.value = draw_timeline(self.view, self.width, self.lanes)
