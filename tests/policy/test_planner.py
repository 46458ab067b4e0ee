"""The chain of questions: where, on which host again, in which scope, and for whom."""

from __future__ import annotations

import pytest

from cloudlab.model import AllocationState, HostStatus, PoolState, Template, Zone
from cloudlab.policy import Avoid, Destination
from tests.policy.stage import Stage


@pytest.fixture
def stage() -> Stage:
    """Two pods, with clusters c1 and c2 in the first and c3 in the second, two hosts each."""
    made = Stage()
    for name, pod in (("c1", "p1"), ("c2", "p1"), ("c3", "p2")):
        made.cluster(name, hosts=2, pod=pod)
    return made


def host(stage: Stage, name: str):
    """Return a host by name."""
    return stage.inventory.hosts.named(name)


def cluster(stage: Stage, name: str):
    """Return a cluster by name."""
    return stage.inventory.clusters.named(name)


# --- scope -----------------------------------------------------------------------------------


def test_a_wish_for_a_pod_or_cluster_is_kept(stage: Stage) -> None:
    """Nothing outside it is taken, however empty."""
    stage.load("c2-h1", 2)
    stage.load("c3-h1", 3)
    assert stage.place(stage.ask(), pod=stage.pod("p2")) == "c3-h1"
    assert stage.place(stage.ask(), pod=stage.pod("p1")) == "c1-h1"
    assert stage.place(stage.ask(), cluster=cluster(stage, "c2")) == "c2-h1"
    assert stage.place(stage.ask(vcpu=5), cluster=cluster(stage, "c2")) is None


def test_a_zone_without_clusters_has_no_place(stage: Stage) -> None:
    """And is no error."""
    stage.zone = stage.inventory.zones.add(Zone(name="z2"))
    assert stage.place(stage.ask()) is None
    assert stage.place(stage.ask(), cluster=cluster(stage, "c1")) is None


@pytest.mark.parametrize(
    ("avoided", "place"),
    [
        ({"zones": [1]}, None),
        ({"pods": [1]}, "c3-h1"),
        ({"clusters": [1]}, "c2-h1"),
        ({"clusters": [1], "pods": [2]}, "c2-h1"),
        ({"hosts": [1]}, "c1-h2"),
        ({"hosts": [1, 2]}, "c2-h1"),
        ({"pools": [1]}, "c2-h1"),
        ({}, "c1-h1"),
    ],
    ids=str,
)
def test_avoided_places_are_passed_over(
    stage: Stage, avoided: dict[str, list[int]], place: str | None
) -> None:
    """Zone, pod, cluster, host and pool each by itself."""
    avoid = Avoid(**{name: set(ids) for name, ids in avoided.items()})
    assert stage.place(stage.ask(), avoid) == place


# --- who may go where ------------------------------------------------------------------------


@pytest.mark.parametrize(("template", "place"), [("KVM", "c2-h1"), (None, "c1-h1"), ("OVM", None)])
@pytest.mark.book("3.54")
def test_a_machine_goes_where_its_hypervisor_is(
    stage: Stage, template: str | None, place: str | None
) -> None:
    """A zone may have clusters of several; a template that names none goes anywhere."""
    cluster(stage, "c1").hypervisor = "XenServer"
    made = Template(name="t", hypervisor=template)
    assert stage.place(stage.ask(template=made)) == place
    wish = {"host": host(stage, "c1-h1")}
    assert stage.place(stage.ask(template=made), **wish) == (None if template else "c1-h1")


@pytest.mark.parametrize("scope", ["cluster", "pod"])
def test_disabled_scopes_are_for_the_root_administrator_only(stage: Stage, scope: str) -> None:
    """Others pass over a Disabled cluster, and every cluster of a Disabled pod."""
    where = cluster(stage, "c1") if scope == "cluster" else stage.pod("p1")
    where.state = AllocationState.DISABLED
    assert stage.place(stage.ask()) == ("c2-h1" if scope == "cluster" else "c3-h1")
    assert stage.place(stage.ask(account=stage.admin)) == "c1-h1"


def test_only_hosts_up_and_enabled_are_taken(stage: Stage) -> None:
    """Whatever else they have."""
    for name in ("c1-h1", "c1-h2", "c2-h1", "c3-h1", "c3-h2"):
        stage.close(name)
    assert stage.place(stage.ask()) == "c2-h2"
    stage.close("c2-h2")
    assert stage.place(stage.ask()) is None


# --- the last host -----------------------------------------------------------------------------


def test_a_machine_returns_to_its_last_host(stage: Stage) -> None:
    """To the place reserved for it, even if other hosts and clusters are emptier."""
    vm = stage.stopped_on("c1-h2", stage.ask(3))
    stage.load("c1-h2", 1)
    assert stage.place(vm) == "c1-h2"


