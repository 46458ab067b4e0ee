"""What is left on hosts: CloudStack's accounting, case by case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from cloudlab.errors import Conflict, InsufficientCapacity
from cloudlab.model import Account, Cluster, Host, VirtualMachine
from cloudlab.state import Ledger, Share, cpu_need
from tests.state import records


@dataclass
class Desk:
    """A ledger with one cluster of two open hosts, 4 x 1000 MHz and 8192 MiB each."""

    ledger: Ledger
    cluster: Cluster
    first: Host
    second: Host
    owner: Account

    def vm(self, vcpu: int = 1, ram_mib: int = 1024, cpu_mhz: int = 0) -> VirtualMachine:
        """Return a machine of the owner."""
        return records.vm(self.owner, vcpu, ram_mib, cpu_mhz)


@pytest.fixture
def desk() -> Desk:
    """Fresh books."""
    return make()


def make(cpu: float = 1.0, ram: float = 1.0) -> Desk:
    """Return fresh books with over-provisioning factors."""
    ledger, cluster = Ledger(), records.cluster("c1", cpu, ram)
    ledger.add_cluster(cluster)
    hosts = [records.host(cluster), records.host(cluster)]
    for host in hosts:
        ledger.add_host(host)
        ledger.open(host)
    return Desk(ledger, cluster, *hosts, records.account())


# --- how much ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cpu", "ram", "expected"),
    [(1.0, 1.0, (4000, 8192)), (2.0, 1.5, (8000, 12_288)), (1.333, 1.0001, (5332, 8192))],
)
def test_totals_are_raw_times_factor_rounded_down(
    cpu: float, ram: float, expected: tuple[int, int]
) -> None:
    """Cores x MHz and MiB, times the cluster's own factors, whole numbers."""
    desk = make(cpu, ram)
    totals = desk.ledger.cpu(desk.first).total, desk.ledger.ram(desk.first).total
    assert totals == expected


@pytest.mark.parametrize(("cpu_mhz", "need"), [(0, 2000), (500, 1000), (1000, 2000)])
def test_a_vm_needs_cores_times_speed(desk: Desk, cpu_mhz: int, need: int) -> None:
    """An offering without a speed takes the host's."""
    assert cpu_need(desk.vm(2, cpu_mhz=cpu_mhz).offering, desk.first) == need


def test_a_share_is_total_used_reserved_and_free() -> None:
    """Free is what is neither; the taken share counts both, and nothing of nothing is 0."""
    share = Share(total=1000, used=300, reserved=200)
    assert (share.free, share.taken) == (500, 0.5)
    assert Share(0, 0, 0).taken == 0.0
    assert Share(100, 150, 0).free == -50


def test_several_hosts_add_up(desk: Desk) -> None:
    """The share of hosts together is the sum of theirs; of none it is nothing."""
    desk.ledger.claim(desk.vm(2, 1000), desk.first)
    assert desk.ledger.cpu(desk.first, desk.second) == Share(8000, 2000, 0)
    assert desk.ledger.ram(desk.first, desk.second) == Share(16_384, 1000, 0)
    assert desk.ledger.cpu() == Share(0, 0, 0)


# --- claims --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vcpu", "ram", "fits"),
    [(4, 8192, True), (5, 8192, False), (4, 8193, False), (1, 1, True)],
)
def test_a_vm_fits_to_the_last_megahertz_and_mebibyte(
    desk: Desk, vcpu: int, ram: int, fits: bool
) -> None:
    """Exactly full is not too full; one more is, and then nothing changes."""
    vm = desk.vm(vcpu, ram)
    assert desk.ledger.fits(vm, desk.first) is fits
    if fits:
        desk.ledger.claim(vm, desk.first)
        assert desk.ledger.holds(vm, desk.first)
        assert desk.ledger.cpu(desk.first).free == 4000 - 1000 * vcpu
        return
    with pytest.raises(InsufficientCapacity, match=rf"{desk.first} has 4000 MHz and 8 GiB free"):
        desk.ledger.claim(vm, desk.first)
    assert desk.ledger.cpu(desk.first) == Share(4000, 0, 0)
    assert not desk.ledger.holds(vm, desk.first)


