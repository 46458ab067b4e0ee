"""A machine that is off gets another size."""

from __future__ import annotations

import pytest

from cloudlab.errors import Conflict, InsufficientCapacity, InvalidParameter
from cloudlab.model import ComputeOffering, SystemVmType, VmState
from cloudlab.workflows import machines, snapshots
from tests.support.clouds import World, leaks


def offering(world: World, **more: object) -> ComputeOffering:
    """Return an offering of two cores and 2 GiB."""
    fields = {"name": "large", "vcpu": 2, "cpu_mhz": 1000, "ram_mib": 2048, **more}
    return world.cloud.inventory.compute_offerings.add(ComputeOffering(**fields))


def test_it_starts_with_its_new_size(world: World) -> None:
    """Books and host count what it takes now; on its last host, whose place for it is used."""
    vm = world.deploy()
    large, cloud = offering(world), world.cloud
    world.run(machines.stop(cloud, vm))
    assert vm.last_host is not None
    free = cloud.ledger.ram_free[vm.last_host.row]
    assert world.run(machines.change_offering(cloud, vm, large)) is vm
    assert cloud.ledger.ram_free[vm.last_host.row] == free
    world.run(machines.start(cloud, vm))
    assert vm.host is vm.last_host
    assert cloud.ledger.claims()[vm.id, vm.host.row] == (2000, 2048)
    assert leaks(world) == []


def test_one_that_fits_nowhere_does_not_start(world: World) -> None:
    """And may get its old size back."""
    vm = world.deploy()
    before, cloud = vm.offering, world.cloud
    world.run(machines.stop(cloud, vm))
    world.run(machines.change_offering(cloud, vm, offering(world, ram_mib=10**6)))
    with pytest.raises(InsufficientCapacity):
        world.run(machines.start(cloud, vm))
    world.run(machines.change_offering(cloud, vm, before))
    world.run(machines.start(cloud, vm))
    assert vm.state is VmState.RUNNING
    assert leaks(world) == []


def test_what_cloudstack_refuses_is_refused(world: World) -> None:
    """While it runs; the same again; another kind of storage; a tag that would be lost."""
    vm, cloud = world.deploy(), world.cloud
    with pytest.raises(Conflict, match="is Running; stop it before it gets another size"):
        world.run(machines.change_offering(cloud, vm, offering(world)))
    world.run(machines.stop(cloud, vm))
    with pytest.raises(Conflict, match=r"has compute offering .* already"):
        world.run(machines.change_offering(cloud, vm, vm.offering))
    vm.offering.storage_tags = frozenset({"ssd"})
    tagged = frozenset({"ssd", "raid"})
    for other, why in (
        (offering(world), "lacks the storage tags ssd of compute offering"),
        (offering(world, storage_tags=tagged, uses_local_storage=True), "uses local storage, the"),
        (offering(world, system_vm_type=SystemVmType.CONSOLE_PROXY), "is for system VMs"),
    ):
        with pytest.raises(InvalidParameter, match=why):
            world.run(machines.change_offering(cloud, vm, other))
    world.run(machines.change_offering(cloud, vm, offering(world, storage_tags=tagged)))


def test_snapshots_keep_the_size(world: World) -> None:
    """A machine that goes back to its memory is as large as it was."""
    vm, cloud = world.deploy(), world.cloud
    kept = world.run(snapshots.create(cloud, vm, "before", memory=True))
    world.run(machines.stop(cloud, vm))
    with pytest.raises(Conflict, match="has the snapshots before: delete them before it gets"):
        world.run(machines.change_offering(cloud, vm, offering(world)))
    world.run(snapshots.delete(cloud, kept))
    world.run(machines.change_offering(cloud, vm, offering(world)))
