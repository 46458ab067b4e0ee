"""What the fabric asks of hosts, and how it bears dead ones."""

from __future__ import annotations

import pytest

from cloudlab.engine import VirtualEngine
from cloudlab.errors import DriverFault, HostFault, InvalidParameter
from cloudlab.model import HostStatus
from drivers.fabric import fabric
from drivers.fabric.wire import Wire, vni
from drivers.site import Site
from tests.fabric.records import Records
from tests.fabric.shells import RememberingShell, site_of


@pytest.fixture
def records() -> Records:
    """A cloud of which only the records exist."""
    return Records()


@pytest.fixture
def shell() -> RememberingShell:
    """The shell of the only host."""
    return RememberingShell()


@pytest.fixture
def engine() -> VirtualEngine:
    """A clock on which calls take no time."""
    return VirtualEngine()


@pytest.fixture
def do(engine):
    """Run one step to its end and return its result."""
    return lambda work: engine.run(engine.spawn(work))


def test_each_call_is_one_round_trip(engine, records, shell, do) -> None:
    """Whatever has to be done there."""
    cloth, host = fabric(engine, site_of(shell)), records.host(1)
    nic = records.machine(records.shared(5), 11).nics[0]
    do(cloth.plug(nic, host))
    do(cloth.protect(nic, host))
    do(cloth.unplug(nic, host))
    assert shell.asked == [("plug", "cl10"), ("protect", "cl10"), ("unplug", "cl10")]


def test_what_is_plugged_is_told_by_number(engine, records, shell, do) -> None:
    """As the host lists its records."""
    shell.answer = "10\n200"
    assert do(fabric(engine, site_of(shell)).plugged(records.host(1))) == {10, 200}


def test_a_host_that_does_not_answer_is_asked_again_when_it_does(
    engine, records, shell, do
) -> None:
    """Unplugging there is no error; if it lives on, that is the first thing done."""
    cloth, host = fabric(engine, site_of(shell)), records.host(1)
    one, two = (records.machine(records.shared(5), last).nics[0] for last in (11, 12))
    shell.is_dead = True
    do(cloth.unplug(one, host))
    do(cloth.unplug(two, host))
    with pytest.raises(HostFault):
        do(cloth.plug(two, host))
    shell.is_dead = False
    do(cloth.plug(two, host))
    do(cloth.plugged(host))
    asked = [" ".join(words) for words in shell.asked]
    assert sorted(asked[:2]) == ["unplug cl10", "unplug cl20"]
    assert asked[2:] == ["plug cl20", "list NICs"]


def test_a_host_that_is_down_is_not_asked(engine, records, shell, do) -> None:
    """Nobody waits for it; when it is back, it is told first."""
    cloth, host = fabric(engine, site_of(shell)), records.host(1)
    nic = records.machine(records.shared(5), 11).nics[0]
    host.status = HostStatus.DOWN
    do(cloth.unplug(nic, host))
    assert shell.asked == []
    do(cloth.plugged(host))
    assert shell.asked == [("unplug", "cl10"), ("list", "NICs")]


def test_one_nic_that_stays_keeps_no_other_off(engine, records, shell, do) -> None:
    """Who unplugs it is told; later it is left to those who compare hosts with the books."""
    cloth, host = fabric(engine, site_of(shell)), records.host(1)
    nic = records.machine(records.shared(5), 11).nics[0]
    shell.exit_code = 1
    with pytest.raises(DriverFault, match="h1 could not unplug cl10"):
        do(cloth.unplug(nic, host))
    host.status = HostStatus.DOWN
    do(cloth.unplug(nic, host))
    with pytest.raises(DriverFault, match="h1 could not list NICs"):
        do(cloth.plugged(host))
    shell.exit_code = 0
    shell.asked.clear()
    do(cloth.plugged(host))
    assert shell.asked == [("list", "NICs")]


def test_hosts_are_told_of_each_other_once(engine, records, do) -> None:
    """Before a network spreads from them; a dead one delays nobody a second time."""
    shells = [RememberingShell() for _ in range(3)]
    site = site_of(*shells)
    cloth, (one, two, three) = fabric(engine, site), map(records.host, (1, 2, 3))
    network = records.shared(5)
    nics = [records.machine(network, last).nics[0] for last in (11, 12, 13)]
    for nic, host in zip(nics, (one, two, three), strict=True):
        nic.vm.host, host.status = host, HostStatus.UP
    three.status = HostStatus.DOWN
    shells[1].is_dead = True
    for _ in range(2):
        do(cloth.plug(nics[0], one))
    greeted = ("greet", "other", "hosts")
    assert shells[0].asked == [greeted, ("plug", "cl10"), ("plug", "cl10")]
    assert shells[2].asked == []
    shells[1].is_dead = False
    del site.hosts["h3"]
    do(cloth.plug(nics[0], one))
    assert shells[0].asked[3:] == [greeted, ("plug", "cl10")]
    assert shells[1].asked == [greeted]


def test_every_network_has_a_vxlan_of_its_own(records) -> None:
    """The one its records name, or one beyond all VLANs."""
    assert [vni(records.isolated(7)), vni(records.shared(7))] == [107, 0x800007]


def test_a_wire_leads_to_all_other_hosts(records) -> None:
    """By their addresses on the underlay."""
    site = site_of(*(RememberingShell() for _ in range(3)))
    wire = Wire.of(records.isolated(7), records.host(2), site)
    assert (wire.underlay, wire.peers) == ("10.77.1.12", ("10.77.1.11", "10.77.1.13"))
    assert (wire.bridge, wire.tunnel) == ("clbr7", "clvx7")


def test_a_lab_whose_id_fits_no_name_is_refused(engine) -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidParameter, match="lab_id is 'my lab'"):
        fabric(engine, Site("my lab"))
