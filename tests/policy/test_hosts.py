"""Which hosts of a cluster can take a machine, and which of them is taken."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from cloudlab.model import Template
from cloudlab.policy import Avoid
from cloudlab.streams import draw
from tests.policy.stage import Stage

SSD, GPU, HA = frozenset({"ssd"}), frozenset({"gpu"}), frozenset({"ha"})


def stage_of(*hosts: dict[str, object], **settings: object) -> Stage:
    """Return one cluster with hosts h1, h2 ... as described."""
    stage = Stage({name.replace("__", "."): value for name, value in settings.items()})
    cluster = stage.cluster("c1", hosts=0)
    for number, fields in enumerate(hosts, start=1):
        stage.host(cluster, f"h{number}", **fields)
    return stage


# --- room ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "host"),
    [
        ({"vcpu": 4, "ram_mib": 8192}, "h1"),
        ({"vcpu": 5, "ram_mib": 1}, "h2"),
        ({"vcpu": 1, "ram_mib": 8193}, "h3"),
        ({"vcpu": 1, "ram_mib": 1, "cpu_mhz": 1000}, "h1"),
        ({"vcpu": 1, "ram_mib": 1, "cpu_mhz": 1001}, "h2"),
        ({"vcpu": 5, "ram_mib": 1, "cpu_mhz": 500}, "h2"),
        ({"vcpu": 8, "ram_mib": 8193}, None),
        ({"vcpu": 1, "ram_mib": 1, "cpu_mhz": 2001}, None),
    ],
    ids=str,
)
def test_a_host_needs_cores_speed_cpu_and_ram(asked: dict[str, int], host: str | None) -> None:
    """Each of the four by itself: h2 has more and faster cores, h3 has more RAM."""
    stage = stage_of({}, {"cpus": 8, "mhz": 2000}, {"ram_mib": 16_384})
    assert stage.place(stage.ask(**asked)) == host


@pytest.mark.parametrize("closed", [False, True])
def test_alike_hosts_are_told_apart_by_what_is_left(closed: bool) -> None:
    """The short cut for clusters of equal hosts finds what asking each host finds."""
    stage = stage_of({}, {}, {})
    stage.load("h1", 3, 1)
    stage.load("h2", 1, 7000)
    if closed:
        stage.close("h1")
    assert stage.place(stage.ask(2, 1000)) == "h2"
    assert stage.place(stage.ask(2, 1192)) == "h2"
    assert stage.place(stage.ask(2, 1193)) == "h3"
    assert stage.place(stage.ask(1, 1193)) == ("h3" if closed else "h1")


def test_what_is_reserved_for_others_is_taken() -> None:
    """Free is neither used nor reserved."""
    stage = stage_of({}, {})
    stage.stopped_on("h1", stage.ask(3))
    assert stage.place(stage.ask(2)) == "h2"
    assert stage.place(stage.ask(1)) == "h1"


@pytest.mark.parametrize(
    ("cpu", "ram", "vcpu", "ram_mib", "fits"),
    [
        (2.0, 1.0, 4, 100, True),
        (1.0, 1.0, 4, 100, False),
        (2.0, 1.0, 1, 8192, False),
        (2.0, 1.5, 1, 8192, True),
    ],
)
def test_over_provisioning_is_the_clusters_own(
    cpu: float, ram: float, vcpu: int, ram_mib: int, fits: bool
) -> None:
    """CPU and RAM each by their factor, with one machine of 1 vCPU and 1024 MiB there."""
    stage = Stage()
    stage.cluster("c1", cpu_overcommit=cpu, ram_overcommit=ram)
    stage.load("c1-h1")
    assert (stage.place(stage.ask(vcpu, ram_mib)) is not None) is fits


def test_over_provisioning_gives_no_machine_more_cores_than_a_host_has() -> None:
    """Twice 4 cores may be allocated, but not to one machine."""
    stage = Stage()
    stage.cluster("c1", cpu_overcommit=2.0)
    assert stage.place(stage.ask(5)) is None


@pytest.mark.parametrize("speed", [0, 500, 1000, 1500])
def test_a_cluster_without_hosts_takes_nothing(speed: int) -> None:
    """And is no error, whatever speed is asked for."""
    stage = Stage()
    stage.cluster("empty", hosts=0)
    assert stage.place(stage.ask(cpu_mhz=speed)) is None


# --- tags ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offering", "template", "host"),
    [
        (None, None, "h1"),
        ("ssd", None, "h2"),
        (None, "gpu", "h3"),
        ("ssd", "gpu", "h4"),
        ("ssd", "ssd", "h2"),
        ("ss", None, None),
        ("ssd,gpu", None, None),
    ],
)
@pytest.mark.book("6.03")
def test_a_host_needs_the_tags_of_offering_and_template(
    offering: str | None, template: str | None, host: str | None
) -> None:
    """All of both, each compared whole; hosts may have more."""
    stage = stage_of({}, {"tags": SSD}, {"tags": GPU}, {"tags": SSD | GPU})
    tagged = Template(name="linux", host_tag=template)
    assert stage.place(stage.ask(host_tag=offering, template=tagged)) == host


def test_tags_nobody_carries_find_nothing() -> None:
    """Also where no host of the cluster has any tag."""
    stage = stage_of({}, {})
    assert stage.place(stage.ask(host_tag="ssd")) is None


@pytest.mark.parametrize(
    ("for_ha", "tag", "host"),
    [(False, None, "h2"), (True, None, "h1"), (False, "ha", "h1"), (True, "ssd", "h1")],
)
@pytest.mark.book("6.04")
def test_hosts_with_the_ha_tag_are_kept_for_restarts(
    for_ha: bool, tag: str | None, host: str
) -> None:
    """Restarts after a failure go only there, others only if they ask for such a tag."""
    stage = stage_of({"tags": HA}, {}, {"tags": SSD}, ha__tag="ha")
    assert stage.place(stage.ask(host_tag=tag), for_ha=for_ha) == host


def test_a_restart_finds_nothing_where_no_host_is_kept_for_it() -> None:
    """With `ha.tag` set and no host that carries it, even empty hosts are not for it."""
    stage = stage_of({}, {"tags": SSD}, ha__tag="ha")
    assert stage.place(stage.ask(), for_ha=True) is None
    assert stage.place(stage.ask()) == "h1"


def test_without_an_ha_tag_a_restart_goes_anywhere() -> None:
    """`ha.tag` is not set: a host that happens to be called so is like any other."""
    stage = stage_of({"tags": HA}, {})
    assert stage.place(stage.ask(), for_ha=True) == "h1"
    assert stage.place(stage.ask()) == "h1"


# --- abilities and preferences ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("requires", "check", "host"),
    [(True, True, "h2"), (True, False, "h1"), (False, True, "h1"), (False, False, "h1")],
)
def test_hvm_guests_need_hvm_hosts(requires: bool, check: bool, host: str) -> None:
    """Unless `xen.check.hvm` is off; others go to hosts without it first."""
    stage = stage_of({"has_hvm": False}, {}, xen__check__hvm=check)
    template = Template(name="t", requires_hvm=requires)
    assert stage.place(stage.ask(template=template)) == host


def test_guests_without_hvm_leave_hvm_hosts_to_others() -> None:
    """A host without HVM is preferred though it comes later."""
    stage = stage_of({}, {"has_hvm": False})
    assert stage.place(stage.ask()) == "h2"
    assert stage.place(stage.ask(template=Template(name="t", requires_hvm=True))) == "h1"


@pytest.mark.parametrize(
    ("guest_os", "host"),
    [
        ("Windows Server 2008 R2 (64-bit)", "h3"),
        ("CentOS 6.0 (64-bit)", "h4"),
        ("Red Hat Enterprise Linux 6.0 (64-bit)", "h5"),
        ("Debian GNU/Linux 6(64-bit)", "h2"),
    ],
)
def test_hosts_kept_for_a_guest_os_take_it_first(guest_os: str, host: str) -> None:
    """Its own hosts first, then those kept for none (without HVM first), then others'."""
    stage = stage_of(
        {},
        {"has_hvm": False},
        {"guest_os_category": "Windows"},
        {"guest_os_category": "CentOS"},
        {"guest_os_category": "RedHat"},
    )
    template = Template(name="t", guest_os=guest_os)
    assert stage.place(stage.ask(template=template)) == host


