"""What every switch for the power of hosts does."""

from __future__ import annotations

from cloudlab.ports import PowerState
from tests.contracts.rig import Rig


def test_a_host_that_is_off_is_certainly_off(rig: Rig) -> None:
    """It has no power and does not answer, however often it is switched off."""
    power = rig.ports.power
    assert rig.do(power.state(rig.host)) is PowerState.ON
    for _ in range(2):
        assert rig.do(power.off(rig.host)) is True
        assert rig.do(power.state(rig.host)) is PowerState.OFF
        assert not rig.do(rig.ports.hypervisor.ping(rig.host))
    assert rig.do(rig.ports.hypervisor.ping(rig.other))


def test_a_host_comes_back_empty(rig: Rig) -> None:
    """Switched on it can be connected again; nothing of what ran there runs."""
    hypervisor, power = rig.ports.hypervisor, rig.ports.power
    rig.prepare(rig.host)
    rig.do(hypervisor.start(rig.vm, rig.host))
    rig.do(power.off(rig.host))
    for _ in range(2):
        rig.do(power.on(rig.host))
        assert rig.do(power.state(rig.host)) is PowerState.ON
    rig.do(hypervisor.connect(rig.host))
    assert rig.do(hypervisor.ping(rig.host))
    assert rig.do(hypervisor.power_state(rig.vm, rig.host)) is PowerState.OFF


def test_a_dead_host_can_be_fenced(rig: Rig) -> None:
    """What does not answer can be switched off: then it is certain."""
    rig.kill(rig.host)
    assert rig.do(rig.ports.power.off(rig.host)) is True
    assert rig.do(rig.ports.power.state(rig.host)) is PowerState.OFF


def test_a_host_that_is_cut_off_has_power(rig: Rig) -> None:
    """The board answers all the same, and can still cut it: then it is certainly off."""
    rig.cut(rig.host)
    assert rig.do(rig.ports.power.state(rig.host)) is PowerState.ON
    assert rig.do(rig.ports.power.off(rig.host)) is True
    assert rig.do(rig.ports.power.state(rig.host)) is PowerState.OFF
