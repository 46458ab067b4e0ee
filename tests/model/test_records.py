"""What the records know about themselves."""

from __future__ import annotations

from dataclasses import fields
from ipaddress import IPv4Address
from uuid import UUID

import pytest

from cloudlab import model
from cloudlab.model import (
    Account,
    AccountType,
    AddressRange,
    AlertType,
    Command,
    ComputeOffering,
    DiskOffering,
    Domain,
    Host,
    HostStatus,
    Job,
    JobStatus,
    NetworkType,
    Nic,
    PoolScope,
    Record,
    ResourceState,
    StoragePool,
    SystemVmType,
    Template,
    TrafficType,
    VmState,
    Zone,
)
from cloudlab.model.machines import HOLDS_HOST
from tests.support.clouds import build

KINDS = [
    each
    for each in vars(model).values()
    if isinstance(each, type) and issubclass(each, Record) and each is not Record
]
"""Every class of records; `__subclasses__` would show classes that slots have replaced."""


def test_the_front_door_names_everything() -> None:
    """All that `cloudlab.model` imports is in `__all__`, sorted, and nothing else is."""
    public = {
        name
        for name, value in vars(model).items()
        if not name.startswith("_") and not hasattr(value, "__path__")
    }
    modules = {name for name in public if type(getattr(model, name)).__name__ == "module"}
    assert public - modules == set(model.__all__)


@pytest.mark.parametrize("kind", KINDS, ids=[kind.kind for kind in KINDS])
def test_records_are_themselves(kind: type[Record]) -> None:
    """No field beyond the declared ones can be set, and only a record itself equals it."""
    record, other = object.__new__(kind), object.__new__(kind)
    assert record != other
    assert len({record, other}) == 2
    with pytest.raises(AttributeError):
        record.nonsense = 1


def test_kinds_have_different_names() -> None:
    """The kind is part of every uuid and message."""
    assert len({kind.kind for kind in KINDS}) == len(KINDS)


def test_uuids_are_the_same_on_every_machine() -> None:
    """They come from kind and id alone: a replay shows the same ones."""
    first, second = Template(id=7), Template(id=8)
    assert UUID(first.uuid).version == 5
    assert first.uuid == Template(id=7).uuid == "0c671581-8a37-53d6-9ebb-6e972232b238"
    assert len({first.uuid, second.uuid, Domain(id=7).uuid}) == 3


def test_records_are_called_by_kind_and_name() -> None:
    """Messages name `template linux`, or the id where there is no name."""
    assert str(Template(id=3, name="linux")) == "template linux"
    assert str(Template(id=3)) == "template 3"


@pytest.mark.book("1.13")
def test_the_hierarchy_is_zone_pod_cluster_host() -> None:
    """Each scope knows those above it and lists those directly below it, as many as are added."""
    world = build(clusters=2, hosts_each=3)
    (pod,) = world.zone.pods
    assert world.zone.clusters == pod.clusters
    assert [len(cluster.hosts) for cluster in pod.clusters] == [3, 3]
    for host in world.hosts:
        assert (host.zone, host.pod) == (world.zone, pod)
        assert host in host.cluster.hosts


@pytest.mark.book("1.17")
def test_a_private_zone_is_for_a_domain_and_those_below_it() -> None:
    """`contains` follows the tree of domains, and a zone without a domain is public."""
    root = Domain(name="ROOT")
    sales = Domain(name="sales", parent=root)
    emea = Domain(name="emea", parent=sales)
    assert emea.path == "ROOT/sales/emea"
    assert [sales.contains(each) for each in (root, sales, emea)] == [False, True, True]
    assert Zone().is_public
    assert not Zone(domain=sales).is_public


def test_guests_of_a_basic_zone_get_addresses_of_their_pod() -> None:
    """In an Advanced zone the ranges are the zone's, in a Basic zone the pod's."""
    basic = build(network_type=NetworkType.BASIC)
    assert basic.clusters[0].guest_ranges is basic.zone.pods[0].guest_ranges
    advanced = build()
    assert advanced.clusters[0].guest_ranges is advanced.zone.guest_ranges


@pytest.mark.parametrize("status", HostStatus)
@pytest.mark.parametrize("resource_state", ResourceState)
def test_a_host_takes_machines_only_when_up_and_enabled(
    status: HostStatus, resource_state: ResourceState
) -> None:
    """Neither of the two states is enough by itself."""
    host = object.__new__(Host)
    host.status, host.resource_state = status, resource_state
    assert host.is_usable == (status == "Up" and resource_state == "Enabled")


def test_sizes_of_hosts_and_clusters() -> None:
    """All cores together, and the speed of a cluster's first host."""
    world = build(hosts_each=2, cpus=8, mhz=2400)
    assert world.hosts[0].cpu_mhz == 19_200
    assert world.clusters[0].mhz == 2400
    world.clusters[0].hosts.clear()
    assert world.clusters[0].mhz == 0


