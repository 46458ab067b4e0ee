"""Steps depend on sizes in a straight line, and stay that way under the algebra."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudlab import ports
from cloudlab.errors import InvalidParameter
from simulator.latency import (
    STEPS,
    Constant,
    Exponential,
    Gamma,
    Step,
    Uniform,
    disk_gib,
    ram_gib,
    sizes_of,
)
from tests.latency import strategies


@given(strategies.STEPS, strategies.STEPS, st.floats(0, 100), st.floats(0, 100))
def test_means_add_up(left: Step, right: Step, ram: float, disk: float) -> None:
    """The mean of two steps in a row is the sum of their means, for any sizes."""
    sizes = {"ram_gib": ram, "disk_gib": disk}
    whole = (left + right).mean(**sizes)
    assert whole == pytest.approx(left.mean(**sizes) + right.mean(**sizes), rel=1e-9)


@given(strategies.STEPS, st.floats(0, 100), st.floats(0, 100))
def test_a_number_scales_a_step(step: Step, factor: float, ram: float) -> None:
    """A plain number may multiply any step, from either side."""
    assert (factor * step).mean(ram_gib=ram) == pytest.approx(factor * step.mean(ram_gib=ram))
    assert factor * step == step * factor


def test_a_step_reads_as_its_expression() -> None:
    """The repr is what one would write."""
    step = 3 + Gamma(mean=2, shape=4) * disk_gib + 0.5 * ram_gib
    assert repr(step) == "3 + 0.5 * ram_gib + Gamma(mean=2, shape=4) * disk_gib"
    assert repr((1 + Exponential(2)) * disk_gib) == "(1 + Exponential(2)) * disk_gib"
    assert (repr(ram_gib), repr(Step()), repr(0 * disk_gib)) == ("ram_gib", "0", "0")
    assert step.sizes == ("ram_gib", "disk_gib")
    assert Step(Constant(0)).is_instant


def test_a_varying_factor_multiplies_one_part_only() -> None:
    """A rate may vary and be scaled by what varies; a base and a rate together may not."""
    assert (Exponential(2) * disk_gib * Uniform(1, 3)).mean(disk_gib=5) == 20
    for wrong in (lambda: Exponential(2) * (1 + disk_gib), lambda: ram_gib * disk_gib):
        with pytest.raises(InvalidParameter, match=r"\* "):
            wrong()


def test_every_method_of_every_port_is_a_step() -> None:
    """The names are port.method in the order of the ports; a new method is a new step."""
    coroutines = [
        (kind, name)
        for kind in vars(ports).values()
        if inspect.isclass(kind) and kind.__module__ == ports.__name__
        for name, method in vars(kind).items()
        if inspect.iscoroutinefunction(method)
    ]
    assert len(STEPS) == len(coroutines)
    assert [step.split(".")[1] for step in STEPS] == [name for _, name in coroutines]
    assert {"hypervisor.start", "images.stage", "router.admit", "power.off"} < set(STEPS)


@pytest.mark.parametrize(
    ("step", "sizes"),
    [
        ("hypervisor.start", ("ram_gib",)),
        ("hypervisor.migrate", ("ram_gib",)),
        ("blocks.create", ("disk_gib",)),
        ("images.stage", ("disk_gib",)),
        ("hypervisor.connect", ()),
        ("fabric.plug", ()),
    ],
)
def test_a_step_knows_the_size_of_what_it_handles(step: str, sizes: tuple[str, ...]) -> None:
    """VMs have RAM, volumes and templates have disk, hosts and NICs have neither."""
    assert sizes_of(step) == sizes
