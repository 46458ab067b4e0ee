"""A refusal explains itself: the steps, the reason, the nearest host, and what would fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from cloudlab import plugins
from cloudlab.errors import InsufficientCapacity
from cloudlab.model import AllocationState, HostStatus, PoolState, Template, VirtualMachine
from cloudlab.policy import Avoid, Explanation, NearMiss, Reason, Step
from cloudlab.policy.algorithms import FIRST_FIT
from simulator.placements import Reason as KernelReason
from tests.policy.stage import Stage
from tests.support.clouds import build

CPU = "cluster.cpu.allocated.capacity.disablethreshold"
RAM = "cluster.memory.allocated.capacity.disablethreshold"


def stage_of(hosts: int = 2, **settings: object) -> Stage:
    """Return one cluster with two hosts of 4 x 1000 MHz and 8192 MiB, and a pool of 1000 MiB."""
    stage = Stage({name.replace("__", "."): value for name, value in settings.items()})
    stage.cluster("c1", hosts=hosts, pool=1000)
    return stage


# --- the reason ------------------------------------------------------------------------------


def _too_many_cores(stage: Stage) -> VirtualMachine:
    return stage.ask(5)


def _too_much_ram(stage: Stage) -> VirtualMachine:
    return stage.ask(1, 8193)


def _too_fast(stage: Stage) -> VirtualMachine:
    return stage.ask(1, 1, cpu_mhz=1001)


def _tags_nobody_has(stage: Stage) -> VirtualMachine:
    return stage.ask(host_tag="ssd")


def _hvm_nobody_has(stage: Stage) -> VirtualMachine:
    for host in stage.inventory.hosts:
        host.has_hvm = False
        stage.ledger.refresh(host)
    return stage.ask(template=Template(name="t", requires_hvm=True))


def _all_hosts_closed(stage: Stage) -> VirtualMachine:
    stage.close("c1-h1")
    stage.close("c1-h2")
    return stage.ask()


def _tagged_host_closed(stage: Stage) -> VirtualMachine:
    host = stage.inventory.hosts.named("c1-h1")
    host.tags = frozenset({"ssd"})
    stage.ledger.refresh(host)
    stage.close("c1-h1")
    return stage.ask(host_tag="ssd")


def _tagged_host_too_small(stage: Stage) -> VirtualMachine:
    cluster = stage.inventory.clusters.named("c1")
    stage.host(cluster, "small", cpus=1, tags=frozenset({"ssd"}))
    return stage.ask(2, host_tag="ssd")


def _only_a_closed_host_is_large_enough(stage: Stage) -> VirtualMachine:
    stage.host(stage.inventory.clusters.named("c1"), "large", cpus=16)
    stage.close("large")
    return stage.ask(8)


def _guests_at_their_limit(stage: Stage) -> VirtualMachine:
    for host in stage.inventory.hosts:
        host.max_guests = 1
        stage.ledger.refresh(host)
        stage.load(host.name)
    return stage.ask()


def _cluster_disabled(stage: Stage) -> VirtualMachine:
    stage.inventory.clusters.named("c1").state = AllocationState.DISABLED
    return stage.ask()


def _other_hypervisor(stage: Stage) -> VirtualMachine:
    return stage.ask(template=Template(name="t", hypervisor="XenServer"))


def _volume_out_of_reach(stage: Stage) -> VirtualMachine:
    vm = stage.ask()
    vm.volumes[0].pool = stage.inventory.pools.named("c1-pool")
    vm.volumes[0].pool.state = PoolState.MAINTENANCE
    return vm


def _over_the_cpu_threshold(stage: Stage) -> VirtualMachine:
    stage.change(CPU, 0.5)
    stage.load("c1-h1", 4)
    return stage.ask()


def _over_the_ram_threshold(stage: Stage) -> VirtualMachine:
    stage.change(RAM, 0.5)
    stage.load("c1-h1", 1, 8192)
    return stage.ask()


def _short_of_cpu(stage: Stage) -> VirtualMachine:
    stage.load("c1-h1", 4, 1)
    stage.load("c1-h2", 3, 1)
    return stage.ask(2)


def _short_of_ram(stage: Stage) -> VirtualMachine:
    stage.load("c1-h1", 1, 8000)
    stage.load("c1-h2", 1, 7000)
    return stage.ask(1, 2000)


def _short_of_one_here_and_the_other_there(stage: Stage) -> VirtualMachine:
    stage.load("c1-h1", 4, 1)
    stage.load("c1-h2", 1, 8000)
    return stage.ask(2, 2000)


def _short_of_both(stage: Stage) -> VirtualMachine:
    stage.load("c1-h1", 4, 8000)
    stage.load("c1-h2", 4, 8000)
    return stage.ask(2, 2000)


def _no_pool(stage: Stage) -> VirtualMachine:
    return stage.ask(root_mib=1001)


def _no_pool_with_the_tags(stage: Stage) -> VirtualMachine:
    return stage.ask(root_mib=1, storage_tags=frozenset({"ssd"}))


def _no_pool_and_a_cluster_over_its_threshold(stage: Stage) -> VirtualMachine:
    stage.cluster("c2", cpu_disable_threshold=0.0)
    return stage.ask(root_mib=1001)


def _no_address(stage: Stage) -> VirtualMachine:
    (addresses,) = stage.addresses
    while addresses.free:
        addresses.take(holder=1)
    return stage.ask()


def _neither_address_nor_pool(stage: Stage) -> VirtualMachine:
    _no_address(stage)
    return stage.ask(root_mib=1001)


def _no_address_and_over_the_threshold(stage: Stage) -> VirtualMachine:
    _no_address(stage)
    stage.change(CPU, 0.0)
    return stage.ask()


@pytest.mark.parametrize(
    ("happened", "reason"),
    [
        (_too_many_cores, Reason.SIZE),
        (_too_much_ram, Reason.SIZE),
        (_too_fast, Reason.SIZE),
        (_tagged_host_too_small, Reason.SIZE),
        (_tags_nobody_has, Reason.TAGS),
        (_hvm_nobody_has, Reason.TAGS),
        (_all_hosts_closed, Reason.UNAVAILABLE),
        (_tagged_host_closed, Reason.UNAVAILABLE),
        (_only_a_closed_host_is_large_enough, Reason.UNAVAILABLE),
        (_guests_at_their_limit, Reason.UNAVAILABLE),
        (_cluster_disabled, Reason.UNAVAILABLE),
        (_other_hypervisor, Reason.UNAVAILABLE),
        (_volume_out_of_reach, Reason.UNAVAILABLE),
        (_over_the_cpu_threshold, Reason.THRESHOLD),
        (_over_the_ram_threshold, Reason.THRESHOLD),
        (_short_of_cpu, Reason.CPU),
        (_short_of_ram, Reason.RAM),
        (_short_of_one_here_and_the_other_there, Reason.CPU_AND_RAM),
        (_short_of_both, Reason.CPU_AND_RAM),
        (_no_pool, Reason.STORAGE),
        (_no_pool_with_the_tags, Reason.STORAGE),
        (_no_pool_and_a_cluster_over_its_threshold, Reason.STORAGE),
        (_no_address, Reason.ADDRESS),
        (_neither_address_nor_pool, Reason.ADDRESS),
        (_no_address_and_over_the_threshold, Reason.THRESHOLD),
    ],
    ids=lambda each: each.__name__[1:] if callable(each) else each.name,
)
def test_every_reason(happened: Callable[[Stage], VirtualMachine], reason: Reason) -> None:
    """What is in the way of the hosts that came furthest, in one word; the steps add up."""
    stage = stage_of()
    vm = happened(stage)
    assert stage.place(vm) is None
    why = stage.explain(vm)
    assert why.reason is reason
    assert_steps_add_up(why, hosts=len(stage.inventory.hosts))
    assert reason.label in str(why)


def assert_steps_add_up(why: Explanation, hosts: int) -> None:
    """Check that each step begins with what the one before left, and the last leaves none."""
    assert why.steps[0].before == hosts
    assert why.steps[-1].after == 0
    for before, step in zip(why.steps, why.steps[1:], strict=False):
        assert step.before == before.after
    assert sum(step.removed for step in why.steps) == hosts
    assert all(step.removed >= 0 for step in why.steps)


def test_avoided_hosts_are_unavailable() -> None:
    """Hosts that failed already, by themselves, with their cluster, pod or zone."""
    stage = stage_of()
    for avoid in (Avoid(hosts={1, 2}), Avoid(clusters={1}), Avoid(pods={1}), Avoid(zones={1})):
        assert stage.place(stage.ask(), avoid) is None
        why = stage.explain(stage.ask(), avoid)
        assert why.reason is Reason.UNAVAILABLE
        assert Step("not tried before", 2, 0) in why.steps
        assert str(why.nearest) == "c1-h1 has room, but it was tried before"


def test_a_place_without_hosts_is_unavailable() -> None:
    """There is nothing near, and nothing would fit."""
    stage = stage_of(hosts=0)
    why = stage.explain(stage.ask())
    assert (why.reason, why.nearest, why.would_fit) == (Reason.UNAVAILABLE, None, "")
    assert_steps_add_up(why, hosts=0)


def test_hosts_that_were_removed_do_not_count() -> None:
    """Their rows stay in the ledger, but they are no candidates."""
    stage = stage_of()
    gone = stage.inventory.hosts.named("c1-h1")
    stage.ledger.remove_host(gone)
    gone.cluster.hosts.remove(gone)
    assert stage.explain(stage.ask(5)).steps[0] == Step("of the hypervisor of its template", 1, 1)


# --- the steps -------------------------------------------------------------------------------


def test_every_step_counts_what_it_removes() -> None:
    """One host falls at each question, in the planner's order."""
    stage = Stage({"ha.tag": "ha"})
    stage.cluster("xen", hypervisor="XenServer")
    stage.cluster("off", state=AllocationState.DISABLED)
    stage.cluster("over", cpu_disable_threshold=0.0)
    cluster = stage.cluster("c1", hosts=0, pool=1000)
    stage.host(cluster, "down")
    stage.close("down")
    tried = stage.host(cluster, "tried")
    stage.host(cluster, "kept", tags=frozenset({"ha"}))
    stage.host(cluster, "full", max_guests=0)
    stage.host(cluster, "few", cpus=1)
    stage.host(cluster, "busy")
    stage.load("busy", 4, 1)
    stage.host(cluster, "stuffed")
    stage.load("stuffed", 1, 8192)
    stage.host(cluster, "poolless")
    vm = stage.ask(2, 1000, root_mib=2000)
    assert stage.place(vm, Avoid(hosts={tried.id})) is None
    why = stage.explain(vm, Avoid(hosts={tried.id}))
    assert [(step.question, step.removed) for step in why.steps] == [
        ("of the hypervisor of its template", 1),
        ("in a pod and cluster that are Enabled", 1),
        ("Up and Enabled", 1),
        ("not tried before", 1),
        ("with the tags and abilities it asks for", 1),
        ("with fewer guests than the limit", 1),
        ("that reach the volumes it has", 0),
        ("with enough cores, fast enough", 1),
        ("below the disable threshold of their cluster", 1),
        ("with a guest address left", 0),
        ("with enough CPU free", 1),
        ("with enough RAM free", 1),
        ("with a pool that has room for every volume", 1),
    ]
    assert_steps_add_up(why, hosts=11)
    assert why.reason is Reason.STORAGE