def test_hosts_kept_for_another_os_come_last() -> None:
    """They are better than none."""
    stage = stage_of({"guest_os_category": "Windows"}, {})
    template = Template(name="t", guest_os="Debian GNU/Linux 6(64-bit)")
    assert stage.place(stage.ask(template=template)) == "h2"
    stage.close("h2")
    assert stage.place(stage.ask(template=template)) == "h1"


@pytest.mark.parametrize(
    "algorithm",
    ["random", "firstfit", "userdispersing", "userconcentratedpod_random", "firstfitleastconsumed"],
)
def test_preference_comes_before_every_order(algorithm: str) -> None:
    """However hosts are ordered, the preferred ones are tried before the others."""
    stage = stage_of({}, {}, {"guest_os_category": "Windows"}, vm__allocation__algorithm=algorithm)
    stage.load("h3", 1, account=stage.user)
    template = Template(name="t", guest_os="Windows 7 (32-bit)")
    assert {stage.place(stage.ask(template=template)) for _ in range(20)} == {"h3"}


@pytest.mark.parametrize(("limit", "host"), [(None, "h1"), (3, "h1"), (2, "h2"), (1, "h2")])
def test_a_host_runs_no_more_guests_than_its_limit(limit: int | None, host: str) -> None:
    """Two run on it already."""
    stage = stage_of({"max_guests": limit}, {})
    stage.load("h1")
    stage.load("h1")
    assert stage.place(stage.ask()) == host


