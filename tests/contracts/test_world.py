"""What every world a lab can be in does: it goes on, and it can be taken up again anywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudlab import plugins
from cloudlab.design import Design, new_design
from cloudlab.errors import CloudError, InputError
from cloudlab.model import Command, HostStatus, VmState
from cloudlab.workflows import hosts, jobs, machines, migration, recovery
from simulator.simulation import Simulation
from simulator.workload import generate

if TYPE_CHECKING:
    from cloudlab.model import Host, VirtualMachine

DESIGN = new_design(pods=2, clusters=1, hosts=2, cpus=8, mhz=2000, ram_gib=16)


def opened(design: Design = DESIGN, seed: int = 0) -> Simulation:
    """Return a new world in which steps take their time."""
    return Simulation(design, seed=seed, latency="kvm-nfs")


def again(world: Simulation, demand: Any = None) -> Simulation:
    """Return the world taken up again from its state, written and read."""
    state = json.loads(json.dumps(world.state()))
    return Simulation.restored(state, latency="kvm-nfs", demand=demand)


VERBS = ("deploy", "start", "stop", "destroy", "recover", "migrate", "reboot", "expunge")
PLACES = ("maintain", "unmaintain", "break", "repair", "disable", "enable")
ACTS = st.lists(
    st.tuples(st.floats(0, 300), st.sampled_from((*VERBS, *VERBS, *PLACES)), st.integers(0, 20)),
    max_size=15,
)


def act(world: Simulation, what: str, number: int) -> None:
    """Do one thing to the world, as a job."""
    cloud = world.cloud
    vms, everywhere = list(cloud.inventory.vms), list(cloud.inventory.hosts)
    host = everywhere[number % len(everywhere)]
    work: jobs.Work | None = None
    if what == "deploy":
        work = machines.deploy(cloud, asked(world))
    elif what in VERBS and vms:
        work = _verb(world, what, vms[number % len(vms)])
    elif what in PLACES:
        work = _place(world, what, host)
    if work is not None:
        jobs.submit(cloud, Command.UPDATE_HOST, "the world", work)


def asked(world: Simulation) -> machines.Deployment:
    """Return a request for the first offering and template."""
    inventory = world.cloud.inventory
    return machines.Deployment(
        zone=next(iter(inventory.zones)),
        offering=next(iter(inventory.compute_offerings)),
        template=next(iter(inventory.templates)),
        account=world.cloud.admin,
    )


def _verb(world: Simulation, what: str, vm: VirtualMachine) -> jobs.Work:
    cloud = world.cloud
    return {
        "start": lambda: machines.start(cloud, vm),
        "stop": lambda: machines.stop(cloud, vm),
        "destroy": lambda: machines.destroy(cloud, vm),
        "recover": lambda: machines.recover(cloud, vm),
        "migrate": lambda: migration.migrate(cloud, vm),
        "reboot": lambda: machines.reboot(cloud, vm),
        "expunge": lambda: machines.destroy(cloud, vm, expunge=True),
    }[what]()


def _place(world: Simulation, what: str, host: Host) -> jobs.Work | None:
    cloud = world.cloud
    if what == "break":
        world.break_host(host)
        return None
    if what == "repair":
        world.repair_host(host)
        return recovery.host_back(cloud, host)
    if what == "maintain":
        return hosts.enter_maintenance(cloud, host)
    if what == "unmaintain":
        return hosts.cancel_maintenance(cloud, host)
    return hosts.disable(cloud, host) if what == "disable" else hosts.enable(cloud, host)


def play(world: Simulation, acts: list[tuple[float, str, int]]) -> None:
    """Let everything happen, `SPAN` seconds long, and come to rest."""
    begin = world.engine.now
    world.start()
    for at, what, number in sorted(acts):
        world.engine.run(until=max(begin + at, world.engine.now))
        act(world, what, number)
    world.engine.run(until=begin + 400)
    world.settle()


def test_a_plug_in_provides_it() -> None:
    """The world is found under the name people give."""
    assert plugins.load("world", "simulator") is Simulation
    assert opened().is_simulated


@settings(max_examples=15)
@given(acts=ACTS, seed=st.integers(0, 3))
def test_taken_up_again_it_is_the_same(acts: list[tuple[float, str, int]], seed: int) -> None:
    """The state of what was restored from a state is that state, and JSON knows all of it."""
    world = opened(seed=seed)
    play(world, acts)
    assert again(world).state() == json.loads(json.dumps(world.state()))


@settings(max_examples=15)
@given(before=ACTS, after=ACTS)
def test_taken_up_again_it_has_the_same_future(
    before: list[tuple[float, str, int]], after: list[tuple[float, str, int]]
) -> None:
    """Whatever happens next happens the same to both, to the last draw of a latency."""
    world = opened()
    play(world, before)
    other = again(world)
    play(world, after)
    play(other, after)
    mine, others = world.state(), other.state()
    for state in (mine, others):
        state["cloud"]["journal"] = None
    assert json.dumps(mine) == json.dumps(others)


def test_a_demand_goes_on_where_it_was() -> None:
    """In the middle of a demand: the rest goes to the same hosts at the same times."""
    demand = generate(days=1, arrivals_per_hour=30, seed=2)
    world = opened()
    world.play(demand)
    world.start()
    world.engine.run(until=40_000)
    world.settle()
    other = again(world, demand)
    for each in (world, other):
        each.start()
        each.engine.run(until=200_000)
        each.settle()
    assert world.player is not None
    assert other.player is not None
    assert world.player.arrived == len(demand)
    assert json.dumps(world.player.state()) == json.dumps(other.player.state())


def test_nothing_is_under_way_after_settling() -> None:
    """Jobs end, services stop, and no time passes any more."""
    world = opened()
    world.start()
    act(world, "deploy", 0)
    world.engine.run(until=1)
    world.settle()
    (vm,) = world.cloud.inventory.vms
    assert vm.state is VmState.RUNNING
    before = world.engine.now
    world.settle()
    assert world.engine.now == before
    world.start()
    world.engine.run(until=before + 1000)
    assert world.engine.now == before + 1000


def test_a_host_that_dies_is_found_and_comes_back() -> None:
    """The cloud finds out by itself; it must take the host back itself, too."""
    world = opened()
    world.start()
    host = next(iter(world.cloud.inventory.hosts))
    world.break_host(host)
    world.engine.run(until=400)
    world.repair_host(host)
    world.engine.run(until=800)
    assert host.status is HostStatus.DOWN
    world.engine.run(world.engine.spawn(recovery.host_back(world.cloud, host)))
    assert host.is_usable


@pytest.mark.parametrize("state", [{}, {"version": 0}, {"version": 99}])
def test_what_is_no_state_is_refused(state: dict[str, Any]) -> None:
    """One message, whatever is missing."""
    with pytest.raises(InputError, match="version"):
        Simulation.restored(state)


def test_a_broken_state_is_refused() -> None:
    """A state in which something is missing is named as such."""
    state = json.loads(json.dumps(opened().state()))
    del state["cloud"]["inventory"]["vms"]
    with pytest.raises(CloudError):
        Simulation.restored(state)


def test_the_same_seed_builds_the_same_world() -> None:
    """Two worlds of one seed are equal, of two seeds not."""
    assert opened(seed=1).state() == opened(seed=1).state()
    assert opened(seed=1).state() != opened(seed=2).state()
