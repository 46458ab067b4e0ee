"""What a lab shows: pictures and tables of its cloud, the same as everywhere else."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from cloudlab import views
from cloudlab.errors import InvalidParameter
from cloudlab.lab.bench import Bench
from cloudlab.lab.finding import among
from cloudlab.lab.words import real
from cloudlab.tracing import Timing

if TYPE_CHECKING:
    from cloudlab.model import Record
    from cloudlab.views.sent import Commands
    from cloudlab.widgets import TopologyWidget, VmTable


class Looking(Bench):
    """The half of a lab that only looks; nothing here changes anything."""

    # --- widgets -----------------------------------------------------------------------------

    def explore(self) -> TopologyWidget:
        """Return the cloud as a picture to click: details of every part, and a way into it.

        Raises:
            ModuleNotFoundError: Jupyter's widgets are missing; `pip install cloudlab[lab]`.
        """
        from cloudlab.widgets import TopologyWidget  # noqa: PLC0415  (loads Jupyter)

        return TopologyWidget(self)

    def table(self) -> VmTable:
        """Return the machines as a table to filter and sort; see `explore` for errors."""
        from cloudlab.widgets import VmTable  # noqa: PLC0415  (loads Jupyter)

        return VmTable(self)

    # --- pictures --------------------------------------------------------------------------

    def topology(self, focus: Record | str | None = None) -> views.Markup:
        """Return zone > pod > cluster > host > VM as a picture, or the part below `focus`."""
        below = self._seen(focus) if isinstance(focus, str) else focus
        return views.draw_topology(views.topology(self.cloud, below))

    def gauges(self) -> views.Markup:
        """Return how full each zone is, a ring for every resource."""
        return views.draw_gauges(views.capacity(self.cloud, views.Level.ZONE))

    def timeline(self, since: float = 0.0) -> views.Markup:
        """Return the lives of hosts and machines from `since` (seconds) until now."""
        return views.draw_timeline(views.timeline(self.cloud, real("since", since)))

    # --- tables ------------------------------------------------------------------------------

    @property
    def vms(self) -> views.Listing[views.VmRow]:
        """The machines, a row each."""
        return views.vm_rows(self.cloud)

    @property
    def hosts(self) -> views.Listing[views.HostRow]:
        """The hosts, a row each."""
        return views.host_rows(self.cloud)

    @property
    def volumes(self) -> views.Listing[views.VolumeRow]:
        """The volumes, a row each."""
        return views.volume_rows(self.cloud)

    @property
    def capacity(self) -> views.Listing[views.CapacityRow]:
        """What is allocated and left of every resource, for every zone, pod, cluster and host."""
        return views.capacity(self.cloud)

    @property
    def events(self) -> views.Listing[views.EventRow]:
        """The last events, a row each."""
        return views.event_rows(self.cloud)

    @property
    def alerts(self) -> views.Listing[views.AlertRow]:
        """The alerts, a row each."""
        return views.alert_rows(self.cloud)

    @property
    def jobs(self) -> views.Listing[views.JobRow]:
        """The jobs, a row each."""
        return views.job_rows(self.cloud)

    # --- what is done for it outside -----------------------------------------------------------

    @property
    def commands(self) -> Commands:
        """What was sent to hosts; `rows()` has every command, with its duration and outcome.

        A simulation sends nothing.
        """
        return self.world.log

    @property
    def timings(self) -> views.Listing[Timing]:
        """How long each step outside took; a simulation notes it from when this is first asked.

        `simulator.latency.calibrated` makes a latency profile of them.
        """
        return views.Listing(Timing, self.world.stopwatch.timings)

    def compare(self, twin: Looking, since: float) -> views.Comparison:
        """Return what a twin predicted beside what happened here, from `since` (seconds) on.

        Both timelines, one above the other, and for every job, every host that fell and every
        machine that came back: how long it took there, how long here, and the error.

        Raises:
            InvalidParameter: `twin` is no lab, or `since` no finite number.
        """
        if not isinstance(twin, Looking):
            raise InvalidParameter(f"twin is {twin!r}; allowed: a lab, as lab.twin() returns it")
        if not isfinite(real("since", since)):
            raise InvalidParameter(f"since is {since!r}; allowed: seconds, a finite number")
        return views.Comparison(twin.cloud, self.cloud, since)

    def details(self, record: Record | str) -> views.Listing[views.DetailRow]:
        """Return everything worth knowing about one thing.

        Raises:
            NotFound: nothing that can be seen has this name.
            Conflict: several have it; give the object.
        """
        return views.details(self.cloud, self._seen(record) if isinstance(record, str) else record)

    def _seen(self, name: str) -> Record:
        """Return what has this name: a place, a machine, a volume or a network."""
        stock = self.cloud.inventory
        there: list[Record] = [*stock.zones, *stock.pods, *stock.clusters, *stock.hosts]
        there += [*stock.pools, *stock.vms, *stock.volumes, *stock.networks]
        return among("place, machine, volume or network", there, name)

    def _repr_html_(self) -> str:
        return f"{self.topology()}"
