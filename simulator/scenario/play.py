"""A demand played against a running cloud: every request a deploy, every end a destroy.

Everything still to come is data (two columns and two positions in them), never a waiting
process: so a cloud that is being played can be saved and taken up again anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cloudlab.errors import InsufficientCapacity
from cloudlab.model import (
    Account,
    AllocationState,
    Command,
    ComputeOffering,
    Domain,
    JobStatus,
    Template,
    VirtualMachine,
    VmState,
    Zone,
)
from cloudlab.policy import Avoid, Wish, by_zone_load, explain
from cloudlab.workflows import jobs, machines
from simulator.placements import Reason

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from numpy.typing import NDArray

    from cloudlab.cloud import Cloud
    from simulator.workload import Demand

TENANTS: Final = "tenants"
"""The domain that the accounts of a demand belong to."""


class Player:
    """Plays a demand.

    Attributes:
        arrived: how many requests have come.
        departed: how many of the ends, in order of time, have come.
        host: `(n,)` which host, counted from 0 in the order they were added; -1 when refused
            or yet to come.
        pool: `(n,)` which pool its root disk is on, counted and marked likewise.
        reason: `(n,)` a `Reason`.
        start_s: `(n,)` when it got its host; nan when refused or yet to come.
        end_s: `(n,)` when it gave it back; infinite when it still has it.
    """

    def __init__(
        self, cloud: Cloud, demand: Demand, *, begin: float = 0.0, default_disk_mib: int = 0
    ) -> None:
        """Prepare to play `demand` on `cloud`.

        Args:
            cloud: where its machines go.
            demand: what comes.
            begin: the moment that is the demand's time 0, seconds.
            default_disk_mib: root disk of a request that names none, MiB.
        """
        count = len(demand)
        self.cloud = cloud
        self.demand = demand
        self.begin = begin
        self.default_disk_mib = default_disk_mib
        self.arrived = 0
        self.departed = 0
        self.host = np.full(count, -1, np.int32)
        self.pool = np.full(count, -1, np.int32)
        self.reason = np.zeros(count, np.int8)
        self.start_s = np.full(count, np.nan)
        self.end_s = np.full(count, np.nan)
        self.running: dict[int, VirtualMachine] = {}
        """By request: the machine it got, until it leaves."""
        self._leaving: set[int] = set()
        # Plain lists: one value of an array costs four times as much, and there are eight a life.
        self._coming: list[float] = (demand.arrival_s + begin).tolist()
        self._ending: list[float] = (demand.departure_s + begin).tolist()
        self._order: list[int] = np.argsort(demand.departure_s, kind="stable").tolist()
        self._sizes = list(
            zip(demand.vcpu.tolist(), demand.cpu_mhz.tolist(), demand.ram_mib.tolist(), strict=True)
        )
        self._disks: list[int] = demand.disk_mib.tolist()
        self._tenants: list[int] = demand.tenant.tolist()
        self._offerings: dict[tuple[int, int, int], ComputeOffering] = {}
        self._accounts: dict[int, Account] = {}
        self._template = _blank(cloud)
        self._domain = _domain(cloud)
        self._zones = [zone for zone in cloud.inventory.zones if _takes(zone, self._domain)]

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.arrived == len(self._coming) and self._next_departure() == np.inf

    # --- what comes when ---------------------------------------------------------------

    async def play(self, until: float = np.inf) -> None:
        """Play on until nothing more comes, or up to and including the moment `until`."""
        engine, arrivals, count = self.cloud.engine, self._coming, len(self._coming)
        while True:
            coming = arrivals[self.arrived] if self.arrived < count else np.inf
            leaving = self._next_departure()
            moment = min(coming, leaving)
            if moment == np.inf or moment > until:
                return
            await engine.sleep_until(moment)
            if leaving <= coming:
                await self._depart(moment)
            if coming == moment:
                if engine.peek() <= moment:
                    # What else happens at this moment, ends first of all, goes before it.
                    await engine.sleep_until(moment, late=True)
                await self._arrive(moment)

    def _next_departure(self) -> float:
        """Return when the next request that has come and was not refused ends."""
        order, ending, refused = self._order, self._ending, self.reason
        count = len(order)
        while self.departed < count:
            request = order[self.departed]
            ends = ending[request]
            # One that has not come yet ends later than it comes, and so does all after it.
            if request >= self.arrived or ends == np.inf or refused[request] == 0:
                return ends
            self.departed += 1
        return np.inf

    async def _depart(self, moment: float) -> None:
        order, ending, count = self._order, self._ending, len(self._order)
        while self.departed < count:
            request = order[self.departed]
            if ending[request] > moment or request >= self.arrived:
                return
            self.departed += 1
            if request in self.running:
                await self._run(self._leave(request))
            elif self.reason[request] == 0:
                self._leaving.add(request)

    async def _arrive(self, moment: float) -> None:
        arrivals, count = self._coming, len(self._coming)
        while self.arrived < count and arrivals[self.arrived] == moment:
            request = self.arrived
            self.arrived += 1
            await self._run(self._come(request))

    async def _run(self, work: Coroutine[object, object, None]) -> None:
        """Let `work` go on by itself, or end it here where nothing takes time."""
        if self.cloud.ports_are_instant:
            await work
        else:
            self.cloud.engine.spawn(work)

    # --- what happens then ---------------------------------------------------------------

    async def _come(self, request: int) -> None:
        """Deploy the machine of `request` in the zone with most room, or the next."""
        for zone in by_zone_load(self.cloud.scene, self._zones):
            vm = await self._deploy(request, zone)
            if vm is not None:
                break
        if request in self._leaving:
            self._leaving.discard(request)
            if request in self.running:
                await self._leave(request)

    async def _deploy(self, request: int, zone: Zone) -> VirtualMachine | None:
        cloud = self.cloud
        asked = self._asked(request, zone)
        made: list[VirtualMachine] = []
        job = await jobs.perform(
            cloud, Command.DEPLOY, asked.name, machines.deploy(cloud, asked, made.append)
        )
        vm = made[0] if made else None
        if job.status is JobStatus.SUCCEEDED and vm is not None:
            self.reason[request] = 0
            assert vm.host is not None  # noqa: S101  (it runs)
            self.host[request] = vm.host.id - 1
            root = vm.volumes[0].pool
            self.pool[request] = -1 if root is None else root.id - 1
            self.start_s[request] = vm.created
            self.end_s[request] = np.inf
            self.running[request] = vm
            return vm
        self.reason[request] = self._why(vm, job.error)
        if vm is not None and vm.state is VmState.ERROR:
            await machines.destroy(cloud, vm)
        return None

    def _why(self, vm: VirtualMachine | None, error: Exception | None) -> Reason:
        """Return why `vm` was refused; of several zones, what they lack together."""
        explanation = getattr(error, "explanation", None)
        if vm is None or explanation is None or not isinstance(error, InsufficientCapacity):
            return Reason.UNAVAILABLE
        if len(self._zones) > 1:
            others = (zone for zone in self._zones if zone is not vm.zone)
            explanation = explain(self.cloud.scene, vm, Wish(vm.zone), Avoid(), others)
        return Reason(explanation.reason)

    async def _leave(self, request: int) -> None:
        vm = self.running.pop(request)
        self.end_s[request] = self.cloud.now
        if vm.removed is None and vm.state is not VmState.DESTROYED:
            cloud = self.cloud
            await jobs.perform(cloud, Command.DESTROY, vm, machines.destroy(cloud, vm))

    def _asked(self, request: int, zone: Zone) -> machines.Deployment:
        disk, size, tenant = self._disks[request], self._sizes[request], self._tenants[request]
        return machines.Deployment(
            zone=zone,
            offering=self._offerings.get(size) or self._new_offering(size),
            template=self._template,
            account=self._accounts.get(tenant) or self._new_account(tenant),
            name=f"request-{request}",
            root_size_mib=self.default_disk_mib if disk < 0 else disk,
            ordinal=request,
        )

    def _new_offering(self, size: tuple[int, int, int]) -> ComputeOffering:
        vcpu, mhz, ram = size
        name = f"{vcpu} vCPU {ram} MiB" + (f" {mhz} MHz" if mhz else "")
        made = ComputeOffering(name=name, vcpu=vcpu, cpu_mhz=mhz, ram_mib=ram)
        self._offerings[size] = self.cloud.inventory.compute_offerings.add(made)
        return made

    def _new_account(self, tenant: int) -> Account:
        names = self.demand.tenant_names
        name = names[tenant] if names else f"tenant-{tenant}"
        known = self._domain.accounts.get(name)
        account = known or self.cloud.add_account(name, self._domain)
        self._accounts[tenant] = account
        return account

    # --- saved and taken up again ------------------------------------------------------------

    def state(self) -> dict[str, object]:
        """Return how far it got and what became of each request, as plain data."""
        done = slice(0, self.arrived)
        return {
            "begin": self.begin,
            "arrived": self.arrived,
            "departed": self.departed,
            "host": self.host[done].tolist(),
            "pool": self.pool[done].tolist(),
            "reason": self.reason[done].tolist(),
            "start_s": _plain(self.start_s[done]),
            "end_s": _plain(self.end_s[done]),
            "running": {str(request): vm.id for request, vm in self.running.items()},
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from where `state` was taken."""
        self.arrived, self.departed = state["arrived"], state["departed"]
        done = slice(0, self.arrived)
        self.host[done], self.pool[done] = state["host"], state["pool"]
        self.reason[done] = state["reason"]
        self.start_s[done], self.end_s[done] = _times(state["start_s"]), _times(state["end_s"])
        vms = self.cloud.inventory.vms
        self.running = {int(request): vms.get(vm) for request, vm in state["running"].items()}


def _plain(times: NDArray[np.float64]) -> list[float | str]:
    """Return `times` as JSON knows them: what is not finite as a text."""
    return [time if np.isfinite(time) else str(time) for time in times.tolist()]


def _times(plain: list[float | str]) -> NDArray[np.float64]:
    return np.array([float(time) for time in plain])


def _takes(zone: Zone, tenants: Domain) -> bool:
    """Return whether `tenants` may deploy in `zone`: it is Enabled, and theirs or public."""
    is_theirs = zone.domain is None or zone.domain.contains(tenants)
    return is_theirs and zone.state is AllocationState.ENABLED


def _domain(cloud: Cloud) -> Domain:
    """Return the domain of the demand's accounts, made if need be."""
    known = (each for each in cloud.root.subdomains if each.name == TENANTS)
    return next(known, None) or cloud.add_domain(TENANTS)


def _blank(cloud: Cloud) -> Template:
    """Return the empty template that requests are deployed from, made if need be."""
    known = (each for each in cloud.inventory.templates if each.name == "blank")
    found = next(known, None)
    return found or cloud.inventory.templates.add(Template(name="blank", hypervisor=None))
