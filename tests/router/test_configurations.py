"""What dnsmasq, haproxy and the guest services are told."""

from __future__ import annotations

import json
import subprocess

import pytest

from cloudlab.errors import DriverFault
from cloudlab.model import Balancing, NicState
from drivers.router import balancer, guests, legs, names
from drivers.router.files import File, writing
from tests.fabric.records import Records


@pytest.fixture
def records() -> Records:
    """A cloud of which only the records exist."""
    return Records()


def texts(nic):
    """Return the files of a NIC, by path."""
    return {each.path: each.text for each in guests.files_of(nic)}


def test_a_nic_is_three_files(records) -> None:
    """An address for its MAC, a name for its address, and facts that only root may read."""
    nic = records.machine(records.isolated(5), 11, name="Web").nics[0]
    made = texts(nic)
    assert made["dhcp/10"] == "02:00:11:22:00:0a,10.1.1.11,web,infinite\n"
    assert made["names/10"] == "10.1.1.11 web\n"
    assert json.loads(made["guests/10@10.1.1.11"])["user-data"] == nic.vm.user_data
    modes = {each.path.partition("/")[0]: each.mode for each in guests.files_of(nic)}
    assert modes == {"dhcp": 0o644, "names": 0o644, "guests": 0o600}


def test_a_nic_that_is_not_the_default_one_is_set_aside(records) -> None:
    """So dnsmasq tells it of no gateway."""
    network = records.isolated(5)
    vm = records.machine(records.isolated(6, "10.1.6.0/24"), 11)
    aside = texts(records.join(vm, network, 12))["dhcp/11"]
    assert aside == "02:00:11:22:00:0b,set:aside,10.1.1.12,vm1,infinite\n"


@pytest.mark.parametrize("name", ["my vm", "-a", "a.b", "a" * 64, "ü", "a,b\n0.0.0.0 x"])
def test_a_name_that_is_no_host_name_is_replaced(records, name) -> None:
    """By that on the hypervisor; nothing gets into the files of others."""
    nic = records.machine(records.isolated(5), 11, name=name).nics[0]
    assert texts(nic)["names/10"] == "10.1.1.11 i-2-1-vm\n"


def test_a_nic_without_an_address_cannot_be_known(records) -> None:
    """The message says what to do."""
    nic = records.machine(records.isolated(5), 11).nics[0]
    nic.range = None
    with pytest.raises(DriverFault, match="nic 10 of vm vm1 has no address"):
        texts(nic)


def test_nics_in_use_are_known(records) -> None:
    """Until they are at rest; those without an address are not."""
    network = records.isolated(5)
    for last, state in enumerate(NicState, start=11):
        records.machine(network, last).nics[0].state = state
    records.machine(network, 20).nics[0].range = None
    known = {nic.state for nic in guests.known(network)}
    assert known == {NicState.RESERVING, NicState.RESERVED, NicState.RELEASING}


def test_a_machine_is_told_the_public_address_it_is_seen_under(records) -> None:
    """Its own, else that of its network, else its private one."""
    shared, isolated = records.shared(4), records.isolated(5)
    own, nat, none = (records.machine(each, 11).nics[0] for each in (isolated, isolated, shared))
    records.public_ip(isolated)
    records.public_ip(isolated, vm=own.vm)
    told = [guests.facts(each)["public-ipv4"] for each in (own, nat, none)]
    assert told == ["10.77.2.52", "10.77.2.51", "10.2.0.11"]


def test_dnsmasq_takes_its_configuration(records, tmp_path) -> None:
    """With and without a server to ask; it serves its network and forwards no name of its own."""
    network = records.isolated(5)
    for upstream in ((), ("192.0.2.1", "192.0.2.2")):
        text = names.configuration(network, str(tmp_path), upstream).text
        assert text.count("server=192.0.2.") == len(upstream)
        assert "dhcp-range=10.1.1.0,static,255.255.255.0,infinite\n" in text
        assert "local=/net5.internal/\n" in text
        for tool in ("dhcp", "names"):
            (tmp_path / tool).mkdir(exist_ok=True)
        accepts("dnsmasq", "--test", f"--conf-file={written(tmp_path, text)}")


