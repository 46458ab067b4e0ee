"""The picture of the topology: every node drawn once, inside its parent, safe and the same."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from cloudlab.model import ComputeOffering, HostEvent
from cloudlab.views import draw_topology, topology
from cloudlab.views.pictures.topology.boxes import Box, lay_out
from cloudlab.workflows import machines
from tests.views.build import Site, small_site
from tests.views.parse import NASTY, SVG, classes, is_harmless, nodes, read_svg, texts


@pytest.fixture(scope="module")
def site() -> Site:
    """One zone, one pod, two clusters of two hosts, six VMs of which one is stopped."""
    site = small_site(vms=6)
    site.run(machines.stop(site.cloud, site.cloud.inventory.vms.get(2)))
    return site


def test_every_node_is_drawn_once(site: Site) -> None:
    """Each thing of the cloud has one group with its kind and id."""
    picture = draw_topology(topology(site.cloud))
    inventory = site.cloud.inventory
    for kind, table in (
        ("zone", inventory.zones),
        ("pod", inventory.pods),
        ("cluster", inventory.clusters),
        ("host", inventory.hosts),
        ("vm", inventory.vms),
    ):
        drawn = [int(node.get("data-id")) for node in nodes(picture, kind)]
        assert sorted(drawn) == sorted(each.id for each in table)


def test_groups_are_nested_like_the_tree(site: Site) -> None:
    """A cluster's group holds the groups of its hosts, and those of their VMs."""
    cluster = nodes(draw_topology(topology(site.cloud)), "cluster")[0]
    inside = [(each.get("data-kind"), each.get("data-id")) for each in cluster.iter(f"{SVG}g")]
    assert ("host", "1") in inside
    assert ("host", "3") not in inside
    assert ("vm", "1") in inside


def test_a_collapsed_view_draws_no_vms(site: Site) -> None:
    """Hosts carry the number of their VMs instead, and the legend says what was cut."""
    view = topology(site.cloud, collapse_above=10)
    picture = draw_topology(view)
    assert nodes(picture, "vm") == []
    assert len(nodes(picture, "host")) == 4
    said = texts(read_svg(picture))
    assert "5 VMs" in " ".join(said) or "4 VMs" in " ".join(said)
    assert f"{view.drawn} of {view.total} nodes drawn, the rest counted" in said


def test_a_thousand_hosts_are_few_shapes() -> None:
    """A large cloud is drawn as clusters: the picture does not grow with the hosts."""
    site = Site()
    pod = site.pod(site.zone())
    for number in range(4):
        site.cluster(pod, f"c{number}", hosts_count=140)
    picture = draw_topology(topology(site.cloud))
    assert len(nodes(picture, "cluster")) == 4
    assert nodes(picture, "host") == []
    assert len(list(read_svg(picture).iter())) < 200
    assert "140 hosts, 0 VMs" in texts(read_svg(picture))


def test_boxes_lie_inside_their_parents_and_beside_each_other(site: Site) -> None:
    """No box leaves the one it belongs to, and neighbours do not overlap."""
    boxes, height = lay_out(topology(site.cloud).roots, 10, 34, 700)
    assert height > 0
    assert all(box.x + box.width <= 710.01 for box in boxes)

    def check(box: Box) -> None:
        for child in box.inside:
            assert box.x <= child.x
            assert child.x + child.width <= box.x + box.width
            assert box.y <= child.y
            assert child.y + child.height <= box.y + box.height
            check(child)
        for one in box.inside:
            for other in box.inside:
                assert one is other or apart(one, other)

    for box in boxes:
        check(box)


def apart(one: Box, other: Box) -> bool:
    """Return whether two boxes do not overlap."""
    return (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )


