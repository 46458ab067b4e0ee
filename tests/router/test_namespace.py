"""What a router asks of hosts, and how it bears dead ones."""

from __future__ import annotations

import pytest

from cloudlab.engine import VirtualEngine
from cloudlab.errors import DriverFault, HostFault
from cloudlab.model import HostStatus
from drivers.router import NamespaceRouter, router
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
def ways(engine, shell) -> NamespaceRouter:
    """The routers of one host."""
    return router(engine, site_of(shell))


@pytest.fixture
def network(records):
    """A network whose router is said to run on the host."""
    made = records.isolated(5)
    made.router_host = records.host(1)
    return made


@pytest.fixture
def do(engine):
    """Run one step to its end and return its result."""
    return lambda work: engine.run(engine.spawn(work))


def test_each_call_is_one_round_trip(ways, records, network, shell, do) -> None:
    """Whatever has to be done there."""
    nic, host = records.machine(network, 11).nics[0], network.router_host
    for work in (
        ways.implement(network, host),
        ways.apply(network),
        ways.admit(nic),
        ways.forget(nic),
        ways.keep_password(nic, "hush"),
        ways.shutdown(network, host),
    ):
        do(work)
    assert [" ".join(words) for words in shell.asked] == [
        "implement router 5",
        "apply router 5",
        "admit cl10",
        "forget cl10",
        "keep a password cl10",
        "shut down router 5",
    ]


def test_routers_are_told_by_number(ways, records, shell, do) -> None:
    """Those whose namespace is ours; that of network 7 of lab `t1-1` is not."""
    shell.answer = "5\n12\n1-7"
    assert do(ways.networks(records.host(1))) == {5, 12}


def test_a_network_without_a_router_has_nobody_to_tell(ways, records, shell, do) -> None:
    """That is a fault, and the message says what to do; there is nothing to forget."""
    network = records.isolated(5)
    nic = records.machine(network, 11).nics[0]
    do(ways.forget(nic))
    for work in (ways.apply(network), ways.admit(nic), ways.keep_password(nic, "hush")):
        with pytest.raises(DriverFault, match="network 5 has no virtual router: implement"):
            do(work)
    assert shell.asked == []


def test_on_a_dead_host_there_is_nothing_to_end_or_forget(
    ways, records, network, shell, do
) -> None:
    """But nothing can be begun; if it lives on, the router is put right before the next NIC."""
    nic, host = records.machine(network, 11).nics[0], network.router_host
    shell.is_dead = True
    do(ways.shutdown(network, host))
    do(ways.forget(nic))
    for work in (ways.implement(network, host), ways.apply(network), ways.admit(nic)):
        with pytest.raises(HostFault):
            do(work)
    shell.is_dead = False
    do(ways.admit(nic))
    do(ways.admit(nic))
    assert [words[0] for words in shell.asked] == ["apply", "admit", "admit"]


def test_a_host_that_is_down_is_not_asked(ways, records, network, shell, do) -> None:
    """Nobody waits for it; should its router live on, it is put right first."""
    nic, host = records.machine(network, 11).nics[0], network.router_host
    host.status = HostStatus.DOWN
    do(ways.forget(nic))
    do(ways.shutdown(network, host))
    assert shell.asked == []
    do(ways.admit(nic))
    assert [words[0] for words in shell.asked] == ["apply", "admit"]


def test_secrets_are_in_no_command(ways, records, network, shell, do) -> None:
    """They go through standard input alone."""
    vm = records.machine(network, 11)
    vm.user_data = "token=hush"
    do(ways.admit(vm.nics[0]))
    do(ways.keep_password(vm.nics[0], "hush"))
    assert "hush" not in str(shell.asked)
    assert all("hush" in text for text in shell.texts)
