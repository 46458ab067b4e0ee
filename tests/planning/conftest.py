"""Plans that several tests look at, made once."""

from __future__ import annotations

import pytest

from cloudlab.design import Design, read_design
from simulator.planning import Plan, make_plan
from tests.planning.worlds import churn
from tests.support.places import ROOT

DESIGNS = ROOT / "datasets" / "designs"


@pytest.fixture(scope="session")
def design() -> Design:
    """A small cloud: one zone, two pods, four clusters of five hosts."""
    return read_design(DESIGNS / "small-cloud.yaml")


@pytest.fixture(scope="session")
def plan(design: Design) -> Plan:
    """A plan in which nothing is missing: refusals, growth, failures, hosts to buy."""
    busy = churn(1500, mean_hours=40, sizes=((4, 8192), (8, 16_384), (8, 65_536)))
    return make_plan(design, busy, growth=5, replications=3, fidelity="capacity")


@pytest.fixture(scope="session")
def calm(design: Design) -> Plan:
    """A plan of a cloud where all is well and nothing grows."""
    return make_plan(design, churn(60), replications=2, fidelity="capacity")


@pytest.fixture(scope="session")
def page(plan: Plan) -> str:
    """The HTML page of `plan`: drawing its figures takes a second."""
    return plan.to_html()