@pytest.mark.parametrize(
    ("mhz", "ram", "fits"), [(400, 821, True), (401, 1, False), (1, 822, False)]
)
def test_over_provisioned_to_the_last_unit(mhz: int, ram: int, fits: bool) -> None:
    """With 10 x 400 MHz of 4400 and 10 x 819 MiB of 9011 given, 400 and 821 are left."""
    desk = make(1.1, 1.1)
    for _ in range(10):
        desk.ledger.claim(desk.vm(1, 819, 400), desk.first)
    vm = desk.vm(1, ram, mhz)
    assert desk.ledger.fits(vm, desk.first) is fits
    if fits:
        desk.ledger.claim(vm, desk.first)
        assert desk.ledger.cpu(desk.first).free == desk.ledger.ram(desk.first).free == 0
    else:
        with pytest.raises(InsufficientCapacity):
            desk.ledger.claim(vm, desk.first)


def test_a_claim_is_made_once(desk: Desk) -> None:
    """The same machine on the same host is refused; giving back twice is no error."""
    vm = desk.vm()
    desk.ledger.claim(vm, desk.first)
    with pytest.raises(Conflict, match=f"{vm} already holds capacity on {desk.first}"):
        desk.ledger.claim(vm, desk.first)
    desk.ledger.release(vm, desk.first)
    desk.ledger.release(vm, desk.first)
    assert desk.ledger.cpu(desk.first) == Share(4000, 0, 0)
    assert desk.ledger.claims() == {}


def test_what_was_claimed_is_given_back_whatever_the_offering_says_now(desk: Desk) -> None:
    """An offering that grew meanwhile does not make a host lose or gain room."""
    vm = desk.vm(1, 1000)
    desk.ledger.claim(vm, desk.first)
    vm.offering.vcpu, vm.offering.ram_mib = 4, 4000
    desk.ledger.release(vm, desk.first)
    assert desk.ledger.cpu(desk.first).free == 4000
    assert desk.ledger.ram(desk.first).free == 8192


# --- migration -----------------------------------------------------------------------------


def test_a_migrating_vm_holds_both_hosts(desk: Desk) -> None:
    """It counts where it goes; when it has arrived the source is free again."""
    vm = desk.vm()
    desk.ledger.claim(vm, desk.first)
    desk.ledger.claim(vm, desk.second)
    assert desk.ledger.cpu(desk.first, desk.second).used == 2000
    assert desk.ledger.places == {desk.owner.id: {vm.id: desk.second.row}}
    desk.ledger.release(vm, desk.first)
    assert desk.ledger.places == {desk.owner.id: {vm.id: desk.second.row}}
    desk.ledger.release(vm, desk.second)
    assert desk.ledger.places == {}


def test_a_vm_whose_migration_failed_is_where_it_was(desk: Desk) -> None:
    """Giving the target back leaves it at the source, also for planners that count VMs."""
    vm = desk.vm()
    desk.ledger.claim(vm, desk.first)
    desk.ledger.claim(vm, desk.second)
    desk.ledger.release(vm, desk.second)
    assert desk.ledger.places == {desk.owner.id: {vm.id: desk.first.row}}
    desk.ledger.claim(vm, desk.second)
    assert desk.ledger.places == {desk.owner.id: {vm.id: desk.second.row}}


def test_nobody_is_on_three_hosts(desk: Desk) -> None:
    """A migrating machine cannot set out for a third host."""
    third = records.host(desk.cluster)
    desk.ledger.add_host(third)
    vm = desk.vm()
    desk.ledger.claim(vm, desk.first)
    desk.ledger.claim(vm, desk.second)
    with pytest.raises(Conflict, match="two hosts already: it is migrating"):
        desk.ledger.claim(vm, third)
    assert desk.ledger.cpu(third).used == 0


# --- reservations --------------------------------------------------------------------------


def test_a_stopped_vm_keeps_its_place_for_a_while(desk: Desk) -> None:
    """Used becomes reserved, which is not free for others, until the very moment it ends."""
    vm = desk.vm(4, 8192)
    desk.ledger.claim(vm, desk.first)
    desk.ledger.reserve(vm, desk.first, until=3600.0)
    assert desk.ledger.cpu(desk.first) == Share(4000, 0, 4000)
    assert desk.ledger.reserved_on(vm) is desk.first
    assert not desk.ledger.fits(desk.vm(), desk.first)
    assert desk.ledger.expire_reservations(3599.9) == 0
    assert desk.ledger.expire_reservations(3600.0) == 1
    assert desk.ledger.cpu(desk.first) == Share(4000, 0, 0)
    assert desk.ledger.reserved_on(vm) is None


