"""docs/placement.md says what the code does."""

from __future__ import annotations

import re

import pytest

from cloudlab.model import ALGORITHMS, Settings
from cloudlab.policy import Reason, algorithm
from tests.policy.stage import Stage
from tests.support.places import ROOT

PAGE = (ROOT / "docs" / "placement.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without its first two lines."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


@pytest.mark.parametrize("row", rows("Who comes first"), ids=lambda row: row[0].split("`")[1])
def test_the_table_of_algorithms_is_true(row: list[str]) -> None:
    """Each with its planner and its orders."""
    words = {
        "by_capacity": "least used first",
        "by_dispersion": "fewest VMs of the account first",
        "by_concentration": "those of the pod with most VMs of the account first",
        "one_at_random": "drawn",
        "in_order_of_id": "oldest first",
        "fewest_of_account": "fewest VMs of the account first",
        "least_consumed": "largest free share first",
        "pools_at_random": "drawn",
        "pools_in_order_of_id": "oldest first",
        "fewest_volumes_of_account": "fewest volumes of the account first",
    }
    found = algorithm(row[0].split("`")[1])
    orders = [words[order.__name__] for order in (found.clusters, found.hosts, found.pools)]
    assert row[1:] == [found.planner, *orders]
    assert ("(default)" in row[0]) == (Settings().allocation_algorithm in row[0].split("`"))


def test_every_algorithm_and_every_reason_is_there() -> None:
    """None is forgotten, none is invented."""
    assert tuple(row[0].split("`")[1] for row in rows("Who comes first")) == ALGORITHMS
    section = rows("A refusal explains itself")
    assert [row[0] for row in section] == [reason.label for reason in Reason if reason]


def test_every_setting_it_names_exists() -> None:
    """By CloudStack's name, in backticks."""
    known = Settings().by_name()
    named = set(re.findall(r"`([a-z]+(?:\.[a-zA-Z]+)+)`", PAGE)) - {"error.explanation"}
    assert named
    assert named <= known.keys()


def test_the_refusal_it_shows_is_the_one_that_comes() -> None:
    """The very scene of the page gives the very text."""
    stage = Stage()
    stage.cluster("c1", hosts=2)
    stage.load("c1-h1", 3, 1)
    vm = stage.ask(2, 9000, root_mib=2048)
    vm.name = "web"
    shown = PAGE.split("```text\n")[1].split("```")[0]
    assert stage.place(vm) is None
    assert str(stage.explain(vm)) == shown.rstrip("\n")
