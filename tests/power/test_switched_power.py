"""The Power port believes nothing that it has not read back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cloudlab.engine import Engine, LiveEngine, VirtualEngine
from cloudlab.errors import DriverFault
from cloudlab.model import Host
from cloudlab.ports import PowerState
from drivers.power import SwitchedPower
from tests.support.clouds import build


class Outlet:
    """A switch that obeys, is slow, does nothing, or does not answer."""

    def __init__(self, mood: str = "obeys") -> None:
        self.mood, self.has_power, self.asked = mood, True, 0

    def off(self) -> None:
        """Cut the power."""
        self._do(power=False)

    def on(self) -> None:
        """Give power."""
        self._do(power=True)

    def _do(self, *, power: bool) -> None:
        if self.mood == "is silent":
            raise DriverFault("the board gave no answer")
        if self.mood != "does nothing":
            self.has_power = power

    def is_on(self) -> bool:
        """Return whether there is power; a slow one says so later."""
        if self.mood == "is silent":
            raise DriverFault("the board gave no answer")
        self.asked += 1
        if self.mood == "is slow" and self.asked < 3:
            return not self.has_power
        return self.has_power


@pytest.fixture(params=["virtual", "live"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine of each clock."""
    made = VirtualEngine() if request.param == "virtual" else LiveEngine(scale=0.05)
    with made:
        yield made


def host() -> Host:
    """Some host."""
    return build(hosts_each=1).hosts[0]


@pytest.mark.parametrize(
    ("mood", "is_certain"),
    [("obeys", True), ("is slow", True), ("does nothing", False), ("is silent", False)],
)
def test_off_is_what_was_seen_to_be_off(engine: Engine, mood: str, is_certain: bool) -> None:
    """Whoever is not certain must not restart anything."""
    some, outlet = host(), Outlet(mood)
    power = SwitchedPower(engine, {some.name: outlet}, patience=4.0)
    assert engine.run(engine.spawn(power.off(some))) is is_certain
    state = engine.run(engine.spawn(power.state(some)))
    assert (state is PowerState.OFF) is is_certain


def test_on_is_waited_for(engine: Engine) -> None:
    """One that never comes up is a fault that says so."""
    some, outlet = host(), Outlet()
    power = SwitchedPower(engine, {some.name: outlet}, patience=2.0)
    outlet.has_power = False
    engine.run(engine.spawn(power.on(some)))
    assert outlet.has_power
    outlet.mood, outlet.has_power = "does nothing", False
    with pytest.raises(DriverFault, match="has no power after 2 s"):
        engine.run(engine.spawn(power.on(some)))


def test_a_silent_board_is_not_known(engine: Engine) -> None:
    """Neither on nor off."""
    some = host()
    power = SwitchedPower(engine, {some.name: Outlet("is silent")})
    assert engine.run(engine.spawn(power.state(some))) is PowerState.UNKNOWN


def test_a_host_without_a_switch_is_said_so(engine: Engine) -> None:
    """What to add where is in the message; whether it has power is not known."""
    some, power = host(), SwitchedPower(engine, {})
    assert engine.run(engine.spawn(power.state(some))) is PowerState.UNKNOWN
    for act in (power.on, power.off):
        with pytest.raises(DriverFault, match="add power to it in the lab file"):
            engine.run(engine.spawn(act(some)))
