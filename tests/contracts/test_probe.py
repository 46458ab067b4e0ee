"""What everybody does who looks at hosts past their agents."""

from __future__ import annotations

from tests.contracts.rig import Rig


def age(rig: Rig) -> float:
    """Return the age of the first host's heartbeat, which somebody must know."""
    found = rig.do(rig.ports.probe.heartbeat_age(rig.host))
    assert found is not None
    return found


async def passing(rig: Rig, seconds: float) -> None:
    """Let time pass."""
    await rig.engine.sleep(seconds)


def test_a_living_host_answers_and_beats(rig: Rig) -> None:
    """It answers a ping, and its heartbeat does not grow old."""
    assert rig.do(rig.ports.probe.reachable(rig.host)) is True
    rig.do(passing(rig, 2.5))
    assert age(rig) <= 2


def test_a_dead_host_does_neither(rig: Rig) -> None:
    """No ping is answered, and its last heartbeat grows old; its neighbour is not concerned."""
    rig.kill(rig.host)
    assert rig.do(rig.ports.probe.reachable(rig.host)) is False
    assert rig.do(rig.ports.probe.reachable(rig.other)) is True
    before = age(rig)
    rig.do(passing(rig, 3.0))
    assert age(rig) >= before + 2


def test_behind_a_cut_cable_the_heart_beats_on(rig: Rig) -> None:
    """A ping is not answered, the heartbeat stays fresh: that tells a cut from a death."""
    rig.cut(rig.host)
    assert rig.do(rig.ports.probe.reachable(rig.host)) is False
    rig.do(passing(rig, 2.5))
    assert age(rig) <= 2
    rig.mend(rig.host)
    assert rig.do(rig.ports.probe.reachable(rig.host)) is True
