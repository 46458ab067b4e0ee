"""Any sequence of writes to the ledger, beside a model that counts everything anew."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from cloudlab.errors import Conflict, InsufficientCapacity
from cloudlab.model import Cluster, Host, VirtualMachine
from cloudlab.state import Ledger, Share, cpu_need
from tests.state import records

FACTORS = st.sampled_from([1.0, 1.15, 2.0])
TIMES = st.integers(0, 5)
ANY = st.integers(0, 11)
"""Which of the hosts, machines or claims there are just now, counted round."""


@dataclass(frozen=True)
class Held:
    """What a machine holds of a host, in MHz and MiB."""

    host: Host
    cpu: int
    ram: int
    until: float | None = None


class Books(RuleBasedStateMachine):
    """The ledger and the naive model, side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        self.clusters: list[Cluster] = []
        self.hosts: list[Host] = []
        self.open: set[Host] = set()
        self.vms: list[VirtualMachine] = []
        self.claims: dict[tuple[int, Host], Held] = {}
        self.reservations: dict[int, Held] = {}

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """Two clusters with a host each, two accounts and three machines of various sizes."""
        for name in ("c1", "c2"):
            made = records.cluster(name, data.draw(FACTORS), data.draw(FACTORS))
            self.clusters.append(made)
            self.ledger.add_cluster(made)
            self.add_host(len(self.clusters) - 1, cpus=2, mhz=1000, ram=2000)
        owners = [records.account(), records.account()]
        for owner in (owners[0], owners[0], owners[1]):
            vcpu, ram = data.draw(st.integers(1, 2)), data.draw(st.sampled_from([1, 700, 1900]))
            speed = data.draw(st.sampled_from([0, 500]))
            self.vms.append(records.vm(owner, vcpu, ram, speed))

    # --- what may be done ------------------------------------------------------------------

    @precondition(lambda self: len(self.hosts) < 4)
    @rule(
        which=ANY,
        cpus=st.integers(1, 4),
        mhz=st.sampled_from([1000, 1333]),
        ram=st.sampled_from([1000, 2500]),
    )
    def add_host(self, which: int, cpus: int, mhz: int, ram: int) -> None:
        """A host joins, closed."""
        made = records.host(self.clusters[which % 2], cpus, mhz, ram)
        self.ledger.add_host(made)
        self.hosts.append(made)

    @precondition(lambda self: self.hosts)
    @rule(which=ANY)
    def remove_host(self, which: int) -> None:
        """A host leaves if no machine holds it; what was reserved on it is gone with it."""
        host = self.hosts[which % len(self.hosts)]
        if any(held.host is host for held in self.claims.values()):
            with pytest.raises(Conflict, match=f"{host}: "):
                self.ledger.remove_host(host)
            return
        self.ledger.remove_host(host)
        self.hosts.remove(host)
        host.cluster.hosts.remove(host)
        self.open.discard(host)
        self._forget(host)

    @precondition(lambda self: self.hosts)
    @rule(which=ANY, is_open=st.booleans())
    def switch(self, which: int, is_open: bool) -> None:
        """A host goes in or out of service; twice is no error."""
        host = self.hosts[which % len(self.hosts)]
        (self.ledger.open if is_open else self.ledger.close)(host)
        (self.open.add if is_open else self.open.discard)(host)

    @rule(which=ANY, cpu=FACTORS, ram=FACTORS)
    def provision(self, which: int, cpu: float, ram: float) -> None:
        """The factors of a cluster change; what is held stays held."""
        cluster = self.clusters[which % 2]
        cluster.cpu_overcommit, cluster.ram_overcommit = cpu, ram
        self.ledger.provision(cluster)

    @precondition(lambda self: self.hosts)
    @rule(which=ANY, where=ANY)
    def claim(self, which: int, where: int) -> None:
        """A machine takes a host, or is refused and nothing has changed."""
        vm, host = self.vms[which % 3], self.hosts[where % len(self.hosts)]
        need = Held(host, cpu_need(vm.offering, host), vm.offering.ram_mib)
        fits = self._fits_with_its_own(vm, need)
        assert self.ledger.fits(vm, host) is fits
        if (vm.id, host) in self.claims:
            with pytest.raises(Conflict, match=f"{vm} already holds capacity on {host}"):
                self.ledger.claim(vm, host)
        elif sum(number == vm.id for number, _ in self.claims) == 2:
            with pytest.raises(Conflict, match=f"{vm} holds capacity on two hosts already"):
                self.ledger.claim(vm, host)
        elif not fits:
            with pytest.raises(InsufficientCapacity, match=f"{host} has "):
                self.ledger.claim(vm, host)
        else:
            self.ledger.claim(vm, host)
            self.reservations.pop(vm.id, None)
            self.claims[vm.id, host] = need
            assert self.ledger.cpu_free[host.row] >= 0
            assert self.ledger.ram_free[host.row] >= 0

    @precondition(lambda self: self.claims)
    @rule(which=ANY)
    def release(self, which: int) -> None:
        """A machine gives a host back; when it holds nothing any more it is no error."""
        vm, host = self._claim(which)
        self.ledger.release(vm, host)
        del self.claims[vm.id, host]
        self.ledger.release(vm, host)

    @precondition(lambda self: self.claims)
    @rule(which=ANY, until=TIMES)
    def reserve(self, which: int, until: float) -> None:
        """A stopped machine keeps its place, and only the latest; what is not held cannot be."""
        vm, host = self._claim(which)
        self.ledger.reserve(vm, host, until)
        held = self.claims.pop((vm.id, host))
        self.reservations[vm.id] = Held(host, held.cpu, held.ram, until)
        with pytest.raises(Conflict, match="holds nothing"):
            self.ledger.reserve(vm, host, until)

    @rule(which=ANY)
    def cancel(self, which: int) -> None:
        """A reservation is given up; none is no error."""
        vm = self.vms[which % 3]
        self.ledger.cancel_reservation(vm)
        self.reservations.pop(vm.id, None)

    @precondition(lambda self: self.reservations)
    @rule(which=ANY)
    def forget(self, which: int) -> None:
        """All reservations of a host are given up."""
        host = self.hosts[which % len(self.hosts)]
        self.ledger.forget_reservations(host)
        self._forget(host)

    @precondition(lambda self: self.reservations)
    @rule(now=TIMES)
    def expire(self, now: float) -> None:
        """Reservations that ended by now are gone, those that end later stay."""
        over = [vm for vm, held in self.reservations.items() if held.until <= now]
        assert self.ledger.expire_reservations(now) == len(over)
        for vm in over:
            del self.reservations[vm]

    # --- what must hold ----------------------------------------------------------------------

    @invariant()
    def holdings_are_those_of_the_model(self) -> None:
        """Who holds what, and who is where."""
        assert self.ledger.claims() == {
            (vm, held.host.row): (held.cpu, held.ram) for (vm, _), held in self.claims.items()
        }
        assert self.ledger.reservations() == {
            vm: (held.host.row, held.cpu, held.ram, held.until)
            for vm, held in self.reservations.items()
        }
        for vm in self.vms:
            there = [held.host for (number, _), held in self.claims.items() if number == vm.id]
            place = self.ledger.places.get(vm.account.id, {}).get(vm.id)
            assert place == (there[-1].row if there else None)
            kept = self.reservations.get(vm.id)
            assert self.ledger.reserved_on(vm) is (kept.host if kept else None)

    @invariant()
    def hosts_add_up(self) -> None:
        """Total, used and reserved of each host are the sums of what is held of it."""
        for host in self.hosts:
            used = [held for held in self.claims.values() if held.host is host]
            kept = [held for held in self.reservations.values() if held.host is host]
            cpu = Share(
                int(host.cpu_mhz * host.cluster.cpu_overcommit),
                sum(held.cpu for held in used),
                sum(held.cpu for held in kept),
            )
            ram = Share(
                int(host.ram_mib * host.cluster.ram_overcommit),
                sum(held.ram for held in used),
                sum(held.ram for held in kept),
            )
            assert (self.ledger.cpu(host), self.ledger.ram(host)) == (cpu, ram)
            assert self.ledger.cpu_free[host.row] == cpu.free
            assert self.ledger.ram_free[host.row] == ram.free
            assert bool(self.ledger.is_open[host.row]) == (host in self.open)
            assert set(self.ledger.guests[host.row]) == {
                number for number, place in self.claims if place is host
            }

    @invariant()
    def clusters_are_the_sums_over_open_hosts(self) -> None:
        """And know how many hosts are closed, and which questions they need not ask."""
        ledger = self.ledger
        for cluster in self.clusters:
            row, hosts = cluster.row, [each for each in self.hosts if each.cluster is cluster]
            assert ledger.hosts_of(cluster) == hosts
            counted = [host for host in hosts if host in self.open]
            assert ledger.cluster_cpu_total[row] == ledger.cpu(*counted).total
            assert ledger.cluster_cpu_free[row] == ledger.cpu(*counted).free
            assert ledger.cluster_ram_total[row] == ledger.ram(*counted).total
            assert ledger.cluster_ram_free[row] == ledger.ram(*counted).free
            assert ledger.closed[row] == len(hosts) - len(counted)
            assert all(ledger.least_cores[row] <= host.cpus for host in hosts)
            assert ledger.speeds[row] >= {host.mhz for host in hosts}

    def _claim(self, which: int) -> tuple[VirtualMachine, Host]:
        number, host = list(self.claims)[which % len(self.claims)]
        return next(vm for vm in self.vms if vm.id == number), host

    def _forget(self, host: Host) -> None:
        for vm in [vm for vm, held in self.reservations.items() if held.host is host]:
            del self.reservations[vm]

    def _fits_with_its_own(self, vm: VirtualMachine, need: Held) -> bool:
        """Return whether there is room, what is reserved for the machine counted as free."""
        own = self.reservations.get(vm.id)
        here = own if own is not None and own.host is need.host else Held(need.host, 0, 0)
        free_cpu, free_ram = self.ledger.cpu(need.host).free, self.ledger.ram(need.host).free
        return free_cpu + here.cpu >= need.cpu and free_ram + here.ram >= need.ram


class TestBooks(Books.TestCase):
    """Hypothesis plays; what it finds it shrinks to the shortest story."""

    settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
