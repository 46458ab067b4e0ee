"""Two hosts that are namespaces, a client outside, and the ports that are tried on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cloudlab.engine import LiveEngine
from cloudlab.model import Host
from drivers.fabric import VxlanFabric, fabric
from tests.fabric.records import Records
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
