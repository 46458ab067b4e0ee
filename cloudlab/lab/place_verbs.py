"""What a lab does with the physical cloud: switch, empty, break and mend its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import InvalidParameter
from cloudlab.lab.bench import Bench
from cloudlab.lab.finding import Which, among
from cloudlab.lab.usage import UsageRow, usage
from cloudlab.model import Cluster, Command, Host, Pod, StoragePool, Zone
from cloudlab.views.listing import Listing
from cloudlab.workflows import hosts, pools, recovery, zones

if TYPE_CHECKING:
    from collections.abc import Coroutine

Scope = Zone | Pod | Cluster | Host | StoragePool


class PlaceVerbs(Bench):
    """The verbs of zones, pods, clusters, hosts and pools."""

    def enter_maintenance(self, what: Host | StoragePool | str) -> Host | StoragePool:
        """Empty a host, or stop the users of a pool, and take it out of service."""
        it = self._host_or_pool(what)
        if isinstance(it, Host):
            work = hosts.enter_maintenance(self.cloud, it)
            return self.do(Command.PREPARE_MAINTENANCE, it, work)
        return self.do(Command.ENABLE_POOL_MAINTENANCE, it, pools.enter_maintenance(self.cloud, it))

    def cancel_maintenance(self, what: Host | StoragePool | str) -> Host | StoragePool:
        """Put a host or pool back into service."""
        it = self._host_or_pool(what)
        if isinstance(it, Host):
            return self.do(Command.CANCEL_MAINTENANCE, it, hosts.cancel_maintenance(self.cloud, it))
        return self.do(
            Command.CANCEL_POOL_MAINTENANCE, it, pools.cancel_maintenance(self.cloud, it)
        )

    def enable(self, scope: Scope | str) -> None:
        """Let new machines be placed again in a zone, pod, cluster, host or pool.

        Raises:
            Conflict: several places have this name; give the object.
        """
        self.ask(self._switched(self._place(scope), on=True))

    def disable(self, scope: Scope | str) -> None:
        """Place nothing new in a zone, pod, cluster, host or pool; what runs there stays.

        Raises:
            Conflict: several places have this name; give the object.
        """
        self.ask(self._switched(self._place(scope), on=False))

    def _switched(self, scope: Scope, *, on: bool) -> Coroutine[object, object, None]:
        cloud = self.cloud
        if isinstance(scope, Host):
            return hosts.enable(cloud, scope) if on else hosts.disable(cloud, scope)
        if isinstance(scope, StoragePool):
            return pools.enable(cloud, scope) if on else pools.disable(cloud, scope)
        return zones.enable(cloud, scope) if on else zones.disable(cloud, scope)

    def break_host(self, host: Which[Host]) -> Host:
        """Kill a host: its machines stop. The cloud finds out in the next minutes: `run`."""
        it = self.the(self.cloud.inventory.hosts, host)
        self.check_open()
        self.world.break_host(it)
        return it

    def repair_host(self, host: Which[Host]) -> Host:
        """Mend a host that was killed and take it back into service."""
        it = self.the(self.cloud.inventory.hosts, host)
        self.check_open()
        self.world.repair_host(it)
        return self.ask(recovery.host_back(self.cloud, it))

    def unplug(self, host: Which[Host], cable: str = "management") -> Host:
        """Unplug a cable of a host: its guests run on, but nobody can ask it anything.

        The cloud finds out in the next minutes, fences nothing and tells you: `run`, `alerts`.

        Raises:
            InvalidParameter: it has no such cable.
        """
        it = self.the(self.cloud.inventory.hosts, host)
        if cable != "management":
            raise InvalidParameter(f"cable of {it} is {cable!r}; allowed: management")
        self.check_open()
        self.world.cut_management(it)
        return it

    def plug(self, host: Which[Host]) -> Host:
        """Plug the management cable of a host in again and take it back into service."""
        it = self.the(self.cloud.inventory.hosts, host)
        self.check_open()
        self.world.mend_management(it)
        return self.ask(recovery.host_back(self.cloud, it))

    def stats(self, host: Which[Host]) -> Listing[UsageRow]:
        """Return what the machines on a real host used: CPU, RAM, disks and network.

        Raises:
            InvalidParameter: it is simulated: nothing is used.
        """
        it = self.the(self.cloud.inventory.hosts, host)
        return self.ask(usage(self.cloud, it))

    def _host_or_pool(self, what: Host | StoragePool | str) -> Host | StoragePool:
        stock = self.cloud.inventory
        there: list[Host | StoragePool] = [*stock.hosts, *stock.pools]
        return among("host or pool", there, what)

    def _place(self, what: Scope | str) -> Scope:
        stock = self.cloud.inventory
        there: list[Scope] = [*stock.zones, *stock.pods, *stock.clusters]
        there += [*stock.hosts, *stock.pools]
        return among("zone, pod, cluster, host or pool", there, what)
