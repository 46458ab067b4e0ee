"""What a study asks and answers: knobs in their range, figures by label."""

from __future__ import annotations

from math import inf

import pytest

from cloudlab.errors import InvalidParameter
from cloudlab.views import Figure, Figures, Knob, standard_knobs


def test_the_standard_knobs() -> None:
    """Growth, both over-provisionings and hosts a cluster, standing where the design is."""
    knobs = standard_knobs(growth=5, cpu_overcommit=12, ram_overcommit=1.5, hosts_per_cluster=40)
    assert {knob.name: knob.value for knob in knobs} == {
        "growth": 5,
        "cpu_overcommit": 12,
        "ram_overcommit": 1.5,
        "hosts_per_cluster": 40,
    }
    assert all(knob.low <= knob.value <= knob.high for knob in knobs)


@pytest.mark.parametrize(("value", "step"), [(0.5, 1), (9, 1), (2, 0)])
def test_a_knob_that_cannot_stand_there(value: float, step: float) -> None:
    """A value outside the range, or a step of nothing, is refused with the range."""
    with pytest.raises(InvalidParameter, match=r"knob x: .*allowed: 1 to 8 in steps above 0"):
        Knob("x", "X", 1, 8, step, value)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "days", "–"),
        (inf, "days", "never"),
        (-inf, "days", "already"),
        (71.23, "%", "71.2 %"),
        (1533.4, "VMs", "1,533 VMs"),
        (4, "", "4"),
    ],
)
def test_figures_as_people_read_them(value: float | None, unit: str, text: str) -> None:
    """Unknown, never and numbers each have their words."""
    assert Figure("x", value, unit).text == text


def test_figures_are_found_by_label() -> None:
    """A label finds its figure; one that is not there is an error or None."""
    figures = Figures((Figure("peak VMs", 10), Figure("hosts", 2)))
    assert figures["hosts"].value == 2
    assert figures.get("nothing") is None
    with pytest.raises(KeyError):
        figures["nothing"]
