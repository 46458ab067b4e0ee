"""Machines are stopped, started and rebooted."""

from __future__ import annotations

import pytest

from cloudlab.errors import (
    Conflict,
    DriverFault,
    HostFault,
    IllegalMove,
    InsufficientCapacity,
    LeftAlone,
)
from cloudlab.model import Command, JobStatus, NicState, VmState
from cloudlab.workflows import hosts, jobs, machines, pools
from tests.support.clouds import World, build, leaks


@pytest.mark.book("6.20")
def test_a_stopped_machine_keeps_its_place_its_disk_and_its_address(world: World) -> None:
    """Capacity stays reserved on the last host, the disk on its pool, the address its own."""
    vm = world.deploy()
    host, ip = vm.host, vm.nics[0].ip
    world.run(machines.stop(world.cloud, vm))
    assert vm.state is VmState.STOPPED
    assert (vm.host, vm.last_host) == (None, host)
    assert world.cloud.ledger.reserved_on(vm) is host
    assert (vm.nics[0].state, vm.nics[0].ip) == (NicState.ALLOCATED, ip)
    assert vm.volumes[0].state == "Ready"
    assert world.states(vm)[2:] == ["Stopping", "Stopped"]
    assert leaks(world) == []


def test_a_machine_returns_to_its_last_host() -> None:
    """Started again it runs where it ran before, whatever the order of hosts says."""
    world = build()
    first = world.hosts[0]
    world.run(hosts.disable(world.cloud, first))
    vm = world.deploy()
    world.run(machines.stop(world.cloud, vm))
    world.run(hosts.enable(world.cloud, first))
    world.run(machines.start(world.cloud, vm))
    assert vm.host is world.hosts[1]
    assert world.cloud.ledger.reserved_on(vm) is None
    assert leaks(world) == []


def test_the_reserved_place_is_nobody_elses(world: World) -> None:
    """While it is reserved another machine does not get it; its owner does."""
    big = world.offering(ram_mib=6000)
    for host in world.hosts[1:]:
        world.run(hosts.disable(world.cloud, host))
    vm = world.deploy(offering=big)
    world.run(machines.stop(world.cloud, vm))
    with pytest.raises(InsufficientCapacity):
        world.deploy(offering=big)
    world.run(machines.start(world.cloud, vm))
    assert leaks(world) == []


def test_what_runs_already_is_taken_over(world: World) -> None:
    """Where the books are older than the machine, a start finds it running and leaves it alone."""
    vm = world.deploy()
    host, outside = vm.host, world.outside
    running, attached = dict(outside.running), dict(outside.attached)
    world.run(machines.stop(world.cloud, vm))
    outside.running, outside.attached = running, attached
    world.run(machines.start(world.cloud, vm))
    assert (vm.state, vm.host, outside.running) == (VmState.RUNNING, host, {vm.id: host.id})
    (told,) = [each for each in world.cloud.journal.events if "runs already" in each.text]
    assert f"{vm} runs already on {host}" in told.text
    assert leaks(world) == []


def test_what_runs_elsewhere_is_not_ended_by_a_start_that_fails(world: World) -> None:
    """The start is refused on the host that was chosen; where it runs it runs on."""
    vm = world.deploy()
    world.run(machines.stop(world.cloud, vm))
    there = world.hosts[1]
    world.outside.running[vm.id] = there.id
    with pytest.raises(DriverFault, match="its disks are locked by another host"):
        world.run(machines.start(world.cloud, vm))
    assert vm.state is VmState.STOPPED
    assert world.outside.running == {vm.id: there.id}
    del world.outside.running[vm.id]
    assert leaks(world) == []


def test_when_its_last_host_is_gone_a_machine_starts_elsewhere(world: World) -> None:
    """A host that is no longer in service is not returned to, and keeps nothing for it."""
    vm = world.deploy()
    world.run(machines.stop(world.cloud, vm))
    world.run(hosts.enter_maintenance(world.cloud, world.hosts[0]))
    world.run(machines.start(world.cloud, vm))
    assert vm.host is world.hosts[1]
    assert world.cloud.ledger.reserved_on(vm) is None
    assert leaks(world) == []


def test_a_machine_whose_disk_is_bound_to_a_full_cluster_stays_stopped() -> None:
    """Its disk is in one cluster; room in another does not help, and nothing is lost."""
    world = build(clusters=2, hosts_each=1)
    vm = world.deploy()
    world.run(machines.stop(world.cloud, vm))
    world.run(hosts.disable(world.cloud, world.hosts[0]))
    with pytest.raises(InsufficientCapacity):
        world.run(machines.start(world.cloud, vm))
    assert vm.state is VmState.STOPPED
    assert vm.volumes[0].state == "Ready"
    assert leaks(world) == []