def test_machines_hold_a_host_while_they_are_active() -> None:
    """CloudStack's active states: Starting, Running, Stopping and Migrating."""
    assert {"Starting", "Running", "Stopping", "Migrating"} == HOLDS_HOST
    vm = build().deploy("web")
    for state in VmState:
        vm.state = state
        assert vm.is_active == (state in HOLDS_HOST)


def test_names_on_the_hypervisor() -> None:
    """`i-<account>-<vm>-VM`, as CloudStack calls a user's machine."""
    world = build()
    vm = world.deploy()
    assert vm.instance_name == f"i-{world.cloud.admin.id}-{vm.id}-VM"


def test_macs_and_addresses_in_text() -> None:
    """Twelve digits in pairs; no address where no range gave one."""
    vm = build().deploy()
    (nic,) = vm.nics
    assert nic.ip == "10.1.0.2"
    assert nic.mac.startswith("02:00:")
    assert len(nic.mac) == 17
    bare = Nic(vm=vm, network=nic.network, mac_number=0x0200_1234_0001)
    assert bare.ip is None
    assert bare.mac == "02:00:12:34:00:01"


def test_ranges_count_both_ends() -> None:
    """10.0.0.5 to 10.0.0.9 are five addresses."""
    start, end = IPv4Address("10.0.0.5"), IPv4Address("10.0.0.9")
    each = AddressRange(traffic=TrafficType.GUEST, zone=Zone(), start=start, end=end)
    assert each.size == 5


@pytest.mark.parametrize(
    ("hypervisor", "on", "runs"),
    [("KVM", "KVM", True), ("KVM", "XenServer", False), (None, "XenServer", True)],
)
def test_templates_are_tied_to_a_hypervisor(hypervisor: str | None, on: str, runs: bool) -> None:
    """One that names none runs anywhere; it carries the type of its guest OS, too."""
    template = Template(hypervisor=hypervisor, guest_os="CentOS 6.0 (64-bit)")
    assert template.runs_on(on) is runs
    assert template.guest_os.startswith("CentOS")


def test_system_offerings_know_what_they_are_for() -> None:
    """They are for one kind of system VM, by CloudStack's names; others are for users."""
    assert not ComputeOffering(vcpu=1, ram_mib=512).is_system
    router = ComputeOffering(vcpu=1, ram_mib=128, system_vm_type=SystemVmType.DOMAIN_ROUTER)
    assert router.is_system
    assert router.system_vm_type == "domainrouter"


@pytest.mark.book("3.28", "6.08")
def test_disk_offerings_are_fixed_or_customized() -> None:
    """Name, description, size or custom size, storage tags, and who may use it."""
    fast = frozenset({"ssd"})
    fixed = DiskOffering(name="Small", display_text="5 GiB", size_mib=5120, storage_tags=fast)
    assert (fixed.is_customized, fixed.domain) == (False, None)
    assert DiskOffering(size_mib=None, domain=Domain(name="sales")).is_customized


def test_a_local_pool_has_one_host() -> None:
    """Only the scope HOST makes a pool local."""
    for scope in PoolScope:
        assert StoragePool(zone=Zone(), scope=scope).is_local == (scope == "HOST")


def test_only_type_1_is_a_root_administrator() -> None:
    """CloudStack's numbers: user 0, root admin 1, domain admin 2."""
    domain = Domain(name="ROOT")
    accounts = [Account(domain=domain, type=kind) for kind in (0, 1, 2)]
    assert [account.is_root_admin for account in accounts] == [False, False, False]
    accounts = [Account(domain=domain, type=AccountType(kind)) for kind in (0, 1, 2)]
    assert [account.is_root_admin for account in accounts] == [False, True, False]


def test_jobs_end_well_or_not() -> None:
    """CloudStack's jobstatus: 0 in progress, 1 succeeded, 2 failed."""
    assert [Job(status=JobStatus(number)).is_done for number in (0, 1, 2)] == [False, True, True]


@pytest.mark.parametrize("command", Command, ids=[command.name for command in Command])
def test_every_command_has_an_event_type(command: Command) -> None:
    """Upper case, object and verb, like `VM.CREATE`."""
    subject, _, verb = command.event_type.partition(".")
    assert command.event_type == command.event_type.upper()
    assert subject
    assert verb


def test_alert_numbers_are_different() -> None:
    """Unlike those of CloudStack 4.0, where 6 was both secondary storage and host."""
    assert len({int(kind) for kind in AlertType}) == len(AlertType)
    assert AlertType.SECONDARY_STORAGE != AlertType.HOST


def test_new_records_were_not_made_yet() -> None:
    """Id 0 until the inventory takes them; nothing is removed from the start."""
    names = {each.name for each in fields(Record)}
    assert names == {"id", "name", "created", "removed"}
    assert (Template().id, Template().removed) == (0, None)
