"""The churn scenario is, in every bit, the one that other simulators ran."""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cloudlab.errors import InvalidParameter
from simulator.workload import churn
from tests.support.places import SHARED


@pytest.mark.parametrize(
    ("hosts", "vms", "rho", "seed"), [(100, 10_000, 0.7, 42), (10, 1000, 0.9, 7)]
)
def test_columns_equal_the_published_script(
    tmp_path: Path, hosts: int, vms: int, rho: float, seed: int
) -> None:
    """Arrivals, lifetimes and sizes are those of the script that made the published files."""
    script = SHARED / "reference" / "churn_scenario.py"
    if not script.is_file():
        pytest.skip(f"no published script at {script}; set CLOUDLAB_SHARED to find it")
    out = tmp_path / "churn.csv"
    arguments = map(str, (script, hosts, vms, out, rho, seed))
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    demand = churn(hosts, vms, rho, seed)
    assert demand.arrival_s.tolist() == [float(row["arrival_s"]) for row in rows]
    assert demand.lifetime_s.tolist() == [float(row["lifetime_s"]) for row in rows]
    assert demand.vcpu.tolist() == [int(row["vcpu"]) for row in rows]
    assert demand.ram_mib.tolist() == [int(row["ram_mb"]) for row in rows]


@pytest.mark.parametrize(
    ("hosts", "vms", "peak", "vcpu_seconds"),
    [(100, 10_000, 1762, 389_816_302), (1000, 100_000, 17_298, 3_848_422_710)],
)
def test_peak_and_work_are_the_published_ones(
    hosts: int, vms: int, peak: int, vcpu_seconds: int
) -> None:
    """Since nothing is refused, peak VMs and vCPU-seconds up to a day follow from the demand.

    Source: the figures that every simulator printed for these two sizes.
    """
    demand = churn(hosts, vms)
    assert demand.summary().peak_vms == peak
    held = np.dot(demand.vcpu, demand.lifetime_s)
    assert held == pytest.approx(vcpu_seconds, abs=1)


def test_it_never_changes() -> None:
    """The columns are those compared with the published script, whatever numpy is installed."""
    demand = churn(100, 10_000)
    columns = (demand.arrival_s, demand.lifetime_s, demand.vcpu, demand.ram_mib)
    digest = hashlib.md5(b"".join(column.tobytes() for column in columns)).hexdigest()
    assert digest == "f6003472dcc912f206ab29b8f476c91f"


@pytest.mark.parametrize("arguments", [(0, 10), (10, 0), (10, 10, 0), (10, 10, 0.7, -1)])
def test_impossible_scenarios_are_refused(arguments: tuple) -> None:
    """Hosts, VMs, load and seed have a range."""
    with pytest.raises(InvalidParameter, match="allowed"):
        churn(*arguments)
