"""A password is told once, by the router that keeps it."""

from __future__ import annotations

import pytest

from cloudlab.engine import VirtualEngine
from cloudlab.errors import Conflict, DriverFault
from cloudlab.model import Command, JobStatus
from cloudlab.workflows import machines
from cloudlab.workflows.passwords import reset_password
from tests.support.clouds import build


def test_it_is_told_and_kept_nowhere() -> None:
    """Neither the books nor the journal have it."""
    world = build(VirtualEngine())
    vm, told = world.deploy("web"), list[str]()
    job = world.perform(Command.RESET_PASSWORD, vm, reset_password(world.cloud, vm, told.append))
    assert job.status is JobStatus.SUCCEEDED
    assert len(told) == 1
    assert told[0] not in str(world.cloud.state())
    assert world.events("VM.RESETPASSWORD")


def test_only_a_running_machine_gets_one() -> None:
    """One that is stopped is refused, and nothing is asked of the router."""
    world = build(VirtualEngine())
    vm = world.deploy("web")
    world.run(machines.stop(world.cloud, vm))
    with pytest.raises(Conflict, match="only a Running machine"):
        world.run(reset_password(world.cloud, vm, print))
    assert world.wire.count("router.issue_password") == 0


def test_a_router_that_cannot_is_a_fault() -> None:
    """Nothing is told then."""
    world = build(VirtualEngine())
    vm, told = world.deploy("web"), list[str]()
    world.fail("router.issue_password", DriverFault("no"))
    with pytest.raises(DriverFault):
        world.run(reset_password(world.cloud, vm, told.append))
    assert told == []
