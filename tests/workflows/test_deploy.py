"""A machine is deployed: what it gets, where it goes, what is refused."""

from __future__ import annotations

import pytest

from cloudlab.errors import (
    Conflict,
    DriverFault,
    HostFault,
    InsufficientCapacity,
    InvalidParameter,
    TimedOut,
)
from cloudlab.model import (
    Command,
    DiskOffering,
    JobStatus,
    NicState,
    Settings,
    SystemVmType,
    VirtualMachine,
    VmState,
    VolumeState,
    VolumeType,
)
from cloudlab.workflows import hosts, machines, pools
from tests.support.clouds import World, build, leaks


@pytest.mark.book("1.35", "1.72", "6.14")
def test_a_deployed_machine_runs(world: World) -> None:
    """A machine runs on the first host, with an address, a disk made from the template, a claim."""
    vm = world.deploy("web")
    assert vm.state is VmState.RUNNING
    assert vm.host is world.hosts[0]
    assert (vm.name, vm.instance_name) == ("web", "i-1-1-VM")
    (nic,) = vm.nics
    assert (nic.state, nic.ip) == (NicState.RESERVED, "10.1.0.2")
    assert nic.mac.startswith("02:")
    (root,) = vm.volumes
    assert (root.state, root.type, root.size_mib) == (VolumeState.READY, VolumeType.ROOT, 2048)
    assert root.pool is world.pools[0]
    assert [step for step, _ in world.wire.log] == [
        "router.implement",
        "router.admit",
        "fabric.plug",
        "images.stage",
        "blocks.create",
        "hypervisor.start",
    ]
    assert leaks(world) == []


def test_states_are_told_in_order(world: World) -> None:
    """Machine, volume and NIC go through the states of their tables, and the journal knows."""
    vm = world.deploy()
    assert world.states(vm) == ["Starting", "Running"]
    assert world.states(vm.volumes[0]) == ["Creating", "Ready"]
    assert world.states(vm.nics[0]) == ["Reserving", "Reserved"]


@pytest.mark.book("1.10", "1.67", "1.73")
def test_a_deployment_is_a_job(world: World) -> None:
    """The job ends with the machine as its result; events tell its start and its end."""
    job = world.perform(Command.DEPLOY, "vm web", machines.deploy(world.cloud, world.asked("web")))
    assert job.status is JobStatus.SUCCEEDED
    assert job.result is world.vms[0]
    assert job.target == "vm web"
    assert job.ended is not None
    assert world.events("VM.CREATE") == [("Started", "INFO"), ("Completed", "INFO")]
    last = world.cloud.journal.events[-1]
    assert (last.subject_kind, last.subject_name, last.job) == ("vm", "web", job.id)


def test_a_refused_deployment_is_a_failed_job(world: World) -> None:
    """The job keeps the refusal with its explanation, under CloudStack's code."""
    huge = world.offering(ram_mib=9000)
    asked = world.asked("huge", offering=huge)
    job = world.perform(Command.DEPLOY, "vm huge", machines.deploy(world.cloud, asked))
    assert (job.status, job.error_code) == (JobStatus.FAILED, 533)
    assert isinstance(job.error, InsufficientCapacity)
    assert "enough RAM" in str(job.error.explanation)
    assert world.events("VM.CREATE") == [("Started", "INFO"), ("Completed", "ERROR")]


def test_names_are_made_up_when_none_is_given(world: World) -> None:
    """A machine without a name is called by its number."""
    assert [world.deploy().name for _ in range(2)] == ["vm-1", "vm-2"]


@pytest.mark.parametrize("step", ["router.admit", "fabric.plug", "blocks.create"])
def test_a_host_fault_tries_the_next_host(world: World, step: str) -> None:
    """Whatever step fails on the first host, the machine runs on the second."""
    world.fail(step, HostFault("qemu exited"))
    vm = world.deploy()
    assert vm.host is world.hosts[1]
    assert world.states(vm) == ["Starting", "Starting", "Running"]
    assert leaks(world) == []


