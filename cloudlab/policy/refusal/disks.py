"""Which volume of a refused VM finds no pool, and what the pools have left for it."""

from __future__ import annotations

from typing import NamedTuple

from cloudlab.model import Host, StoragePool, Volume
from cloudlab.policy.algorithms import algorithm
from cloudlab.policy.pools import accepts, reachable, room, template_mib, unplaced
from cloudlab.policy.refusal.view import View
from cloudlab.units import size_text


class Shortage(NamedTuple):
    """A volume that finds no pool, and the pool with most room for it."""

    volume: Volume
    pool: StoragePool | None
    """`None` if no pool in reach is Up with the tags asked for."""
    left_mib: int
    """The largest volume the pool would take instead."""

    def __str__(self) -> str:
        """Say what is missing and what is there."""
        size = f"{size_text(self.volume.size_mib)} for volume {self.volume.name}"
        if self.pool is None:
            tags = f" with tags {', '.join(sorted(self.volume.tags))}" if self.volume.tags else ""
            return f"no pool it reaches is Up{tags} to take {size}"
        most = f"{size_text(self.left_mib)} on {self.pool.name}"
        return f"no pool it reaches has {size}; the most is {most}"


def shortage(view: View, host: Host) -> Shortage | None:
    """Return which volume finds no pool that `host` reaches; `None` if all find one."""
    scene, vm = view.scene, view.vm
    order = algorithm(scene.settings.allocation_algorithm).pools
    promised: dict[StoragePool, int] = {}
    for volume in unplaced(vm):
        left = {
            pool: room(scene, pool) - promised.get(pool, 0) - template_mib(pool, volume)
            for pool in reachable(host, volume, local=vm.offering.uses_local_storage)
            if accepts(pool, volume) and pool.id not in view.avoid.pools
        }
        fitting = [pool for pool, most in left.items() if most >= volume.size_mib]
        if not fitting:
            best = max(left, key=left.__getitem__, default=None)
            return Shortage(volume, best, 0 if best is None else max(left[best], 0))
        chosen = order(scene, vm, host.cluster, fitting)[0]
        more_mib = volume.size_mib + template_mib(chosen, volume)
        promised[chosen] = promised.get(chosen, 0) + more_mib
    return None
