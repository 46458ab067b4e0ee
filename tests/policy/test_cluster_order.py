"""In which order zones, pods and clusters are tried."""

from __future__ import annotations

import pytest

from cloudlab.model import AllocationState, Zone
from cloudlab.policy import by_zone_load
from tests.policy.stage import Stage


def cluster_of(stage: Stage, **settings: object) -> str | None:
    """Return the cluster where a small machine of the user goes."""
    found = stage.plan(stage.ask(**settings))
    return None if found is None else found.host.cluster.name


def stage_of(loads: dict[str, tuple[int, int]]) -> Stage:
    """Return clusters of one host each, with vCPUs and MiB of somebody else on them."""
    stage = Stage()
    for name, (vcpu, ram_mib) in loads.items():
        stage.cluster(name)
        if vcpu:
            stage.load(f"{name}-h1", vcpu, ram_mib)
    return stage


# --- FirstFitPlanner -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "loads", "first"),
    [
        ("CPU", {"c1": (2, 512), "c2": (1, 4096)}, "c2"),
        ("RAM", {"c1": (2, 512), "c2": (1, 4096)}, "c1"),
        ("CPU", {"c1": (1, 512), "c2": (1, 512)}, "c1"),
        ("CPU", {"c1": (1, 512), "c2": (0, 0), "c3": (0, 0)}, "c2"),
        ("CPU", {"c1": (4, 512), "c2": (3, 512), "c3": (2, 512)}, "c3"),
    ],
)
def test_the_least_used_cluster_goes_first(
    by: str, loads: dict[str, tuple[int, int]], first: str
) -> None:
    """By the share of CPU, or of RAM where the setting says so; ties in order of creation."""
    stage = stage_of(loads)
    stage.change("host.capacityType.to.order.clusters", by)
    assert cluster_of(stage) == first


def test_shares_count_not_amounts() -> None:
    """Half of a small cluster is more than a quarter of a large one."""
    stage = Stage()
    stage.cluster("small", hosts=1)
    stage.cluster("large", hosts=4)
    stage.load("small-h1", 2)
    for number in (1, 2, 3, 4):
        stage.load(f"large-h{number}", 1)
    assert cluster_of(stage) == "large"


def test_over_provisioning_makes_a_cluster_emptier() -> None:
    """Shares are of what may be allocated, each cluster by its own factor."""
    stage = Stage()
    stage.cluster("c1")
    stage.cluster("c2", cpu_overcommit=4.0)
    stage.load("c1-h1", 1)
    stage.load("c2-h1", 2)
    assert cluster_of(stage) == "c2"


def test_what_is_reserved_counts_as_used() -> None:
    """Places kept for stopped machines make their cluster fuller."""
    stage = stage_of({"c1": (0, 0), "c2": (0, 0)})
    stage.stopped_on("c1-h1", stage.ask(1, account=stage.other))
    assert cluster_of(stage) == "c2"


def test_closed_hosts_do_not_make_a_cluster_emptier() -> None:
    """Only hosts that are Up and Enabled count; a cluster without any comes last."""
    stage = Stage()
    stage.cluster("c1", hosts=2)
    stage.cluster("c2", hosts=2)
    stage.cluster("c3")
    stage.load("c1-h1", 2)
    stage.load("c2-h1", 2)
    stage.load("c2-h2", 1)
    assert cluster_of(stage) == "c3"
    stage.close("c3-h1")
    assert cluster_of(stage) == "c1"
    stage.close("c1-h2")
    assert cluster_of(stage) == "c2"


def test_the_next_cluster_is_tried_when_the_first_has_no_place() -> None:
    """The least used one may lack a pool, or have no single host with enough left."""
    stage = Stage()
    stage.cluster("c1", pool=None)
    stage.cluster("c2", hosts=4)
    stage.cluster("c3")
    for number in (1, 2, 3, 4):
        stage.load(f"c2-h{number}", 1)
    stage.load("c3-h1", 2)
    assert cluster_of(stage) == "c2"
    assert cluster_of(stage, vcpu=4) is None
    stage.pool(stage.inventory.clusters.named("c1"), "late")
    assert cluster_of(stage, vcpu=4) == "c1"


# --- UserDispersingPlanner -------------------------------------------------------------------


def dispersed(weight: float | None, mine: dict[str, int], others: dict[str, int]) -> str | None:
    """Return where a third machine goes, with vCPUs of the user and of others on clusters."""
    settings = {"vm.allocation.algorithm": "userdispersing"}
    if weight is not None:
        settings["vm.user.dispersion.weight"] = weight
    stage = Stage(settings)
    for name in sorted({*mine, *others}):
        stage.cluster(name, cpus=10)
        for _ in range(mine.get(name, 0)):
            stage.load(f"{name}-h1", account=stage.user)
        if others.get(name):
            stage.load(f"{name}-h1", others[name])
    return cluster_of(stage)


