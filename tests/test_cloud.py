"""One cloud: its owners, its alerts and events, its one sentence, and its state as plain data."""

from __future__ import annotations

import json
from ipaddress import IPv4Address

import pytest

from cloudlab.cloud import Cloud
from cloudlab.engine import VirtualEngine
from cloudlab.errors import InputError, InsufficientCapacity, InvalidParameter
from cloudlab.model import (
    AccountType,
    AddressRange,
    AlertType,
    EventLevel,
    EventState,
    Settings,
    TrafficType,
    VmEvent,
)
from cloudlab.policy import Avoid, Wish
from cloudlab.state import Journal
from cloudlab.workflows import machines
from simulator.latency import LatencyProfile
from simulator.outside import Outside
from simulator.ports import simulated_ports
from tests.support.clouds import World, build


def empty(journal: Journal | None = None) -> Cloud:
    """Return a cloud with nothing in it."""
    engine = VirtualEngine()
    ports = simulated_ports(Outside(engine, LatencyProfile("instant")))
    return Cloud(engine, ports, name="lab", seed=7, journal=journal)


def wait(world: World, seconds: float) -> None:
    """Let time pass."""

    async def sleep() -> None:
        await world.cloud.engine.sleep(seconds)

    world.run(sleep())


# --- owners ----------------------------------------------------------------------------------


@pytest.mark.book("3.22")
def test_a_cloud_is_born_with_root_and_its_admin() -> None:
    """The domain ROOT, the account admin of type root admin, and its user."""
    cloud = empty()
    assert [domain.name for domain in cloud.inventory.domains] == ["ROOT"]
    assert cloud.root.accounts == {"admin": cloud.admin}
    assert cloud.admin.type is AccountType.ROOT_ADMIN
    (user,) = cloud.inventory.users
    assert (user.name, user.account) == ("admin", cloud.admin)


def test_domains_form_a_tree() -> None:
    """Below ROOT if nothing else is said; two of one name only under different parents."""
    cloud = empty()
    sales = cloud.add_domain("sales")
    emea = cloud.add_domain("emea", sales)
    assert (sales.parent, emea.path) == (cloud.root, "ROOT/sales/emea")
    assert cloud.add_domain("sales", emea).path == "ROOT/sales/emea/sales"
    with pytest.raises(InvalidParameter, match="domain ROOT already has a subdomain sales"):
        cloud.add_domain("sales")
    assert len(cloud.inventory.domains) == 4


def test_accounts_belong_to_a_domain() -> None:
    """Two of one name only in different domains."""
    cloud = empty()
    sales = cloud.add_domain("sales")
    assert cloud.add_account("bob").domain is cloud.root
    assert cloud.add_account("bob", sales).domain is sales
    with pytest.raises(InvalidParameter, match="domain ROOT/sales already has an account bob"):
        cloud.add_account("bob", sales)
    assert len(cloud.inventory.accounts) == 3


def test_a_range_gets_a_pool_of_its_addresses() -> None:
    """The row of the range is the place of its pool."""
    cloud, world = empty(), build()
    start, end = IPv4Address("10.9.0.5"), IPv4Address("10.9.0.7")
    each = AddressRange(name="r", traffic=TrafficType.GUEST, zone=world.zone, start=start, end=end)
    assert cloud.add_range(each) is each
    assert cloud.addresses[each.row].take(1) == int(start)
    assert cloud.addresses[each.row].total == 3


# --- events and alerts -------------------------------------------------------------------------


@pytest.mark.book("3.11")
def test_events_are_an_activity_log() -> None:
    """Each with its moment, type, level, state, subject and job."""
    world = build()
    wait(world, 5.0)
    world.cloud.note("HOST.DOWN", world.hosts[0], "h1 is down", level=EventLevel.ERROR, job=3)
    event = world.cloud.journal.events[-1]
    assert (event.at, event.type, event.text, event.job) == (5.0, "HOST.DOWN", "h1 is down", 3)
    assert (event.level, event.state) == (EventLevel.ERROR, EventState.COMPLETED)
    assert (event.subject_kind, event.subject_id) == ("host", world.hosts[0].id)
    assert event.subject_name == world.hosts[0].name


