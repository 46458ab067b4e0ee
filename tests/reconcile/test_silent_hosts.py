"""A host that does not answer when a lab is opened is not waited for, nor taken for dead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.workflows.reconcile import reconcile
from tests.reconcile.test_each_step import begun, forward, named
from tests.support.clouds import World, leaks

if TYPE_CHECKING:
    from cloudlab.model import Network


def opened_while_silent() -> tuple[World, Network]:
    """Return a world taken up in the middle of a new rule, the host of whose router is cut off."""
    world = begun(forward, 0, taken=False)
    assert world is not None
    vm = named(world, "web")
    assert vm is not None
    network = vm.nics[0].network
    assert network.router_host is not None
    world.outside.cut_management(network.router_host)
    world.cloud.engine.run(world.cloud.engine.spawn(reconcile(world.cloud)))
    return world, network


def test_its_router_is_left_alone() -> None:
    """It is asked nothing that has to be tried again and told; no second one is run elsewhere."""
    world, network = opened_while_silent()
    assert network.router_host is not None
    mine = {host for number, host in world.outside.routers if number == network.id}
    assert mine == {network.router_host.id}
    assert not any(network.name in subject for subject in world.alerts())


def test_its_router_obeys_once_it_answers() -> None:
    """The books are right from the beginning, the router as soon as it can be told."""
    world, network = opened_while_silent()
    assert network.router_host is not None
    before = world.wire.count("router.apply")
    world.outside.mend_management(network.router_host)
    world.outside.connect(network.router_host)
    world.quiet()
    assert world.wire.count("router.apply") > before
    assert leaks(world) == []
