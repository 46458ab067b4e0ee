"""The planner against a plain retelling of CloudStack's rules, over any small cloud."""

from __future__ import annotations

import re
from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st

from cloudlab.model import AllocationState, Cluster, Host, StoragePool, VirtualMachine
from cloudlab.policy import Reason
from tests.policy.stage import Stage

TAGS = st.sampled_from([frozenset(), frozenset(), frozenset({"ssd"}), frozenset({"ssd", "gpu"})])
LIMITS = st.sampled_from([None, None, None, 0.5, 0.75, 1.0])


@st.composite
def stages(draw: st.DrawFn, algorithm: str = "firstfit") -> Stage:
    """Return up to three clusters in two pods, with hosts, pools and machines of all kinds."""
    stage = Stage(
        {
            "vm.allocation.algorithm": algorithm,
            "host.capacityType.to.order.clusters": draw(st.sampled_from(["CPU", "RAM"])),
        }
    )
    for number in range(draw(st.integers(1, 3))):
        cluster = stage.cluster(
            f"c{number}",
            hosts=0,
            pod=draw(st.sampled_from(["p1", "p2"])),
            pool=draw(st.sampled_from([1000, 1000, 1000, 100, None])),
            state=draw(st.sampled_from([AllocationState.ENABLED] * 6 + [AllocationState.DISABLED])),
            hypervisor=draw(st.sampled_from(["KVM"] * 6 + ["XenServer"])),
            cpu_overcommit=draw(st.sampled_from([1.0, 1.5])),
            ram_overcommit=draw(st.sampled_from([1.0, 1.1])),
            cpu_disable_threshold=draw(LIMITS),
            ram_disable_threshold=draw(LIMITS),
        )
        for place in range(draw(st.sampled_from([1, 2, 3, 0]))):
            _host(draw, stage, cluster, f"c{number}-h{place}")
    if draw(st.booleans()):
        stage.pool(stage.zone, "everywhere", 150)
    return stage


def _host(draw: st.DrawFn, stage: Stage, cluster: Cluster, name: str) -> None:
    stage.host(
        cluster,
        name,
        cpus=draw(st.sampled_from([4, 4, 8, 2, 1])),
        mhz=draw(st.sampled_from([1000, 1000, 2000])),
        ram_mib=draw(st.sampled_from([900, 900, 500])),
        tags=draw(TAGS),
        max_guests=draw(st.sampled_from([None, None, None, 1])),
    )
    for _ in range(draw(st.integers(0, 2))):
        vcpu, ram_mib = draw(st.integers(1, 2)), draw(st.sampled_from([100, 400]))
        if stage.ledger.fits(stage.ask(vcpu, ram_mib), stage.inventory.hosts.named(name)):
            stage.load(name, vcpu, ram_mib)
    if draw(st.integers(0, 9)) == 9:
        stage.close(name)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, object]:
    """Return what a machine asks for."""
    return {
        "vcpu": draw(st.sampled_from([1, 2, 3, 5])),
        "ram_mib": draw(st.sampled_from([100, 300, 600, 1100])),
        "cpu_mhz": draw(st.sampled_from([0, 0, 0, 500, 1500])),
        "host_tag": draw(st.sampled_from([None, None, None, None, "ssd"])),
        "root_mib": draw(st.sampled_from([10, 120])),
        "disks": draw(st.sampled_from([(), (50,), (90, 40)])),
    }


# --- the retelling ---------------------------------------------------------------------------


def expected(stage: Stage, vm: VirtualMachine) -> tuple[str, list[str]] | None:
    """Return host and pools by CloudStack's rules for first fit, told one record at a time."""
    clusters = sorted(stage.inventory.clusters, key=lambda each: (taken(stage, each), each.id))
    for cluster in clusters:
        if not is_open(stage, vm, cluster):
            continue
        for host in cluster.hosts:
            pools = pools_for(stage, vm, cluster) if has_room(stage, vm, host) else None
            if pools is not None:
                return host.name, pools
    return None


def in_service(cluster: Cluster) -> list[Host]:
    """Return the hosts that are Up and Enabled."""
    return [host for host in cluster.hosts if host.is_usable]


def used(stage: Stage, host: Host) -> tuple[int, int]:
    """Return MHz and MiB of the machines on a host, from the machines themselves."""
    there = [vm for vm in stage.inventory.vms if vm.host is host]
    cpu = sum(vm.offering.vcpu * (vm.offering.cpu_mhz or host.mhz) for vm in there)
    return cpu, sum(vm.offering.ram_mib for vm in there)


def totals(host: Host) -> tuple[int, int]:
    """Return what may be allocated of a host."""
    cluster = host.cluster
    cpu = int(host.cpus * host.mhz * cluster.cpu_overcommit)
    return cpu, int(host.ram_mib * cluster.ram_overcommit)


def taken(stage: Stage, cluster: Cluster) -> float:
    """Return the used share of the resource that orders clusters."""
    which = 0 if stage.scene.settings.order_clusters_by == "CPU" else 1
    hosts = in_service(cluster)
    whole = sum(totals(host)[which] for host in hosts)
    return sum(used(stage, host)[which] for host in hosts) / whole if whole else inf


