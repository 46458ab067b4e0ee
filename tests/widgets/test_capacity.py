"""The capacity widget: one place at a time, chosen from the tree."""

from __future__ import annotations

from cloudlab.views import CapacityType, Level
from cloudlab.widgets import CapacityWidget
from cloudlab.workflows import hosts
from tests.views.build import Site, small_site
from tests.views.parse import NASTY, is_harmless, read_html


def test_it_opens_with_the_first_zone() -> None:
    """The first zone is chosen; the list has every place down to the clusters."""
    widget = CapacityWidget(small_site().cloud)
    assert str(widget.place.value) == "zone z1"
    labels = [label.strip() for label, _ in widget.place.options]
    assert labels == ["zone z1", "pod p1", "cluster c1", "cluster c2"]


def test_choosing_another_place_redraws() -> None:
    """A new choice shows the gauges of that place, as data and as picture."""
    widget = CapacityWidget(small_site().cloud, down_to=Level.HOST)
    host = next(place for _, place in widget.place.options if place.name == "c2-h1")
    widget.choose(host)
    assert [row.type for row in widget.rows] == [CapacityType.CPU, CapacityType.MEMORY]
    assert "host c2-h1" in read_html(widget.picture.value)[1]


def test_refresh_keeps_the_place() -> None:
    """After a change the same place is shown, with new numbers."""
    site = small_site(vms=0)
    widget = CapacityWidget(site.cloud)
    cluster = widget.place.options[2][1]
    widget.choose(cluster)
    site.run(hosts.disable(site.cloud, site.cloud.inventory.hosts.get(1)))
    widget.refresh()
    assert widget.place.value == cluster
    assert "16 GHz out of service" in widget.picture.value


def test_an_empty_cloud() -> None:
    """Nothing to choose is no error."""
    widget = CapacityWidget(Site().cloud)
    assert len(widget.rows) == 0
    assert "no capacity yet" in widget.picture.value


def test_names_run_nothing() -> None:
    """The name of a zone is text in the picture."""
    site = small_site()
    site.cloud.inventory.zones.get(1).name = NASTY
    assert is_harmless(CapacityWidget(site.cloud).to_html())