def test_a_host_asked_for_is_asked_little() -> None:
    """Only what the planner asks of it; the other hosts are no candidates."""
    stage = stage_of()
    asked = stage.inventory.hosts.named("c1-h2")
    stage.close("c1-h2")
    assert stage.place(stage.ask(), host=asked) is None
    why = stage.explain(stage.ask(), host=asked)
    assert [step.question for step in why.steps] == [
        "of the hypervisor of its template",
        "Up and Enabled",
        "not tried before",
        "that reach the volumes it has",
        "with a guest address left",
        "with a pool that has room for every volume",
    ]
    assert_steps_add_up(why, hosts=1)
    assert (why.reason, why.would_fit) == (Reason.UNAVAILABLE, "")
    assert str(why.nearest) == "c1-h2 has room, but it is Up and Disabled"


def test_a_wish_for_a_cluster_looks_at_its_hosts_only() -> None:
    """What other clusters have is no matter."""
    stage = stage_of()
    stage.cluster("c2", hosts=3)
    why = stage.explain(stage.ask(5), cluster=stage.inventory.clusters.named("c2"))
    assert_steps_add_up(why, hosts=3)
    assert why.nearest.host.name == "c2-h1"


# --- the nearest host -------------------------------------------------------------------------


def _owes_little(stage: Stage) -> VirtualMachine:
    stage.load("c1-h1", 4, 8000)
    stage.load("c1-h2", 3, 7000)
    return stage.ask(2, 2000)


