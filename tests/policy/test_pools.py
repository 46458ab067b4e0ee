"""Which primary storage pools can take a volume, and which of them is taken."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from cloudlab.model import DiskOffering, PoolState, PoolType, Template
from tests.policy.stage import Stage

ALLOCATED = "pool.storage.allocated.capacity.disablethreshold"
SSD, FAST = frozenset({"ssd"}), frozenset({"ssd", "fast"})


def stage_of(*pools: dict[str, object], **settings: object) -> Stage:
    """Return one host with pools s1, s2 ... of its cluster as described."""
    stage = Stage({name.replace("__", "."): value for name, value in settings.items()})
    cluster = stage.cluster("c1", pool=None)
    for number, fields in enumerate(pools, start=1):
        stage.pool(cluster, f"s{number}", **{"capacity_mib": 1000, **fields})
    return stage


# --- room ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "pool"), [(600, ["s1"]), (601, ["s2"]), (1000, ["s2"]), (1001, None)]
)
def test_a_pool_takes_what_fits(size: int, pool: list[str] | None) -> None:
    """To the last MiB of what is not allocated."""
    stage = stage_of({}, {})
    stage.fill("s1", 400)
    assert stage.pools_of(stage.ask(root_mib=size)) == pool


@pytest.mark.parametrize(
    ("threshold", "size", "fits"),
    [
        (0.75, 249, True),
        (0.75, 250, False),
        (1.0, 499, True),
        (1.0, 500, False),
        ("off", 500, True),
    ],
)
def test_a_pool_must_stay_below_its_threshold(
    threshold: float | str, size: int, fits: bool
) -> None:
    """Strictly: the threshold itself is too much; of 1000 MiB 500 are allocated."""
    stage = stage_of({}, **{ALLOCATED.replace(".", "__"): threshold})
    stage.fill("s1", 500)
    assert (stage.place(stage.ask(root_mib=size)) is not None) is fits


def test_a_pool_may_have_a_threshold_of_its_own() -> None:
    """It counts instead of the setting."""
    stage = stage_of(
        {"disable_threshold": 0.25},
        {"disable_threshold": 0.9},
        **{ALLOCATED.replace(".", "__"): 0.5},
    )
    assert stage.pools_of(stage.ask(root_mib=300)) == ["s2"]
    assert stage.pools_of(stage.ask(root_mib=200)) == ["s1"]
    assert stage.pools_of(stage.ask(root_mib=899)) == ["s2"]
    assert stage.pools_of(stage.ask(root_mib=900)) is None


def test_over_provisioning_is_the_pools_own() -> None:
    """Capacity times factor, for capacity and threshold alike."""
    stage = stage_of({"overprovisioning": 2.0}, **{ALLOCATED.replace(".", "__"): 0.75})
    stage.fill("s1", 1000)
    assert stage.pools_of(stage.ask(root_mib=499)) == ["s1"]
    assert stage.pools_of(stage.ask(root_mib=500)) is None


@pytest.mark.parametrize(
    ("copied", "size", "fits"), [(False, 700, True), (False, 701, False), (True, 1000, True)]
)
def test_the_first_volume_of_a_template_needs_room_for_its_copy(
    copied: bool, size: int, fits: bool
) -> None:
    """300 MiB more on a pool that has no copy of the template yet."""
    stage = stage_of({})
    template = Template(id=1, name="linux", size_mib=300)
    if copied:
        template.copies.add(stage.inventory.pools.named("s1").id)
    vm = stage.ask(root_mib=size, template=template)
    assert (stage.place(vm) is not None) is fits


# --- several volumes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("disks", "pools"),
    [
        ((600, 500), ["s1", "s1", "s2"]),
        ((500, 600), ["s1", "s2", "s1"]),
        ((600, 600), ["s1", "s1", "s2"]),
        ((600, 400, 400), ["s2", "s1", "s1", "s2"]),
        ((600, 600, 600), None),
        ((1000, 1000), None),
    ],
    ids=str,
)
def test_the_largest_volume_is_placed_first_and_space_adds_up(
    disks: tuple[int, ...], pools: list[str] | None
) -> None:
    """Two volumes never both take the last of a pool; the root disk has 100 MiB."""
    stage = stage_of({}, {})
    assert stage.pools_of(stage.ask(root_mib=100, disks=disks)) == pools


def test_the_copy_of_a_template_counts_for_the_volumes_after_it() -> None:
    """The root disk takes 500 MiB with its copy of 200, so that 501 go elsewhere."""
    stage = stage_of({}, {})
    template = Template(id=1, name="linux", size_mib=200)
    ask = {"root_mib": 300, "template": template}
    assert stage.pools_of(stage.ask(disks=(300,), **ask)) == ["s1", "s1"]
    stage.fill("s1", 300)
    assert stage.pools_of(stage.ask(disks=(201,), **ask)) == ["s1", "s2"]
    assert stage.pools_of(stage.ask(disks=(200,), **ask)) == ["s1", "s1"]


def test_every_volume_needs_a_pool() -> None:
    """One without a pool refuses the whole machine."""
    stage = stage_of({"tags": SSD})
    assert stage.pools_of(stage.ask(root_mib=100, disks=(100,))) == ["s1", "s1"]
    vm = stage.ask(root_mib=100, disks=(100,))
    vm.volumes[1].tags = frozenset({"tape"})
    assert stage.pools_of(vm) is None


# --- tags, kinds, states, scopes -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "pool"),
    [
        (frozenset(), ["s1"]),
        (SSD, ["s2"]),
        (FAST, ["s3"]),
        (frozenset({"fast"}), ["s3"]),
        (frozenset({"tape"}), None),
        (frozenset({"ss"}), None),
    ],
    ids=lambda each: "-".join(sorted(each)) if isinstance(each, frozenset) else "",
)
@pytest.mark.book("3.29")
def test_a_pool_needs_every_tag_of_the_volume(tags: frozenset[str], pool: list[str] | None) -> None:
    """Compared whole; a pool may have more. Without a pool that has them nothing is placed."""
    stage = stage_of({}, {"tags": SSD}, {"tags": FAST})
    assert stage.pools_of(stage.ask(root_mib=10, storage_tags=tags)) == pool


@pytest.mark.parametrize("state", PoolState)
def test_only_pools_that_are_up_take_volumes(state: PoolState) -> None:
    """Disabled and in maintenance they do not."""
    stage = stage_of({"state": state})
    assert (stage.place(stage.ask()) is not None) == (state == "Up")


@pytest.mark.parametrize("kind", PoolType)
def test_root_disks_do_not_go_on_iscsi(kind: PoolType) -> None:
    """Every other kind takes them; data disks go anywhere."""
    stage = stage_of({"type": kind})
    assert (stage.place(stage.ask(root_mib=10)) is None) == (kind == "Iscsi")
    stage = stage_of({"type": kind}, {})
    expected = ["s2", "s1"] if kind == "Iscsi" else ["s1", "s1"]
    assert stage.pools_of(stage.ask(root_mib=10, disks=(20,))) == expected


@pytest.mark.book("1.29")
def test_pools_of_other_clusters_are_out_of_reach() -> None:
    """A cluster's pool is for its own hosts alone, and for all of them; without one it is none."""
    stage = Stage()
    stage.cluster("c1", pool=None)
    stage.cluster("c2", hosts=2, pool=1000)
    for host in ("c2-h1", "c2-h2"):
        found = stage.plan(stage.ask(4, root_mib=10))
        assert str(found) == f"z1 > p1 > c2 > {host} with c2-pool"
        stage.load(host, 4)
    assert stage.place(stage.ask(), cluster=stage.inventory.clusters.named("c1")) is None


