"""What every fabric and every router does."""

from __future__ import annotations

import pytest

from cloudlab.errors import DriverFault, HostFault
from cloudlab.model import Nic, NicState, SecurityGroup, SecurityGroupRule
from tests.contracts.rig import Rig


def test_a_nic_is_plugged_until_it_is_unplugged(rig: Rig) -> None:
    """Both may be done twice."""
    fabric = rig.ports.fabric
    for _ in range(2):
        rig.do(fabric.plug(rig.nic, rig.host))
        assert rig.seen.plug(rig.nic, rig.host)
    for _ in range(2):
        rig.do(fabric.unplug(rig.nic, rig.host))
        assert not rig.seen.plug(rig.nic, rig.host)


def test_while_a_machine_moves_its_nic_is_on_two_hosts(rig: Rig) -> None:
    """Unplugging it on one leaves it plugged on the other."""
    fabric = rig.ports.fabric
    rig.do(fabric.plug(rig.nic, rig.host))
    rig.do(fabric.plug(rig.nic, rig.other))
    rig.do(fabric.unplug(rig.nic, rig.host))
    assert not rig.seen.plug(rig.nic, rig.host)
    assert rig.seen.plug(rig.nic, rig.other)


def test_nothing_is_plugged_on_a_dead_host(rig: Rig) -> None:
    """That is its fault; what was plugged there is gone, and unplugging it no error."""
    fabric = rig.ports.fabric
    rig.do(fabric.plug(rig.nic, rig.host))
    rig.kill(rig.host)
    assert not rig.seen.plug(rig.nic, rig.host)
    rig.do(fabric.unplug(rig.nic, rig.host))
    with pytest.raises(HostFault):
        rig.do(fabric.plug(rig.nic, rig.host))


def test_each_host_tells_what_is_plugged_there(rig: Rig) -> None:
    """What is plugged is listed by its id where it is, and nowhere else."""
    fabric = rig.ports.fabric
    assert rig.do(fabric.plugged(rig.host)) == set()
    rig.do(fabric.plug(rig.nic, rig.host))
    assert rig.do(fabric.plugged(rig.host)) == {rig.nic.id}
    assert rig.do(fabric.plugged(rig.other)) == set()
    rig.do(fabric.unplug(rig.nic, rig.host))
    assert rig.do(fabric.plugged(rig.host)) == set()


def test_a_plugged_nic_is_protected_as_often_as_one_likes(rig: Rig) -> None:
    """One that is not plugged cannot be: that is a fault."""
    fabric = rig.ports.fabric
    with pytest.raises(DriverFault):
        rig.do(fabric.protect(rig.nic, rig.host))
    rig.do(fabric.plug(rig.nic, rig.host))
    group = SecurityGroup(name="web", account=rig.vm.account)
    group.ingress.append(SecurityGroupRule(ports=(80, 80)))
    for groups in ([group], [group], []):
        rig.vm.security_groups[:] = groups
        rig.do(fabric.protect(rig.nic, rig.host))
        assert rig.seen.plug(rig.nic, rig.host)


def test_a_dead_host_protects_and_tells_nothing(rig: Rig) -> None:
    """That is its fault."""
    fabric = rig.ports.fabric
    rig.do(fabric.plug(rig.nic, rig.host))
    rig.kill(rig.host)
    for work in (fabric.protect(rig.nic, rig.host), fabric.plugged(rig.host)):
        with pytest.raises(HostFault):
            rig.do(work)


def test_a_router_runs_until_it_is_shut_down(rig: Rig) -> None:
    """Both may be done twice, and what was never begun is shut down without error."""
    router, network = rig.ports.router, rig.nic.network
    rig.do(router.shutdown(network, rig.host))
    for _ in range(2):
        rig.serve(rig.host)
        assert rig.seen.router(network, rig.host)
        assert rig.do(router.networks(rig.host)) == {network.id}
    assert rig.do(router.networks(rig.other)) == set()
    for _ in range(2):
        rig.do(router.shutdown(network, rig.host))
        assert not rig.seen.router(network, rig.host)
        assert rig.do(router.networks(rig.host)) == set()


def test_a_router_moves_by_running_twice_for_a_moment(rig: Rig) -> None:
    """It is begun on the other host before it is shut down on the one; what it knows stays."""
    router, network = rig.ports.router, rig.serve(rig.host)
    rig.do(router.admit(rig.nic))
    plugged_in(rig.nic)
    network.router_host = None
    rig.do(router.implement(network, rig.other))
    assert rig.seen.router(network, rig.host)
    rig.do(router.shutdown(network, rig.host))
    network.router_host = rig.other
    assert not rig.seen.router(network, rig.host)
    assert rig.seen.router(network, rig.other)
    assert rig.seen.lease(rig.nic)


def test_a_router_that_begins_knows_what_the_books_say(rig: Rig) -> None:
    """NICs that are plugged, or about to be, are known from the beginning; others are not."""
    rig.serve(rig.host)
    assert not rig.seen.lease(rig.nic)
    rig.do(rig.ports.router.shutdown(rig.nic.network, rig.host))
    plugged_in(rig.nic)
    rig.serve(rig.host)
    assert rig.seen.lease(rig.nic)


def test_a_running_router_obeys_as_often_as_it_is_told(rig: Rig) -> None:
    """Without one there is nobody to obey: that is a fault."""
    router, network = rig.ports.router, rig.nic.network
    with pytest.raises(DriverFault):
        rig.do(router.apply(network))
    rig.serve(rig.host)
    for _ in range(2):
        rig.do(router.apply(network))
        assert rig.seen.router(network, rig.host)
    rig.do(router.shutdown(network, rig.host))
    with pytest.raises(DriverFault):
        rig.do(router.apply(network))


def test_a_router_falls_with_its_host(rig: Rig) -> None:
    """What is asked of it or of the host is the host's fault; it can run elsewhere."""
    router, network = rig.ports.router, rig.serve(rig.host)
    rig.kill(rig.host)
    assert not rig.seen.router(network, rig.host)
    for work in (
        router.apply(network),
        router.admit(rig.nic),
        router.networks(rig.host),
        router.implement(network, rig.host),
    ):
        with pytest.raises(HostFault):
            rig.do(work)
    rig.do(router.shutdown(network, rig.host))
    rig.do(router.forget(rig.nic))
    rig.serve(rig.other)
    assert rig.seen.router(network, rig.other)


def test_a_nic_is_known_until_it_is_forgotten(rig: Rig) -> None:
    """Both may be done twice, and what was never known is forgotten without error."""
    router = rig.ports.router
    rig.do(router.forget(rig.nic))
    rig.serve(rig.host)
    for _ in range(2):
        rig.do(router.admit(rig.nic))
        assert rig.seen.lease(rig.nic)
    for _ in range(2):
        rig.do(router.forget(rig.nic))
        assert not rig.seen.lease(rig.nic)


def test_nobody_admits_without_a_router(rig: Rig) -> None:
    """That is a fault, and no other host would do better."""
    with pytest.raises(DriverFault):
        rig.do(rig.ports.router.admit(rig.nic))
    assert not rig.seen.lease(rig.nic)


def plugged_in(nic: Nic) -> None:
    """Let the books say that `nic` is plugged."""
    nic.state = NicState.RESERVED
