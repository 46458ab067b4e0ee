"""The gauges: one ring a row, its thresholds, and numbers that say what they are."""

from __future__ import annotations

from cloudlab.model import ComputeOffering
from cloudlab.views import CapacityType, capacity, capacity_of, draw_gauges
from cloudlab.workflows import hosts, zones
from tests.views.build import Site, small_site
from tests.views.parse import NASTY, SVG, classes, is_harmless, read_svg, texts


def gauges(picture: str) -> dict[tuple[str, str, str], object]:
    """Return the gauges of a picture by kind, id and type."""
    groups = (each for each in read_svg(picture).iter(f"{SVG}g") if each.get("data-type"))
    return {
        (each.get("data-kind"), each.get("data-id"), each.get("data-type")): each for each in groups
    }


def test_a_gauge_a_row() -> None:
    """Every row has its ring, under the name of its place."""
    site = small_site()
    rows = capacity(site.cloud)
    picture = draw_gauges(rows)
    assert len(gauges(picture)) == len(rows)
    said = texts(read_svg(picture))
    assert {"zone z1", "pod p1", "cluster c1", "host c2-h2"} <= set(said)


def test_the_numbers_are_labelled() -> None:
    """Allocated, usable and raw each stand with their word."""
    site = small_site(vms=1)
    c2 = site.cloud.inventory.clusters.named("c2")
    found = gauges(draw_gauges(capacity_of(site.cloud, c2)))
    said = texts(found["cluster", str(c2.id), "CPU"])
    assert {"0%", "allocated", "0 MHz allocated", "of 64 GHz usable", "= 32 GHz raw x 2"} <= set(
        said
    )


def test_thresholds_are_ticks() -> None:
    """The alert threshold is an amber tick, the disable threshold a red one, each with words."""
    site = small_site()
    zone = gauges(draw_gauges(capacity(site.cloud)))["zone", "1", "CPU"]
    ticks = list(zone.iter(f"{SVG}line"))
    assert ["line-warn" in tick.get("class") for tick in ticks] == [True, False]
    assert [tick.find(f"{SVG}title").text for tick in ticks] == [
        "alert above 75%",
        "nothing more is placed above 85%",
    ]
    host = gauges(draw_gauges(capacity(site.cloud)))["host", "1", "CPU"]
    assert list(host.iter(f"{SVG}line")) == []


def test_a_full_resource_is_red() -> None:
    """From 80 % on the ring is red, as on CloudStack's dashboard."""
    site = small_site(vms=0)
    offering = ComputeOffering(name="odd", vcpu=4, ram_mib=30_000)
    site.cloud.inventory.compute_offerings.add(offering)
    site.deploy(site.cloud.inventory.zones.get(1), offering=offering)
    found = gauges(draw_gauges(capacity(site.cloud)))
    assert "line-high" in set(classes(found["host", "1", "MEMORY"]))
    assert "line-high" not in set(classes(found["host", "1", "CPU"]))


def test_more_than_everything_still_draws() -> None:
    """Over 100 % the ring is full and the number says how much."""
    site = small_site(vms=0)
    inventory = site.cloud.inventory
    c2 = inventory.clusters.named("c2")
    for name in ("c1-h1", "c1-h2"):
        site.run(hosts.disable(site.cloud, inventory.hosts.named(name)))
    for _ in range(10):
        site.deploy(c2.zone)
    site.run(zones.set_overcommit(site.cloud, c2, cpu=1.0))
    row = next(row for row in capacity_of(site.cloud, c2) if row.type is CapacityType.CPU)
    assert row.share > 1
    assert f"{row.share:.0%}" in texts(read_svg(draw_gauges([row])))


def test_a_closed_host_is_said() -> None:
    """Capacity out of service is a number of its own."""
    site = small_site(vms=0)
    site.run(hosts.disable(site.cloud, site.cloud.inventory.hosts.get(1)))
    zone = gauges(draw_gauges(capacity(site.cloud)))["zone", "1", "CPU"]
    assert "16 GHz out of service" in texts(zone)


def test_names_cannot_break_out() -> None:
    """The name of a zone is text."""
    site = small_site()
    site.cloud.inventory.zones.get(1).name = NASTY
    assert is_harmless(draw_gauges(capacity(site.cloud)))


def test_an_empty_cloud_says_so() -> None:
    """No rows are still a picture."""
    assert "no capacity yet" in texts(read_svg(draw_gauges(capacity(Site().cloud))))