def test_a_journal_that_keeps_nothing_gets_no_events() -> None:
    """Simulations that need none pay for none; a listener still hears the moves."""
    cloud = empty(Journal(keep=0))
    cloud.note("X.Y", cloud.root, "nothing")
    assert cloud.journal.total_events == 0


def test_an_open_alert_about_capacity_stands_for_later_ones() -> None:
    """It is counted again, not doubled; once resolved, the next one is new."""
    world = build()
    cloud = world.cloud
    first = cloud.alert(AlertType.CPU, "cluster c1", "CPU over 75 %")
    wait(world, 300.0)
    assert cloud.alert(AlertType.CPU, "cluster c1", "CPU over 75 %") is first
    assert (first.sent_count, first.created, first.last_sent) == (2, 0.0, 300.0)
    assert cloud.alert(AlertType.CPU, "cluster c2", "CPU over 75 %") is not first
    assert cloud.alert(AlertType.MEMORY, "cluster c1", "RAM over 75 %") is not first
    cloud.resolve(AlertType.CPU, "cluster c1")
    assert (first.is_open, first.resolved) == (False, 300.0)
    assert cloud.alert(AlertType.CPU, "cluster c1", "CPU over 75 %") is not first


@pytest.mark.parametrize("kind", [AlertType.HOST, AlertType.USERVM, AlertType.STORAGE_MISC])
def test_other_alerts_are_always_sent(kind: AlertType) -> None:
    """Two hosts that fail one after the other are two alerts."""
    cloud = empty()
    assert cloud.alert(kind, "host h1", "down") is not cloud.alert(kind, "host h1", "down")
    cloud.resolve(kind, "host h1")
    assert not any(alert.is_open for alert in cloud.inventory.alerts)
    cloud.resolve(kind, "host h1")


def test_an_alert_without_a_text_says_its_subject() -> None:
    """Name, subject and text are there for whoever reads them."""
    alert = empty().alert(AlertType.HOST, "host h1", "Host is down, name: h1")
    assert alert.name == alert.text == "Host is down, name: h1"


# --- state and places --------------------------------------------------------------------------


def test_moves_are_written_only_if_somebody_keeps_or_hears_them() -> None:
    """A listener is enough."""
    world = build()
    heard = []
    vm = world.deploy()
    world.cloud.journal = Journal(keep=0)
    world.cloud.move(vm, VmEvent.AGENT_REPORT_RUNNING)
    assert world.cloud.journal.total_moves == 0
    world.cloud.journal.listen(heard.append)
    world.cloud.move(vm, VmEvent.STOP_REQUESTED)
    assert [(move.subject, move.before, move.after) for move in heard] == [
        (vm, "Running", "Stopping")
    ]


@pytest.mark.parametrize(
    ("wish", "place"),
    [
        ({}, "zone z1"),
        ({"pod": True}, "pod p1"),
        ({"pod": True, "cluster": True}, "cluster c1"),
        ({"host": True}, "host c1-h1"),
    ],
    ids=["zone", "pod", "cluster", "host"],
)
def test_a_refusal_names_the_narrowest_place(wish: dict[str, bool], place: str) -> None:
    """One sentence: place, request, reason, nearest and what would fit."""
    world = build(hosts_each=1)
    (host,) = world.hosts
    vm = world.deploy("web")
    world.run(machines.stop(world.cloud, vm))
    vm.offering.vcpu = 9
    chosen = {name: getattr(host, name, host) for name in wish}
    avoid = Avoid(hosts={host.id}) if "host" in wish else Avoid()
    with pytest.raises(InsufficientCapacity) as refusal:
        world.cloud.place(vm, Wish(world.zone, **chosen), avoid)
    message = str(refusal.value)
    asked = "vm web: 9 vCPU at 1000 MHz, 1 GiB RAM"
    assert message.startswith(f"no place in {place} for {asked} (")
    assert f"nearest: {refusal.value.explanation.nearest}" in message


