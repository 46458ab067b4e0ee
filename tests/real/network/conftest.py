"""Two hosts that are namespaces, a client outside, and the ports that are tried on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from cloudlab.engine import LiveEngine
from cloudlab.model import Host, Network
from drivers.fabric import VxlanFabric, fabric
from drivers.router import NamespaceRouter, router
from tests.fabric.records import Records
from tests.real.network.guests import Guest
from tests.real.network.hosts import DataCentre, data_centre


@pytest.fixture(scope="module")
def centre() -> Iterator[DataCentre]:
    """Two hosts and a client outside."""
    with data_centre(2) as made:
        yield made


@pytest.fixture
def engine() -> Iterator[LiveEngine]:
    """The clock on the wall."""
    with LiveEngine() as made:
        yield made


@pytest.fixture
def records() -> Records:
    """A cloud of which only the records exist."""
    return Records()


@pytest.fixture
def hosts(records: Records) -> tuple[Host, Host]:
    """The records of both hosts."""
    return records.host(1), records.host(2)


@pytest.fixture
def do(engine: LiveEngine) -> Callable:
    """Run one step to its end and return its result."""
    return lambda work: engine.run(engine.spawn(work))


@pytest.fixture
def cloth(engine, centre, records, hosts, do) -> Iterator[VxlanFabric]:
    """The fabric of both hosts; what a test leaves plugged is unplugged after it."""
    made = fabric(engine, centre.site)
    yield made
    for nic in records.nics:
        for host in hosts:
            do(made.unplug(nic, host))


@pytest.fixture
def ways(*, engine, centre, records, hosts, do, cloth) -> Iterator[NamespaceRouter]:
    """The routers of both hosts; what a test leaves running is shut down before NICs go."""
    made = router(engine, centre.site)
    yield made
    for network in records.networks:
        for host in hosts:
            do(made.shutdown(network, host))


@pytest.fixture
def net(records, hosts, ways, do) -> Network:
    """An isolated network whose router runs on `h1`, with a source NAT address."""
    network = records.isolated(5)
    records.public_ip(network)
    do(ways.implement(network, hosts[0]))
    network.router_host = hosts[0]
    return network


@pytest.fixture
def switch_on(centre, hosts, cloth, do) -> Iterator[Callable[..., Guest]]:
    """Plug the first NIC of a machine on a host and switch the machine on."""
    with ExitStack() as stack:

        def one(vm, place=1) -> Guest:
            do(cloth.plug(vm.nics[0], hosts[place - 1]))
            return stack.enter_context(Guest(centre.shells[f"h{place}"], vm.nics[0]))

        yield one
