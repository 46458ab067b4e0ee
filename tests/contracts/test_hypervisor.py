"""What every hypervisor does: contact, machines that run or do not, moves."""

from __future__ import annotations

import pytest

from cloudlab.errors import AlreadyRunning, CloudError, DriverFault, HostFault
from cloudlab.model import VirtualMachine, VmSnapshot, VmSnapshotType, Volume
from cloudlab.ports import PowerState
from tests.contracts.rig import Rig


def power(rig: Rig) -> tuple[PowerState, PowerState]:
    """Return what both hosts say of the machine."""
    hypervisor = rig.ports.hypervisor
    return (
        rig.do(hypervisor.power_state(rig.vm, rig.host)),
        rig.do(hypervisor.power_state(rig.vm, rig.other)),
    )


@pytest.fixture
def running(rig: Rig) -> Rig:
    """The rig, with its machine running on the first host."""
    rig.prepare(rig.host)
    rig.do(rig.ports.hypervisor.start(rig.vm, rig.host))
    return rig


def test_a_connected_host_answers(rig: Rig) -> None:
    """A ping is answered while there is contact, and not after it has ended."""
    hypervisor = rig.ports.hypervisor
    assert rig.do(hypervisor.ping(rig.host))
    rig.do(hypervisor.disconnect(rig.host))
    assert not rig.do(hypervisor.ping(rig.host))
    assert rig.do(hypervisor.ping(rig.other))
    rig.do(hypervisor.connect(rig.host))
    assert rig.do(hypervisor.ping(rig.host))


def test_contact_is_made_and_ended_twice(rig: Rig) -> None:
    """Doing it again is no error."""
    hypervisor = rig.ports.hypervisor
    for _ in range(2):
        rig.do(hypervisor.connect(rig.host))
    for _ in range(2):
        rig.do(hypervisor.disconnect(rig.host))


def test_a_dead_host_does_not_answer(rig: Rig) -> None:
    """A ping is no error but an answer: False. Contact cannot be made."""
    rig.kill(rig.host)
    assert rig.do(rig.ports.hypervisor.ping(rig.host)) is False
    with pytest.raises(HostFault):
        rig.do(rig.ports.hypervisor.connect(rig.host))


def test_a_started_machine_is_on(running: Rig) -> None:
    """Where it was started, and nowhere else."""
    assert power(running) == (PowerState.ON, PowerState.OFF)


@pytest.mark.parametrize("forced", [False, True])
def test_a_stopped_machine_is_off(running: Rig, forced: bool) -> None:
    """However it was stopped; it can be started again."""
    hypervisor = running.ports.hypervisor
    running.do(hypervisor.stop(running.vm, running.host, forced=forced))
    assert power(running) == (PowerState.OFF, PowerState.OFF)
    running.do(hypervisor.start(running.vm, running.host))
    assert power(running) == (PowerState.ON, PowerState.OFF)


def test_what_is_off_is_stopped_without_error(running: Rig) -> None:
    """A second stop finds nothing to do."""
    for _ in range(2):
        running.do(running.ports.hypervisor.stop(running.vm, running.host))
    assert power(running) == (PowerState.OFF, PowerState.OFF)


def test_a_rebooted_machine_is_on(running: Rig) -> None:
    """It restarts where it is."""
    running.do(running.ports.hypervisor.reboot(running.vm, running.host))
    assert power(running) == (PowerState.ON, PowerState.OFF)


def test_what_does_not_run_is_not_rebooted(rig: Rig) -> None:
    """Neither started nor passed over in silence."""
    rig.prepare(rig.host)
    with pytest.raises(CloudError):
        rig.do(rig.ports.hypervisor.reboot(rig.vm, rig.host))
    assert power(rig) == (PowerState.OFF, PowerState.OFF)


def test_destroy_is_for_what_runs_and_for_what_does_not(running: Rig) -> None:
    """Afterwards nothing of it is there, however often it is done."""
    for _ in range(2):
        running.do(running.ports.hypervisor.destroy(running.vm, running.host))
        assert power(running) == (PowerState.OFF, PowerState.OFF)


def test_destroying_what_was_never_there_is_no_error(rig: Rig, another: VirtualMachine) -> None:
    """It is gone already."""
    rig.do(rig.ports.hypervisor.destroy(another, rig.host))


def test_destroy_is_for_one_host(running: Rig) -> None:
    """A machine that runs elsewhere goes on."""
    running.do(running.ports.hypervisor.destroy(running.vm, running.other))
    running.do(running.ports.hypervisor.stop(running.vm, running.other))
    assert power(running) == (PowerState.ON, PowerState.OFF)


