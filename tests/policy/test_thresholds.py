"""Disable thresholds of clusters: over them nothing more is placed."""

from __future__ import annotations

import pytest

from tests.policy.stage import Stage

CPU = "cluster.cpu.allocated.capacity.disablethreshold"
RAM = "cluster.memory.allocated.capacity.disablethreshold"


@pytest.mark.parametrize(
    ("threshold", "loaded", "asked", "fits"),
    [
        (0.75, 2, 1, True),
        (0.75, 2, 2, False),
        (0.75, 3, 1, False),
        (0.85, 3, 1, False),
        (1.0, 3, 1, True),
        ("off", 3, 1, True),
        (0.0, 0, 1, False),
    ],
)
def test_a_cluster_takes_machines_up_to_its_cpu_threshold(
    threshold: float | str, loaded: int, asked: int, fits: bool
) -> None:
    """(used + asked) / total may be the threshold itself, not more; 4 cores are there."""
    stage = Stage({CPU: threshold})
    stage.cluster("c1")
    if loaded:
        stage.load("c1-h1", loaded, 1)
    assert (stage.place(stage.ask(asked, 1)) is not None) is fits


@pytest.mark.parametrize(
    ("threshold", "loaded", "asked", "fits"),
    [(0.75, 4096, 2048, True), (0.75, 4096, 2049, False), ("off", 4096, 4096, True)],
)
def test_a_cluster_takes_machines_up_to_its_ram_threshold(
    threshold: float | str, loaded: int, asked: int, fits: bool
) -> None:
    """The same for RAM; 8192 MiB are there."""
    stage = Stage({RAM: threshold})
    stage.cluster("c1")
    stage.load("c1-h1", 1, loaded)
    assert (stage.place(stage.ask(1, asked)) is not None) is fits


def test_thresholds_are_of_the_whole_cluster() -> None:
    """One full host in a cluster that is otherwise empty is no obstacle for the next."""
    stage = Stage({CPU: 0.75})
    stage.cluster("c1", hosts=2)
    stage.load("c1-h1", 4)
    assert stage.place(stage.ask(2)) == "c1-h2"
    assert stage.place(stage.ask(3)) is None


def test_thresholds_look_at_what_may_be_allocated() -> None:
    """With over-provisioning by 2 there are 8 cores, of which 6 are three quarters."""
    stage = Stage({CPU: 0.75})
    stage.cluster("c1", cpu_overcommit=2.0)
    stage.load("c1-h1", 4, 1)
    assert stage.place(stage.ask(2, 1)) == "c1-h1"
    assert stage.place(stage.ask(3, 1)) is None


def test_what_is_reserved_counts_towards_the_threshold() -> None:
    """Places kept for stopped machines are taken."""
    stage = Stage({CPU: 0.75})
    stage.cluster("c1")
    stage.stopped_on("c1-h1", stage.ask(2))
    assert stage.place(stage.ask(1)) == "c1-h1"
    assert stage.place(stage.ask(2)) is None


def test_a_cluster_may_have_a_threshold_of_its_own() -> None:
    """It counts instead of the setting, be it higher or lower."""
    stage = Stage({CPU: 0.5, RAM: 0.5})
    stage.cluster("strict", cpu_disable_threshold=0.25, pool=None)
    stage.cluster("loose", cpu_disable_threshold=1.0, ram_disable_threshold=1.0)
    stage.pool(stage.zone, "everywhere")
    assert stage.place(stage.ask(1)) == "strict-h1"
    assert stage.place(stage.ask(2)) == "loose-h1"
    assert stage.place(stage.ask(1, 8192)) == "loose-h1"


def test_a_cluster_over_its_threshold_gives_way_to_the_next() -> None:
    """Though it is the least used one, by RAM it is over."""
    stage = Stage({RAM: 0.5})
    stage.cluster("c1")
    stage.cluster("c2")
    stage.load("c1-h1", 1, 4096)
    stage.load("c2-h1", 2, 1024)
    assert stage.place(stage.ask(1, 1024)) == "c2-h1"


def test_the_root_administrator_is_not_exempt() -> None:
    """Unlike Disabled clusters, thresholds bind everybody."""
    stage = Stage({CPU: 0.5})
    stage.cluster("c1")
    assert stage.place(stage.ask(3, account=stage.admin)) is None


def test_the_last_host_is_exempt() -> None:
    """A stopped machine goes back to its reserved place whatever the threshold says."""
    stage = Stage({CPU: 0.5})
    stage.cluster("c1")
    stage.load("c1-h1", 2)
    vm = stage.stopped_on("c1-h1", stage.ask(1))
    assert stage.place(stage.ask(1)) is None
    assert stage.place(vm) == "c1-h1"


def test_speed_of_the_first_host_counts_where_none_is_asked() -> None:
    """In a cluster of unlike hosts a machine without a speed is judged by the first one's."""
    stage = Stage({CPU: 0.5})
    cluster = stage.cluster("c1", hosts=0)
    stage.host(cluster, "slow", cpus=4, mhz=1000)
    stage.host(cluster, "fast", cpus=4, mhz=2000)
    assert stage.place(stage.ask(4)) == "slow"
    stage.load("slow", 4)
    assert stage.place(stage.ask(2)) == "fast"
    assert stage.place(stage.ask(3)) is None
