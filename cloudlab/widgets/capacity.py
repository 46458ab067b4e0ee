"""The capacity of a place as a widget: choose the place, see its gauges."""

from __future__ import annotations

import ipywidgets

from cloudlab.engine.background import mutex
from cloudlab.views import CapacityRow, Level, Listing, Place, capacity, draw_gauges
from cloudlab.views.markup import Markup
from cloudlab.widgets.source import Source, cloud_of
from cloudlab.widgets.static import Static, framed


class CapacityWidget(Static, ipywidgets.VBox):  # type: ignore[misc]
    """Gauges of allocated CPU, RAM, storage and addresses of one place at a time.

    Attributes:
        place: The list to choose the place from.
        picture: The gauges.
    """

    def __init__(self, source: Source, *, width: int = 960, down_to: Level = Level.CLUSTER) -> None:
        """Show the first zone of `source`.

        Args:
            source: A cloud, or a lab.
            width: Of the picture, pixels.
            down_to: The lowest level that may be chosen.
        """
        self.source = source
        self.width = width
        self.down_to = Level(down_to)
        self._guard = mutex()
        self.place = ipywidgets.Dropdown(description="Capacity of")
        self.picture = ipywidgets.HTML()
        super().__init__([self.place, self.picture])
        self.place.observe(self._on_place, "value")
        self.refresh()

    @property
    def rows(self) -> Listing[CapacityRow]:
        """The rows of the chosen place, as data."""
        every = self._every
        return Listing(CapacityRow, (row for row in every if row.place == self.place.value))

    def choose(self, place: Place) -> None:
        """Show this place, as choosing it from the list does."""
        self.place.value = place

    def refresh(self) -> None:
        """Show the cloud as it is now; the place stays if it is still there."""
        with self._guard:
            self._every = capacity(cloud_of(self.source), self.down_to)
            places = list(dict.fromkeys(row.place for row in self._every))
            chosen = self.place.value
            self.place.options = [(_indented(place), place) for place in places]
            if places:
                self.place.value = chosen if chosen in places else places[0]
            self._draw()

    def to_html(self) -> Markup:
        """Return the gauges as HTML."""
        return framed(Markup(self.picture.value))

    def _on_place(self, _change: dict[str, object]) -> None:
        with self._guard:
            self._draw()

    def _draw(self) -> None:
        self.picture.value = draw_gauges(self.rows, self.width)


def _indented(place: Place) -> str:
    """Return the place as a list shows it, deeper ones further to the right."""
    return "\N{NO-BREAK SPACE}" * 3 * place.level.depth + str(place)
