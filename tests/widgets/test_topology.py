"""The topology widget: clicks show details, zooming shows a part, names run nothing."""

from __future__ import annotations

import pytest

from cloudlab.errors import NotFound
from cloudlab.views import Level
from cloudlab.widgets import TopologyWidget
from cloudlab.workflows import hosts, machines
from tests.views.build import Site, small_site
from tests.views.parse import NASTY, is_harmless, read_html


@pytest.fixture
def site() -> Site:
    """One zone, two clusters, six VMs."""
    return small_site()


def drawn(widget: TopologyWidget, kind: str) -> list[str]:
    """Return the ids of the nodes of this kind in the picture."""
    tags, _ = read_html(widget.html)
    return [found["data-id"] for _, found in tags if found.get("data-kind") == kind]


def click(widget: TopologyWidget, kind: str, number: int) -> None:
    """Do what the front end does when a node is clicked."""
    widget.set_state({"selected": {"kind": kind, "id": number}})


def press(widget: TopologyWidget, action: str, value: str = "") -> None:
    """Do what the front end does when a button is pressed."""
    widget._handle_custom_msg({"action": action, "value": value}, [])


def test_a_click_shows_details(site: Site) -> None:
    """The panel has the name, state and load of what was clicked; the picture is not redrawn."""
    widget = TopologyWidget(site.cloud)
    picture = widget.html
    click(widget, "host", 1)
    _, text = read_html(widget.panel)
    assert "host c1-h1" in text
    assert "8 cores x 2000 MHz, 32 GiB" in text
    assert "allocated" in text
    assert widget.html is picture


@pytest.mark.parametrize(
    ("kind", "name"), [("zone", "z1"), ("pod", "p1"), ("cluster", "c1"), ("vm", "web-1")]
)
def test_everything_can_be_clicked(site: Site, kind: str, name: str) -> None:
    """Details are there at every level."""
    widget = TopologyWidget(site.cloud)
    click(widget, kind, 1)
    assert f"{kind} {name}" in read_html(widget.panel)[1]


def test_something_gone_is_said(site: Site) -> None:
    """A click on what was removed meanwhile gives a sentence, not an error."""
    widget = TopologyWidget(site.cloud)
    click(widget, "vm", 99)
    assert "there is no vm with id 99" in widget.panel
    press(widget, "open", "host/99")
    assert "there is no host with id 99" in widget.panel
    press(widget, "open", "nonsense")
    assert "names nothing" in widget.panel


def test_what_is_no_click_is_ignored(site: Site) -> None:
    """Clearing the selection, or a message of another kind, changes nothing."""
    widget = TopologyWidget(site.cloud)
    widget.set_state({"selected": {}})
    widget._handle_custom_msg({"something": "else"}, [])
    press(widget, "dance")
    assert widget.panel == ""


def test_zoom_and_back(site: Site) -> None:
    """Opening a cluster shows its hosts only; the first button shows everything again."""
    widget = TopologyWidget(site.cloud)
    press(widget, "open", "cluster/2")
    assert drawn(widget, "host") == ["3", "4"]
    assert widget.place.name == "c2"
    values = [
        found.get("data-value") for tag, found in read_html(widget.html)[0] if tag == "button"
    ]
    assert values == ["", "zone/1", "pod/1", ""]
    press(widget, "all")
    assert drawn(widget, "host") == ["1", "2", "3", "4"]
    assert widget.place is None


def test_zoom_from_python(site: Site) -> None:
    """A program may zoom, too, and is told if there is nothing to zoom to."""
    widget = TopologyWidget(site.cloud)
    widget.zoom("host", 1)
    assert widget.view.roots[0].name == "c1-h1"
    widget.show_all()
    with pytest.raises(NotFound, match="there is no pod with id 7"):
        widget.zoom("pod", 7)


def test_refresh_shows_what_changed(site: Site) -> None:
    """After a change in the cloud, refresh redraws the picture and the open details."""
    widget = TopologyWidget(site.cloud)
    click(widget, "host", 1)
    assert "Disabled" not in widget.panel
    site.run(hosts.disable(site.cloud, site.cloud.inventory.hosts.get(1)))
    press(widget, "refresh")
    assert "Disabled" in widget.panel
    assert "1 out of service" in widget.html


def test_a_place_that_is_gone_leads_back_to_the_whole(site: Site) -> None:
    """When the zoomed VM is expunged, the whole cloud is shown."""
    widget = TopologyWidget(site.cloud)
    vm = site.cloud.inventory.vms.get(1)
    widget.zoom("vm", vm.id)
    assert widget.view.roots[0].level is Level.HOST
    site.run(machines.destroy(site.cloud, vm, expunge=True))
    widget.refresh()
    assert widget.place is None
    assert widget.view.roots[0].level is Level.ZONE


def test_a_large_cloud_is_collapsed_until_zoomed(site: Site) -> None:
    """With few nodes allowed VMs are hidden, and shown for a part."""
    widget = TopologyWidget(site.cloud, collapse_above=10)
    assert drawn(widget, "vm") == []
    widget.zoom("host", 1)
    assert drawn(widget, "vm") != []


def test_it_follows_a_lab(site: Site) -> None:
    """Given something with a cloud, it shows the cloud that has now."""

    class Lab:
        cloud = site.cloud

    lab = Lab()
    widget = TopologyWidget(lab)
    lab.cloud = Site().cloud
    widget.refresh()
    assert widget.view.total == 0


def test_names_run_nothing(site: Site) -> None:
    """Picture, buttons and panel treat names as texts."""
    inventory = site.cloud.inventory
    site.cloud.name = inventory.zones.get(1).name = NASTY
    inventory.hosts.get(1).name = inventory.vms.get(1).name = NASTY
    widget = TopologyWidget(site.cloud)
    for kind in ("zone", "host", "vm"):
        click(widget, kind, 1)
        assert is_harmless(widget.panel)
    widget.zoom("host", 1)
    assert is_harmless(widget.html)
    assert is_harmless(widget.to_html())