def test_a_start_on_the_last_host_uses_the_reservation(desk: Desk) -> None:
    """Its own reserved room counts as free for it, and is used up."""
    vm = desk.vm(4, 8192)
    desk.ledger.claim(vm, desk.first)
    desk.ledger.reserve(vm, desk.first, until=10.0)
    assert desk.ledger.fits(vm, desk.first)
    desk.ledger.claim(vm, desk.first)
    assert desk.ledger.cpu(desk.first) == Share(4000, 4000, 0)
    assert desk.ledger.reservations() == {}


def test_a_start_elsewhere_frees_the_reservation(desk: Desk) -> None:
    """What was kept on the last host is free as soon as the machine is elsewhere."""
    vm = desk.vm(4, 8192)
    desk.ledger.claim(vm, desk.first)
    desk.ledger.reserve(vm, desk.first, until=10.0)
    desk.ledger.claim(vm, desk.second)
    assert desk.ledger.cpu(desk.first) == Share(4000, 0, 0)
    assert desk.ledger.cpu(desk.second) == Share(4000, 4000, 0)


def test_a_refused_start_elsewhere_keeps_the_reservation(desk: Desk) -> None:
    """A claim that fails changes nothing, not even what is reserved for the machine."""
    vm, other = desk.vm(3, 4000), desk.vm(3, 4000)
    desk.ledger.claim(vm, desk.first)
    desk.ledger.reserve(vm, desk.first, until=10.0)
    desk.ledger.claim(other, desk.second)
    with pytest.raises(InsufficientCapacity):
        desk.ledger.claim(vm, desk.second)
    assert desk.ledger.reservations() == {vm.id: (desk.first.row, 3000, 4000, 10.0)}
    assert desk.ledger.cpu(desk.first) == Share(4000, 0, 3000)


def test_only_what_is_held_can_be_reserved(desk: Desk) -> None:
    """A machine that is not on the host is refused by name."""
    vm = desk.vm()
    with pytest.raises(Conflict, match=f"{vm} holds nothing on {desk.first}"):
        desk.ledger.reserve(vm, desk.first, until=10.0)


def test_one_place_is_kept_for_a_vm(desk: Desk) -> None:
    """A machine lost while it migrated reserves the last host it left, not both."""
    vm = desk.vm()
    desk.ledger.claim(vm, desk.first)
    desk.ledger.claim(vm, desk.second)
    desk.ledger.reserve(vm, desk.first, until=10.0)
    desk.ledger.reserve(vm, desk.second, until=10.0)
    assert desk.ledger.reserved_on(vm) is desk.second
    assert desk.ledger.cpu(desk.first, desk.second) == Share(8000, 0, 1000)
    desk.ledger.cancel_reservation(vm)
    desk.ledger.cancel_reservation(vm)
    assert desk.ledger.cpu(desk.first, desk.second) == Share(8000, 0, 0)


# --- hosts and clusters ---------------------------------------------------------------------


def test_closed_hosts_do_not_count_in_their_cluster(desk: Desk) -> None:
    """Thresholds and orders of clusters look only at hosts that may take machines."""
    ledger, row = desk.ledger, desk.cluster.row
    desk.ledger.claim(desk.vm(2), desk.first)
    assert (ledger.cluster_cpu_total[row], ledger.cluster_cpu_free[row]) == (8000, 6000)
    ledger.close(desk.first)
    assert (ledger.cluster_cpu_total[row], ledger.cluster_cpu_free[row]) == (4000, 4000)
    ledger.open(desk.first)
    assert (ledger.cluster_cpu_total[row], ledger.cluster_cpu_free[row]) == (8000, 6000)


def test_less_over_provisioning_may_leave_less_than_nothing(desk: Desk) -> None:
    """What is held stays held; nothing more fits until enough has left."""
    desk.cluster.cpu_overcommit = 2.0
    desk.ledger.provision(desk.cluster)
    vms = [desk.vm(4, 1000) for _ in range(2)]
    for vm in vms:
        desk.ledger.claim(vm, desk.first)
    desk.cluster.cpu_overcommit = 1.0
    desk.ledger.provision(desk.cluster)
    assert desk.ledger.cpu(desk.first).free == -4000
    assert not desk.ledger.fits(desk.vm(1, 1), desk.first)
    for vm in vms:
        desk.ledger.release(vm, desk.first)
    assert desk.ledger.cpu(desk.first) == Share(4000, 0, 0)


