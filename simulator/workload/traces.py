"""Formats of demand files by name, and the one function that reads any of them."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from cloudlab.errors import InputError, InvalidParameter
from simulator.workload import azure_v1, csv_reader
from simulator.workload.copies import check_seed
from simulator.workload.reading import RamUnit, Reading, TimeUnit, Units
from simulator.workload.table import read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import StrEnum
    from os import PathLike

    from simulator.workload.demand import Demand
    from simulator.workload.table import Table

AUTO: Final = "auto"
"""The name that stands for the format whose columns the file has."""

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Format:
    """One format of demand files.

    Attributes:
        summary: what it is, in a few words.
        columns: the columns by which a file of this format is known.
        read: makes a demand of a table in it.
    """

    summary: str
    columns: tuple[str, ...]
    read: Callable[[Table, Reading], Demand]

    def fits(self, table: Table) -> bool:
        """Return whether the table has the columns of this format."""
        return set(self.columns) <= set(table.header)


FORMATS: Final[Mapping[str, Format]] = {
    "csv": Format(
        "cloudlab's own: id,arrival_s,lifetime_s,vcpu,ram_mb[,disk_gb,tenant,cpu_mhz]",
        csv_reader.REQUIRED,
        csv_reader.read_csv,
    ),
    "azure-v1": Format(
        "the VM trace that Azure published in 2017, lifetimes in bins",
        azure_v1.REQUIRED,
        azure_v1.read_azure_v1,
    ),
}
"""Every format by the name that `--format` takes."""


def read_demand(
    path: str | PathLike[str],
    format: str = AUTO,  # noqa: A002  (the word of the command line)
    seed: int = 0,
    *,
    sort: bool = False,
    units: str = Units.QUESTIONED,
    time_unit: str = TimeUnit.SECONDS,
    ram_unit: str = RamUnit.MIB,
    from_first: bool = False,
) -> Demand:
    """Return the demand in a CSV file, plain or compressed by gzip.

    Its name is that of the file, and of the format unless that is cloudlab's own.

    Args:
        path: the file.
        format: a name of `FORMATS`, or "auto" for the one whose columns the file has.
        seed: for what the file leaves open, such as a lifetime inside its bin; 0 or more.
        sort: put the requests in order of arrival, instead of refusing a file out of order.
        units: "questioned" refuses numbers that look like another unit, "as-written" takes
            them as they are.
        time_unit: what the file's times count: us, ms, s, min or h.
        ram_unit: what the file's memory counts: bytes, kib, mib or gib.
        from_first: count time from the first arrival, instead of from the file's own zero.

    Raises:
        InputError: the file cannot be read as it stands; the message names file, line, column,
            value, what is allowed and what to do.
        InvalidParameter: an argument is not one of those above.
    """
    check_seed(seed)
    file = Path(path)
    reading = Reading(
        name=file.name.removesuffix(".gz").removesuffix(".csv"),
        seed=seed,
        sort=sort,
        units=_choice("units", units, Units),
        time_unit=_choice("time_unit", time_unit, TimeUnit),
        ram_unit=_choice("ram_unit", ram_unit, RamUnit),
        from_first=from_first,
    )
    if format != AUTO and format not in FORMATS:
        raise InvalidParameter(f"format is {format!r}; allowed: {', '.join((AUTO, *FORMATS))}")
    table = read_table(file)
    found = _format(table, format)
    if found != "csv":
        reading = replace(reading, name=f"{reading.name} ({found})")
    return FORMATS[found].read(table, reading)


def _format(table: Table, asked: str) -> str:
    """Return the name of the format to read a table in."""
    fitting = next((name for name, known in FORMATS.items() if known.fits(table)), None)
    if asked == AUTO:
        if fitting:
            _log.info("%s: its columns are those of %s", table.path, fitting)
        return fitting or "csv"
    if fitting and not FORMATS[asked].fits(table):
        raise InputError(
            f"{table.path}: has the columns of {fitting}, not of {asked}; "
            f"read it with --format {fitting}, or leave the format to be found"
        )
    return asked


_Choice = TypeVar("_Choice", bound="StrEnum")


def _choice(name: str, value: str, choices: type[_Choice]) -> _Choice:
    """Return the member of `choices` that `value` names."""
    try:
        return choices(value)
    except ValueError:
        raise InvalidParameter(f"{name} is {value!r}; allowed: {', '.join(choices)}") from None