def is_open(stage: Stage, vm: VirtualMachine, cluster: Cluster) -> bool:
    """Return whether a cluster may take the machine at all."""
    hosts = in_service(cluster)
    if not hosts or cluster.hypervisor != "KVM" or cluster.state != "Enabled":
        return False
    asked = (vm.offering.vcpu * (vm.offering.cpu_mhz or cluster.hosts[0].mhz), vm.offering.ram_mib)
    for which, limit in enumerate((cluster.cpu_disable_threshold, cluster.ram_disable_threshold)):
        whole = sum(totals(host)[which] for host in hosts)
        now = sum(used(stage, host)[which] for host in hosts)
        if limit is not None and (now + asked[which]) / whole > limit:
            return False
    return True


def has_room(stage: Stage, vm: VirtualMachine, host: Host) -> bool:
    """Return whether one host can take the machine."""
    size = vm.offering
    guests = [other for other in stage.inventory.vms if other.host is host]
    if not host.is_usable or (size.host_tag and size.host_tag not in host.tags):
        return False
    if host.max_guests is not None and len(guests) >= host.max_guests:
        return False
    if host.cpus < size.vcpu or host.mhz < size.cpu_mhz:
        return False
    (cpu, ram), (cpu_used, ram_used) = totals(host), used(stage, host)
    need = size.vcpu * (size.cpu_mhz or host.mhz)
    return cpu - cpu_used >= need and ram - ram_used >= size.ram_mib


def pools_for(stage: Stage, vm: VirtualMachine, cluster: Cluster) -> list[str] | None:
    """Return the pool of each volume, the largest volume placed first."""
    reached = sorted([*cluster.pools, *stage.zone.pools], key=lambda pool: pool.id)
    left = {pool: pool.capacity_mib for pool in reached}
    chosen: dict[int, StoragePool] = {}
    for volume in sorted(vm.volumes, key=lambda each: -each.size_mib):
        pool = next((pool for pool in reached if left[pool] >= volume.size_mib), None)
        if pool is None:
            return None
        left[pool] -= volume.size_mib
        chosen[volume.id] = pool
    return [chosen[volume.id].name for volume in vm.volumes]


# --- the laws ----------------------------------------------------------------------------------


@settings(max_examples=120)
@given(stages(), requests())
def test_first_fit_is_cloudstacks(stage: Stage, request: dict) -> None:
    """The same host and pools as the retelling, for any cloud and request."""
    vm = stage.ask(**request)
    found = stage.plan(vm)
    told = None if found is None else (found.host.name, stage.pools_of(vm))
    assert told == expected(stage, vm)


@settings(max_examples=120)
@given(stages(), requests())
def test_a_refusal_is_explained_and_only_a_refusal(stage: Stage, request: dict) -> None:
    """The last step leaves no host exactly when there is no place; the counts add up."""
    vm = stage.ask(**request)
    found, why = stage.plan(vm), stage.explain(vm)
    hosts = len(stage.inventory.hosts)
    assert (why.steps[-1].after == 0) == (found is None)
    assert hosts - sum(step.removed for step in why.steps) == why.steps[-1].after
    assert why.steps[0].before == hosts
    assert why.reason is not Reason.ADMITTED
    if found is None and hosts:
        assert why.nearest is not None
        assert str(why)
        assert why._repr_html_()


@settings(max_examples=120)
@given(stages(), requests())
def test_what_is_said_to_fit_fits(stage: Stage, request: dict) -> None:
    """A machine of that size, with the same disks and tags, is placed; or that disk is."""
    vm = stage.ask(**request)
    if stage.plan(vm) is not None:
        return
    for size in filter(None, stage.explain(vm).would_fit.split(" or ")):
        by_size = re.fullmatch(r"(\d+) vCPU with (\d+) MiB on .+", size)
        by_disk = re.fullmatch(r"(\d+) MiB for volume (\S+) on pool .+", size)
        again = dict(request)
        if by_size:
            again |= {"vcpu": int(by_size[1]), "ram_mib": int(by_size[2])}
            assert stage.plan(stage.ask(**again)) is not None
        else:
            volume = next(each for each in vm.volumes if each.name == by_disk[2])
            assert int(by_disk[1]) < volume.size_mib
            volume.size_mib = int(by_disk[1])
            assert stage.explain(vm).would_fit != size or stage.plan(vm) is not None


@settings(max_examples=80)
@given(
    st.sampled_from(
        [
            "random",
            "userdispersing",
            "userconcentratedpod_random",
            "userconcentratedpod_firstfit",
            "firstfitleastconsumed",
        ]
    ).flatmap(stages),
    requests(),
)
def test_every_algorithm_finds_a_place_where_there_is_one(stage: Stage, request: dict) -> None:
    """They differ in the order only: what first fit can place they can, and it can be claimed."""
    vm = stage.ask(**request)
    found = stage.plan(vm)
    assert (found is None) == (expected(stage, vm) is None)
    if found is not None:
        assert is_open(stage, vm, found.host.cluster)
        assert has_room(stage, vm, found.host)
        stage.ledger.claim(vm, found.host)
        for volume, pool in found.pools:
            stage.ledger.allocate(volume, pool)
