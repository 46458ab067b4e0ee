"""What-if: sums at once, a simulation that confirms them, a design left as it is until turned."""

from __future__ import annotations

from time import perf_counter

import pytest

from cloudlab.errors import Cancelled, InvalidParameter
from simulator.planning.study import Study
from tests.planning.worlds import churn


def silent(_share: float, _doing: str) -> None:
    """Hear of progress and say nothing."""


def never() -> bool:
    """Let the simulation go on."""
    return False


@pytest.fixture(scope="module")
def study(design) -> Study:
    """A study of the small cloud under a demand that fills a good part of it."""
    return Study(design, churn(250, mean_hours=40, sizes=((4, 8192), (8, 16_384))))


def first(study: Study, **turned: float) -> dict[str, float]:
    """Return the knobs as they stand at first, but for those that are turned."""
    return {knob.name: float(knob.value) for knob in study.knobs} | turned


def test_the_knobs_stand_where_the_design_stands(study: Study) -> None:
    """Five hosts in a cluster, nothing over-provisioned, half a year of 5 % a month ahead."""
    assert first(study) == {
        "growth": 5.0,
        "cpu_overcommit": 1.0,
        "ram_overcommit": 1.0,
        "hosts_per_cluster": 5.0,
        "months": 6.0,
    }


def test_an_estimate_takes_less_than_half_a_second(study: Study) -> None:
    """The answer to a moved slider is there at once."""
    began = perf_counter()
    study.estimate(first(study, growth=7.5))
    assert perf_counter() - began < 0.5


@pytest.mark.parametrize(
    ("turned", "label", "grows"),
    [
        ({"growth": 8.0}, "CPU allocated at peak", True),
        ({"months": 1.0}, "CPU allocated at peak", False),
        ({"cpu_overcommit": 2.0}, "CPU allocated at peak", False),
        ({"ram_overcommit": 2.0}, "RAM allocated at peak", False),
        ({"hosts_per_cluster": 8.0}, "CPU or RAM runs out after", True),
        ({"hosts_per_cluster": 8.0}, "hosts cost", True),
    ],
)
def test_every_knob_moves_its_figure(
    study: Study, turned: dict[str, float], label: str, *, grows: bool
) -> None:
    """More demand fills the cloud, more room empties it and costs money."""
    before, after = study.estimate(first(study)), study.estimate(first(study, **turned))
    assert (after[label].value > before[label].value) is grows
    assert after[label].value != before[label].value


def test_a_simulation_confirms_a_mild_estimate(study: Study) -> None:
    """Both answers have the same figures, and agree within a tenth while the cloud has room."""
    calm = first(study, months=0.0)
    estimated, confirmed = study.estimate(calm), study.confirm(calm, silent, never)
    assert [row.label for row in estimated.rows] == [row.label for row in confirmed.rows]
    assert confirmed["refused"].value == estimated["refused"].value == 0
    for label in ("CPU allocated at peak", "RAM allocated at peak"):
        assert confirmed[label].value == pytest.approx(estimated[label].value, rel=0.1)


def test_more_than_there_is_room_for_is_not_estimated_but_counted(study: Study) -> None:
    """Sums only know that not everything fits; the simulation says how much is refused."""
    crowded = first(study, growth=20.0, months=24.0)
    assert study.estimate(crowded)["refused"].value is None
    assert study.confirm(crowded, silent, never)["refused"].value > 50


def test_hosts_without_a_price_have_no_cost(design) -> None:
    """As long as a price is missing the cost is not known, and the figure says why."""
    free = [each.model_copy(update={"price_per_month": None}) for each in design.host_types]
    study = Study(design.model_copy(update={"host_types": free}), churn(50))
    cost = study.estimate(first(study))["hosts cost"]
    assert cost.value is None
    assert cost.note == "some host types have no price"


def test_a_cancelled_simulation_ends_at_once(study: Study) -> None:
    """Once it is asked to stop it raises within a second, however long it would take."""
    began = perf_counter()
    with pytest.raises(Cancelled):
        study.confirm(first(study, months=24.0), silent, lambda: True)
    assert perf_counter() - began < 1


def test_knobs_out_of_range_are_refused_by_both(study: Study) -> None:
    """No host in a cluster is no cloud: the message says what is allowed."""
    for answer in (study.estimate, lambda knobs: study.confirm(knobs, silent, never)):
        with pytest.raises(InvalidParameter, match="hosts_per_cluster"):
            answer(first(study, hosts_per_cluster=0.0))
