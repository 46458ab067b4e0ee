"""The whole state of a cloud as plain data that JSON knows, and back.

Records refer to each other; here a reference is `{"ref": ["vms", 7]}`. Reading makes all
records first and fills them afterwards. Only classes named in this module are ever made:
a saved file cannot bring code along.
"""

from __future__ import annotations

from dataclasses import fields
from enum import Enum
from ipaddress import IPv4Address
from typing import Any, Final

from cloudlab import model
from cloudlab.errors import CloudError, InputError
from cloudlab.state.addresses import NumberPool
from cloudlab.state.inventory import Inventory
from cloudlab.state.journal import Journal, Move
from cloudlab.state.ledger import Ledger

Plain = dict[str, Any]
"""What JSON knows: texts, numbers, lists and dictionaries."""

_ENUMS: Final[dict[str, type[Enum]]] = {
    name: kind
    for name, kind in vars(model).items()
    if isinstance(kind, type) and issubclass(kind, Enum)
}


class Writer:
    """Turns the records of an inventory into plain data."""

    def __init__(self, inventory: Inventory) -> None:
        """Know where every record stands."""
        self.inventory = inventory
        self._table = {table.kind: name for name, table in inventory.tables().items()}

    def inventory_state(self) -> Plain:
        """Return every table: its last id, and its records as field -> value."""
        return {
            name: {
                "last_id": table.last_id,
                "records": [
                    {each.name: self.value(getattr(record, each.name)) for each in fields(record)}
                    for record in table
                ],
            }
            for name, table in self.inventory.tables().items()
        }

    def value(self, value: object) -> Any:
        """Return `value` as plain data.

        Raises:
            TypeError: it is of a class that is never saved.
        """
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, model.Record):
            return self._reference(value)
        if isinstance(value, Enum):
            return {"enum": [type(value).__name__, value.value]}
        if isinstance(value, IPv4Address):
            return {"ip": str(value)}
        if isinstance(value, CloudError):
            return None
        return self._container(value)

    def _container(self, value: object) -> Any:
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if isinstance(value, tuple):
            return {"tuple": [self.value(each) for each in value]}
        if isinstance(value, (set, frozenset)):
            kind = "set" if isinstance(value, set) else "frozenset"
            return {kind: [self.value(each) for each in sorted(value)]}
        if isinstance(value, dict):
            return {"map": [[self.value(key), self.value(each)] for key, each in value.items()]}
        raise TypeError(f"{type(value).__name__} is never saved")

    def _reference(self, record: model.Record) -> Any:
        """Return a reference to `record`, `None` if it is not in the inventory any more."""
        name = self._table[type(record)]
        known = record in self.inventory.tables()[name]
        return {"ref": [name, record.id]} if known else None


class Reader:
    """Turns plain data into the records of an inventory."""

    def __init__(self, inventory: Inventory) -> None:
        """Read into the empty `inventory`."""
        self.tables = inventory.tables()

    def fill(self, state: Plain) -> None:
        """Make every record of `state`, then fill them.

        Raises:
            InputError: the data is not what `Writer` wrote.
        """
        try:
            for name, saved in state.items():
                table = self.tables[name]
                for each in saved["records"]:
                    record = object.__new__(table.kind)
                    record.id = each["id"]
                    table.put(record)
                table.last_id = saved["last_id"]
            for name, saved in state.items():
                for each in saved["records"]:
                    self._set(self.tables[name].get(each["id"]), each)
        except (KeyError, TypeError, ValueError, AttributeError, CloudError) as error:
            raise InputError(f"the saved cloud cannot be read: {error!r}") from error

    def _set(self, record: model.Record, saved: Plain) -> None:
        known = {each.name for each in fields(record)}
        if known != saved.keys():
            raise ValueError(f"{record.kind} has fields {sorted(known ^ saved.keys())} too many or few")
        for name, value in saved.items():
            setattr(record, name, self.value(value))

    def value(self, value: Any) -> Any:
        """Return what `Writer.value` was given."""
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if not isinstance(value, dict):
            return value
        ((kind, inner),) = value.items()
        if kind == "ref":
            return self.tables[inner[0]].get(inner[1])
        if kind == "enum":
            return _ENUMS[inner[0]](inner[1])
        if kind == "ip":
            return IPv4Address(inner)
        if kind == "map":
            return {self.value(key): self.value(each) for key, each in inner}
        makers: dict[str, type] = {"tuple": tuple, "set": set, "frozenset": frozenset}
        return makers[kind](self.value(each) for each in inner)