def test_what_runs_already_is_left_alone(running: Rig) -> None:
    """To start it again is an error of its own, which tells that it runs."""
    with pytest.raises(AlreadyRunning, match="runs already on"):
        running.do(running.ports.hypervisor.start(running.vm, running.host))
    assert power(running) == (PowerState.ON, PowerState.OFF)


def test_nothing_stands_still_while_there_is_room(running: Rig) -> None:
    """To let it go on changes nothing then; one that is off cannot go on."""
    hypervisor = running.ports.hypervisor
    assert running.do(hypervisor.halted(running.host)) == {}
    running.do(hypervisor.resume(running.vm, running.host))
    assert power(running) == (PowerState.ON, PowerState.OFF)
    running.do(hypervisor.stop(running.vm, running.host, forced=True))
    with pytest.raises(DriverFault):
        running.do(hypervisor.resume(running.vm, running.host))


def test_no_machine_runs_twice(running: Rig) -> None:
    """A second host refuses it while the first runs it."""
    running.do(running.ports.fabric.plug(running.nic, running.other))
    with pytest.raises(CloudError):
        running.do(running.ports.hypervisor.start(running.vm, running.other))
    assert power(running) == (PowerState.ON, PowerState.OFF)


def test_a_machine_moves(running: Rig) -> None:
    """After a migration it is on at the target and off at the source."""
    running.do(running.ports.fabric.plug(running.nic, running.other))
    running.do(running.ports.hypervisor.migrate(running.vm, running.host, running.other))
    assert power(running) == (PowerState.OFF, PowerState.ON)


def test_what_does_not_run_does_not_move(rig: Rig) -> None:
    """It is started nowhere by being moved."""
    rig.prepare(rig.host)
    with pytest.raises(CloudError):
        rig.do(rig.ports.hypervisor.migrate(rig.vm, rig.host, rig.other))
    assert power(rig) == (PowerState.OFF, PowerState.OFF)


def test_nothing_moves_to_a_dead_host(running: Rig) -> None:
    """The machine goes on where it is."""
    running.kill(running.other)
    with pytest.raises(HostFault):
        running.do(running.ports.hypervisor.migrate(running.vm, running.host, running.other))
    assert power(running) == (PowerState.ON, PowerState.UNKNOWN)


def test_a_dead_host_starts_stops_and_says_nothing(running: Rig) -> None:
    """Everything asked of it is its fault, except to destroy what is gone with it."""
    hypervisor = running.ports.hypervisor
    running.kill(running.host)
    for work in (
        hypervisor.start(running.vm, running.host),
        hypervisor.stop(running.vm, running.host),
        hypervisor.reboot(running.vm, running.host),
        hypervisor.migrate(running.vm, running.host, running.other),
    ):
        with pytest.raises(HostFault):
            running.do(work)
    assert power(running) == (PowerState.UNKNOWN, PowerState.OFF)


def test_what_ran_on_a_dead_host_starts_elsewhere(running: Rig) -> None:
    """Nothing of it keeps its disks locked."""
    running.kill(running.host)
    running.do(running.ports.fabric.plug(running.nic, running.other))
    running.do(running.ports.hypervisor.start(running.vm, running.other))
    assert power(running) == (PowerState.UNKNOWN, PowerState.ON)


def snapshot_of(vm: VirtualMachine, *, memory: bool) -> VmSnapshot:
    """Return the record of a snapshot of `vm`."""
    kind = VmSnapshotType.DISK_AND_MEMORY if memory else VmSnapshotType.DISK
    return VmSnapshot(id=1, name="kept", vm=vm, type=kind)


def test_a_host_tells_its_guests(running: Rig) -> None:
    """What runs is on; what was destroyed is not there; a dead host says nothing."""
    hypervisor, vm = running.ports.hypervisor, running.vm
    assert running.do(hypervisor.guests(running.host)) == {vm.id: PowerState.ON}
    assert running.do(hypervisor.guests(running.other)) == {}
    running.do(hypervisor.destroy(vm, running.host))
    assert running.do(hypervisor.guests(running.host)) == {}
    running.kill(running.host)
    with pytest.raises(HostFault):
        running.do(hypervisor.guests(running.host))


def test_a_disk_goes_in_and_out_of_a_running_machine(running: Rig, data: Volume) -> None:
    """Off it may be taken twice, and then it may go in again; the machine runs on."""
    hypervisor, vm, host = running.ports.hypervisor, running.vm, running.host
    for _ in range(2):
        running.do(hypervisor.attach(vm, data, host))
        for _ in range(2):
            running.do(hypervisor.detach(vm, data, host))
    assert power(running) == (PowerState.ON, PowerState.OFF)