def test_zone_wide_pools_serve_every_cluster() -> None:
    """In one order with the cluster's own, by creation."""
    stage = Stage()
    stage.pool(stage.zone, "everywhere", 1000)
    stage.cluster("c1", pool=1000)
    stage.cluster("c2", pool=None)
    stage.pool(stage.zone, "late", 1000)
    assert stage.pools_of(stage.ask(root_mib=10)) == ["everywhere"]
    stage.fill("everywhere", 1000)
    assert stage.pools_of(stage.ask(root_mib=10)) == ["c1-pool"]
    assert stage.pools_of(stage.ask(root_mib=10), pod=stage.pod()) == ["c1-pool"]
    only = {"cluster": stage.inventory.clusters.named("c2")}
    assert stage.pools_of(stage.ask(root_mib=10), **only) == ["late"]


@pytest.mark.book("1.44")
def test_local_disks_are_for_volumes_that_want_them() -> None:
    """A local pool takes only such volumes, of machines on its own host, and nothing else does."""
    stage = Stage()
    cluster = stage.cluster("c1", hosts=2, pool=1000)
    hosts = cluster.hosts
    stage.pool(hosts[1], "disk2", 500)
    assert stage.pools_of(stage.ask(root_mib=10)) == ["c1-pool"]
    vm = stage.ask(root_mib=10, uses_local_storage=True)
    assert (stage.place(vm), stage.pools_of(vm)) == ("c1-h2", ["disk2"])
    stage.pool(hosts[0], "disk1", 500)
    assert stage.place(vm) == "c1-h1"
    stage.fill("disk1", 500)
    assert stage.place(vm) == "c1-h2"


