"""How many VMs are in each state and run in each cluster, counted as they move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cloudlab.model import VirtualMachine, VmState
from simulator.metrics.catalog import OTHER_STATES

if TYPE_CHECKING:
    from cloudlab.state import Inventory, Move

_RUNNING = VmState.RUNNING
_STOPPED = VmState.STOPPED


class Census:
    """Counts of VMs, right once an instant is over and `settle` was called.

    A VM is made Stopped and is erased Stopped or Expunging, without a move: how many are
    Stopped is what the inventory has more than the other states.

    Attributes:
        running: by row of cluster, how many run there, shape (clusters,).
    """

    def __init__(self, inventory: Inventory, clusters: int) -> None:
        """Count the VMs there are."""
        self._inventory = inventory
        self._states: dict[str, int] = dict.fromkeys((_RUNNING, *OTHER_STATES), 0)
        for vm in inventory.vms:
            self._states[vm.state] += 1
        self._expunging = [vm for vm in inventory.vms if vm.state is VmState.EXPUNGING]
        self.running = np.zeros(clusters, dtype=np.int64)
        self._cluster: dict[int, int] = {}
        self._arrived = {vm.id: vm for vm in inventory.vms if vm.state is _RUNNING}
        self.settle()

    def grow(self, clusters: int) -> None:
        """Make room for so many clusters."""
        new = np.zeros(clusters - len(self.running), dtype=np.int64)
        self.running = np.append(self.running, new)

    def heard(self, vm: VirtualMachine, move: Move) -> None:
        """Take a move of a VM into account."""
        before, after = move.before, move.after
        if before == after:
            return
        self._states[before] -= 1
        self._states[after] += 1
        if after == _RUNNING:
            self._arrived[vm.id] = vm
        elif before == _RUNNING:
            self._left(vm)
        if after == VmState.EXPUNGING:
            self._expunging.append(vm)

    def _left(self, vm: VirtualMachine) -> None:
        if self._arrived.pop(vm.id, None) is None:
            row = self._cluster.pop(vm.id, None)
            if row is not None:
                self.running[row] -= 1

    def settle(self) -> None:
        """Look where VMs run that began to in this instant, and which are erased."""
        for vm in self._arrived.values():
            if vm.host is not None:
                row = self._cluster[vm.id] = vm.host.cluster.row
                self.running[row] += 1
        self._arrived.clear()
        if self._expunging:
            self._expunging = [vm for vm in self._expunging if vm.removed is None]
            self._states[VmState.EXPUNGING] = len(self._expunging)

    def others(self) -> tuple[int, ...]:
        """Return how many VMs are in each state but Running, in the order of `OTHER_STATES`."""
        states = self._states
        states[_STOPPED] += len(self._inventory.vms) - sum(states.values())
        return tuple(states.values())[1:]
