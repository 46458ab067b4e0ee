"""Metrics say what the books said, weighted by how long they said it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudlab.cloud import Cloud
from cloudlab.engine import LiveEngine, VirtualEngine
from cloudlab.errors import CloudError, InvalidParameter
from cloudlab.model import Command, JobStatus, Settings, VirtualMachine, VmState
from cloudlab.state import Journal
from cloudlab.workflows import hosts, jobs, machines, migration, recovery, zones
from simulator.metrics import MEASURES, Metrics, Statistic
from tests.support.clouds import World, build, slow

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR = 3600.0


@dataclass
class Witness:
    """Writes down what the books say after every instant: slow, simple, and exact."""

    world: World
    seen: list[tuple[float, dict[tuple[str, str], float]]] = field(default_factory=list)

    def run(self, until: float = inf) -> None:
        """Run the engine event by event, and look at the end of every instant."""
        engine = self.world.cloud.engine
        self.look()
        while (moment := engine.peek()) < until:
            while engine.peek() == moment:
                engine.step()
            self.look()

    def look(self) -> None:
        """Write down every quantity, straight from the records."""
        cloud = self.world.cloud
        now: dict[tuple[str, str], float] = dict.fromkeys(
            ((measure.name, "cloud") for measure in MEASURES), 0.0
        )
        for vm in cloud.inventory.vms:
            now[f"vms_{vm.state.lower()}", "cloud"] += 1
        for cluster in self.world.clusters:
            here = [host for host in cluster.hosts if host.is_usable]
            cpu, ram = cloud.ledger.cpu(*here), cloud.ledger.ram(*here)
            of = {
                "vms_running": sum(
                    vm.state is VmState.RUNNING
                    for host in cluster.hosts
                    for vm in cloud.inventory.vms
                    if vm.host is host
                ),
                "cpu_total_mhz": cpu.total,
                "cpu_allocated_mhz": cpu.used + cpu.reserved,
                "ram_total_mib": ram.total,
                "ram_allocated_mib": ram.used + ram.reserved,
                "hosts_up": sum(host.status == "Up" for host in cluster.hosts),
            }
            for name, value in of.items():
                now[name, cluster.name] = value
                if name != "vms_running":
                    now[name, "cloud"] += value
        pools = list(cloud.inventory.pools)
        now["storage_total_mib", "cloud"] = sum(cloud.ledger.pool_total[p.row] for p in pools)
        now["storage_allocated_mib", "cloud"] = sum(cloud.ledger.allocations().values())
        now["addresses_taken", "cloud"] = sum(each.taken for each in cloud.addresses)
        now["jobs_in_progress", "cloud"] = sum(not job.is_done for job in cloud.inventory.jobs)
        self.seen.append((cloud.now, now))

    def _held(self) -> Iterator[tuple[float, dict[tuple[str, str], float]]]:
        moments = [moment for moment, _ in self.seen[1:]] + [self.world.cloud.now]
        for (moment, row), end in zip(self.seen, moments, strict=True):
            if end > moment:
                yield end - moment, row
        yield 0.0, self.seen[-1][1]

    def mean(self, key: tuple[str, str]) -> float:
        """Return the time-weighted mean of a quantity."""
        held = list(self._held())
        seconds = sum(each for each, _ in held)
        return sum(each * row[key] for each, row in held) / seconds if seconds else held[-1][1][key]

    def peak(self, key: tuple[str, str]) -> float:
        """Return the highest value of a quantity."""
        return max(row[key] for _, row in self._held())

    def low(self, key: tuple[str, str]) -> float:
        """Return the lowest value of a quantity."""
        return min(row[key] for _, row in self._held())


async def act(world: World, at: float, verb: str, number: int) -> None:
    """Do `verb` at `at`, to VM or host `number`, as a job that may fail."""
    cloud = world.cloud
    await cloud.engine.sleep_until(at)
    vms, everywhere = list(cloud.inventory.vms), world.hosts
    vm = vms[number % len(vms)] if vms else None
    host = everywhere[number % len(everywhere)]
    try:
        if verb == "deploy":
            work = machines.deploy(cloud, world.asked())
            await jobs.perform(cloud, Command.DEPLOY, "vm", work)
        elif verb == "break":
            world.outside.break_host(host)
            await recovery.host_down(cloud, host)
        elif verb == "repair":
            world.outside.repair_host(host)
            await recovery.host_back(cloud, host)
        elif verb == "disable":
            await hosts.disable(cloud, host)
        elif verb == "enable":
            await hosts.enable(cloud, host)
        elif vm is not None:
            works = {
                "stop": machines.stop,
                "start": machines.start,
                "destroy": machines.destroy,
                "expunge": machines.expunge,
                "recover": machines.recover,
                "migrate": migration.migrate,
            }
            await works[verb](cloud, vm)
    except CloudError:
        return


VERBS = [
    *("deploy", "deploy", "deploy", "stop", "start", "destroy", "expunge", "recover", "migrate"),
    *("break", "repair", "disable", "enable"),
]
ACTS = st.lists(
    st.tuples(st.floats(0, 300) | st.integers(0, 60), st.sampled_from(VERBS), st.integers(0, 100)),
    max_size=25,
)


@settings(max_examples=40)
@given(ACTS, st.booleans())
def test_every_quantity_is_weighted_exactly(acts: list, instant: bool) -> None:
    """Means, peaks and lows of all quantities are those of a witness of every instant."""
    world = build(latency=None if instant else slow(), clusters=2, hosts_each=2)
    metrics, witness = Metrics(world.cloud), Witness(world)
    for at, verb, number in acts:
        world.cloud.engine.spawn(act(world, at, verb, number))
    witness.run()
    for key in witness.seen[0][1]:
        name, of = key
        assert metrics.mean(name, of=of) == pytest.approx(witness.mean(key), rel=1e-9), key
        assert metrics.peak(name, of=of) == witness.peak(key), key
        assert metrics.low(name, of=of) == witness.low(key), key
        assert metrics.present(name, of=of) == witness.seen[-1][1][key], key
    shares = metrics.vm_states()
    assert sum(shares.values()) == pytest.approx(1.0 if any(shares.values()) else 0.0)


def test_both_clocks_agree() -> None:
    """On a live clock the same story has the same peaks."""
    for engine in (VirtualEngine(), LiveEngine()):
        with engine:
            world = build(engine, slow(0.001))
            metrics = Metrics(world.cloud)
            for _ in range(3):
                world.deploy()
            assert metrics.peak("vms_running") == 3
            assert metrics.peak("vms_starting") == 1
            assert metrics.present("cpu_allocated_mhz") == 3000
            assert 0 < metrics.mean("vms_running") < 3


def test_a_life_by_hand() -> None:
    """A VM that starts for 13.3 s and runs for an hour counts just so."""
    world = build(latency=slow())
    begin = world.cloud.now
    metrics = Metrics(world.cloud)
    vm = world.deploy()
    up = world.cloud.now
    assert up - begin == pytest.approx(13.3)
    world.cloud.engine.run(until=up + HOUR)
    total = 13.3 + HOUR
    assert metrics.mean("vms_running") == pytest.approx(HOUR / total)
    assert metrics.mean("vms_starting") == pytest.approx(13.3 / total)
    assert metrics.mean("ram_allocated_mib") == pytest.approx(1024)
    assert metrics.mean("cpu_allocated_mhz", of="c1") == pytest.approx(1000)
    assert metrics.vm_states()[VmState.RUNNING] == pytest.approx(HOUR / total)
    assert metrics.vm_states()[VmState.ERROR] == 0
    world.run(machines.stop(world.cloud, vm))
    world.cloud.engine.run(until=begin + 10 * HOUR)
    assert metrics.mean("vms_running", until=begin + HOUR) == pytest.approx((HOUR - 13.3) / HOUR)
    assert metrics.mean("vms_running", since=begin + 9 * HOUR) == 0
    assert metrics.peak("vms_running", until=begin + HOUR) == 1
    assert metrics.low("vms_running") == 0


def test_the_end_of_an_instant_is_what_counts() -> None:
    """A change without a move counts when something else moved in the same instant."""
    world = build()
    cloud, vm = world.cloud, world.deploy()
    metrics = Metrics(cloud)

    async def stop() -> None:
        await cloud.engine.sleep_until(100)
        await machines.stop(cloud, vm)

    async def forget() -> None:
        await cloud.engine.sleep_until(100)
        await cloud.engine.sleep_until(100, late=True)
        cloud.ledger.cancel_reservation(vm)

    cloud.engine.spawn(forget())
    cloud.engine.spawn(stop())
    cloud.engine.run(until=200)
    assert metrics.mean("cpu_allocated_mhz") == pytest.approx(500)
    assert metrics.peak("cpu_allocated_mhz", since=150) == 0


def test_jobs_count_while_they_run() -> None:
    """A command counts as in progress from its begin to its end."""
    world = build(latency=slow())
    metrics = Metrics(world.cloud)
    work = machines.deploy(world.cloud, world.asked())
    job = jobs.submit(world.cloud, Command.DEPLOY, "vm", work)
    world.cloud.engine.run(until=world.cloud.now + 5)
    assert metrics.present("jobs_in_progress") == 1
    done = world.cloud.engine.run(job)
    assert done is not None
    assert done.status is JobStatus.SUCCEEDED
    world.cloud.engine.run()
    assert metrics.present("jobs_in_progress") == 0
    assert metrics.peak("jobs_in_progress") == 1


def test_availability_is_the_share_of_its_life_a_host_was_up() -> None:
    """A host that was down for a quarter of the time was available for three quarters."""
    world = build()
    cloud, (first, second, third) = world.cloud, world.hosts
    metrics = Metrics(cloud)
    cloud.engine.run(until=100)
    world.outside.break_host(first)
    world.run(recovery.host_down(cloud, first))
    cloud.engine.run(until=200)
    world.outside.repair_host(first)
    world.run(recovery.host_back(cloud, first))
    world.run(hosts.remove(cloud, third))
    cloud.engine.run(until=400)
    assert metrics.availability() == {first.name: 0.75, second.name: 1.0, third.name: 1.0}
    assert metrics.mean("hosts_up", 100, 200) == pytest.approx(2, abs=0.02)
    assert metrics.low("hosts_up") == 2


def test_clusters_added_later_are_recorded() -> None:
    """A new cluster is nothing before it exists, and counts from then on."""
    world = build()
    cloud = world.cloud
    metrics = Metrics(cloud)
    cloud.engine.run(until=50)

    async def add() -> None:
        cluster = await zones.add_cluster(cloud, world.zone.pods[0], "c2")
        await hosts.add(cloud, cluster, "c2-h1", cpus=4, mhz=1000, ram_mib=4096)

    world.run(add())
    cloud.engine.run(until=100)
    assert metrics.present("hosts_up", of="c2") == 1
    assert metrics.mean("ram_total_mib", of="c2") == pytest.approx(2048)
    assert metrics.mean("hosts_up") == pytest.approx(3.5)
    assert metrics.low("hosts_up", of="c2") == 0
    assert metrics.frame()["hosts_up", "c2"].iloc[-1] == 1


def test_a_recording_may_begin_in_the_middle() -> None:
    """What is there when the recording begins is counted."""
    world = build(clusters=2)
    stopped, _ = world.deploy(), world.deploy()
    world.run(machines.stop(world.cloud, stopped))
    world.run(machines.destroy(world.cloud, world.deploy()))
    metrics = Metrics(world.cloud)
    world.cloud.engine.run(until=world.cloud.now + 60)
    assert metrics.mean("vms_running") == 1
    assert metrics.mean("vms_running", of="c1") + metrics.mean("vms_running", of="c2") == 1
    assert metrics.mean("vms_stopped") == metrics.mean("vms_destroyed") == 1


def test_a_frame_has_a_row_for_each_stretch() -> None:
    """Rows begin at multiples of `every`; their mean is the mean of the whole."""
    world = build()
    metrics = Metrics(world.cloud)
    world.deploy()
    world.cloud.engine.run(until=2.5 * HOUR)
    world.deploy()
    world.cloud.engine.run(until=10 * HOUR)
    frame = metrics.frame(every=HOUR)
    assert frame.index.name == "seconds"
    assert frame.index.tolist() == [hour * HOUR for hour in range(10)]
    running = frame["vms_running", "cloud"]
    assert running.tolist() == [1, 1, 1.5, *[2] * 7]
    assert running.mean() == pytest.approx(metrics.mean("vms_running"))
    assert set(frame["cpu_allocated_mhz"].columns) == {"cloud", "c1"}
    assert {name for name, _ in frame.columns} == {measure.name for measure in MEASURES}
    peaks = metrics.frame(every=HOUR, show=Statistic.PEAK)["vms_running", "cloud"]
    lows = metrics.frame(every=HOUR, show=Statistic.LOW)["vms_running", "cloud"]
    assert (peaks[2 * HOUR], lows[2 * HOUR]) == (2, 1)
    fine = metrics.frame()
    assert np.allclose(np.diff(fine.index), metrics.width_s)
    with pytest.raises(InvalidParameter, match="every is 0"):
        metrics.frame(every=0)


def test_a_frame_of_nothing_is_empty() -> None:
    """Before any time has passed there are columns but no rows."""
    frame = Metrics(build().cloud).frame()
    assert len(frame) == 0
    assert ("vms_running", "c1") in frame.columns


def test_wrong_names_are_refused() -> None:
    """An unknown quantity or cluster is refused with what there is."""
    metrics = Metrics(build().cloud)
    with pytest.raises(InvalidParameter, match="nothing called 'cpu' is measured, but vms_runn"):
        metrics.mean("cpu")
    with pytest.raises(InvalidParameter, match="no cluster 'c9', but cloud, c1"):
        metrics.peak("vms_running", of="c9")
    with pytest.raises(InvalidParameter, match="of the whole cloud, not of c1"):
        metrics.low("jobs_in_progress", of="c1")


def test_nothing_is_paid_after_the_end() -> None:
    """Closed, it hears nothing more; what was recorded stays."""
    journal = Journal(keep=0)
    engine = VirtualEngine()
    cloud = Cloud(engine, build(engine).cloud.ports, Settings(), journal=journal)
    assert not journal.hears_moves
    metrics = Metrics(cloud)
    assert journal.hears_moves
    engine.run(until=5)
    metrics.close()
    metrics.close()
    assert not journal.hears_moves
    engine.run(until=50)
    assert metrics.mean("hosts_up") == 0
    assert "over 5 s" in repr(metrics)


def test_a_recording_is_taken_up_again() -> None:
    """A state that went through JSON goes on in another cloud as if nothing had been."""

    def story(world: World, metrics: Metrics) -> None:
        world.deploy()
        world.cloud.engine.run(until=world.cloud.now + 500)
        world.outside.break_host(world.hosts[2])
        world.run(recovery.host_down(world.cloud, world.hosts[2]))
        world.cloud.engine.run(until=world.cloud.now + 500)
        metrics.read()

    world, other = build(latency=slow()), build(latency=slow())
    first, second = Metrics(world.cloud), Metrics(other.cloud)
    for each, metrics in ((world, first), (other, second)):
        story(each, metrics)
    state = json.loads(json.dumps(first.state(), allow_nan=False))
    second = Metrics(other.cloud)
    second.restore(state)
    for each in (world, other):
        each.deploy()
        each.cloud.engine.run(until=each.cloud.now + 100)
    assert first.state() == second.state()
    assert first.availability() == second.availability()


def test_a_state_must_fit() -> None:
    """A state of a larger cloud, or of a later moment, is refused."""
    large, later = build(clusters=2), build()
    later.cloud.engine.run(until=9)
    metrics = Metrics(build().cloud)
    with pytest.raises(InvalidParameter, match="the state has 29 quantities, this cloud has 23"):
        metrics.restore(Metrics(large.cloud).state())
    with pytest.raises(InvalidParameter, match="reaches to 9 s, the clock shows 0 s"):
        metrics.restore(Metrics(later.cloud).state())


def test_memory_stays_bounded() -> None:
    """Three thousand instants over 83 hours fit into the same buckets."""
    world = build()
    metrics = Metrics(world.cloud)
    vm = world.deploy()
    assert isinstance(vm, VirtualMachine)

    async def toggle() -> None:
        for _ in range(1500):
            await world.cloud.engine.sleep(100)
            await machines.stop(world.cloud, vm)
            await world.cloud.engine.sleep(100)
            await machines.start(world.cloud, vm)

    world.run(toggle())
    recorder = metrics._recorder
    functions = recorder.functions()
    assert functions.integral.shape == (1024, 23)
    assert functions.width == pytest.approx(450)
    assert metrics.mean("vms_running") == pytest.approx(0.5)
    assert len(recorder._census._cluster) == 1
    assert "vms_running 0.5 (peak 1)" in repr(metrics)