def test_avoided_hosts_are_passed_over() -> None:
    """By id, also where all hosts are alike."""
    stage = stage_of({}, {}, {})
    first, second = (stage.inventory.hosts.named(name).id for name in ("h1", "h2"))
    assert stage.place(stage.ask(), Avoid(hosts={first})) == "h2"
    assert stage.place(stage.ask(), Avoid(hosts={first, second})) == "h3"


# --- orders --------------------------------------------------------------------------------


def test_first_fit_takes_the_first_that_fits() -> None:
    """In order of creation, however full."""
    stage = stage_of({}, {}, {})
    stage.load("h1", 4)
    stage.load("h2", 3)
    assert stage.place(stage.ask(1)) == "h2"
    assert stage.place(stage.ask(2)) == "h3"


def test_user_dispersing_takes_the_host_with_fewest_of_ones_own() -> None:
    """Ties in order of creation; other accounts' machines do not count."""
    stage = stage_of({}, {}, {}, vm__allocation__algorithm="userdispersing")
    assert stage.place(stage.ask()) == "h1"
    stage.load("h1", account=stage.user)
    stage.load("h2", 3)
    assert stage.place(stage.ask()) == "h2"
    stage.load("h2", account=stage.user)
    assert stage.place(stage.ask()) == "h3"
    stage.load("h3", account=stage.user)
    stage.load("h3", account=stage.user)
    assert stage.place(stage.ask()) == "h1"


@pytest.mark.parametrize(("by", "host"), [("CPU", "h2"), ("RAM", "h3")])
def test_least_consumed_takes_the_largest_free_share(by: str, host: str) -> None:
    """Of CPU or RAM, as clusters are ordered; ties in order of creation."""
    stage = stage_of({}, {"cpus": 2}, {}, vm__allocation__algorithm="firstfitleastconsumed")
    stage.change("host.capacityType.to.order.clusters", by)
    assert stage.place(stage.ask()) == "h1"
    stage.load("h1", 3, 100)
    stage.load("h2", 1, 4000)
    stage.load("h3", 3, 50)
    assert stage.place(stage.ask()) == host


@pytest.mark.parametrize("algorithm", ["random", "userconcentratedpod_random"])
def test_random_is_uniform_over_the_hosts_that_fit(algorithm: str) -> None:
    """Chi-square over 4000 requests; full and closed hosts are never drawn."""
    stage = stage_of(*({} for _ in range(10)), vm__allocation__algorithm=algorithm)
    stage.load("h3", 4)
    stage.close("h7")
    drawn = Counter(stage.place(stage.ask()) for _ in range(4000))
    assert set(drawn) == {"h1", "h2", "h4", "h5", "h6", "h8", "h9", "h10"}
    counts = np.array(list(drawn.values()))
    assert float(((counts - 500) ** 2 / 500).sum()) < 18.48  # exceeded once in a hundred


def test_random_is_the_same_again_for_the_same_seed() -> None:
    """The draw belongs to the request: another seed draws others, asking twice the same."""

    def drawn(seed: int) -> list[str | None]:
        stage = Stage({"vm.allocation.algorithm": "random"}, seed=seed)
        stage.cluster("c1", hosts=10)
        return [stage.place(stage.ask()) for _ in range(50)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    stage = Stage({"vm.allocation.algorithm": "random"})
    stage.cluster("c1", hosts=10)
    vm = stage.ask()
    assert stage.place(vm) == stage.place(vm)


def test_the_address_of_a_draw_is_request_and_cluster() -> None:
    """Salt 2 x cluster for hosts, 2 x cluster + 1 for pools: the capacity kernel draws so too."""
    stage = Stage({"vm.allocation.algorithm": "random"}, seed=42)
    stage.cluster("c0")
    stage.close("c0-h1")
    cluster = stage.cluster("c1", hosts=7)
    for number in range(1, 5):
        stage.pool(cluster, f"s{number}")
    for ordinal in range(30):
        found = stage.plan(stage.ask())
        assert found.host is cluster.hosts[int(draw(42, ordinal, 2) * 7)]
        assert found.pools[0][1] is cluster.pools[int(draw(42, ordinal, 3) * 5)]


def test_random_tries_every_host_until_a_pool_is_reached() -> None:
    """Where only one host reaches a local pool with room, it is found."""
    stage = stage_of({}, {}, {}, {}, vm__allocation__algorithm="random")
    stage.pool(stage.inventory.hosts.named("h3"), "disk")
    for _ in range(20):
        assert stage.place(stage.ask(uses_local_storage=True)) == "h3"
