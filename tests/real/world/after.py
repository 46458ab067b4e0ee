"""What is asked of a lab after its process was killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.model import JobStatus
from cloudlab.workflows.settling import IN_MOTION
from tests.real.world.place import settled, wait
from tests.real.world.seen import disagreements

if TYPE_CHECKING:
    from cloudlab import Lab
    from cloudlab.model import VirtualMachine, VmState
    from tests.real.world.place import Place


def named(lab: Lab, name: str) -> VirtualMachine | None:
    """Return the machine of this name, if there is one."""
    return next((vm for vm in lab.cloud.inventory.vms if vm.name == name), None)


def check(place: Place, name: str, ends: set[VmState | None]) -> Lab:
    """Open the lab anew: the killed job is told, hosts and books agree, it is in no between."""
    lab = place.open()
    found = lab.world.found  # type: ignore[attr-defined]
    assert [job.status for job in found] == [JobStatus.FAILED]
    assert "finished or undone" in found[0].error_text
    vm = named(lab, name)
    if vm is not None:
        wait(lab, f"{vm} is in no between", lambda: vm.state not in IN_MOTION)
    assert settled(lab, lambda: disagreements(lab, place.center)) == []
    state = None if vm is None or vm.removed is not None else vm.state
    assert state in ends, f"{vm} has ended as {state}; allowed: {ends}"
    return lab
