"""The shipped demand is what its script makes, and what its README says."""

from __future__ import annotations

import gzip
import importlib.util
from types import ModuleType

import pytest

from cloudlab.datasets import dataset
from simulator.workload import read_demand
from simulator.workload.csv_writer import csv_text
from tests.support.places import ROOT


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script beside the data."""
    path = ROOT / "datasets" / "generate_demand.py"
    spec = importlib.util.spec_from_file_location("generate_demand", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_generated_file_is_what_the_script_makes(script: ModuleType) -> None:
    """Unpacked, each shipped file equals its generator's output byte for byte."""
    assert script.SHIPPED
    for file, make in script.SHIPPED.items():
        packed = dataset(*file.split("/")).read_bytes()
        assert gzip.decompress(packed) == csv_text(make()).encode()
        assert packed[4:8] == bytes(4), "no time of making in the file"


def test_the_demo_fills_a_small_cloud_to_four_fifths() -> None:
    """Twenty hosts of 64 cores carry the week with room for a few months of growth."""
    figures = read_demand(dataset("demand", "demo-week.csv.gz")).summary()
    assert 6000 <= figures.requests <= 8000
    assert 0.75 <= figures.peak_vcpu / (20 * 64) <= 0.85
    assert figures.peak_ram_mib < 20 * 256 * 1024
    assert figures.tenants == 24
    in_half_a_year = read_demand(dataset("demand", "demo-week.csv.gz")).grown(5, 182, seed=1)
    assert in_half_a_year.summary().peak_vcpu > 20 * 64


def test_the_readme_gives_the_figures_of_the_demo() -> None:
    """Requests, peak and seed in the README are those of the file."""
    readme = dataset("demand", "README.md").read_text(encoding="utf-8")
    figures = read_demand(dataset("demand", "demo-week.csv.gz")).summary()
    for figure in (figures.requests, figures.peak_vms, figures.peak_vcpu):
        assert f"{figure:,}" in readme
    assert f"{figures.peak_ram_mib / 1024:,.0f} GiB" in readme


def test_first_steps_uses_every_column() -> None:
    """The small file has names, tenants, disks, speeds and VMs that live on."""
    demand = read_demand(dataset("demand", "first-steps.csv"))
    assert demand.tenant_names == ("shop", "lab")
    assert demand.summary().lives_on == 3
    assert demand.disk_mib.min() == 20 * 1024
    assert sorted(set(demand.cpu_mhz.tolist())) == [0, 1800, 2000]
    assert demand.id_of(9) == "night-report"


def test_the_script_writes_a_demand_of_ones_own(script: ModuleType, tmp_path, capsys) -> None:
    """Options make another file, the same for the same seed, and the script says what is in it."""
    for name in ("a.csv.gz", "b.csv.gz"):
        options = ["--days", "1", "--per-hour", "30", "--seed", "7", "--tenants", "3"]
        assert script.main(["-o", str(tmp_path / name), *options]) == 0
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()
    assert len(read_demand(tmp_path / "a.csv.gz").tenant_names) == 3
    assert "requests for VMs" in capsys.readouterr().out


def test_the_script_refuses_in_one_line(script: ModuleType, tmp_path, capsys) -> None:
    """A wrong option gives exit code 2, one line and no file."""
    assert script.main(["-o", str(tmp_path / "a.csv"), "--days", "-1"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not list(tmp_path.iterdir())