@pytest.mark.parametrize(
    ("weight", "mine", "others", "first"),
    [
        (None, {"c1": 1, "c2": 0}, {"c2": 8}, "c2"),
        (1, {"c1": 1, "c2": 0}, {"c2": 8}, "c2"),
        (1, {"c1": 1, "c2": 1}, {"c1": 3, "c2": 1}, "c2"),
        (0, {"c1": 1, "c2": 0}, {"c2": 8}, "c1"),
        (0, {"c1": 1, "c2": 0}, {"c2": 0}, "c2"),
        # share 0.3 and 2 of 3 mine against share 0.6 and 1 of 3: 0.4833 against 0.4667
        (0.5, {"c1": 2, "c2": 1}, {"c1": 1, "c2": 5}, "c2"),
        # share 0.2 and 2 of 3 against share 0.6 and 1 of 3: 0.4333 against 0.4667
        (0.5, {"c1": 2, "c2": 1}, {"c1": 0, "c2": 5}, "c1"),
        (0.5, {"c1": 0, "c2": 0}, {"c1": 2, "c2": 1}, "c2"),
        (0.5, {"c1": 1, "c2": 1}, {"c1": 1, "c2": 1}, "c1"),
        (7, {"c1": 1, "c2": 0}, {"c2": 8}, "c2"),
        (-1, {"c1": 1, "c2": 0}, {"c2": 8}, "c2"),
    ],
)
def test_a_users_machines_are_dispersed(
    weight: float | None, mine: dict[str, int], others: dict[str, int], first: str
) -> None:
    """`share * (1 - w) + own / total * w`, least first; w outside 0..1 counts as 1."""
    assert dispersed(weight, mine, others) == first


def test_only_ones_own_machines_are_dispersed() -> None:
    """Those of other accounts count in the share, not in the number."""
    assert dispersed(1, {"c1": 0, "c2": 1}, {"c1": 9}) == "c1"


# --- UserConcentratedPodPlanner ----------------------------------------------------------------


@pytest.mark.parametrize(
    "algorithm", ["userconcentratedpod_random", "userconcentratedpod_firstfit"]
)
@pytest.mark.book("6.15")
def test_a_users_machines_are_concentrated_in_pods(algorithm: str) -> None:
    """The pod with most of them goes first, however full; inside it the least used cluster."""
    stage = Stage({"vm.allocation.algorithm": algorithm})
    for name, pod in [("c1", "p1"), ("c2", "p2"), ("c3", "p2"), ("c4", "p3")]:
        stage.cluster(name, pod=pod)
    assert cluster_of(stage) == "c1"
    stage.load("c4-h1", account=stage.user)
    assert cluster_of(stage) == "c4"
    stage.load("c2-h1", account=stage.user)
    stage.load("c2-h1", account=stage.user)
    assert cluster_of(stage) == "c3"
    stage.load("c3-h1", 3)
    assert cluster_of(stage) == "c2"


def test_full_pods_give_way_to_the_next() -> None:
    """When the pod with most of the user's machines is full, the one with next most follows."""
    stage = Stage({"vm.allocation.algorithm": "userconcentratedpod_firstfit"})
    for name, pod in [("c1", "p1"), ("c2", "p2"), ("c3", "p3")]:
        stage.cluster(name, pod=pod)
    stage.load("c3-h1", 2, account=stage.user)
    stage.load("c3-h1", 2, account=stage.user)
    stage.load("c2-h1", 1, account=stage.user)
    assert cluster_of(stage) == "c2"
    stage.load("c2-h1", 3)
    assert cluster_of(stage) == "c1"


# --- pods first --------------------------------------------------------------------------------


def podwise(algorithm: str = "firstfit") -> Stage:
    """Return two pods: p1 with c1 empty and c2 almost full, p2 with c3 a quarter used."""
    stage = Stage(
        {"vm.allocation.algorithm": algorithm, "apply.allocation.algorithm.to.pods": True}
    )
    stage.cluster("c1", pod="p1")
    stage.cluster("c2", pod="p1")
    stage.cluster("c3", pod="p2")
    stage.load("c2-h1", 3)
    stage.load("c3-h1", 1)
    return stage


def test_pods_go_by_their_own_share() -> None:
    """Σ used / Σ total over the pod: 3 of 8 cores in p1 come after 1 of 4 in p2."""
    stage = podwise()
    assert cluster_of(stage) == "c3"
    stage.load("c3-h1", 1)
    assert cluster_of(stage) == "c1"


def test_without_the_setting_clusters_go_by_theirs() -> None:
    """The empty cluster is first, whatever else is in its pod."""
    stage = podwise()
    stage.change("apply.allocation.algorithm.to.pods", value=False)
    assert cluster_of(stage) == "c1"


def test_all_clusters_of_a_pod_come_before_the_next_pod() -> None:
    """With c3 out of service the pod p1 is left, least used cluster first."""
    stage = podwise()
    stage.close("c3-h1")
    assert cluster_of(stage) == "c1"
    stage.close("c1-h1")
    assert cluster_of(stage) == "c2"


def test_pods_are_dispersed_and_concentrated_too() -> None:
    """By the account's machines in the whole pod."""
    stage = podwise("userdispersing")
    stage.load("c2-h1", account=stage.user)
    assert cluster_of(stage) == "c3"
    for _ in range(2):
        stage.load("c3-h1", account=stage.user)
    assert cluster_of(stage) == "c1"
    stage = podwise("userconcentratedpod_firstfit")
    assert cluster_of(stage) == "c3"
    stage.load("c2-h1", account=stage.user)
    assert cluster_of(stage) == "c1"


# --- zones -------------------------------------------------------------------------------------


def test_zones_go_by_their_share() -> None:
    """For requests that name none: the least used first, one without hosts last, ties as given."""
    stage = Stage()
    stage.cluster("c1")
    first = stage.zone
    stage.zone = stage.inventory.zones.add(Zone(name="z2", state=AllocationState.ENABLED))
    stage.cluster("c2", pod="p2")
    second, empty = stage.zone, Zone(id=99, name="z3")

    def order() -> list[str]:
        return [zone.name for zone in by_zone_load(stage.scene, [empty, first, second])]

    assert order() == ["z1", "z2", "z3"]
    stage.load("c1-h1")
    assert order() == ["z2", "z1", "z3"]
    stage.load("c2-h1", 2)
    assert order() == ["z1", "z2", "z3"]
    assert by_zone_load(stage.scene, [empty]) == [empty]