def test_the_last_host_needs_no_reservation_if_it_has_room(stage: Stage) -> None:
    """When the reservation is over it is still preferred, if nobody took the room."""
    vm = stage.stopped_on("c3-h2", stage.ask(3))
    stage.ledger.cancel_reservation(vm)
    assert stage.place(vm) == "c3-h2"
    stage.load("c3-h2", 2)
    assert stage.place(vm) == "c1-h1"


def _down(stage: Stage) -> None:
    last = host(stage, "c2-h1")
    last.status = HostStatus.DOWN
    stage.ledger.close(last)


def _full_of_guests(stage: Stage) -> None:
    host(stage, "c2-h1").max_guests = 1
    stage.ledger.refresh(host(stage, "c2-h1"))
    stage.load("c2-h1", 1, 1)


def _kept_for_ha(stage: Stage) -> None:
    host(stage, "c2-h1").tags = frozenset({"ha"})
    stage.ledger.refresh(host(stage, "c2-h1"))
    stage.change("ha.tag", "ha")


def _without_pool(stage: Stage) -> None:
    stage.inventory.pools.named("c2-pool").state = PoolState.DISABLED


@pytest.mark.parametrize(
    "happened",
    [_down, _full_of_guests, _kept_for_ha, _without_pool],
    ids=lambda each: each.__name__,
)
def test_a_last_host_that_will_not_do_is_passed_over(stage: Stage, happened) -> None:
    """Down, at its limit of guests, now kept for others, or without a pool for a new volume."""
    vm = stage.stopped_on("c2-h1", stage.ask())
    assert stage.place(vm) == "c2-h1"
    happened(stage)
    assert stage.place(vm) == "c1-h1"


@pytest.mark.parametrize(
    "avoided",
    [{"hosts": {3}}, {"clusters": {2}}, {"pods": {1}, "clusters": set()}],
    ids=str,
)
def test_an_avoided_last_host_is_passed_over(stage: Stage, avoided: dict[str, set[int]]) -> None:
    """By itself or with its cluster or pod."""
    vm = stage.stopped_on("c2-h1", stage.ask())
    found = stage.place(vm, Avoid(**avoided))
    assert found == ("c3-h1" if "pods" in avoided else "c1-h1")


def test_a_last_host_outside_the_wish_is_passed_over(stage: Stage) -> None:
    """A wish for another pod or cluster counts more."""
    vm = stage.stopped_on("c2-h1", stage.ask())
    assert stage.place(vm, pod=stage.pod("p2")) == "c3-h1"
    assert stage.place(vm, cluster=cluster(stage, "c1")) == "c1-h1"
    assert stage.place(vm, pod=stage.pod("p1")) == "c2-h1"


def test_a_restart_after_a_failure_goes_to_a_host_kept_for_it(stage: Stage) -> None:
    """Not back to the last host, even if that were up."""
    vm = stage.stopped_on("c2-h1", stage.ask())
    host(stage, "c3-h2").tags = frozenset({"ha"})
    stage.ledger.refresh(host(stage, "c3-h2"))
    stage.change("ha.tag", "ha")
    assert stage.place(vm, for_ha=True) == "c3-h2"
    assert stage.place(vm, host=host(stage, "c1-h1"), for_ha=True) == "c3-h2"


# --- a host asked for ----------------------------------------------------------------------------


def test_a_host_asked_for_is_taken_without_looking_at_its_room(stage: Stage) -> None:
    """Full, over the threshold, with tags for others: only the claim will tell."""
    stage.load("c2-h1", 4, 8192)
    stage.change("cluster.cpu.allocated.capacity.disablethreshold", 0.1)
    assert stage.place(stage.ask(host_tag="ssd"), host=host(stage, "c2-h1")) == "c2-h1"


def test_a_host_asked_for_must_be_up_and_enabled(stage: Stage) -> None:
    """Otherwise nothing else is tried."""
    stage.close("c2-h1")
    assert stage.place(stage.ask(), host=host(stage, "c2-h1")) is None


def test_a_host_asked_for_is_tried_once(stage: Stage) -> None:
    """A host that failed is avoided, and so the retry finds nothing."""
    asked = host(stage, "c2-h1")
    assert stage.place(stage.ask(), Avoid(hosts={asked.id}), host=asked) is None


def test_a_host_of_another_zone_cannot_be_asked_for(stage: Stage) -> None:
    """The machine's network is in its own zone."""
    vm, asked = stage.ask(), host(stage, "c2-h1")
    stage.zone = stage.inventory.zones.add(Zone(name="z2"))
    assert stage.place(vm, host=asked) is None