def test_stopping_twice_is_no_error(world: World) -> None:
    """What is stopped stays stopped."""
    vm = world.deploy()
    for _ in range(2):
        assert world.run(machines.stop(world.cloud, vm)) is vm
    assert world.states(vm)[2:] == ["Stopping", "Stopped"]


@pytest.mark.parametrize("forced", [False, True])
def test_a_stop_that_fails_leaves_the_machine_running(world: World, forced: bool) -> None:
    """When the host does not do it the machine is Running, on its host, with its NIC."""
    vm = world.deploy()
    step = "hypervisor.destroy" if forced else "hypervisor.stop"
    world.fail(step, DriverFault("guest does not react"))
    with pytest.raises(DriverFault):
        world.run(machines.stop(world.cloud, vm, forced=forced))
    assert (vm.state, vm.host) == (VmState.RUNNING, world.hosts[0])
    assert leaks(world) == []


def test_force_stops_what_does_not_react(world: World) -> None:
    """A guest that ignores its shutdown is stopped by force."""
    vm = world.deploy()
    world.fail("hypervisor.stop", DriverFault("guest does not react"), times=-1)
    with pytest.raises(DriverFault):
        world.run(machines.stop(world.cloud, vm))
    world.run(machines.stop(world.cloud, vm, forced=True))
    assert vm.state is VmState.STOPPED
    assert leaks(world) == []


@pytest.mark.parametrize("step", ["fabric.unplug", "router.forget"])
def test_what_stays_plugged_is_told_and_unplugged_at_the_next_start(
    world: World, step: str
) -> None:
    """A machine that is off is Stopped, even if its NIC could not be unplugged yet."""
    vm = world.deploy()
    world.fail(step, DriverFault("switch is busy"), times=4)
    world.run(machines.stop(world.cloud, vm))
    world.outside.faults.clear()
    assert vm.state is VmState.STOPPED
    assert vm.nics[0].state is NicState.RESERVED
    assert world.alerts() == ["Unable to clean up after vm vm-1"]
    if step == "fabric.unplug":
        assert leaks(world) == []
    world.run(hosts.disable(world.cloud, world.hosts[0]))
    world.run(machines.start(world.cloud, vm))
    assert vm.host is world.hosts[1]
    assert leaks(world) == []


def test_what_stays_plugged_is_unplugged_when_the_machine_is_expunged(world: World) -> None:
    """Nothing of a machine that is gone is left on a switch."""
    vm = world.deploy()
    world.fail("fabric.unplug", DriverFault("switch is busy"), times=3)
    world.run(machines.destroy(world.cloud, vm, expunge=True))
    assert vm.removed is not None
    assert not world.outside.plugged
    assert not world.outside.admitted
    assert leaks(world) == []


@pytest.mark.parametrize(
    ("state", "verb", "says"),
    [
        ("Running", machines.start, "from Running via StartRequested"),
        ("Running", machines.recover, "from Running via RecoveryRequested"),
        ("Running", machines.expunge, "from Running via ExpungeOperation"),
        ("Stopped", machines.recover, "from Stopped via RecoveryRequested"),
        ("Destroyed", machines.start, "from Destroyed via StartRequested"),
        ("Destroyed", machines.stop, "from Destroyed via StopRequested"),
        ("Destroyed", machines.destroy, "from Destroyed via DestroyRequested"),
        ("Error", machines.start, "from Error via StartRequested"),
        ("Error", machines.stop, "from Error via StopRequested"),
        ("Error", machines.recover, "from Error via RecoveryRequested"),
    ],
)
def test_illegal_moves_say_what_is_possible(
    world: World, state: str, verb: object, says: str
) -> None:
    """What the table does not have is refused in its own words, and nothing changes."""
    vm = in_state(world, state)
    job = world.perform(Command.START, vm, verb(world.cloud, vm))  # type: ignore[operator]
    assert job.status is JobStatus.FAILED
    assert job.error_code == IllegalMove.code
    assert f"unable to transition to a new state {says}; possible in {state}:" in job.error_text
    assert vm.state == state
    assert leaks(world) == []


def in_state(world: World, state: str) -> object:
    """Return a machine in this state."""
    if state == "Error":
        with pytest.raises(InsufficientCapacity):
            world.deploy(offering=world.offering(ram_mib=9000))
        return world.vms[0]
    vm = world.deploy()
    if state == "Stopped":
        world.run(machines.stop(world.cloud, vm))
    elif state == "Destroyed":
        world.run(machines.destroy(world.cloud, vm))
    return vm