@pytest.mark.parametrize(
    ("happened", "nearest"),
    [
        (_too_many_cores, "c1-h1 lacks 1 core and 1000 MHz"),
        (_too_much_ram, "c1-h1 lacks 1 MiB"),
        (_too_fast, "c1-h1 lacks 1 MHz a core"),
        (_short_of_cpu, "c1-h2 lacks 1000 MHz"),
        (_short_of_ram, "c1-h2 lacks 808 MiB"),
        (_owes_little, "c1-h2 lacks 1000 MHz and 808 MiB"),
        (_over_the_cpu_threshold, "cluster c1 would be over its disable threshold"),
        (_no_address, "c1-h1 has room, but cluster c1 has no guest address left"),
        (_tags_nobody_has, "c1-h1 has room, but it has not the tags and abilities asked for"),
        (_other_hypervisor, "c1-h1 has room, but its hypervisor is KVM"),
        (_cluster_disabled, "c1-h1 has room, but pod p1 or cluster c1 is Disabled"),
        (_guests_at_their_limit, "c1-h1 has room, but its limit of 1 guests is reached"),
        (_volume_out_of_reach, "c1-h1 has room, but it does not reach the volumes of the VM"),
        (_tagged_host_closed, "c1-h1 has room, but it is Up and Disabled"),
        (
            _no_pool,
            "no pool it reaches has 1001 MiB for volume ROOT-1; the most is 1000 MiB on c1-pool",
        ),
        (
            _no_pool_with_the_tags,
            "c1-h1 has room, but no pool it reaches is Up with tags ssd to take 1 MiB",
        ),
    ],
    ids=lambda each: each.__name__[1:] if callable(each) else "",
)
def test_the_nearest_host_and_what_it_lacks(
    happened: Callable[[Stage], VirtualMachine], nearest: str
) -> None:
    """The one that lacks the smallest share, or what is in the way of one that lacks nothing."""
    stage = stage_of()
    why = stage.explain(happened(stage))
    assert nearest in str(why.nearest)
    assert f"nearest: {why.nearest}" in str(why)


