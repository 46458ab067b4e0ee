"""The topology as data: what is where, how full, and what is cut away."""

from __future__ import annotations

import pytest

from cloudlab.errors import InvalidParameter
from cloudlab.model import NetworkType
from cloudlab.views import Level, Tone, topology
from cloudlab.workflows import hosts, machines
from tests.views.build import Site, small_site


@pytest.fixture(scope="module")
def site() -> Site:
    """One zone, one pod, two clusters of two hosts, six running VMs: 14 nodes."""
    return small_site(vms=6)


def test_every_level_is_there(site: Site) -> None:
    """Zone > pod > cluster > host > VM, each with its name, as the cloud has them."""
    view = topology(site.cloud)
    zone = view.roots[0]
    pod = zone.children[0]
    assert [zone.name, pod.name] == ["z1", "p1"]
    assert [cluster.name for cluster in pod.children] == ["c1", "c2"]
    assert [host.name for host in pod.children[0].children] == ["c1-h1", "c1-h2"]
    assert view.drawn == view.total == 1 + 1 + 2 + 4 + 6
    assert not view.is_collapsed


def test_vms_are_on_their_hosts(site: Site) -> None:
    """Every VM hangs under the host it runs on."""
    view = topology(site.cloud)
    for vm in site.cloud.inventory.vms:
        host = view.find("host", vm.host.id)
        assert vm.id in [node.id for node in host.children]


@pytest.mark.parametrize(
    ("most", "deepest", "drawn"),
    [
        (14, Level.VM, 14),
        (13, Level.HOST, 8),
        (7, Level.CLUSTER, 4),
        (3, Level.POD, 2),
        (0, Level.ZONE, 1),
    ],
)
def test_collapses_level_by_level(site: Site, most: int, deepest: Level, drawn: int) -> None:
    """With too many nodes first VMs, then hosts, then clusters become numbers."""
    view = topology(site.cloud, collapse_above=most)
    assert (view.deepest, view.drawn, view.total) == (deepest, drawn, 14)
    assert view.is_collapsed == (deepest is not Level.VM)


@pytest.mark.book("3.14")
def test_the_tally_counts_what_is_cut(site: Site) -> None:
    """A collapsed zone still says how many pods, clusters, hosts and VMs it holds."""
    tally = topology(site.cloud, collapse_above=0).roots[0].tally
    assert (tally.pods, tally.clusters, tally.hosts, tally.vms) == (1, 2, 4, 6)
    assert tally.states == (("Running", 6),)
    assert str(tally) == "1 pod, 2 clusters, 4 hosts, 6 VMs"


def test_focus_shows_a_part_with_more_depth(site: Site) -> None:
    """What is collapsed in the whole cloud is drawn when a smaller part is in focus."""
    cluster = site.cloud.inventory.clusters.named("c1")
    view = topology(site.cloud, cluster, collapse_above=9)
    assert [root.name for root in view.roots] == ["c1"]
    assert [place.name for place in view.path] == ["z1", "p1"]
    assert view.deepest is Level.VM
    assert topology(site.cloud, collapse_above=9).deepest is Level.HOST


def test_a_vm_in_focus_is_seen_on_its_host(site: Site) -> None:
    """Focus on a VM shows the host it runs on."""
    vm = site.cloud.inventory.vms.named("web-1")
    assert topology(site.cloud, vm).roots[0].place.name == vm.host.name


def test_focus_on_something_without_a_place(site: Site) -> None:
    """An account has no place in the tree: the message says what has."""
    with pytest.raises(InvalidParameter, match=r"account admin has no place.*zone, pod, cluster"):
        topology(site.cloud, site.cloud.admin)


def test_a_negative_limit_is_refused(site: Site) -> None:
    """There cannot be fewer than no nodes."""
    with pytest.raises(InvalidParameter, match="collapse_above is -1; allowed: 0 or more"):
        topology(site.cloud, collapse_above=-1)


def test_loads_are_the_ledgers(site: Site) -> None:
    """CPU and RAM of a cluster are what the planner compares with its thresholds."""
    cluster = site.cloud.inventory.clusters.named("c1")
    node = topology(site.cloud).find("cluster", cluster.id)
    ledger = site.cloud.ledger
    assert node.cpu.total == ledger.cluster_cpu_total[cluster.row]
    assert node.cpu.free == ledger.cluster_cpu_free[cluster.row]
    assert node.ram.used == len(ledger.guests[0]) * 4096 + len(ledger.guests[1]) * 4096 > 0


def test_a_host_out_of_service_counts_no_longer_but_keeps_its_own_load() -> None:
    """A disabled host is taken out of its cluster's load; its own card still shows its VMs."""
    site = small_site(vms=2)
    host = site.cloud.inventory.vms.named("web-1").host
    site.run(hosts.disable(site.cloud, host))
    view = topology(site.cloud)
    node, cluster = view.find("host", host.id), view.find("cluster", host.cluster.id)
    assert (node.state, node.tone) == ("Disabled", Tone.IDLE)
    assert node.cpu.used > 0
    assert cluster.cpu.used == 0
    assert cluster.tally.out_of_service == 1


def test_vms_on_no_host_stand_beside_the_pods() -> None:
    """Stopped and destroyed VMs belong to their zone, not to a host."""
    site = small_site(vms=3)
    first, second, _ = site.cloud.inventory.vms
    site.run(machines.stop(site.cloud, first))
    site.run(machines.destroy(site.cloud, second))
    view = topology(site.cloud)
    assert [(node.name, node.state) for node in view.roots[0].idle] == [
        ("web-1", "Stopped"),
        ("web-2", "Destroyed"),
    ]
    assert view.drawn == view.total
    assert topology(site.cloud, collapse_above=10).roots[0].idle == ()


def test_several_zones_in_order() -> None:
    """Zones stand in the order they were made."""
    site = Site()
    site.zone("north")
    site.zone("south", NetworkType.ADVANCED)
    view = topology(site.cloud)
    assert [(zone.name, zone.label) for zone in view.roots] == [
        ("north", "Basic, public"),
        ("south", "Advanced, public"),
    ]


def test_an_empty_cloud_has_no_nodes() -> None:
    """Nothing is no error."""
    view = topology(Site().cloud)
    assert (view.roots, view.drawn, view.total) == ((), 0, 0)


def test_repr_says_how_to_see_it(site: Site) -> None:
    """The repr teaches the next step."""
    assert "14 of 14 nodes" in repr(topology(site.cloud))
    assert "draw_topology(view)" in repr(topology(site.cloud))
