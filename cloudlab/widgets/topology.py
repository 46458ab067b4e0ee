"""The topology as a widget: click a node for its details, open it to see what is inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import Refused
from cloudlab.views import Level, Place, details, draw_topology, find, find_or_none, topology
from cloudlab.views.markup import Markup, join, tag
from cloudlab.widgets.source import Source, cloud_of
from cloudlab.widgets.surface import Surface, parsed
from cloudlab.widgets.tables import button, detail_table

if TYPE_CHECKING:
    from cloudlab.views import TopologyView


class TopologyWidget(Surface):
    """Zone > pod > cluster > host > VM as nested boxes, with details of what is clicked.

    Attributes:
        place: The part that is shown; `None` for the whole cloud.
        view: The tree that is shown, as data.
    """

    def __init__(self, source: Source, *, width: int = 960, collapse_above: int = 500) -> None:
        """Show the cloud of `source` as it is now.

        Args:
            source: A cloud, or a lab.
            width: Of the picture, pixels.
            collapse_above: The largest number of nodes that are drawn one by one.
        """
        super().__init__()
        self.source = source
        self.width = width
        self.collapse_above = collapse_above
        self.place: Place | None = None
        self.view: TopologyView
        self.refresh()

    def refresh(self) -> None:
        """Show the cloud as it is now."""
        with self._guard:
            cloud = cloud_of(self.source)
            place = self.place
            spot = find_or_none(cloud, place.level, place.id) if place is not None else None
            if spot is None:
                self.place = None
            self.view = topology(cloud, spot, self.collapse_above)
            self.html = join([self._bar(), draw_topology(self.view, self.width)])
            if self.selected:
                self.show_selected(self.selected["kind"], self.selected["id"])

    def zoom(self, kind: str, number: int) -> None:
        """Show only this zone, pod, cluster or host and what is inside.

        Raises:
            InvalidParameter: it is of another kind.
            NotFound: there is none with this id.
        """
        with self._guard:
            spot = find(cloud_of(self.source), kind, number)
            self.place = Place.of(spot)
            self.refresh()

    def show_all(self) -> None:
        """Show the whole cloud again."""
        with self._guard:
            self.place = None
            self.refresh()

    def show_selected(self, kind: str, number: int) -> None:
        """Show the details of what was clicked beside the picture."""
        cloud = cloud_of(self.source)
        try:
            record = find(cloud, kind, number)
        except Refused as gone:
            self.panel = tag("p", str(gone))
            return
        buttons = [button("Show only this", "open", f"{kind}/{number}")] if kind != Level.VM else []
        heading = tag("h4", str(Place.of(record)))
        table = detail_table(details(cloud, record))
        self.panel = join([heading, tag("div", *buttons, class_="bar"), table])

    def hear(self, action: str, value: str) -> None:
        """Answer the buttons: open, all, refresh; what is gone by now is said in the panel."""
        if action == "open":
            try:
                self.zoom(*parsed(value))
            except Refused as refusal:
                self.panel = tag("p", str(refusal))
        elif action == "all":
            self.show_all()
        elif action == "refresh":
            self.refresh()

    def _bar(self) -> Markup:
        """Return the buttons above the picture: the way back up, and refresh."""
        steps = [button(self.view.name, "all")]
        steps += [button(step.name, "open", f"{step.level}/{step.id}") for step in self.view.path]
        return tag("div", *steps, button("Refresh", "refresh"), class_="bar")