def test_a_cloud_says_what_it_is_and_how_full() -> None:
    """One line."""
    world = build(hosts_each=2)
    world.deploy()
    assert repr(world.cloud) == (
        "<Cloud 'cloud' at 0 s: 1 zones, 2 hosts, 1 VMs; <Ledger: 2 hosts, "
        "CPU 12% of 8000 MHz taken, RAM 6% of 16 GiB taken>>"
    )


# --- saved and taken up again -----------------------------------------------------------------


def busy_world() -> World:
    """Return a world in the middle of life: running, stopped, destroyed, removed."""
    world = build(clusters=2, hosts_each=2, settings=Settings.of({"ha.tag": "ha"}), seed=3)
    vms = [world.deploy(f"vm{number}") for number in range(6)]
    world.run(machines.stop(world.cloud, vms[1]))
    world.run(machines.destroy(world.cloud, vms[2]))
    world.run(machines.destroy(world.cloud, vms[3], expunge=True))
    world.cloud.alert(AlertType.CPU, "cluster c1", "CPU over 75 %")
    return world


def restored(cloud: Cloud, state: object) -> Cloud:
    """Return a cloud from saved data, on a new engine and the same simulated ports."""
    return Cloud.restored(VirtualEngine(), cloud.ports, state)


def test_a_saved_cloud_is_the_same_again() -> None:
    """Through JSON and back: every record, claim, address, event and setting.

    Only moves of what was removed since fall away: there is nobody left to tell them of.
    """
    cloud = busy_world().cloud
    state = json.loads(json.dumps(cloud.state()))
    again = restored(cloud, state)
    moves = state["journal"]["moves"]
    state["journal"]["moves"] = [move for move in moves if move[1] is not None]
    assert json.loads(json.dumps(again.state())) == state
    assert again.ledger.claims() == cloud.ledger.claims()
    assert again.ledger.reservations() == cloud.ledger.reservations()
    assert again.ledger.places == cloud.ledger.places
    assert list(again.ledger.cluster_cpu_free) == list(cloud.ledger.cluster_cpu_free)
    assert [pool.held() for pool in again.addresses] == [pool.held() for pool in cloud.addresses]
    assert (again.name, again.seed, again.requests) == (cloud.name, cloud.seed, cloud.requests)
    assert again.settings == cloud.settings


def test_a_saved_cloud_places_the_next_machine_where_the_first_would() -> None:
    """By chance, too: draws belong to the request, not to how often somebody drew before."""
    world = busy_world()
    again = restored(world.cloud, json.loads(json.dumps(world.cloud.state())))
    for number in range(10):
        asked = world.asked(f"next{number}")
        vm = machines.create(world.cloud, asked)
        twin = machines.create(again, _translated(again, asked))
        here = world.cloud.place(vm, Wish(vm.zone), Avoid())
        there = again.place(twin, Wish(twin.zone), Avoid())
        assert (there.host.name, there.pools[0][1].name) == (here.host.name, here.pools[0][1].name)


def _translated(cloud: Cloud, asked: machines.Deployment) -> machines.Deployment:
    """Return the same request in terms of the other cloud's records."""
    inventory = cloud.inventory
    return machines.Deployment(
        zone=inventory.zones.named(asked.zone.name),
        offering=inventory.compute_offerings.named(asked.offering.name),
        template=inventory.templates.named(asked.template.name),
        account=cloud.admin,
        name=asked.name,
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda state: state["inventory"].pop("zones"),
        lambda state: state["inventory"]["hosts"]["records"][0].pop("cpus"),
        lambda state: state["inventory"]["vms"]["records"][0].update(zone={"ref": ["zones", 99]}),
        lambda state: state["inventory"]["vms"]["records"][0].update(
            state={"enum": ["VmState", "Nonsense"]}
        ),
        lambda state: state["inventory"]["vms"]["records"][0].update(name={"code": "import os"}),
    ],
    ids=["a table", "a field", "a reference", "a state", "a kind of value"],
)
def test_spoilt_data_is_refused(spoil) -> None:
    """What is not what `state` returned is an InputError; nothing of it is run."""
    cloud = busy_world().cloud
    state = json.loads(json.dumps(cloud.state()))
    spoil(state)
    with pytest.raises(InputError, match="the saved cloud cannot be read"):
        restored(cloud, state)