def test_a_host_asked_for_needs_a_pool_and_an_address() -> None:
    """These the planner chooses itself."""
    stage = Stage(basic=True)
    stage.cluster("c1", pool=None)
    asked = host(stage, "c1-h1")
    addresses = stage.add_range(stage.pod("p1"), 1)
    assert stage.place(stage.ask(), host=asked) is None
    stage.pool(asked.cluster, "late")
    assert stage.place(stage.ask(), host=asked) == "c1-h1"
    addresses.take(holder=1)
    assert stage.place(stage.ask(), host=asked) is None


# --- volumes that are there already ---------------------------------------------------------------


def test_volumes_bind_a_machine_to_the_hosts_that_reach_them(stage: Stage) -> None:
    """A volume on the pool of c2 keeps the machine in c2."""
    vm = stage.ask()
    vm.volumes[0].pool = stage.inventory.pools.named("c2-pool")
    assert stage.place(vm) == "c2-h1"
    stage.load("c2-h1", 4)
    stage.load("c2-h2", 4)
    assert stage.place(vm) is None


def test_a_local_volume_binds_to_its_host(stage: Stage) -> None:
    """Only the host of the pool will do."""
    vm = stage.ask(uses_local_storage=True)
    vm.volumes[0].pool = stage.pool(host(stage, "c1-h2"), "disk")
    assert stage.place(vm) == "c1-h2"


@pytest.mark.parametrize(
    ("state", "starts"),
    [
        (PoolState.UP, True),
        (PoolState.DISABLED, True),
        (PoolState.PREPARE_FOR_MAINTENANCE, False),
        (PoolState.MAINTENANCE, False),
        (PoolState.ERROR_IN_MAINTENANCE, False),
    ],
)
def test_a_machine_starts_only_where_its_volumes_are_served(
    stage: Stage, state: PoolState, starts: bool
) -> None:
    """A pool in maintenance keeps its machines stopped; there is no going to another pool."""
    vm = stage.ask()
    vm.volumes[0].pool = stage.inventory.pools.named("c1-pool")
    vm.volumes[0].pool.state = state
    assert (stage.place(vm) is not None) is starts
    assert (stage.place(vm, host=host(stage, "c1-h1")) is not None) is starts


# --- addresses ------------------------------------------------------------------------------------


def test_an_exhausted_zone_has_no_place(stage: Stage) -> None:
    """In an Advanced zone every cluster shares the zone's addresses; ranges add up."""
    (addresses,) = stage.addresses
    while addresses.free:
        addresses.take(holder=1)
    assert stage.place(stage.ask()) is None
    stage.add_range(stage.zone, 1)
    assert stage.place(stage.ask()) == "c1-h1"


def test_pods_of_a_basic_zone_have_addresses_of_their_own() -> None:
    """A pod without a free address is passed over, the next one is taken."""
    stage = Stage(basic=True)
    for name, pod in (("c1", "p1"), ("c2", "p2")):
        stage.cluster(name, pod=pod)
    first = stage.add_range(stage.pod("p1"), 1)
    assert stage.place(stage.ask()) == "c1-h1"
    first.take(holder=1)
    assert stage.place(stage.ask()) is None
    stage.add_range(stage.pod("p2"), 1)
    assert stage.place(stage.ask()) == "c2-h1"


def test_a_machine_that_has_an_address_needs_none() -> None:
    """It starts again where its own range is, and needs a free one elsewhere."""
    stage = Stage(basic=True)
    for name, pod in (("c1", "p1"), ("c2", "p2")):
        stage.cluster(name, pod=pod)
        stage.add_range(stage.pod(pod), 1)
    vm = stage.ask()
    vm.nics[0].range = stage.pod("p1").guest_ranges[0]
    for addresses in stage.addresses:
        addresses.take(holder=vm.id)
    assert stage.place(vm) == "c1-h1"
    stage.close("c1-h1")
    assert stage.place(vm) is None


# --- the answer ---------------------------------------------------------------------------------


def test_a_destination_says_every_step_of_the_way(stage: Stage) -> None:
    """Zone, pod, cluster, host, and the pools if there are volumes to place."""
    found = stage.plan(stage.ask())
    assert str(found) == "z1 > p1 > c1 > c1-h1 with c1-pool"
    assert str(Destination(found.host)) == "z1 > p1 > c1 > c1-h1"


def test_planning_changes_nothing(stage: Stage) -> None:
    """Neither the books nor the machine, and the answer is the same again."""
    vm = stage.ask()
    before = (stage.ledger.claims(), stage.ledger.allocations(), stage.addresses[0].held())
    assert stage.plan(vm) == stage.plan(vm)
    assert before == (stage.ledger.claims(), stage.ledger.allocations(), stage.addresses[0].held())
    assert (vm.host, vm.volumes[0].pool, vm.nics[0].range) == (None, None, None)
