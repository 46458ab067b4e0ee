"""The hosts a request could go to, as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloudlab.model import Cluster, Host, VirtualMachine, Zone
from cloudlab.policy.planner import considered, is_for_ha_hosts
from cloudlab.policy.scene import Avoid, Scene, Wish

Mask = NDArray[np.bool_]
"""One answer for each host of a `View`."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A request and the hosts of the place it is wished in, cluster after cluster."""

    scene: Scene
    vm: VirtualMachine
    wish: Wish
    avoid: Avoid
    clusters: list[Cluster]
    """Those that have hosts."""
    sizes: list[int]
    """How many hosts each cluster has."""
    rows: NDArray[np.intp]
    """The ledger row of each host."""
    speed: NDArray[np.int64]
    """MHz that a vCPU of the request is on each host."""
    need_cpu: NDArray[np.int64]
    """MHz that the request would take of each host."""
    names_a_host: bool
    """Whether a host was asked for, so that nobody looks at its tags, room and cluster."""

    def host(self, place: int) -> Host:
        """Return the host at `place` of the columns."""
        return self.scene.ledger.hosts[int(self.rows[place])]

    def spans(self) -> Iterator[tuple[Cluster, int, int]]:
        """Yield every cluster with the place of its first host and that after its last."""
        first = 0
        for cluster, size in zip(self.clusters, self.sizes, strict=True):
            yield cluster, first, first + size
            first += size

    def by_cluster(self, test: Callable[[Cluster], bool]) -> Mask:
        """Return for each host whether its cluster passes `test`."""
        passes = np.array([test(cluster) for cluster in self.clusters], dtype=np.bool_)
        return passes.repeat(self.sizes)

    def by_host(
        self,
        test: Callable[[Host], bool],
        *,
        alike: Callable[[Cluster], bool],
        among: Mask | None = None,
    ) -> Mask:
        """Return which hosts (of those `among`) pass `test`.

        Clusters whose hosts are `alike` in this respect are asked once.
        """
        mask = np.zeros(len(self.rows), dtype=np.bool_)
        for cluster, first, end in self.spans():
            if among is not None and not among[first:end].any():
                continue
            if alike(cluster):
                mask[first:end] = test(self.host(first))
            else:
                mask[first:end] = [test(self.host(place)) for place in range(first, end)]
        return mask if among is None else mask & among


def look(
    scene: Scene, vm: VirtualMachine, wish: Wish, avoid: Avoid, also: Iterable[Zone] = ()
) -> View:
    """Return the hosts of the wished place, be they up or not, and those of the zones `also`."""
    names_a_host = wish.host is not None and not is_for_ha_hosts(scene, wish)
    places = (wish, *(Wish(zone) for zone in also))
    clusters = [each for place in places for each in considered(scene, place)]
    found = [(each, scene.ledger.rows_of(each)) for each in clusters]
    if names_a_host and wish.host is not None:
        row = wish.host.row
        found = [(each, rows[rows == row]) for each, rows in found]
    found = [(each, rows) for each, rows in found if len(rows)]
    rows = np.concatenate([rows for _, rows in found] or [np.zeros(0, dtype=np.intp)])
    mhz = vm.offering.cpu_mhz
    speed = np.full(len(rows), mhz) if mhz else scene.ledger.mhz[rows]
    return View(
        scene,
        vm,
        wish,
        avoid,
        [cluster for cluster, _ in found],
        [len(rows) for _, rows in found],
        rows,
        speed,
        vm.offering.vcpu * speed,
        names_a_host,
    )
