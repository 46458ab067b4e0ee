"""Who holds what: claims of VMs on hosts, and reservations of those that were just stopped."""

from __future__ import annotations

from cloudlab.errors import Conflict, InsufficientCapacity
from cloudlab.model import Host, VirtualMachine
from cloudlab.state.ledger.capacity import Capacity
from cloudlab.state.ledger.shares import cpu_need
from cloudlab.units import size_text


class Holdings(Capacity):
    """Claims and reservations of CPU (MHz) and RAM (MiB)."""

    def __init__(self) -> None:
        """Begin with nothing held."""
        super().__init__()
        self.places: dict[int, dict[int, int]] = {}
        """By account id: VM id -> host row of the VMs that hold a claim.

        A migrating VM, which holds two, is where it goes.
        """
        self._left_behind: dict[int, int] = {}
        """Of a migrating VM: id -> host row where it is until it arrives."""
        self._claims: dict[tuple[int, int], tuple[int, int]] = {}
        self._reservations: dict[int, tuple[int, int, int, float]] = {}

    # --- written -----------------------------------------------------------------------

    def claim(self, vm: VirtualMachine, host: Host) -> None:
        """Take what `vm` needs of `host`; what was reserved for it anywhere is used or freed.

        Raises:
            InsufficientCapacity: it does not fit; nothing changed.
            Conflict: it holds capacity there already, or on two other hosts.
        """
        row = host.row
        if (vm.id, row) in self._claims:
            raise Conflict(f"{vm} already holds capacity on {host}")
        if vm.id in self._left_behind:
            raise Conflict(f"{vm} holds capacity on two hosts already: it is migrating")
        cpu, ram = cpu_need(vm.offering, host), vm.offering.ram_mib
        kept = self._reservations.get(vm.id)
        if kept is not None:
            self._cancel(vm.id)
        if self.cpu_free[row] < cpu or self.ram_free[row] < ram:
            if kept is not None:
                self._reserve(vm.id, *kept)
            raise InsufficientCapacity(self._shortage(host, cpu, ram))
        self._hold(vm, host, cpu, ram)

    def release(self, vm: VirtualMachine, host: Host) -> None:
        """Give back what `vm` holds of `host`; nothing held is no error."""
        held = self._claims.pop((vm.id, host.row), None)
        if held is None:
            return
        self._take(host, -held[0], -held[1])
        self._leave(vm, host.row)

    def reserve(self, vm: VirtualMachine, host: Host, until: float) -> None:
        """Turn what `vm` uses of `host` into a reservation that ends at `until`.

        Only one place is kept for a VM: an older reservation of it is freed.

        Raises:
            Conflict: it uses nothing there.
        """
        held = self._claims.pop((vm.id, host.row), None)
        if held is None:
            raise Conflict(f"{vm} holds nothing on {host} that could be reserved for it")
        self._cancel(vm.id)
        self._leave(vm, host.row)
        self.cpu_reserved[host.row] += held[0]
        self.ram_reserved[host.row] += held[1]
        self._reservations[vm.id] = (host.row, held[0], held[1], until)

    def cancel_reservation(self, vm: VirtualMachine) -> None:
        """Free what is reserved for `vm`; nothing reserved is no error."""
        self._cancel(vm.id)

    def forget_reservations(self, host: Host) -> None:
        """Free everything reserved on `host`."""
        for vm_id in [vm for vm, kept in self._reservations.items() if kept[0] == host.row]:
            self._cancel(vm_id)

    def expire_reservations(self, now: float) -> int:
        """Free what was reserved until `now` or earlier; return for how many VMs."""
        over = [vm for vm, kept in self._reservations.items() if kept[3] <= now]
        for vm_id in over:
            self._cancel(vm_id)
        return len(over)

    def remove_host(self, host: Host) -> None:
        """Take `host` out with all that is reserved on it; its row stays empty.

        Raises:
            Conflict: VMs hold capacity on it.
        """
        if not self.guests[host.row]:
            self.forget_reservations(host)
        super().remove_host(host)

    def restore_claim(self, vm: VirtualMachine, host: Host, cpu: int, ram: int) -> None:
        """Write down a claim that was saved."""
        self._hold(vm, host, cpu, ram)

    def restore_reservation(self, vm_id: int, host: Host, cpu: int, ram: int, until: float) -> None:
        """Write down a reservation that was saved."""
        self._reserve(vm_id, host.row, cpu, ram, until)

    # --- read --------------------------------------------------------------------------

    def reserved_on(self, vm: VirtualMachine) -> Host | None:
        """Return the host that keeps capacity for `vm`."""
        kept = self._reservations.get(vm.id)
        return self.hosts[kept[0]] if kept is not None else None

    def fits(self, vm: VirtualMachine, host: Host) -> bool:
        """Return whether `vm` fits on `host` now, its own reservation there counted as free."""
        cpu, ram = cpu_need(vm.offering, host), vm.offering.ram_mib
        kept = self._reservations.get(vm.id)
        own_cpu, own_ram = (kept[1], kept[2]) if kept and kept[0] == host.row else (0, 0)
        row = host.row
        return bool(self.cpu_free[row] + own_cpu >= cpu and self.ram_free[row] + own_ram >= ram)

    def holds(self, vm: VirtualMachine, host: Host) -> bool:
        """Return whether `vm` holds capacity on `host`."""
        return (vm.id, host.row) in self._claims

    def hosts_with(self, vm: VirtualMachine) -> list[Host]:
        """Return the hosts that `vm` holds capacity of: a migrating one first where it is."""
        rows = (self._left_behind.get(vm.id), self.places.get(vm.account.id, {}).get(vm.id))
        return [self.hosts[row] for row in rows if row is not None]

    def claims(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Return every claim: (VM id, host row) -> (MHz, MiB)."""
        return dict(self._claims)

    def reservations(self) -> dict[int, tuple[int, int, int, float]]:
        """Return every reservation: VM id -> (host row, MHz, MiB, until)."""
        return dict(self._reservations)

    # --- inside ------------------------------------------------------------------------

    def _hold(self, vm: VirtualMachine, host: Host, cpu: int, ram: int) -> None:
        row = host.row
        self._take(host, cpu, ram)
        self._claims[vm.id, row] = (cpu, ram)
        self.guests[row][vm.id] = vm
        places = self.places.setdefault(vm.account.id, {})
        if vm.id in places:
            self._left_behind[vm.id] = places[vm.id]
        places[vm.id] = row

    def _leave(self, vm: VirtualMachine, row: int) -> None:
        """Forget that `vm` is at `row`; a migrating VM is then where its other claim is."""
        del self.guests[row][vm.id]
        places = self.places[vm.account.id]
        other = self._left_behind.pop(vm.id, None)
        if places[vm.id] != row:
            return
        if other is not None:
            places[vm.id] = other
            return
        del places[vm.id]
        if not places:
            del self.places[vm.account.id]

    def _reserve(self, vm_id: int, row: int, cpu: int, ram: int, until: float) -> None:
        self._take(self.hosts[row], cpu, ram)
        self.cpu_reserved[row] += cpu
        self.ram_reserved[row] += ram
        self._reservations[vm_id] = (row, cpu, ram, until)

    def _cancel(self, vm_id: int) -> None:
        kept = self._reservations.pop(vm_id, None)
        if kept is not None:
            row, cpu, ram, _ = kept
            self.cpu_reserved[row] -= cpu
            self.ram_reserved[row] -= ram
            self._take(self.hosts[row], -cpu, -ram)

    def _shortage(self, host: Host, cpu: int, ram: int) -> str:
        """Return the sentence that names what `host` lacks."""
        free_cpu, free_ram = int(self.cpu_free[host.row]), int(self.ram_free[host.row])
        return (
            f"{host} has {free_cpu} MHz and {size_text(free_ram)} free, "
            f"needed are {cpu} MHz and {size_text(ram)}"
        )
