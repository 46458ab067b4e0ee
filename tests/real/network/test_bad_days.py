"""Power failures, and many calls at once."""

from __future__ import annotations

import pytest

from cloudlab.errors import HostFault
from tests.real.network.hosts import data_centre
from tests.real.network.test_fabric import state_of

pytestmark = pytest.mark.real


@pytest.fixture
def centre():
    """Hosts of this test alone, one of which will fail."""
    with data_centre(2) as made:
        yield made


def test_with_its_power_a_host_loses_plugs_and_routers(
    *, centre, hosts, records, cloth, ways, do
) -> None:
    """Taking them away is no error, making them is; the other host goes on."""
    network = records.isolated(5)
    records.public_ip(network)
    one, two = (records.machine(network, last).nics[0] for last in (11, 12))
    do(cloth.plug(one, hosts[0]))
    do(cloth.plug(two, hosts[1]))
    do(ways.implement(network, hosts[0]))
    network.router_host = hosts[0]
    centre.kill("h1")
    do(cloth.unplug(one, hosts[0]))
    do(ways.forget(one))
    do(ways.shutdown(network, hosts[0]))
    for work in (cloth.plug(one, hosts[0]), cloth.plugged(hosts[0]), ways.networks(hosts[0])):
        with pytest.raises(HostFault):
            do(work)
    do(ways.implement(network, hosts[1]))
    network.router_host = hosts[1]
    do(ways.admit(two))
    assert do(ways.networks(hosts[1])) == {5}
    assert do(cloth.plugged(hosts[1])) == {two.id}


def test_calls_at_once_do_not_meet(*, centre, hosts, records, engine, cloth, ways, do) -> None:
    """On one host and on one network: all is there, and then nothing."""
    before = state_of(centre, "h1")
    networks = [records.isolated(n) for n in (5, 6)]
    nics = [records.machine(each, last).nics[0] for each in networks for last in (11, 12, 13)]

    async def begin():
        await engine.all(
            *(cloth.plug(nic, hosts[0]) for nic in nics),
            *(ways.implement(each, hosts[0]) for each in networks),
        )

    async def end():
        await engine.all(
            *(ways.shutdown(each, hosts[0]) for each in networks),
            *(cloth.unplug(nic, hosts[0]) for nic in nics),
        )

    for _ in range(2):
        do(begin())
        assert do(cloth.plugged(hosts[0])) == {nic.id for nic in nics}
        assert do(ways.networks(hosts[0])) == {5, 6}
        do(end())
        assert state_of(centre, "h1") == before
