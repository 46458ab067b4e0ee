"""How a design looks in a terminal and in a notebook."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from cloudlab.datasets import dataset
from cloudlab.design import new_design, read_design
from tests.design.documents import SOUND, changed, read


@pytest.mark.book("1.13")
def test_the_tree_goes_from_the_cloud_to_the_hosts():
    """Zone, pod, cluster and groups of hosts and pools stand inside each other."""
    lines = read(SOUND).tree_text().splitlines()[2:13]
    assert [re.split(r",|   +(?=\d)", line)[0] for line in lines] == [
        "test",
        "└─ zone z1",
        "   ├─ pod p1",
        "   │  └─ cluster c1",
        "   │     ├─ places VMs: CPU ×1",
        "   │     ├─ 4 × std: 64 cores at 2000 MHz",
        "   │     └─ nfs: 1 TiB ×2",
        "   └─ pod p2",
        "      └─ cluster c2",
        "         ├─ places VMs: CPU ×1",
        "         ├─ 1 × 16 cores at 2400 MHz",
    ]


def test_the_columns_say_what_they_are():
    """Raw, usable and plannable are told apart and explained, with units."""
    text = read(SOUND).tree_text()
    titles, names, cloud = text.splitlines()[:3]
    assert titles.split("  ")[0] == ""
    for title in ("hosts", "CPU, GHz", "RAM, GiB", "primary storage, TiB", "addresses"):
        assert title in titles
    assert names.split() == ["raw", "usable", "plannable"] * 3
    assert cloud.split() == [
        *("test", "5", "550", "550", "468"),
        *("1,088", "1,088", "925"),
        *("1.5", "3.0", "2.5"),
        "65,533",
    ]
    assert "raw: as bought." in text
    assert "None of them says what is allocated or used" in text


def test_numbers_stand_under_their_titles():
    """Every line of numbers ends in the same column, however wide the names are."""
    text = read(changed("cloud: test", f"cloud: {'long ' * 20}")).tree_text()
    rows = [line for line in text.splitlines()[2:-6] if "usable" not in line]
    ends = {len(line) for line in rows if line.endswith(("65,533",))}
    assert len(ends) == 1


def test_what_does_not_count_is_marked():
    """Disabled clusters, spare hosts and local disks can be told from the others."""
    text = read_design(dataset("designs", "two-zones.yaml")).tree_text()
    assert "cluster xen-next-year (Disabled), XenServer" in text
    assert "1 × std: 64 cores at 2000 MHz, 256 GiB [spare], kept free for restarts" in text
    assert "kvm-local: 900 GiB ×1, until 90% full, local disks" in text
    assert "zone south, Advanced of ROOT/labs" in text
    assert "places VMs: CPU ×4, until 85% full; RAM ×1.2\n" in text


class _Table(HTMLParser):
    """Counts the tags of a page and checks that each is closed."""

    def __init__(self):
        super().__init__()
        self.open: list[str] = []
        self.rows = 0

    def handle_starttag(self, tag, attrs):
        if tag != "br":
            self.open.append(tag)
        self.rows += tag == "tr"

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_notebook_shows_the_same_tree_as_a_table():
    """Well-formed HTML, a row for each line, names escaped, and what to do next."""
    design = read(changed("cloud: test", "cloud: a <b> & c"))
    page = design._repr_html_()
    table = _Table()
    table.feed(page)
    assert table.open == []
    tree = [line for line in design.tree_text().split("\n\n")[0].splitlines() if line]
    assert table.rows == len(tree)
    assert "a &lt;b&gt; &amp; c" in page
    assert ".with_cpu_overcommit(2)" in page


def test_the_repr_says_what_there_is_and_what_shows_more():
    """It fits on a line, however large the design."""
    text = repr(new_design(zones=1, pods=2, clusters=5, hosts=10, cloud="x"))
    assert text == (
        "<Design 'x': 1 zone, 2 pods, 10 clusters, 100 hosts, 6,400 cores, 25,600 GiB of RAM; "
        "print(design.tree_text()) shows it>"
    )
