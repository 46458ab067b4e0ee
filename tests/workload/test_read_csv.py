"""cloudlab's own CSV is read in all its spellings, and written so that it reads back."""

from __future__ import annotations

import gzip
import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from simulator.workload import NOT_GIVEN, Demand, read_demand, write_demand
from tests.workload.strategies import demands, rows

FULL = """\
id,arrival_s,lifetime_s,vcpu,ram_mb,disk_gb,tenant,cpu_mhz
a,0,60,1,1024,20,shop,2000
b,0.5,,2,2048,,,
c,1e3,inf,4,4096,0.5,lab,0
"""
WITHIN = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def read(tmp_path: Path):
    """A function that reads text as a file."""

    def reader(text: str, **how: object) -> Demand:
        path = tmp_path / "demand.csv"
        path.write_text(text, encoding="utf-8", newline="")
        return read_demand(path, **how)

    return reader


def test_every_column_and_every_gap_has_its_meaning(read) -> None:
    """An empty lifetime lives on, an empty disk and speed are left to the design."""
    assert rows(read(FULL)) == [
        ("a", 0.0, 60.0, 1, 1024, 20 * 1024, 2000, "shop"),
        ("b", 0.5, np.inf, 2, 2048, NOT_GIVEN, 0, "default"),
        ("c", 1000.0, np.inf, 4, 4096, 512, 0, "lab"),
    ]


def test_the_five_columns_are_enough(read) -> None:
    """Without the optional columns there is one tenant, no disk and the host's speed."""
    demand = read("id,arrival_s,lifetime_s,vcpu,ram_mb\n0,0,60,1,1024\n1,5,60,1,1024\n")
    assert demand.ids is None
    assert demand.tenant_names == ("default",)
    assert demand.disk_mib.tolist() == [NOT_GIVEN, NOT_GIVEN]
    assert demand.name == "demand"


SPELLINGS = {
    "quoted": FULL.replace("shop", '"shop"').replace("a,0,", '"a","0",'),
    "windows": FULL.replace("\n", "\r\n"),
    "old mac": FULL.replace("\n", "\r"),
    "byte order mark": "\ufeff" + FULL,
    "no last newline": FULL.rstrip("\n"),
    "empty lines": "\n" + FULL.replace("\nb", "\n\n\nb") + "\n\n",
    "spaces": FULL.replace(",", " , "),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spelling_does_not_matter(read, spelling: str) -> None:
    """Quotes, line ends, blanks and marks of other programs change nothing."""
    assert rows(read(SPELLINGS[spelling])) == rows(read(FULL))


def test_columns_come_in_any_order(read) -> None:
    """The header decides which column is which."""
    lines = [line.split(",") for line in FULL.splitlines()]
    turned = "\n".join(",".join(reversed(cells)) for cells in lines)
    assert rows(read(turned)) == rows(read(FULL))


def test_unknown_columns_are_ignored_and_logged(read, caplog: pytest.LogCaptureFixture) -> None:
    """A column that cloudlab does not know is named in the log, and harms nothing."""
    lines = FULL.splitlines()
    wider = "\n".join([lines[0] + ",owner", *(line + ",me" for line in lines[1:])])
    with caplog.at_level(logging.INFO, logger="simulator.workload"):
        assert rows(read(wider)) == rows(read(FULL))
    assert "ignored the columns owner" in caplog.text


def test_text_of_a_fast_and_of_a_careful_reading_agree(read) -> None:
    """A file that numpy's parser cannot take (1e3 in quotes with a space) reads the same."""
    fast = "id,arrival_s,lifetime_s,vcpu,ram_mb\na,1000,60,1,1024\n"
    assert rows(read(fast.replace("1000", '"1e3\n"'))) == rows(read(fast))


def test_sort_brings_lines_into_order(read) -> None:
    """With `sort` a file out of order is put in order, ties as they stand in the file."""
    text = "id,arrival_s,lifetime_s,vcpu,ram_mb\nx,9,60,1,1024\ny,3,60,2,1024\nz,9,60,3,1024\n"
    assert read(text, sort=True).names() == ("y", "x", "z")


def test_units_are_converted(read) -> None:
    """Milliseconds become seconds and GiB become MiB, exactly."""
    text = "id,arrival_s,lifetime_s,vcpu,ram_mb\nx,100,86400001,1,1.75\ny,3300,,2,7\n"
    demand = read(text, time_unit="ms", ram_unit="gib")
    assert demand.arrival_s.tolist() == [0.1, 3.3]
    assert demand.lifetime_s.tolist() == [86400.001, np.inf]
    assert demand.ram_mib.tolist() == [1792, 7168]
    hours = read(text.replace("86400001", "0.5"), time_unit="h", ram_unit="gib", from_first=True)
    assert (hours.arrival_s.tolist(), hours.lifetime_s[0]) == ([0.0, 3200 * 3600.0], 1800.0)


@pytest.mark.parametrize("name", ["demand.csv", "demand.csv.gz"])
@WITHIN
@given(demand=demands(least=1))
def test_what_is_written_reads_back_bit_for_bit(tmp_path: Path, name: str, demand: Demand) -> None:
    """Any demand survives the way to a file and back, unchanged to the last bit."""
    write_demand(demand, tmp_path / name)
    assert rows(read_demand(tmp_path / name, units="as-written")) == rows(demand)


def test_the_same_demand_gives_the_same_bytes(tmp_path: Path) -> None:
    """No clock and no file name enters a compressed file."""
    demand = Demand.of("a", arrival_s=[0, 1])
    write_demand(demand, tmp_path / "a.csv.gz")
    write_demand(demand, tmp_path / "b.csv.gz")
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()).startswith(b"id,arrival_s")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv.gz", "b.csv.gz"]