@pytest.mark.parametrize("error", [DriverFault, TimedOut])
def test_other_faults_try_no_other_host(world: World, error: type[Exception]) -> None:
    """What no other host would mend, or what may have happened, ends the deployment."""
    world.fail("hypervisor.start", error("no"))
    with pytest.raises(error):
        world.deploy()
    assert world.vms == []
    assert leaks(world) == []


def test_every_host_is_tried_once(world: World) -> None:
    """When all hosts have failed the machine is in Error, holding nothing."""
    world.fail("hypervisor.start", HostFault("qemu exited"), times=-1)
    with pytest.raises(InsufficientCapacity):
        world.deploy()
    assert [vm.state for vm in world.vms] == [VmState.ERROR]
    assert not world.outside.disks
    assert leaks(world) == []


def test_start_retry_limits_the_tries() -> None:
    """After `start.retry` hosts the last fault is the answer, and nothing stays behind."""
    settings = {"vm.allocation.algorithm": "firstfit", "start.retry": 2}
    world = build(settings=Settings.of(settings), hosts_each=4)
    world.fail("hypervisor.start", HostFault("qemu exited"), times=3)
    with pytest.raises(HostFault):
        world.deploy()
    assert world.vms == []
    assert leaks(world) == []
    world.outside.faults.clear()
    world.fail("hypervisor.start", HostFault("qemu exited"), times=1)
    assert world.deploy().host is world.hosts[1]


def test_disks_are_built_again_in_another_cluster() -> None:
    """When no host of the first cluster boots it, its disk goes and it runs in the second."""
    world = build(clusters=2, hosts_each=1)
    world.fail("hypervisor.start", HostFault("qemu exited"))
    vm = world.deploy(disk=world.disk)
    assert vm.host is world.hosts[1]
    assert [volume.pool for volume in vm.volumes] == [world.pools[1]] * 2
    assert [volume.device_id for volume in vm.volumes] == [0, 1]
    assert len(world.cloud.inventory.volumes) == 2
    assert leaks(world) == []


def test_a_disk_that_cannot_go_does_not_keep_the_machine_from_running() -> None:
    """A disk of the first cluster that storage will not remove is left to the service."""
    world = build(clusters=2, hosts_each=1)
    world.fail("hypervisor.start", HostFault("qemu exited"))
    world.fail("blocks.delete", DriverFault("busy"), times=3)
    vm = world.deploy()
    assert vm.host is world.hosts[1]
    (left,) = [each for each in world.cloud.inventory.volumes if each.vm is None]
    assert (left.state, left.pool) == (VolumeState.DESTROY, world.pools[0])
    assert world.alerts() == ["Unable to clean up after volume ROOT-1"]
    assert leaks(world) == []


def test_no_room_leaves_the_machine_in_error(world: World) -> None:
    """A machine that fits nowhere is in Error, holds nothing, and goes when destroyed."""
    with pytest.raises(InsufficientCapacity, match="would fit"):
        world.deploy(offering=world.offering(ram_mib=9000))
    (vm,) = world.vms
    assert vm.state is VmState.ERROR
    assert world.states(vm) == ["Starting", "Stopped", "Error"]
    assert leaks(world) == []
    world.run(machines.destroy(world.cloud, vm))
    assert world.vms == []
    assert leaks(world) == []


def test_a_data_disk_comes_with_the_machine(world: World) -> None:
    """A fixed offering has its size, a customized one that of the user."""
    free = DiskOffering(name="any size", size_mib=None)
    world.cloud.inventory.disk_offerings.add(free)
    fixed = world.deploy(disk=world.disk)
    custom = world.deploy(disk=free, disk_size_mib=7000)
    assert [volume.size_mib for volume in fixed.volumes] == [2048, 4096]
    assert [volume.size_mib for volume in custom.volumes] == [2048, 7000]
    assert custom.volumes[1].type is VolumeType.DATADISK
    assert leaks(world) == []