def test_a_recount_opens_no_host(desk: Desk) -> None:
    """A host out of service stays out, with its new totals."""
    desk.ledger.close(desk.first)
    desk.cluster.cpu_overcommit = 2.0
    desk.ledger.provision(desk.cluster)
    assert desk.ledger.is_open.tolist() == [False, True]
    assert desk.ledger.closed == [1]
    assert desk.ledger.cpu(desk.first).total == 8000
    assert list(desk.ledger.cluster_cpu_total) == [8000]


def test_a_host_with_machines_cannot_be_removed(desk: Desk) -> None:
    """Reserved places are no obstacle, machines are."""
    vm = desk.vm()
    desk.ledger.claim(vm, desk.first)
    with pytest.raises(Conflict, match=f"{desk.first}: 1 VMs are on it"):
        desk.ledger.remove_host(desk.first)
    desk.ledger.reserve(vm, desk.first, until=10.0)
    desk.ledger.remove_host(desk.first)
    assert desk.ledger.hosts_of(desk.cluster) == [desk.second]
    assert desk.ledger.reserved_on(vm) is None


def test_a_cluster_with_hosts_cannot_be_removed(desk: Desk) -> None:
    """Empty it goes, and its row stays empty."""
    with pytest.raises(Conflict, match=f"{desk.cluster} still has 2 hosts"):
        desk.ledger.remove_cluster(desk.cluster)
    for host in (desk.first, desk.second):
        desk.ledger.remove_host(host)
    desk.ledger.remove_cluster(desk.cluster)
    assert desk.ledger.zone_clusters == {records.ZONE.id: []}


def test_rows_of_a_cluster_need_not_stand_together(desk: Desk) -> None:
    """They are a slice while they do; hosts added later, after another cluster's, still count."""
    assert desk.ledger.cluster_rows[desk.cluster.row] == slice(0, 2)
    other = records.cluster("c2")
    desk.ledger.add_cluster(other)
    for cluster in (other, desk.cluster):
        desk.ledger.add_host(records.host(cluster))
    assert desk.ledger.rows_of(desk.cluster).tolist() == [0, 1, 3]
    assert desk.ledger.rows_of(other).tolist() == [2]
    desk.ledger.remove_host(desk.second)
    assert desk.ledger.rows_of(desk.cluster).tolist() == [0, 3]


@pytest.mark.parametrize(
    "special",
    [
        {"tags": frozenset({"ssd"})},
        {"has_hvm": False},
        {"guest_os_category": "Windows"},
        {"max_guests": 5},
    ],
    ids=str,
)
def test_one_special_host_makes_a_cluster_special(special: dict[str, object]) -> None:
    """Only then are hosts asked one by one; `refresh` notices what was changed later."""
    ledger, cluster = Ledger(), records.cluster()
    ledger.add_cluster(cluster)
    ledger.add_host(records.host(cluster))
    assert ledger.is_plain == [True]
    odd = records.host(cluster, **special)
    ledger.add_host(odd)
    assert ledger.is_plain == [False]
    odd.tags, odd.has_hvm, odd.guest_os_category, odd.max_guests = frozenset(), True, None, None
    ledger.refresh(odd)
    assert ledger.is_plain == [True]


def test_many_hosts_keep_their_numbers() -> None:
    """Columns grow by doubling; what was written before stays where it was."""
    ledger, cluster = Ledger(), records.cluster()
    ledger.add_cluster(cluster)
    hosts = [records.host(cluster, cpus=number) for number in range(1, 101)]
    for host in hosts:
        ledger.add_host(host)
        ledger.open(host)
    assert ledger.cpu_total.tolist() == [1000 * number for number in range(1, 101)]
    assert ledger.cpu_total.dtype == np.int64
    assert list(ledger.cluster_cpu_total) == [5_050_000]


def test_the_ledger_says_how_full_the_cloud_is(desk: Desk) -> None:
    """One line with hosts, CPU and RAM."""
    desk.ledger.claim(desk.vm(2, 4096), desk.first)
    assert repr(desk.ledger) == (
        "<Ledger: 2 hosts, CPU 25% of 8000 MHz taken, RAM 25% of 16 GiB taken>"
    )