def test_no_disk_goes_into_what_does_not_run(running: Rig, data: Volume) -> None:
    """Neither where the machine is off nor where its host is dead."""
    hypervisor, vm, host = running.ports.hypervisor, running.vm, running.host
    running.do(hypervisor.stop(vm, host, forced=True))
    with pytest.raises(CloudError):
        running.do(hypervisor.attach(vm, data, host))
    running.kill(host)
    with pytest.raises(HostFault):
        running.do(hypervisor.attach(vm, data, host))


def test_a_snapshot_of_disks_leaves_the_machine_alone(running: Rig) -> None:
    """It runs on; once it is off it goes back, and stays off."""
    hypervisor, vm, host = running.ports.hypervisor, running.vm, running.host
    snapshot = snapshot_of(vm, memory=False)
    running.do(hypervisor.snapshot(vm, snapshot, host))
    assert power(running) == (PowerState.ON, PowerState.OFF)
    running.do(hypervisor.stop(vm, host, forced=True))
    running.do(hypervisor.revert(vm, snapshot, host))
    assert power(running) == (PowerState.OFF, PowerState.OFF)
    running.do(hypervisor.start(vm, host))
    assert power(running) == (PowerState.ON, PowerState.OFF)


def test_a_snapshot_with_memory_brings_it_to_life(running: Rig) -> None:
    """Whether it runs or is off, afterwards it runs where it was asked for."""
    hypervisor, vm, host = running.ports.hypervisor, running.vm, running.host
    snapshot = snapshot_of(vm, memory=True)
    running.do(hypervisor.snapshot(vm, snapshot, host))
    running.do(hypervisor.revert(vm, snapshot, host))
    assert power(running) == (PowerState.ON, PowerState.OFF)
    running.do(hypervisor.stop(vm, host, forced=True))
    running.do(hypervisor.revert(vm, snapshot, host))
    assert power(running) == (PowerState.ON, PowerState.OFF)


def test_what_is_off_has_no_memory_to_keep(running: Rig) -> None:
    """That is refused."""
    hypervisor, vm, host = running.ports.hypervisor, running.vm, running.host
    running.do(hypervisor.stop(vm, host, forced=True))
    with pytest.raises(CloudError):
        running.do(hypervisor.snapshot(vm, snapshot_of(vm, memory=True), host))


def test_a_snapshot_is_there_until_it_is_dropped(running: Rig) -> None:
    """Dropping it twice is no error; to what is not there nothing goes back."""
    hypervisor, vm, host = running.ports.hypervisor, running.vm, running.host
    snapshot = snapshot_of(vm, memory=True)
    running.do(hypervisor.snapshot(vm, snapshot, host))
    for _ in range(2):
        running.do(hypervisor.drop_snapshot(vm, snapshot, host))
    with pytest.raises(CloudError):
        running.do(hypervisor.revert(vm, snapshot, host))
    assert power(running) == (PowerState.ON, PowerState.OFF)


def test_the_screen_of_what_runs_has_an_address(running: Rig) -> None:
    """What does not run has none."""
    hypervisor, vm = running.ports.hypervisor, running.vm
    assert running.do(hypervisor.console(vm, running.host)).startswith("vnc://")
    running.do(hypervisor.stop(vm, running.host, forced=True))
    with pytest.raises(CloudError):
        running.do(hypervisor.console(vm, running.host))


def test_behind_a_cut_cable_nobody_answers(running: Rig, data: Volume) -> None:
    """Nothing can be asked or told, which is the host's fault and no answer about machines."""
    hypervisor, vm, host = running.ports.hypervisor, running.vm, running.host
    running.cut(host)
    assert running.do(hypervisor.ping(host)) is False
    assert power(running) == (PowerState.UNKNOWN, PowerState.OFF)
    for work in (
        hypervisor.connect(host),
        hypervisor.guests(host),
        hypervisor.stop(vm, host, forced=True),
        hypervisor.destroy(vm, host),
        hypervisor.attach(vm, data, host),
        hypervisor.snapshot(vm, snapshot_of(vm, memory=False), host),
        hypervisor.console(vm, host),
    ):
        with pytest.raises(HostFault):
            running.do(work)


def test_behind_a_cut_cable_machines_run_on(running: Rig) -> None:
    """Once it is mended and the host connected again, they are there as they were."""
    hypervisor, host = running.ports.hypervisor, running.host
    running.cut(host)
    running.mend(host)
    running.do(hypervisor.connect(host))
    assert running.do(hypervisor.guests(host)) == {running.vm.id: PowerState.ON}