def test_two_disks_never_take_the_last_of_a_pool_together() -> None:
    """Room for root and data disk is counted together, the template's copy, too."""
    world = build(
        pool_mib=7000, settings=Settings.of({"pool.storage.allocated.capacity.disablethreshold": 1})
    )
    with pytest.raises(InsufficientCapacity, match="storage"):
        world.deploy(disk=world.disk)
    assert leaks(world) == []
    assert world.deploy().state is VmState.RUNNING


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"disk": "custom"}, "needs a size"),
        ({"disk": "fixed", "disk_size_mib": 9}, "is 4096 MiB, no other"),
        ({"root_size_mib": 2047}, "root disk of 2047 MiB is smaller than template linux"),
        ({"offering": "system"}, "is for system VMs"),
        ({"account": "disabled"}, "account tenant is disabled"),
        ({"account": "tenant", "host": "first"}, "only be given by the root administrator"),
        ({"host": "elsewhere"}, "is in zone other, not in zone z1"),
        ({"offering": "private"}, "reserved for domain ROOT/sales"),
        ({"disk": "private", "disk_size_mib": None}, "reserved for domain ROOT/sales"),
    ],
)
def test_what_is_not_allowed_is_refused_before_anything_is_made(
    world: World, more: dict, says: str
) -> None:
    """The refusal says what is wrong, and no record is made."""
    cloud = world.cloud
    sales = cloud.add_domain("sales")
    elsewhere = build().hosts[0]
    elsewhere.zone.name = "other"
    disabled = world.tenant if more.get("account") == "disabled" else None
    if disabled is not None:
        disabled.state = "disabled"
    meant = {
        ("disk", "custom"): DiskOffering(name="custom", size_mib=None),
        ("disk", "fixed"): world.disk,
        ("disk", "private"): DiskOffering(name="private", size_mib=9, domain=sales),
        ("offering", "system"): world.offering(system_vm_type=SystemVmType.DOMAIN_ROUTER),
        ("offering", "private"): world.offering(domain=sales),
        ("account", "disabled"): disabled,
        ("account", "tenant"): world.tenant,
        ("host", "first"): world.hosts[0],
        ("host", "elsewhere"): elsewhere,
    }
    asked = {name: meant.get((name, value), value) for name, value in more.items()}
    if "private" in more.values():
        asked["account"] = world.tenant
        world.tenant.domain = cloud.add_domain("support")
    with pytest.raises(InvalidParameter, match=says):
        world.deploy(**asked)
    assert world.vms == []
    assert len(cloud.inventory.nics) == len(cloud.inventory.volumes) == 0
    assert leaks(world) == []


@pytest.mark.book("3.27")
def test_an_offering_of_a_domain_is_for_that_domain(world: World) -> None:
    """A public offering is for everybody, another one for its domain and what lies below."""
    sales = world.cloud.add_domain("sales")
    inside = world.cloud.add_account("bob", world.cloud.add_domain("emea", sales))
    vm = world.deploy(account=inside, offering=world.offering(domain=sales))
    assert vm.state is VmState.RUNNING


def test_the_administrator_names_a_host(world: World) -> None:
    """A machine goes exactly where it was asked for, or nowhere."""
    wanted = world.hosts[2]
    assert world.deploy(host=wanted).host is wanted
    world.run(hosts.disable(world.cloud, wanted))
    with pytest.raises(InsufficientCapacity):
        world.deploy(host=wanted)
    world.run(hosts.enable(world.cloud, wanted))
    big = world.offering(ram_mib=8000)
    with pytest.raises(InsufficientCapacity):
        world.deploy(host=wanted, offering=big)
    assert world.deploy(offering=big).host is world.hosts[0]
    assert leaks(world) == []


@pytest.mark.book("6.03")
def test_a_host_tag_must_be_on_the_host(world: World) -> None:
    """A machine goes to a host with its offering's tag, or nowhere."""
    with pytest.raises(InsufficientCapacity):
        world.deploy(offering=world.offering(host_tag="gpu"))
    size = {"cpus": 4, "mhz": 1000, "ram_mib": 8192}
    work = hosts.add(world.cloud, world.clusters[0], "gpu", tags=frozenset({"gpu"}), **size)
    host = world.run(work)
    assert world.deploy(offering=world.offering(host_tag="gpu")).host is host