def test_haproxy_takes_its_configuration(records, tmp_path) -> None:
    """Members with an address, in order; ports 80 as HTTP; nothing to balance, no text."""
    network = records.isolated(5)
    assert balancer.configuration(network, str(tmp_path)).text == ""
    vms = [records.machine(network, last) for last in (11, 12, 13)]
    vms[1].nics[0].range = None
    public = records.public_ip(network)
    records.balance(public, 80, *vms)
    records.balance(public, 443, *vms).algorithm = Balancing.LEASTCONN
    text = balancer.configuration(network, str(tmp_path)).text
    http, other = text.split("listen ")[1:]
    members = [line.split()[1:3] for line in http.splitlines() if "server" in line]
    assert members == [["vm1", "10.1.1.11:80"], ["vm3", "10.1.1.13:80"]]
    assert ("mode http" in http, "mode http" in other) == (True, False)
    assert "bind 10.77.2.51:443\n    balance leastconn\n" in other
    accepts("haproxy", "-c", "-q", "-f", written(tmp_path, text))


def written(folder, text):
    """Return the path of a file with that text."""
    path = folder / "configuration"
    path.write_text(text)
    return str(path)


def accepts(*command):
    """Let a daemon judge its configuration, where it is installed."""
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=10)
    except FileNotFoundError:
        return
    assert done.returncode == 0, done.stderr.decode()


def test_legs_have_the_same_macs_wherever_a_router_runs(records) -> None:
    """And no two of them the same one, nor one a guest could have."""
    places = [("t1", 5), ("t1", 6), ("t2", 5)]
    macs = [
        legs.mac(lab, records.isolated(number), leg)
        for lab, number in places
        for leg in ("inner", "outer")
    ]
    assert len(set(macs)) == 6
    assert {each[:3] for each in macs} == {"06:"}
    assert legs.mac("t1", records.isolated(5), "inner") == macs[0]


def test_a_router_stands_at_the_gateway_and_outside(records) -> None:
    """With every public address of its network; a shared one has none."""
    network, shared = records.isolated(5), records.shared(6)
    for each in (network, network, shared):
        records.public_ip(each)
    given = legs.settings(network, "t1")
    assert given["inner_address"] == "10.1.1.1/24"
    assert given["outer_addresses"] == "10.77.2.51/24 10.77.2.52/24"
    assert (given["outer_gateway"], given["forwards"]) == ("10.77.2.200", "1")
    given = legs.settings(shared, "t1")
    assert (given["outer_addresses"], given["outer_gateway"], given["forwards"]) == ("", "", "0")


def test_neighbours_are_told_of_every_address(records) -> None:
    """On the side where they are."""
    network = records.isolated(5)
    records.public_ip(network)
    assert legs.announcements(network).text == "eth0 10.1.1.1\neth1 10.77.2.51\n"


@pytest.mark.parametrize("lacking", ["cidr", "gateway"])
def test_a_router_needs_to_know_its_subnet(records, lacking) -> None:
    """A network whose records do not say it is refused, with what to do."""
    network = records.shared(5)
    setattr(network, lacking, "")
    with pytest.raises(DriverFault, match=r"network 5 has the CIDR .*give its zone a guest range"):
        legs.settings(network, "t1")


def test_files_are_written_whatever_is_in_them(tmp_path) -> None:
    """Whole, with their mode; of a directory that is listed nothing else is left."""
    text = 'it\'s "$HOME" `id`\\n\n%s'
    (tmp_path / "d").mkdir()
    for name in ("stale", "kept"):
        (tmp_path / "d" / name).write_text("old")
    functions = (names.__file__.rpartition("/")[0]) + "/scripts/router.sh"
    shell = f"home=/ network=1; . {functions}; folder={tmp_path}\n"
    shell += writing([File("a", text, 0o600), File("d/kept", text)], "d") + "write_files\n"
    subprocess.run(["sh", "-eu"], input=shell.encode(), check=True, timeout=10)
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["a", "d", "kept"]
    assert (tmp_path / "a").read_text() == (tmp_path / "d" / "kept").read_text() == text
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
