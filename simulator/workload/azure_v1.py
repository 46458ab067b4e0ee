"""The reader of Azure's VM trace of 2017, where lifetimes are known to within a bin.

Columns: `arrival_s, batch, vcpus, mem_gb, duration_bin, duration_min_s, duration_max_s,
censored`. Arrivals are on a grid of 300 s and are counted from the first one. A batch is what
one tenant started together and becomes a tenant of its own. A censored VM was still running
when the trace ended, and lives on here.

Source: Cortez et al., "Resource Central: understanding and predicting workloads for improved
resource management in large cloud platforms", SOSP 2017; AzurePublicDataset V1 (CC BY 4.0) in
the form of Bergsma et al., "Generating complex, realistic cloud workloads using recurrent
neural networks", SOSP 2021.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.errors import InputError
from cloudlab.streams import stream
from cloudlab.units import MIB_PER_GIB
from simulator.workload.checks import Column, arrival_order, check_range, check_signs
from simulator.workload.demand import HOST_SPEED, NOT_GIVEN, Demand
from simulator.workload.invariants import LATEST_ARRIVAL_S, SHORTEST_LIFETIME_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.workload.reading import Reading
    from simulator.workload.table import Table

GRID_S: Final = 300.0
"""The step of the trace: a bin from 0 to 0 is the first step."""

_SECONDS: Final = "seconds, 0 or more"
_MAX: Final = Column("duration_max_s", "seconds, not below duration_min_s", 0, LATEST_ARRIVAL_S)
_CENSORED: Final = Column("censored", "0 or 1", 0, 1, whole=True)
_NUMBERS: Final = (
    Column("arrival_s", _SECONDS, 0, LATEST_ARRIVAL_S),
    Column("batch", "whole numbers, 0 or more", 0, 2.0**53, whole=True),
    Column("vcpus", "whole numbers, 1 to 65536", 1, 65_536, whole=True),
    Column("mem_gb", "GiB, more than 0", 1 / MIB_PER_GIB, 2.0**30),
    Column("duration_min_s", _SECONDS, 0, LATEST_ARRIVAL_S),
    _MAX,
    _CENSORED,
)
REQUIRED: Final = tuple(column.name for column in _NUMBERS)


def read_azure_v1(table: Table, reading: Reading) -> Demand:
    """Return the demand of a table in the columns of the Azure trace.

    The lifetime of a VM is uniform in (min, max] of its bin, by the stream `azure-v1/lifetime`
    of the seed; whether another VM is censored changes nothing for it.

    Raises:
        InputError: names the file, and the line and column where there is one.
    """
    if missing := [name for name in REQUIRED if name not in table.header]:
        raise InputError(
            f"{table.path}: has no column {', '.join(missing)}; azure-v1 needs {','.join(REQUIRED)}"
        )
    cells = table.columns((*REQUIRED, "duration_bin"))
    numbers = {name: cells[name].astype(np.float64) for name in REQUIRED}
    for column in _NUMBERS:
        check_signs(table, column, numbers[column.name])
        check_range(table, column, numbers[column.name])
    arrival_s = numbers["arrival_s"] - numbers["arrival_s"].min()
    order = arrival_order(table, arrival_s, sort=reading.sort)
    batches, tenant = np.unique(numbers["batch"], return_inverse=True)
    return Demand(
        name=reading.name,
        ids=None,
        arrival_s=arrival_s[order],
        lifetime_s=_lifetimes(table, numbers, reading.seed)[order],
        vcpu=numbers["vcpus"][order].astype(np.int32),
        ram_mib=np.rint(numbers["mem_gb"] * MIB_PER_GIB)[order].astype(np.int64),
        disk_mib=np.full(len(order), NOT_GIVEN, dtype=np.int64),
        cpu_mhz=np.full(len(order), HOST_SPEED, dtype=np.int32),
        tenant=tenant[order].astype(np.int32),
        tenant_names=tuple(map(str, batches.astype(np.int64).tolist())),
    )


def _lifetimes(
    table: Table, numbers: dict[str, NDArray[np.float64]], seed: int
) -> NDArray[np.float64]:
    """Return the lifetime of each VM in seconds, (rows,)."""
    least, most = numbers["duration_min_s"], numbers["duration_max_s"]
    if (below := most < least).any():
        row = int(np.argmax(below))
        raise table.refusal(
            row, _MAX.name, "which is below duration_min_s", f"allowed: {_MAX.allowed}"
        )
    most = np.where(most == 0, GRID_S, most)
    share = 1.0 - stream(seed, "azure-v1/lifetime").random(len(least))
    lifetime_s = np.maximum(least + (most - least) * share, SHORTEST_LIFETIME_S)
    return np.where(numbers[_CENSORED.name] == 1, np.inf, lifetime_s)
