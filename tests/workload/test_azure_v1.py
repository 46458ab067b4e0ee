"""The Azure trace of 2017: lifetimes from their bins by the seed, censored VMs live on."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cloudlab.errors import InputError
from simulator.workload import Demand, read_demand

HEADER = "arrival_s,batch,vcpus,mem_gb,duration_bin,duration_min_s,duration_max_s,censored"
SMALL = f"""{HEADER}
1800000,7,8,14,1,300,600,0
1800000,7,8,14,1,300,600,1
1800300,9,1,0.75,0,0,300,0
1800600,12,1,1.75,0,0,0,0
"""


@pytest.fixture
def read(tmp_path: Path):
    """A function that reads text as a trace."""

    def reader(text: str = SMALL, **how: object) -> Demand:
        path = tmp_path / "vms.csv"
        path.write_text(text, encoding="utf-8")
        return read_demand(path, **how)

    return reader


def test_columns_are_brought_to_a_demand(read) -> None:
    """Time counts from the first arrival, GiB become MiB, a batch becomes a tenant."""
    demand = read()
    assert demand.name == "vms (azure-v1)"
    assert demand.arrival_s.tolist() == [0, 0, 300, 600]
    assert demand.ram_mib.tolist() == [14_336, 14_336, 768, 1792]
    assert [demand.tenant_names[code] for code in demand.tenant] == ["7", "7", "9", "12"]
    assert demand.lifetime_s[1] == np.inf


def test_lifetimes_lie_in_their_bins(read) -> None:
    """A lifetime is more than the bin's start, at most its end; 0 to 0 is the first step."""
    demand = read(SMALL + "1800600,13,1,1.75,0,0,0,0\n" * 500)
    assert 300 < demand.lifetime_s[0] <= 600
    assert 0 < demand.lifetime_s[2] <= 300
    assert demand.lifetime_s[3:].min() > 0
    assert 290 < demand.lifetime_s[3:].max() <= 300


def test_the_seed_alone_decides_the_lifetimes(read) -> None:
    """Same seed, same lifetimes; another seed, others; censoring a neighbour changes nothing."""
    assert read(seed=3).lifetime_s.tolist() == read(seed=3).lifetime_s.tolist()
    assert read(seed=3).lifetime_s[0] != read(seed=4).lifetime_s[0]
    uncensored = read(SMALL.replace("600,1\n", "600,0\n"), seed=3).lifetime_s
    assert uncensored[[0, 2, 3]].tolist() == read(seed=3).lifetime_s[[0, 2, 3]].tolist()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("300,600,1", "600,300,1", "line 3, column duration_max_s: is '300', which is below dur"),
        ("300,600,1", "300,600,2", "line 3, column censored: is '2', which is too large"),
        ("300,600,1", "300,600,", "line 3, column censored: is empty"),
        ("0.75", "0", "line 4, column mem_gb: is '0', which is too small"),
        ("9,1,", "9,1.5,", "line 4, column vcpus: is '1.5', which is not whole"),
        ("1800300", "1799000", "line 4, column arrival_s: is '1799000', which is earlier than l"),
        ("1800300", "-300", "line 4, column arrival_s: is '-300', which is negative"),
        ("1800300", "then", "line 4, column arrival_s: is 'then', which is no number"),
        ("mem_gb", "ram_gb", "has no column id, lifetime_s, vcpu, ram_mb"),
    ],
)
def test_a_bad_trace_is_refused(read, old: str, new: str, message: str) -> None:
    """The trace is checked like any other file."""
    with pytest.raises(InputError) as refusal:
        read(SMALL.replace(old, new, 1))
    assert message in str(refusal.value) or "misspelt" in str(refusal.value)


def test_asking_for_another_format_says_which_one_it_is(read) -> None:
    """A file in the columns of one format is not read in another."""
    with pytest.raises(InputError, match="columns of azure-v1, not of csv; read it with --format"):
        read(format="csv")
    with pytest.raises(InputError, match="columns of csv, not of azure-v1"):
        read("id,arrival_s,lifetime_s,vcpu,ram_mb\na,0,1,1,512\n", format="azure-v1")


def test_a_missing_column_is_named(read) -> None:
    """A file read as azure-v1 without all its columns is told which are missing."""
    with pytest.raises(InputError, match="has no column mem_gb; azure-v1 needs"):
        read(SMALL.replace("mem_gb", "memory"), format="azure-v1")


@pytest.mark.parametrize(("split", "vms"), [("dev", 259_159), ("test", 410_276)])
def test_the_real_trace_is_read_whole_and_in_little_time(
    shared_data: Path, split: str, vms: int
) -> None:
    """Every VM of the trace arrives, as pandas reads it, in seconds of CPU."""
    path = shared_data / "azure_v1_vm" / f"vms_{split}.csv.gz"
    started = time.process_time()
    demand = read_demand(path, "azure-v1", seed=1)
    assert time.process_time() - started < 5  # 1.1 measured; a loaded machine takes longer
    frame = pd.read_csv(path)
    assert len(demand) == len(frame) == vms
    assert np.array_equal(demand.arrival_s, frame.arrival_s - frame.arrival_s.iloc[0])
    assert np.array_equal(demand.vcpu, frame.vcpus)
    assert np.array_equal(demand.ram_mib, frame.mem_gb * 1024)
    assert np.array_equal(np.isinf(demand.lifetime_s), frame.censored == 1)
    lives = demand.lifetime_s[frame.censored == 0]
    bins = frame[frame.censored == 0]
    assert ((lives > bins.duration_min_s) & (lives <= bins.duration_max_s)).all()
    assert len(demand.tenant_names) == frame.batch.nunique()
