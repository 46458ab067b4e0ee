"""Every row of every transition table, and nothing else, through the one way to change state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from cloudlab.cloud import Cloud
from cloudlab.errors import IllegalMove
from cloudlab.model import (
    Host,
    HostEvent,
    HostStatus,
    Lifecycle,
    PhysicalNetwork,
    Record,
    ResourceEvent,
    VmEvent,
    VmSnapshot,
    VmState,
)
from tests.model.expected import TABLES, Expected
from tests.support.clouds import build


@dataclass
class Subjects:
    """A cloud with one record of every kind that has a state."""

    cloud: Cloud
    records: dict[str, Record]


@pytest.fixture(scope="module")
def subjects() -> Subjects:
    """One record of every kind; a test puts it into the state it needs."""
    world = build(hosts_each=1)
    vm = world.deploy("web")
    (host,) = world.hosts
    wire = PhysicalNetwork(name="wire", zone=world.zone)
    records: dict[str, Record] = {
        "vm": vm,
        "volume": vm.volumes[0],
        "vm snapshot": world.cloud.inventory.vm_snapshots.add(VmSnapshot(name="snap", vm=vm)),
        "network": vm.nics[0].network,
        "nic": vm.nics[0],
        "host": host,
        "resource": host,
        "pool": host.cluster.pools[0],
        "zone": host.zone,
        "pod": host.pod,
        "cluster": host.cluster,
        "physical network": world.cloud.inventory.physical_networks.add(wire),
    }
    return Subjects(world.cloud, records)


def _rows() -> Iterator[object]:
    for table in TABLES:
        for (state, event), target in table.rows.items():
            name = f"{table.name}-{state}-{event}"
            yield pytest.param(table, state, event, target, id=name, marks=_book(table))


def _missing() -> Iterator[object]:
    for table in TABLES:
        for state in table.states:
            for event in table.events:
                if (state, event) not in table.rows:
                    name = f"{table.name}-{state}-{event}"
                    yield pytest.param(table, state, event, id=name, marks=_book(table))


def _book(table: Expected) -> list[pytest.MarkDecorator]:
    """Return the rows of the book that a table holds: the life of a machine."""
    return [pytest.mark.book("6.16")] if table.name == "vm" else []


@pytest.mark.parametrize(("table", "state", "event", "target"), list(_rows()))
def test_a_row_leads_to_its_state(
    subjects: Subjects, table: Expected, state: str, event: str, target: str
) -> None:
    """An event that the table has leads to the state it says, and is written down."""
    record, cloud, field = subjects.records[table.name], subjects.cloud, table.lifecycle.field
    setattr(record, field, table.states(state))
    cloud.move(record, table.events(event))
    assert getattr(record, field) is table.states(target)
    move = cloud.journal.moves[-1]
    assert (move.subject, move.field) == (record, field)
    assert (move.before, move.event, move.after) == (state, event, target)


@pytest.mark.parametrize(("table", "state", "event"), list(_missing()))
def test_anything_else_is_refused(
    subjects: Subjects, table: Expected, state: str, event: str
) -> None:
    """An event that the table has not changes nothing, and the message says what is possible."""
    record, cloud, field = subjects.records[table.name], subjects.cloud, table.lifecycle.field
    setattr(record, field, table.states(state))
    before, told = _everything(record), cloud.journal.total_moves
    with pytest.raises(IllegalMove) as refusal:
        cloud.move(record, table.events(event))
    possible = [each for start, each in table.rows if start == state]
    message = str(refusal.value)
    assert f"{record}: unable to transition to a new state from {state} via {event}" in message
    listed = message.rpartition(f"possible in {state}: ")[2].split(", ")
    assert sorted(listed) == sorted(possible or ["nothing"])
    assert _everything(record) == before
    assert cloud.journal.total_moves == told


def _everything(record: Record) -> dict[str, object]:
    names = record.__dataclass_fields__
    return {name: getattr(record, name) for name in names}


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_the_table_is_that_of_the_sources(table: Expected) -> None:
    """Row for row, in both directions."""
    assert {(start, event): end for start, event, end in table.lifecycle} == table.rows
    assert len(table.lifecycle) == len(table.rows)


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_no_state_is_written_for_nothing(table: Expected) -> None:
    """Every state of the choice stands in the table, and every event happens somewhere."""
    assert set(table.lifecycle.states) == set(table.states)
    assert {event for _, event, _ in table.lifecycle} == set(table.events)


@pytest.mark.parametrize(
    ("name", "initial"),
    [
        ("vm", "Stopped"),
        ("volume", "Allocated"),
        ("network", "Allocated"),
        ("nic", "Allocated"),
        ("host", "Creating"),
        ("resource", "Creating"),
        ("pool", "Initial"),
        ("zone", "Disabled"),
        ("pod", "Disabled"),
        ("cluster", "Disabled"),
        ("physical network", "Disabled"),
    ],
)
def test_things_are_born_in_the_initial_state(subjects: Subjects, name: str, initial: str) -> None:
    """The table's first state is the one the record's class begins with."""
    (table,) = [each for each in TABLES if each.name == name]
    assert table.lifecycle.initial == initial
    kind = type(subjects.records[name])
    assert kind.__dataclass_fields__[table.lifecycle.field].default == initial


def test_an_event_of_another_kind_is_refused(subjects: Subjects) -> None:
    """What happens to machines cannot happen to a volume."""
    volume = subjects.records["volume"]
    volume.state = "Allocated"
    with pytest.raises(IllegalMove, match="from Allocated via StartRequested"):
        subjects.cloud.move(volume, VmEvent.START_REQUESTED)


def test_a_host_is_open_exactly_while_it_is_up_and_enabled() -> None:
    """Its capacity counts in its cluster, and it takes machines, only in these two states."""
    world = build(hosts_each=2)
    host, ledger = world.hosts[0], world.cloud.ledger
    row = host.cluster.row
    both = int(ledger.cluster_cpu_total[row])
    for event, is_open in [
        (ResourceEvent.DISABLE, False),
        (ResourceEvent.ENABLE, True),
        (HostEvent.HOST_DOWN, False),
        (HostEvent.AGENT_CONNECTED, False),
        (HostEvent.READY, True),
        (ResourceEvent.ADMIN_ASK_MAINTENANCE, False),
        (ResourceEvent.INTERNAL_ENTER_MAINTENANCE, False),
        (ResourceEvent.ADMIN_CANCEL_MAINTENANCE, True),
    ]:
        world.cloud.move(host, event)
        assert host.is_usable is bool(ledger.is_open[host.row]) is is_open
        assert ledger.cluster_cpu_total[row] == (both if is_open else both // 2)


def test_a_machine_remembers_when_it_moved() -> None:
    """`updated` is the moment of the last change of state; the expunger reads it."""
    world = build()
    vm = world.deploy()

    async def wait() -> None:
        await world.cloud.engine.sleep(7.0)

    world.run(wait())
    world.cloud.move(vm, VmEvent.STOP_REQUESTED)
    assert vm.updated == world.cloud.now == 7.0
    assert vm.state is VmState.STOPPING


def test_a_lifecycle_tells_about_itself() -> None:
    """Its repr counts, its questions answer without raising, and its picture shows every row."""
    table = TABLES[0].lifecycle
    assert repr(table) == "<Lifecycle of vm.state: 8 states, 50 moves>"
    assert table.allows(VmState.DESTROYED, VmEvent.RECOVERY_REQUESTED)
    assert not table.allows(VmState.DESTROYED, VmEvent.START_REQUESTED)
    assert table.events_in(VmState.DESTROYED) == ("RecoveryRequested", "ExpungeOperation")
    assert table.births == ("Stopped",)
    assert table.ends == ("Expunging",)


def test_a_lifecycle_of_two_states() -> None:
    """The smallest table: its picture names births, moves and ends, loops included."""
    table = Lifecycle(
        "lamp",
        "status",
        HostStatus.UP,
        [(HostStatus.UP, {HostEvent.PING: HostStatus.UP, HostEvent.REMOVE: HostStatus.REMOVED})],
    )
    assert table.mermaid().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> Up",
        "    Up --> Up: Ping",
        "    Up --> Removed: Remove",
        "    Removed --> [*]",
    ]
    with pytest.raises(IllegalMove, match=r"^lamp: unable .* from Removed via Ping; possible in "):
        table.after(HostStatus.REMOVED, HostEvent.PING)


def test_hosts_know_their_two_lives() -> None:
    """Status and resource state are two fields with two tables of one record."""
    fields = Host.__dataclass_fields__
    assert {table.lifecycle.field for table in TABLES if table.name in {"host", "resource"}} == {
        "status",
        "resource_state",
    }
    assert {"status", "resource_state"} <= set(fields)