@pytest.mark.parametrize("width", [100, 320, 500, 960, 1600])
def test_any_width(site: Site, width: int) -> None:
    """Shapes stay inside the picture, however narrow; it is never below 320."""
    root = read_svg(draw_topology(topology(site.cloud), width))
    wide = float(root.get("width"))
    assert wide == max(width, 320)
    for rect in root.iter(f"{SVG}rect"):
        assert float(rect.get("x", 0)) + float(rect.get("width")) <= wide + 0.01
        assert float(rect.get("width")) >= 0


def test_the_same_cloud_gives_the_same_picture(site: Site) -> None:
    """Nothing in a picture is random."""
    assert draw_topology(topology(site.cloud)) == draw_topology(topology(site.cloud))


def test_names_cannot_break_out() -> None:
    """Names of VMs and hosts are texts, whatever is in them."""
    site = small_site(vms=0)
    site.deploy(site.cloud.inventory.zones.get(1), "web").name = NASTY
    site.cloud.inventory.hosts.get(2).name = NASTY
    site.cloud.name = NASTY
    picture = draw_topology(topology(site.cloud))
    assert is_harmless(picture)
    tooltip = nodes(picture, "vm")[0].find(f"{SVG}title").text
    assert tooltip.startswith("vm \"><script>alert('x')</script>")


def test_a_failed_host_looks_failed() -> None:
    """Its card says so in words and in the colour of failures."""
    site = small_site(vms=0)
    site.cloud.move(site.cloud.inventory.hosts.get(1), HostEvent.HOST_DOWN)
    picture = draw_topology(topology(site.cloud))
    bad, good = nodes(picture, "host")[:2]
    assert "Down" in texts(bad)
    assert "fill-bad" in set(classes(bad))
    assert "fill-bad" not in set(classes(good))
    assert "1 out of service  " in texts(nodes(picture, "cluster")[0])


def test_load_bars_take_the_colour_of_the_load() -> None:
    """Below 60 % one colour, from 60 % another, from 80 % red."""
    site = small_site(vms=0)
    zone, inventory = site.cloud.inventory.zones.get(1), site.cloud.inventory
    for vcpu, ram in ((5, 28_000), (2, 1024)):
        offering = ComputeOffering(name="odd", vcpu=vcpu, ram_mib=ram)
        site.deploy(zone, offering=inventory.compute_offerings.add(offering))
    host = nodes(draw_topology(topology(site.cloud)), "host")[0]
    assert "63%" in texts(host) or "62%" in texts(host)
    assert {"fill-middling", "fill-high"} <= set(classes(host))


def test_reserved_load_is_paler(site: Site) -> None:
    """What is kept for a stopped VM is part of the bar, in a paler colour."""
    kept = site.cloud.inventory.vms.get(2).last_host
    picture = draw_topology(topology(site.cloud))
    with_reserve = [
        int(each.get("data-id"))
        for each in nodes(picture, "host")
        if "reserved" in set(classes(each))
    ]
    assert with_reserve == [kept.id]


def test_every_node_can_be_read_aloud(site: Site) -> None:
    """Each group is a button with a label that says name, state and load."""
    for kind in ("zone", "host", "vm"):
        for node in nodes(draw_topology(topology(site.cloud)), kind):
            assert node.get("role") == "button"
            assert node.get("aria-label").startswith(f"{kind} ")
    host = nodes(draw_topology(topology(site.cloud)), "host")[0]
    assert "CPU" in host.get("aria-label")
    assert "allocated" in host.get("aria-label")


def test_an_empty_cloud_says_so() -> None:
    """Nothing to draw is still a picture."""
    assert "nothing here yet" in texts(read_svg(draw_topology(topology(Site().cloud))))


def test_light_and_dark(site: Site) -> None:
    """The style follows Jupyter's theme, and the system's where there is no Jupyter."""
    root = read_svg(draw_topology(topology(site.cloud)))
    style = root.find(f"{SVG}style").text
    assert "prefers-color-scheme:dark" in style
    assert "--jp-layout-color1" in style
    assert ET.tostring(root)
