"""Hears what moves in a cloud and keeps what its quantities were, instant by instant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloudlab.engine.agenda import LATE, Alarm
from cloudlab.errors import InvalidParameter
from cloudlab.model import Host, VirtualMachine
from simulator.metrics.catalog import PER_CLUSTER
from simulator.metrics.census import Census
from simulator.metrics.readings import Readings, columns
from simulator.metrics.step_functions import BUCKETS, StepFunctions
from simulator.metrics.uptime import Uptime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloudlab.cloud import Cloud
    from cloudlab.engine import Event
    from cloudlab.state import Move


class Recorder:
    """Reads the books at the end of every instant in which something moved.

    Within an instant books and states change one after the other; only what they are at its
    end held for any time.

    Attributes:
        cloud: whose books.
        uptime: which hosts are up, and were.
        is_open: whether it still records.
    """

    def __init__(self, cloud: Cloud) -> None:
        """Begin to record `cloud`."""
        clusters = len(cloud.ledger.clusters)
        self.cloud = cloud
        self.uptime = Uptime(cloud.inventory.hosts, clusters, cloud.now)
        self._census = Census(cloud.inventory, clusters)
        self._readings = Readings(cloud, self._census, self.uptime)
        self._functions = StepFunctions(cloud.now, columns(clusters), buckets=_buckets(clusters))
        self._is_due = False
        self._end = cloud.journal.listen(self._hear)
        self.is_open = True
        self.read()

    def _hear(self, move: Move) -> None:
        """Take a move into account, and have the books read when its instant is over."""
        subject = move.subject
        if type(subject) is VirtualMachine:
            self._census.heard(subject, move)
        elif type(subject) is Host and move.field == "status":
            self.uptime.heard(subject, move)
        if not self._is_due:
            self._is_due = True
            engine = self.cloud.engine
            # A bare alarm: a process that sleeps until then takes three events instead of one.
            Alarm(engine.agenda, engine.now, LATE).callbacks.append(self._read_late)

    def _read_late(self, _: Event) -> None:
        self._is_due = False
        if self.is_open:
            self.read()

    def read(self) -> None:
        """Take down what holds from now on."""
        if len(self.cloud.ledger.clusters) > self._readings.clusters:
            self._grow()
        if self._readings.is_full:
            self._add_up()
        self._readings.take(self.cloud.now)

    def _grow(self) -> None:
        """Make room for clusters that were added."""
        self._add_up()
        clusters = len(self.cloud.ledger.clusters)
        self._census.grow(clusters)
        self.uptime.grow(clusters)
        self._functions.add_columns((clusters - self._readings.clusters) * len(PER_CLUSTER))
        self._readings = Readings(self.cloud, self._census, self.uptime)

    def _add_up(self) -> None:
        if self._readings.count:
            moments, values = self._readings.added_up()
            self._functions.extend(moments, values, float(moments[-1]))

    def functions(self) -> StepFunctions:
        """Return everything up to the present, or to the end of the recording."""
        if self.is_open:
            self.read()
        self._add_up()
        return self._functions

    def close(self) -> None:
        """Record no more; what was recorded stays."""
        if self.is_open:
            self.read()
            self._end()
            self.is_open = False

    def state(self) -> dict[str, Any]:
        """Return everything recorded as plain data that JSON knows."""
        return {"functions": self.functions().state(), "uptime": self.uptime.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on with what another recording of this cloud returned by `state`.

        Raises:
            InvalidParameter: it has another number of clusters, or reaches past the present.
        """
        functions = StepFunctions.restored(state["functions"], buckets=self._functions.buckets)
        known, here = len(functions.held), columns(self._readings.clusters)
        if known != here:
            raise InvalidParameter(f"the state has {known} quantities, this cloud has {here}")
        now = self.cloud.now
        if functions.until > now:
            message = f"the state reaches to {functions.until:g} s, the clock shows {now:g} s"
            raise InvalidParameter(message)
        self._functions = functions
        self._readings = Readings(self.cloud, self._census, self.uptime)
        self.uptime.restore(state["uptime"])
        self.read()


def _buckets(clusters: int) -> int:
    """Return how many buckets of time to keep, a power of two: fewer for very many clusters.

    Three numbers a bucket and quantity are 100 MB at the most.
    """
    return max(64, min(BUCKETS, 1 << (4_000_000 // columns(clusters)).bit_length() - 1))