@pytest.mark.book("6.04")
def test_hosts_with_the_ha_tag_are_kept_free(engine: object) -> None:
    """No machine is deployed on a host that `ha.tag` keeps for restarts."""
    settings = Settings.of({"vm.allocation.algorithm": "firstfit", "ha.tag": "ha"})
    world = build(engine, settings=settings, hosts_each=1)
    size = {"cpus": 4, "mhz": 1000, "ram_mib": 8192}
    world.run(hosts.add(world.cloud, world.clusters[0], "spare", tags=frozenset({"ha"}), **size))
    world.run(hosts.disable(world.cloud, world.hosts[0]))
    with pytest.raises(InsufficientCapacity):
        world.deploy(offering=world.offering(ha=True))


@pytest.mark.book("5.30")
def test_a_machine_may_be_made_without_being_started(world: World) -> None:
    """It is Stopped, its disk is only Allocated, and it gets everything at its first start."""
    vm = world.run(machines.deploy(world.cloud, world.asked(start=False)))
    assert vm.state is VmState.STOPPED
    assert (vm.volumes[0].state, vm.volumes[0].pool) == (VolumeState.ALLOCATED, None)
    assert vm.nics[0].ip is None
    assert not world.outside.disks
    assert leaks(world) == []
    world.run(machines.start(world.cloud, vm))
    assert vm.volumes[0].state is VolumeState.READY
    assert vm.nics[0].ip == "10.1.0.2"
    assert leaks(world) == []


def test_a_first_start_that_fails_keeps_the_machine(world: World) -> None:
    """Only a deployment is undone; a machine that was there before stays, Stopped."""
    vm = world.run(machines.deploy(world.cloud, world.asked(start=False)))
    world.fail("hypervisor.start", DriverFault("no"))
    with pytest.raises(DriverFault):
        world.run(machines.start(world.cloud, vm))
    assert vm.state is VmState.STOPPED
    assert vm in world.cloud.inventory.vms
    assert leaks(world) == []


def test_deployments_are_counted(world: World) -> None:
    """Each machine has the number of its request; a refused request has none."""
    first = world.deploy()
    with pytest.raises(InvalidParameter):
        world.deploy(root_size_mib=1)
    second = world.deploy()
    assert (first.ordinal, second.ordinal, world.cloud.requests) == (0, 1, 2)
    assert world.deploy(ordinal=77).ordinal == 77


def test_the_caller_is_told_of_the_machine_before_it_runs(world: World) -> None:
    """Whoever asks gets to know the machine even if its start fails."""
    told: list[tuple[VirtualMachine, VmState]] = []
    world.fail("hypervisor.start", DriverFault("no"))
    work = machines.deploy(world.cloud, world.asked(), lambda vm: told.append((vm, vm.state)))
    with pytest.raises(DriverFault):
        world.run(work)
    ((vm, state),) = told
    assert state is VmState.STOPPED
    assert vm.removed is not None


def test_addresses_run_out() -> None:
    """Without an address a machine is refused, and one that goes makes room for it."""
    world = build(addresses=2)
    vms = [world.deploy(), world.deploy()]
    with pytest.raises(InsufficientCapacity, match="address"):
        world.deploy()
    world.run(machines.destroy(world.cloud, vms[0], expunge=True))
    assert world.deploy().nics[0].ip == "10.1.0.2"
    assert leaks(world) == []


def test_storage_out_of_service_takes_no_disks(world: World) -> None:
    """A pool in Maintenance gets no new volumes."""
    world.run(pools.enter_maintenance(world.cloud, world.pools[0]))
    with pytest.raises(InsufficientCapacity, match="storage"):
        world.deploy()
    assert leaks(world) == []


def test_an_address_asked_for_goes_back_with_a_refused_machine(world: World) -> None:
    """A machine in Error holds no address, so the next may ask for it."""
    wanted = int(world.zone.guest_ranges[0].start) + 3
    with pytest.raises(InsufficientCapacity):
        world.deploy(ip=wanted, offering=world.offering(ram_mib=9000))
    assert leaks(world) == []
    assert world.deploy(ip=wanted).nics[0].ip == "10.1.0.5"
    with pytest.raises(Conflict):
        world.deploy(ip=wanted)
    assert leaks(world) == []
