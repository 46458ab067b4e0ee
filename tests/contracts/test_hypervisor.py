"""What every hypervisor does: contact, machines that run or do not, moves."""

from __future__ import annotations

import pytest

from cloudlab.errors import CloudError, HostFault
from cloudlab.model import VirtualMachine
from cloudlab.ports import PowerState
from tests.contracts.conftest import Rig


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
