"""The reader of cloudlab's own CSV: `id,arrival_s,lifetime_s,vcpu,ram_mb` and what may follow."""

from __future__ import annotations

import logging
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.errors import InputError
from simulator.workload import doubts
from simulator.workload.checks import Column, arrival_order, check_range, check_signs, filled
from simulator.workload.demand import HOST_SPEED, NOT_GIVEN, Demand
from simulator.workload.invariants import LATEST_ARRIVAL_S, SHORTEST_LIFETIME_S
from simulator.workload.names import ids_of, tenants_of
from simulator.workload.reading import Reading, Units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.workload.table import Table

_ARRIVAL: Final = Column(
    "arrival_s", "seconds since time 0, 0 to 10000000000", least=0, most=LATEST_ARRIVAL_S
)
_LIFETIME: Final = Column(
    "lifetime_s",
    "seconds, 0.001 or more; empty or inf for a VM that lives on",
    least=SHORTEST_LIFETIME_S,
    most=np.inf,
    blank=np.inf,
)
_VCPU: Final = Column("vcpu", "whole numbers, 1 to 65536", 1, 65_536, whole=True)
_RAM: Final = Column("ram_mb", "whole MiB, 1 to 2^40", 1, 2.0**40, whole=True)
_DISK: Final = Column(
    "disk_gb", "GiB, 0 or more; empty if not given", 0, 2.0**30, blank=np.nan, optional=True
)
_SPEED: Final = Column(
    "cpu_mhz",
    "whole MHz, 1 to 1000000; 0 or empty for the speed of the host",
    least=0,
    most=1e6,
    blank=HOST_SPEED,
    whole=True,
    optional=True,
)
_NUMBERS: Final = (_ARRIVAL, _LIFETIME, _VCPU, _RAM, _DISK, _SPEED)
_TEXTS: Final = ("id", "tenant")
REQUIRED: Final = ("id", *(column.name for column in _NUMBERS if not column.optional))
KNOWN: Final = (*_TEXTS, *(column.name for column in _NUMBERS))

_log: Final = logging.getLogger(__name__)


def read_csv(table: Table, reading: Reading) -> Demand:
    """Return the demand that a table in cloudlab's own columns describes.

    Columns may come in any order; those it does not know are ignored and logged, unless they
    look like a misspelt one.

    Raises:
        InputError: names the file, and the line and column where there is one.
    """
    _check_header(table)
    sparse = [column.name for column in _NUMBERS if column.blank is not None]
    cells = table.columns([column.name for column in _NUMBERS], sparse)
    numbers = {
        column.name: cells[column.name].astype(np.float64)
        for column in _NUMBERS
        if column.name in cells
    }
    for column in _NUMBERS:
        if column.name in numbers:
            check_signs(table, column, numbers[column.name])
    _convert(numbers, reading)
    _question(table, numbers, reading)
    for column in _NUMBERS:
        if column.name in numbers:
            check_range(table, column, numbers[column.name])
    order = arrival_order(table, numbers["arrival_s"], sort=reading.sort)
    tenant, tenant_names = tenants_of(cells.get("tenant"), len(order))
    disk_gib = numbers.get("disk_gb", np.full(len(order), np.nan))
    cpu_mhz = filled(_SPEED, numbers.get("cpu_mhz", np.zeros(len(order))))
    disk_mib = np.where(np.isnan(disk_gib), NOT_GIVEN, np.rint(disk_gib * 1024))
    return Demand(
        name=reading.name,
        ids=ids_of(table, cells["id"], order),
        arrival_s=numbers["arrival_s"][order],
        lifetime_s=filled(_LIFETIME, numbers["lifetime_s"])[order],
        vcpu=numbers["vcpu"][order].astype(np.int32),
        ram_mib=numbers["ram_mb"][order].astype(np.int64),
        disk_mib=disk_mib[order].astype(np.int64),
        cpu_mhz=cpu_mhz[order].astype(np.int32),
        tenant=tenant[order],
        tenant_names=tenant_names,
    )


def _check_header(table: Table) -> None:
    """Refuse missing and misspelt columns; tell the log of those that are ignored."""
    unknown = [name for name in table.header if name not in KNOWN]
    absent = [name for name in KNOWN if name not in table.header]
    for name in unknown:
        if meant := get_close_matches(name.lower(), absent, n=1, cutoff=0.7):
            raise InputError(
                f"{table.path}: column {name!r} looks like {meant[0]!r} misspelt; rename it "
                f"({', '.join(KNOWN)} are known)"
            )
    if missing := [name for name in REQUIRED if name not in table.header]:
        raise InputError(
            f"{table.path}: has no column {', '.join(missing)}; the first line must name at "
            f"least {','.join(REQUIRED)}, and names {','.join(table.header)}"
        )
    if unknown:
        _log.info("%s: ignored the columns %s", table.path, ", ".join(unknown))


def _convert(numbers: dict[str, NDArray[np.float64]], reading: Reading) -> None:
    """Bring times to seconds, counted from where `reading` says, and memory to MiB."""
    numbers["arrival_s"] = reading.time_unit.seconds(numbers["arrival_s"])
    numbers["lifetime_s"] = reading.time_unit.seconds(numbers["lifetime_s"])
    numbers["ram_mb"] = reading.ram_unit.mib(numbers["ram_mb"])
    if reading.from_first:
        numbers["arrival_s"] = numbers["arrival_s"] - numbers["arrival_s"].min()


def _question(table: Table, numbers: dict[str, NDArray[np.float64]], reading: Reading) -> None:
    """Refuse numbers that look like another unit, unless they are to be taken as written."""
    if reading.units is Units.AS_WRITTEN:
        return
    disk_gib = numbers.get("disk_gb", np.zeros(0))
    cpu_mhz = numbers.get("cpu_mhz", np.zeros(0))
    lifetime_s = filled(_LIFETIME, numbers["lifetime_s"])
    raised = {
        "arrival_s, lifetime_s": doubts.about_time(
            numbers["arrival_s"], lifetime_s, reading.time_unit
        ),
        "ram_mb": doubts.about_ram(numbers["ram_mb"], numbers["vcpu"], reading.ram_unit),
        "disk_gb": doubts.about_disk(disk_gib[~np.isnan(disk_gib)]),
        "cpu_mhz": doubts.about_speed(cpu_mhz[cpu_mhz > 0]),
    }
    for columns, doubt in raised.items():
        if doubt:
            raise InputError(
                f"{table.path}, column {columns}: looks wrong: {doubt}; {doubts.AS_WRITTEN}"
            )
