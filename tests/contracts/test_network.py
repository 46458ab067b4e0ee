"""What every fabric and every router does."""

from __future__ import annotations

import pytest

from cloudlab.errors import HostFault
from tests.contracts.conftest import Rig


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


def test_a_nic_is_known_until_it_is_forgotten(rig: Rig) -> None:
    """Both may be done twice, and what was never known is forgotten without error."""
    router = rig.ports.router
    rig.do(router.forget(rig.nic))
    for _ in range(2):
        rig.do(router.admit(rig.nic))
        assert rig.seen.lease(rig.nic)
    for _ in range(2):
        rig.do(router.forget(rig.nic))
        assert not rig.seen.lease(rig.nic)