def test_a_reboot_stays_where_it_is(world: World) -> None:
    """A machine restarts on its host, with everything it has."""
    vm = world.deploy()
    world.run(machines.reboot(world.cloud, vm))
    assert (vm.state, vm.host) == (VmState.RUNNING, world.hosts[0])
    assert world.wire.log[-1] == ("hypervisor.reboot", vm)
    assert leaks(world) == []


@pytest.mark.parametrize("state", ["Stopped", "Destroyed", "Error"])
def test_only_what_runs_is_rebooted(world: World, state: str) -> None:
    """The refusal names the state."""
    vm = in_state(world, state)
    with pytest.raises(Conflict, match=f"is {state}; only a Running machine"):
        world.run(machines.reboot(world.cloud, vm))  # type: ignore[arg-type]


def test_a_reboot_that_fails_leaves_the_machine_running(world: World) -> None:
    """The books change nothing: the machine is where it was."""
    vm = world.deploy()
    world.fail("hypervisor.reboot", HostFault("no"))
    with pytest.raises(HostFault):
        world.run(machines.reboot(world.cloud, vm))
    assert vm.state is VmState.RUNNING
    assert leaks(world) == []


@pytest.mark.parametrize(
    ("command", "verb", "event"),
    [
        (Command.STOP, machines.stop, "VM.STOP"),
        (Command.REBOOT, machines.reboot, "VM.REBOOT"),
        (Command.DESTROY, machines.destroy, "VM.DESTROY"),
    ],
)
def test_every_verb_is_a_job_with_events(
    world: World, command: Command, verb: object, event: str
) -> None:
    """The job's result is the machine; two events of CloudStack's type name it."""
    vm = world.deploy("web")
    job = world.perform(command, vm, verb(world.cloud, vm))  # type: ignore[operator]
    assert (job.status, job.result, job.name) == (JobStatus.SUCCEEDED, vm, command)
    assert world.events(event) == [("Started", "INFO"), ("Completed", "INFO")]


def test_one_verb_after_the_other(slow_world: World) -> None:
    """Two verbs for one machine at the same time: the second waits, then is told."""
    world, cloud, engine = slow_world, slow_world.cloud, slow_world.cloud.engine
    vm = world.deploy()
    stopping = jobs.submit(cloud, Command.STOP, vm, machines.stop(cloud, vm))
    starting = jobs.submit(cloud, Command.START, vm, machines.start(cloud, vm))
    again = jobs.submit(cloud, Command.START, vm, machines.start(cloud, vm))
    engine.run(again)
    assert stopping.value.status is JobStatus.SUCCEEDED
    assert starting.value.status is JobStatus.SUCCEEDED
    assert isinstance(again.value.error, IllegalMove)
    assert vm.state is VmState.RUNNING
    assert leaks(world) == []


def test_a_machine_that_is_being_deployed_is_not_stopped(slow_world: World, scale: float) -> None:
    """Until it runs it is Starting, and the table says so."""
    world, cloud, engine = slow_world, slow_world.cloud, slow_world.cloud.engine
    deploying = engine.spawn(machines.deploy(cloud, world.asked()))
    engine.run(until=engine.now + 6 * scale)
    (vm,) = world.vms
    for verb in (machines.stop, machines.destroy):
        with pytest.raises(IllegalMove, match="from Starting via StopRequested"):
            world.run(verb(cloud, vm))
    engine.run(deploying)
    assert vm.state is VmState.RUNNING
    assert leaks(world) == []


def test_a_machine_with_disks_on_storage_out_of_service_does_not_start(world: World) -> None:
    """The refusal names the disk and its pool; in service again, it starts."""
    (pool,) = world.pools
    vm = world.deploy()
    world.run(machines.stop(world.cloud, vm))
    world.run(pools.enter_maintenance(world.cloud, pool))
    with pytest.raises(
        Conflict, match=r"volume ROOT-1 is on pool c1-pool, which is in Maintenance"
    ):
        world.run(machines.start(world.cloud, vm))
    assert vm.state is VmState.STOPPED
    world.run(pools.cancel_maintenance(world.cloud, pool))
    world.run(machines.start(world.cloud, vm))
    assert leaks(world) == []


def test_what_is_on_its_way_is_left_alone(world: World) -> None:
    """Its host receives it just now, though the books say that it is off: it is not ended."""
    vm = world.deploy()
    world.run(machines.stop(world.cloud, vm))
    world.wire.log.clear()
    world.wire.refuse("hypervisor.start", LeftAlone("web is on its way to h1"))
    with pytest.raises(LeftAlone, match="on its way"):
        world.run(machines.start(world.cloud, vm))
    assert vm.state is VmState.STOPPED
    assert {step for step, _ in world.wire.log} == {"router.admit", "fabric.plug"}
    world.run(machines.start(world.cloud, vm))
    assert leaks(world) == []
