"""The books as plain data that JSON knows, and back: who holds what, and what happened."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, cast

from cloudlab import model
from cloudlab.state.addresses import NumberPool
from cloudlab.state.inventory import Inventory
from cloudlab.state.journal import Journal, Move
from cloudlab.state.ledger import Ledger
from cloudlab.state.snapshot.records import Plain, Reader, Writer


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
        if pool in (pool.cluster or pool.zone).pools:
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
    """Return the kept events, and the kept moves of what is still there."""
    return {
        "moves": [
            [move.at, subject, move.field, move.before, move.event, move.after]
            for move in journal.moves
            if (subject := writer.value(move.subject)) is not None
        ],
        "events": [
            [writer.value(getattr(event, each.name)) for each in fields(event)]
            for event in journal.events
        ],
    }


def restore_journal(journal: Journal, reader: Reader, state: Plain) -> None:
    """Fill the empty `journal`."""
    for at, subject, field, before, event, after in state["moves"]:
        record = cast("model.Record", reader.value(subject))
        journal.write_move(Move(at, record, field, before, event, after))
    for values in state["events"]:
        told = [cast("Any", reader.value(value)) for value in values]
        journal.write_event(model.Event(*told))