@pytest.mark.book("6.13")
def test_root_and_data_disk_may_want_different_things() -> None:
    """The compute offering speaks for the root disk, the disk offering for the data disk."""
    stage = Stage()
    cluster = stage.cluster("c1", pool=1000)
    stage.pool(cluster.hosts[0], "disk1", 1000)
    vm = stage.ask(root_mib=100, disks=(50,), uses_local_storage=True)
    assert stage.pools_of(vm) == ["disk1", "c1-pool"]
    vm.volumes[1].offering = DiskOffering(size_mib=50, uses_local_storage=True)
    assert stage.pools_of(vm) == ["disk1", "disk1"]


# --- orders --------------------------------------------------------------------------------


@pytest.mark.book("1.45")
def test_one_server_may_serve_several_clusters_with_several_pools() -> None:
    """Each cluster has pools of its own, added at any time, be they on one server."""
    stage = Stage()
    for name in ("c1", "c2"):
        cluster = stage.cluster(name, pool=None)
        for export in ("a", "b"):
            stage.pool(cluster, f"{name}{export}", 1000, url=f"nfs://server/{name}/{export}")
    assert stage.pools_of(stage.ask(root_mib=900, disks=(800,))) == ["c1a", "c1b"]
    only = {"cluster": stage.inventory.clusters.named("c2")}
    assert stage.pools_of(stage.ask(root_mib=900, disks=(800,)), **only) == ["c2a", "c2b"]
    late = stage.pool(only["cluster"], "late", 1000, url="nfs://server/c2/late")
    assert late in only["cluster"].pools
    disks = (900, 900)
    assert stage.pools_of(stage.ask(root_mib=900, disks=disks), **only) == ["c2a", "c2b", "late"]


@pytest.mark.parametrize("algorithm", ["firstfit", "userconcentratedpod_firstfit"])
def test_first_fit_takes_the_first_pool_with_room(algorithm: str) -> None:
    """In order of creation."""
    stage = stage_of({}, {}, vm__allocation__algorithm=algorithm)
    assert stage.pools_of(stage.ask(root_mib=10)) == ["s1"]
    stage.fill("s1", 991)
    assert stage.pools_of(stage.ask(root_mib=10)) == ["s2"]
    stage.fill("s2", 991)
    stage.pool(stage.inventory.clusters.named("c1"), "s3", 1000)
    assert stage.pools_of(stage.ask(root_mib=10)) == ["s3"]


def test_user_dispersing_takes_the_pool_with_fewest_volumes_of_ones_own() -> None:
    """Ties in order of creation; volumes of others do not count."""
    stage = stage_of({}, {}, {}, vm__allocation__algorithm="userdispersing")
    for _ in range(3):
        stage.fill("s3", 1)
    stage.fill("s1", 10, stage.user)
    stage.fill("s2", 10, stage.user)
    stage.fill("s2", 10, stage.user)
    assert stage.pools_of(stage.ask()) == ["s3"]
    stage.fill("s3", 10, stage.user)
    assert stage.pools_of(stage.ask()) == ["s1"]


@pytest.mark.parametrize("algorithm", ["random", "userconcentratedpod_random"])
def test_random_is_uniform_over_the_pools_with_room(algorithm: str) -> None:
    """Chi-square over 3000 requests; full pools are never drawn."""
    stage = stage_of(*({} for _ in range(6)), vm__allocation__algorithm=algorithm)
    stage.fill("s4", 1000)
    drawn = Counter(stage.pools_of(stage.ask(root_mib=10))[0] for _ in range(3000))
    assert set(drawn) == {"s1", "s2", "s3", "s5", "s6"}
    counts = np.array(list(drawn.values()))
    assert float(((counts - 600) ** 2 / 600).sum()) < 13.28  # exceeded once in a hundred


def test_host_and_pool_are_drawn_apart() -> None:
    """Which host was drawn says nothing about the pool."""
    stage = Stage({"vm.allocation.algorithm": "random"})
    cluster = stage.cluster("c1", hosts=2, pool=None)
    for name in ("s1", "s2"):
        stage.pool(cluster, name)
    plans = [stage.plan(stage.ask()) for _ in range(1000)]
    pairs = Counter((each.host.name, each.pools[0][1].name) for each in plans)
    assert len(pairs) == 4
    assert min(pairs.values()) > 200
