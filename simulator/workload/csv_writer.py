"""The writer of cloudlab's own CSV: what it writes, the reader reads back bit for bit."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cloudlab.units import MIB_PER_GIB
from simulator.workload.demand import HOST_SPEED, NOT_GIVEN, ONE_TENANT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from simulator.workload.demand import Demand


def write_demand(demand: Demand, path: str | PathLike[str]) -> None:
    """Write the requests to `path`, compressed by gzip if that ends in `.gz`.

    The same demand always gives the same bytes. Columns that say nothing are left out: disk
    and speed where no request names one, the tenant where there is but one without a name.
    """
    file = Path(path)
    text = csv_text(demand).encode()
    written = file.with_name(f".{file.name}.part")
    written.write_bytes(gzip.compress(text, 6, mtime=0) if file.suffix == ".gz" else text)
    written.replace(file)


def csv_text(demand: Demand) -> str:
    """Return the requests as CSV text, one a line under a header."""
    columns: dict[str, Iterable[str]] = {
        "id": demand.names(),
        "arrival_s": map(_number, demand.arrival_s.tolist()),
        "lifetime_s": map(_number, demand.lifetime_s.tolist()),
        "vcpu": map(str, demand.vcpu.tolist()),
        "ram_mb": map(str, demand.ram_mib.tolist()),
    }
    if (demand.disk_mib != NOT_GIVEN).any():
        columns["disk_gb"] = map(_disk, demand.disk_mib.tolist())
    if demand.tenant_names != ONE_TENANT:
        columns["tenant"] = np.array(demand.tenant_names, dtype=object)[demand.tenant]
    if (demand.cpu_mhz != HOST_SPEED).any():
        columns["cpu_mhz"] = map(str, demand.cpu_mhz.tolist())
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()


def _number(value: float) -> str:
    """Return the shortest text that reads back as `value`; none for a VM that lives on."""
    return "" if value == np.inf else repr(value).removesuffix(".0")


def _disk(disk_mib: int) -> str:
    """Return a disk in GiB; none where the request names none."""
    return "" if disk_mib == NOT_GIVEN else _number(disk_mib / MIB_PER_GIB)