def ledger_state(ledger: Ledger) -> Plain:
    """Return who holds what, by the ids of hosts, machines and pools."""
    hosts, pools = ledger.hosts, ledger.pools
    return {
        "claims": [
            [vm, hosts[row].id, cpu, ram] for (vm, row), (cpu, ram) in ledger.claims().items()
        ],
        "reservations": [
            [vm, hosts[row].id, cpu, ram, until]
            for vm, (row, cpu, ram, until) in ledger.reservations().items()
        ],
        "allocations": [
            [kind, number, pools[row].id, size]
            for (kind, number, row), size in ledger.allocations().items()
        ],
    }


def restore_ledger(ledger: Ledger, inventory: Inventory, state: Plain) -> None:
    """Fill the empty `ledger` with what `inventory` has and `state` says is held.

    Rows are given anew, in the old order: those of what was removed fall away.
    """
    for cluster in sorted(inventory.clusters, key=lambda each: each.row):
        ledger.add_cluster(cluster)
    for host in sorted(inventory.hosts, key=lambda each: each.row):
        if host in host.cluster.hosts:
            ledger.add_host(host)
            if host.is_usable:
                ledger.open(host)
    for pool in sorted(inventory.pools, key=lambda each: each.row):
        ledger.add_pool(pool)
    for vm_id, host_id, cpu, ram in state["claims"]:
        vm, host = inventory.vms.get(vm_id), inventory.hosts.get(host_id)
        ledger.restore_claim(vm, host, cpu, ram)
    for vm_id, host_id, cpu, ram, until in state["reservations"]:
        ledger.restore_reservation(vm_id, inventory.hosts.get(host_id), cpu, ram, until)
    for kind, number, pool_id, size in state["allocations"]:
        is_volume = kind == model.Volume.kind
        thing = inventory.volumes.get(number) if is_volume else inventory.templates.get(number)
        ledger.restore_allocation(thing, inventory.pools.get(pool_id), size)


def addresses_state(addresses: list[NumberPool], inventory: Inventory) -> Plain:
    """Return which numbers of every range are held, by the id of the range."""
    return {
        str(each.id): [[number, holder] for number, holder in addresses[each.row].held().items()]
        for each in inventory.ranges
    }


def restore_addresses(addresses: list[NumberPool], inventory: Inventory, state: Plain) -> None:
    """Fill the empty `addresses` with the pools of every range and what is held of them."""
    for each in sorted(inventory.ranges, key=lambda known: known.row):
        each.row = len(addresses)
        pool = NumberPool(each.name, int(each.start), int(each.end))
        for number, holder in state[str(each.id)]:
            pool.take_exactly(number, holder)
        addresses.append(pool)


def journal_state(journal: Journal, writer: Writer) -> Plain:
    """Return the kept moves and events."""
    return {
        "moves": [
            [move.at, writer.value(move.subject), move.field, move.before, move.event, move.after]
            for move in journal.moves
        ],
        "events": [
            [writer.value(getattr(event, each.name)) for each in fields(event)]
            for event in journal.events
        ],
    }


def restore_journal(journal: Journal, reader: Reader, state: Plain) -> None:
    """Fill the empty `journal`; moves of what was removed since fall away."""
    for at, subject, field, before, event, after in state["moves"]:
        if subject is not None:
            journal.write_move(Move(at, reader.value(subject), field, before, event, after))
    for values in state["events"]:
        journal.write_event(model.Event(*(reader.value(value) for value in values)))