def test_a_host_may_lack_something_and_be_in_the_way_besides() -> None:
    """Both are told."""
    stage = stage_of(hosts=1)
    stage.load("c1-h1", 3)
    host = stage.inventory.hosts.named("c1-h1")
    host.status = HostStatus.DOWN
    stage.ledger.close(host)
    why = stage.explain(stage.ask(2))
    assert str(why.nearest) == "c1-h1 lacks 1000 MHz, and it is Down and Enabled"
    assert str(NearMiss(host, 0, 0)) == "c1-h1 has room, but it was passed over"


def test_an_algorithm_that_passes_hosts_over_is_told_apart(monkeypatch) -> None:
    """Everything is there, and still somebody's own order yields no host."""
    monkeypatch.setitem(plugins.BUILT_IN["allocation"], "never", "tests.policy.test_refusal:NEVER")
    stage = stage_of(vm__allocation__algorithm="never")
    assert stage.place(stage.ask()) is None
    why = stage.explain(stage.ask())
    assert why.reason is Reason.UNAVAILABLE
    assert str(why.nearest) == "c1-h1 has room, but it was passed over"


# --- what would fit ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("happened", "fits"),
    [
        (_too_many_cores, "4 vCPU with 8 GiB on c1-h1"),
        (_too_fast, ""),
        (_short_of_cpu, "1 vCPU with 7.999 GiB on c1-h2"),
        (_short_of_ram, "3 vCPU with 1.164 GiB on c1-h2"),
        (_short_of_both, ""),
        (_over_the_cpu_threshold, ""),
        (_no_pool, "1000 MiB for volume ROOT-1 on pool c1-pool"),
        (_no_pool_with_the_tags, ""),
        (_no_address, ""),
        (_tags_nobody_has, ""),
        (_all_hosts_closed, ""),
    ],
    ids=lambda each: each.__name__[1:] if callable(each) else "",
)
def test_what_would_fit(happened: Callable[[Stage], VirtualMachine], fits: str) -> None:
    """The most vCPUs and the most RAM that a host has left, or the largest disk."""
    stage = stage_of()
    assert stage.explain(happened(stage)).would_fit == fits


