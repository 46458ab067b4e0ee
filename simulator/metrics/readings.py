"""What the cloud's quantities are at this moment, taken down quickly and added up later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.errors import NotFound
from simulator.metrics.catalog import OF_THE_CLOUD, PER_CLUSTER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudlab.cloud import Cloud
    from simulator.metrics.census import Census
    from simulator.metrics.uptime import Uptime

_PLACE: Final = {measure.name: place for place, measure in enumerate(PER_CLUSTER)}
_ALLOCATED: Final = tuple(
    (_PLACE[f"{what}_allocated_{unit}"], _PLACE[f"{what}_total_{unit}"])
    for what, unit in (("cpu", "mhz"), ("ram", "mib"))
)
"""Where allocated quantities stand, and the totals they are a part of."""

_MOST_ROWS: Final = 1024
_MOST_NUMBERS: Final = 1 << 20


def columns(clusters: int) -> int:
    """Return how many quantities there are: of the cloud, and of each cluster."""
    return len(OF_THE_CLOUD) + len(PER_CLUSTER) * (1 + clusters)


class Readings:
    """Readings not yet added up, one a moment; a later one of the same moment replaces it.

    Taking one costs 5 to 7 us, adding it up later as much again, with up to 100 clusters.

    Attributes:
        clusters: how many there are.
        count: how many readings wait.
    """

    def __init__(self, cloud: Cloud, census: Census, uptime: Uptime) -> None:
        """Make room for readings of `cloud`, of whose VMs and hosts others keep count."""
        self._cloud, self._census, self._uptime = cloud, census, uptime
        self.clusters = len(cloud.ledger.clusters)
        rows = max(2, min(_MOST_ROWS, _MOST_NUMBERS // columns(self.clusters)))
        self._times = np.zeros(rows)
        self._by_cluster = np.zeros((rows, len(PER_CLUSTER) * self.clusters), dtype=np.int64)
        self._of_cloud: list[tuple[int, ...]] = []
        self._open_jobs: set[int] = set()
        self._last_job = 0
        self.count = 0

    @property
    def is_full(self) -> bool:
        """Whether there is no room for another moment."""
        return self.count == len(self._times)

    def take(self, now: float) -> None:
        """Take down what holds from `now` on; there is room."""
        if self.count and self._times[self.count - 1] == now:
            self.count -= 1
            self._of_cloud.pop()
        self._census.settle()
        ledger = self._cloud.ledger
        by_cluster = (
            self._census.running,
            np.array(ledger.cluster_cpu_free, np.int64),
            np.array(ledger.cluster_cpu_total, np.int64),
            np.array(ledger.cluster_ram_free, np.int64),
            np.array(ledger.cluster_ram_total, np.int64),
            self._uptime.up,
        )
        np.concatenate(by_cluster, out=self._by_cluster[self.count])
        storage = sum(ledger.pool_allocated), sum(ledger.pool_total)
        addresses = sum([pool.taken for pool in self._cloud.addresses])
        self._of_cloud.append((*self._census.others(), *storage, addresses, self._jobs()))
        self._times[self.count] = now
        self.count += 1

    def _jobs(self) -> int:
        """Return how many jobs are in progress; only new ones and those are looked at."""
        jobs = self._cloud.inventory.jobs
        self._open_jobs.update(range(self._last_job + 1, jobs.last_id + 1))
        self._last_job = jobs.last_id
        if self._open_jobs:
            self._open_jobs = {number for number in self._open_jobs if self._is_open(number)}
        return len(self._open_jobs)

    def _is_open(self, number: int) -> bool:
        """Return whether a job goes on; one that was forgotten had ended."""
        try:
            return not self._cloud.inventory.jobs.get(number).is_done
        except NotFound:
            return False

    def added_up(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return moments and quantities, the cloud's sums included, and forget the readings.

        Returns:
            Moments, shape (readings,), and quantities, shape (readings, columns): those known
            of the cloud only, those of every cluster summed up, then cluster by cluster.
        """
        count, self.count = self.count, 0
        by_cluster = self._by_cluster[:count].reshape(count, len(PER_CLUSTER), self.clusters)
        for allocated, total in _ALLOCATED:  # what was taken down is what is free
            by_cluster[:, allocated] = by_cluster[:, total] - by_cluster[:, allocated]
        of_cloud = np.array(self._of_cloud, dtype=np.float64).reshape(count, len(OF_THE_CLOUD))
        self._of_cloud = []
        sums = by_cluster.sum(axis=2, dtype=np.float64)
        each = by_cluster.transpose(0, 2, 1).reshape(count, -1)
        return self._times[:count].copy(), np.hstack((of_cloud, sums, each))
