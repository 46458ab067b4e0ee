"""Numbers that look like another unit are questioned; the way on stands in the message."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cloudlab.datasets import dataset
from cloudlab.errors import InputError
from simulator.workload import churn, generate, read_demand
from simulator.workload.csv_writer import csv_text

WEEK = generate(7, 20, seed=1)
COLUMNS = ("id", "arrival_s", "lifetime_s", "vcpu", "ram_mb")


def written(path: Path, factors: dict[str, float], shift: float = 0) -> Path:
    """Write a week of demand with some columns multiplied, as another unit would have them."""
    lines = [line.split(",") for line in csv_text(WEEK).splitlines()[1:]]
    rows = [dict(zip(COLUMNS, cells, strict=False)) for cells in lines]
    for row in rows:
        row["arrival_s"] = str(float(row["arrival_s"]) + shift)
        for column, factor in factors.items():
            row[column] = repr(float(row[column]) * factor)
    text = "\n".join(",".join(row[column] for column in COLUMNS) for row in rows)
    path.write_text(f"{','.join(COLUMNS)}\n{text}\n", encoding="utf-8")
    return path


MILLISECONDS = {"arrival_s": 1e3, "lifetime_s": 1e3}
DOUBTS = [
    (MILLISECONDS, 0, 'say time_unit="ms" (--time-unit ms)', {"time_unit": "ms"}),
    ({"arrival_s": 1e6, "lifetime_s": 1e6}, 0, "(--time-unit us)", {"time_unit": "us"}),
    ({"ram_mb": 1 / 1024}, 0, 'say ram_unit="gib" (--ram-unit gib)', {"ram_unit": "gib"}),
    ({"ram_mb": 1024}, 0, "(--ram-unit kib)", {"ram_unit": "kib"}),
    ({"ram_mb": 1024**2}, 0, "(--ram-unit bytes)", {"ram_unit": "bytes"}),
    ({}, 1.7e9, "say from_first=True (--from-first)", {"from_first": True}),
    (MILLISECONDS, 1.7e9, "(--time-unit ms)", {"time_unit": "ms", "from_first": True}),
]


@pytest.mark.parametrize(("factors", "shift", "way", "answer"), DOUBTS)
def test_another_unit_is_questioned_and_named(
    tmp_path: Path, factors: dict, shift: float, way: str, answer: dict
) -> None:
    """The message offers the unit that would be right, and that unit reads the same week."""
    path = written(tmp_path / "other.csv", factors, shift)
    with pytest.raises(InputError) as doubt:
        read_demand(path)
    assert way in str(doubt.value)
    assert 'say units="as-written" (--trust-units)' in str(doubt.value)
    demand = read_demand(path, **answer)
    shifted = WEEK.arrival_s - (WEEK.arrival_s[0] if "from_first" in answer else 0)
    assert demand.arrival_s == pytest.approx(shifted, abs=1e-3)
    assert demand.lifetime_s == pytest.approx(WEEK.lifetime_s)
    assert np.array_equal(demand.ram_mib, WEEK.ram_mib)


def test_what_is_insisted_on_is_taken(tmp_path: Path) -> None:
    """`units="as-written"` takes two decades and a tiny memory as they stand."""
    path = tmp_path / "odd.csv"
    path.write_text("id,arrival_s,lifetime_s,vcpu,ram_mb\na,0,9,1,4\nb,9e8,9,1,4\n")
    demand = read_demand(path, units="as-written")
    assert (demand.span_s, demand.ram_mib.tolist()) == (9e8, [4, 4])


OTHERS = [
    ([(i * 1000, 60_000, 1, 1024) for i in range(3000)], "is a multiple of 1000, as seconds wri"),
    ([(i, 1e8 + i, 1, 1024) for i in range(30)], "half of the VMs live longer than 3.2 years"),
    ([(0, 1, 1, 1)], "half of the VMs have at most 1 MiB of RAM for each vCPU, read as mib, 1 GiB"),
    ([(0, 1, 1, 10**11)], "half of the VMs have at least 93.13 PiB of RAM for each vCPU"),
    ([(0, 1, 1, 512), (1e8, 1, 1, 512)], "arrivals span 3.2 years, read as s, 1 d 4 h read as ms"),
]


@pytest.mark.parametrize(("rows", "message"), OTHERS)
def test_other_doubts(tmp_path: Path, rows: list, message: str) -> None:
    """Coarse times, lives of years and crumbs of memory are questioned as well."""
    path = tmp_path / "odd.csv"
    lines = (f"{i},{','.join(map(str, row))}" for i, row in enumerate(rows))
    path.write_text("id,arrival_s,lifetime_s,vcpu,ram_mb\n" + "\n".join(lines))
    with pytest.raises(InputError) as doubt:
        read_demand(path)
    assert message in str(doubt.value)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("disk_gb", "20480", "half of the disks have at least 20 TiB; the column counts GiB"),
        ("cpu_mhz", "2.4", "no vCPU has more than 2.4 MHz; the column counts MHz: write 2.4 GHz"),
    ],
)
def test_disks_and_speeds_are_questioned(
    tmp_path: Path, column: str, value: str, message: str
) -> None:
    """Disks in MiB and speeds in GHz are noticed, also where some cells are empty."""
    path = tmp_path / "odd.csv"
    path.write_text(
        f"id,arrival_s,lifetime_s,vcpu,ram_mb,{column}\na,0,9,1,1024,{value}\nb,0,9,1,1024,\n"
    )
    with pytest.raises(InputError) as doubt:
        read_demand(path)
    assert f"column {column}: looks wrong: {message}" in str(doubt.value)


def test_ordinary_demand_is_not_questioned(tmp_path: Path) -> None:
    """What ships, what is generated and one lifetime meant as "for ever" pass unasked."""
    for file in ("demo-week.csv.gz", "first-steps.csv"):
        assert len(read_demand(dataset("demand", file)))
    path = tmp_path / "churn.csv"
    path.write_text(csv_text(churn(10, 100)))
    assert len(read_demand(path)) == 100
    path.write_text("id,arrival_s,lifetime_s,vcpu,ram_mb\na,0,1e9,1,512\nb,0,1e9,4,2048\n")
    assert len(read_demand(path)) == 2