@pytest.mark.parametrize(
    ("disks", "stuck"),
    [
        ((700, 400), "400 MiB for volume DATA-1-1; the most is 200 MiB on c1-pool"),
        ((1200, 400), "1.172 GiB for volume DATA-1-0; the most is 1000 MiB on c1-pool"),
        ((400, 400), "150 MiB for volume ROOT-1; the most is 100 MiB on c1-pool"),
    ],
    ids=str,
)
def test_what_is_left_counts_the_volumes_placed_before(disks: tuple[int, int], stuck: str) -> None:
    """The volume named is the first that finds no pool; larger ones were placed before it.

    The copy of the template, 100 MiB, is wanted for the root disk only.
    """
    stage = stage_of()
    template = Template(id=1, name="linux", size_mib=100)
    vm = stage.ask(root_mib=150, disks=disks, template=template)
    if disks[0] == 700:
        stage.fill("c1-pool", 100)
    assert stage.place(vm) is None
    assert stuck in str(stage.explain(vm).nearest)


def test_the_most_vcpus_and_the_most_ram_may_be_on_different_hosts() -> None:
    """Then both are told; each is one host's vCPUs and RAM together."""
    stage = stage_of()
    stage.load("c1-h1", 1, 7168)
    stage.load("c1-h2", 3, 4096)
    assert (
        stage.explain(stage.ask(4)).would_fit
        == "3 vCPU with 1 GiB on c1-h1 or 1 vCPU with 4 GiB on c1-h2"
    )


def test_what_would_fit_stays_below_the_threshold() -> None:
    """Three quarters of 8 cores are 6, of which 4 are used."""
    stage = stage_of(**{CPU.replace(".", "__"): 0.75})
    stage.load("c1-h1", 4, 1)
    assert stage.explain(stage.ask(3)).would_fit == "2 vCPU with 8 GiB on c1-h2"


# --- as people read it --------------------------------------------------------------------------


@pytest.mark.parametrize("reason", Reason)
def test_reasons_read_as_words(reason: Reason) -> None:
    """`cpu and ram`, not `CPU_AND_RAM`; their numbers are those of the capacity kernel."""
    assert reason.label == reason.name.lower().replace("_", " ")
    assert KernelReason(reason.value).name == reason.name


def test_the_text_tells_it_step_by_step() -> None:
    """First what was asked and the reason, then a line a step, then what is near."""
    stage = stage_of()
    vm = stage.ask(2, 9000, cpu_mhz=500, root_mib=2048)
    lines = str(stage.explain(vm)).splitlines()
    assert lines[0] == (
        "No place for vm vm1: 2 vCPU at 500 MHz, 8.789 GiB RAM, 2 GiB of disk: size."
    )
    assert lines[1] == "  of the hypervisor of its template: 2 of 2 hosts left"
    assert "  with enough RAM free: 0 of 2 hosts left" in lines
    assert lines[-1] == "  nearest: c1-h1 lacks 808 MiB"


def test_names_cannot_break_the_page() -> None:
    """A notebook shows the explanation as HTML; what people named is text there."""
    stage = Stage()
    cluster = stage.cluster("c1", hosts=0, pool=1000)
    stage.host(cluster, "<b>h1</b>")
    vm = stage.ask(5)
    vm.name = "<script>alert(1)</script>"
    html = stage.explain(vm)._repr_html_()
    assert "<script>" not in html
    assert "<b>h1" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert html.count("<tr>") == 1 + len(stage.explain(vm).steps)


def test_the_message_of_the_error_is_one_sentence() -> None:
    """Place, request, reason, nearest and what would fit; the explanation comes along."""
    world = build(hosts_each=1, pool_mib=100 * 1024)
    world.small.ram_mib = 9000
    with pytest.raises(InsufficientCapacity) as refusal:
        world.deploy("web")
    message = str(refusal.value)
    assert message == (
        "no place in zone z1 for vm web: 1 vCPU at 1000 MHz, 8.789 GiB RAM, 2 GiB of disk (size); "
        "nearest: c1-h1 lacks 808 MiB, and cluster c1 would be over its disable threshold; "
        "would fit: 3 vCPU with 6.8 GiB on c1-h1"
    )
    assert isinstance(refusal.value.explanation, Explanation)
    assert "\n" not in message


def _never(scene, vm, cluster, fitting):
    """Yield no host at all, as an algorithm of somebody else might."""
    return iter(())


NEVER = replace(FIRST_FIT, hosts=_never)
