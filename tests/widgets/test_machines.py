"""The VM table: filter, sort, pages, details; logic in Python, so no browser is needed."""

from __future__ import annotations

import pytest

from cloudlab.errors import InvalidParameter
from cloudlab.widgets import VmTable
from cloudlab.workflows import machines
from tests.views.build import Site, small_site
from tests.views.parse import NASTY, is_harmless, read_html


@pytest.fixture
def site() -> Site:
    """Seven VMs, of which the third is stopped."""
    site = small_site(vms=7)
    site.run(machines.stop(site.cloud, site.cloud.inventory.vms.get(3)))
    return site


def press(table: VmTable, action: str, value: str = "") -> None:
    """Do what the front end does."""
    table._handle_custom_msg({"action": action, "value": value}, [])


def shown(table: VmTable) -> list[str]:
    """Return the ids of the rows on the page."""
    return [
        found["data-id"]
        for tag, found in read_html(table.html)[0]
        if tag == "tr" and "data-id" in found
    ]


def test_all_vms_oldest_first(site: Site) -> None:
    """A new table shows every VM in order of id."""
    table = VmTable(site.cloud)
    assert shown(table) == ["1", "2", "3", "4", "5", "6", "7"]
    assert "1 to 7 of 7" in read_html(table.html)[1]


def test_typing_filters(site: Site) -> None:
    """Every word must occur somewhere in the row, upper or lower case."""
    table = VmTable(site.cloud)
    press(table, "filter", "STOP web")
    assert shown(table) == ["3"]
    assert "1 to 1 of 1 (all: 7)" in read_html(table.html)[1]
    press(table, "filter", "nothing like it")
    assert shown(table) == []
    press(table, "filter", "")
    assert len(shown(table)) == 7


def test_a_title_sorts_and_sorts_back(site: Site) -> None:
    """A click sorts up, the next one down; the title says which."""
    table = VmTable(site.cloud)
    press(table, "sort", "state")
    assert shown(table)[-1] == "3"
    press(table, "sort", "state")
    assert shown(table)[0] == "3"
    orders = [found["aria-sort"] for tag, found in read_html(table.html)[0] if tag == "th"]
    assert [order for order in orders if order != "none"] == ["descending"]


def test_numbers_sort_as_numbers(site: Site) -> None:
    """Ten comes after nine, not before two."""
    for _ in range(4):
        site.deploy(site.cloud.inventory.zones.get(1))
    table = VmTable(site.cloud)
    press(table, "sort", "id")
    assert shown(table)[:2] == ["11", "10"]


def test_an_unknown_column(site: Site) -> None:
    """The refusal lists the columns."""
    with pytest.raises(InvalidParameter, match="no column 'colour'; allowed: id, name, state"):
        VmTable(site.cloud).sort("colour")


def test_pages_turn_as_far_as_they_go(site: Site) -> None:
    """Pages stop at both ends; a filter starts at the first again."""
    table = VmTable(site.cloud, page_size=3)
    press(table, "turn", "1")
    assert shown(table) == ["4", "5", "6"]
    press(table, "turn", "1")
    press(table, "turn", "1")
    assert shown(table) == ["7"]
    press(table, "turn", "-1")
    assert shown(table) == ["4", "5", "6"]
    press(table, "filter", "web")
    assert shown(table) == ["1", "2", "3"]


def test_a_page_needs_rows(site: Site) -> None:
    """A page of nothing is refused."""
    with pytest.raises(InvalidParameter, match="page_size is 0; allowed: 1 or more"):
        VmTable(site.cloud, page_size=0)


def test_a_row_shows_details(site: Site) -> None:
    """A click on a row fills the panel; the table is not drawn again."""
    table = VmTable(site.cloud)
    before = table.html
    table.set_state({"selected": {"kind": "vm", "id": 3}})
    assert "web-3" in read_html(table.panel)[1]
    assert table.html is before


def test_refresh_sees_new_vms_and_keeps_the_filter(site: Site) -> None:
    """After a deploy the table is up to date, still filtered and sorted."""
    table = VmTable(site.cloud)
    table.filter("web-8")
    assert shown(table) == []
    site.deploy(site.cloud.inventory.zones.get(1), "web-8")
    press(table, "refresh")
    assert shown(table) == ["8"]


def test_no_vms() -> None:
    """An empty cloud gives an empty table that says so."""
    table = VmTable(Site().cloud)
    assert "0 to 0 of 0" in read_html(table.html)[1]


def test_names_run_nothing(site: Site) -> None:
    """Names and what was typed are texts."""
    site.cloud.inventory.vms.get(1).name = NASTY
    table = VmTable(site.cloud)
    assert is_harmless(table.html)
    table.select("vm", 1)
    assert is_harmless(table.panel)
    table.filter(NASTY)
    assert is_harmless(table.html)
    assert is_harmless(table.to_html())
