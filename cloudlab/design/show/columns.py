"""The columns beside the tree: what is counted, in which unit, at which of its three sizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cloudlab import units
from cloudlab.design.totals import Totals

SIZES: Final = ("raw", "usable", "plannable")
LEGEND: Final = (
    "raw: as bought. usable: raw × over-provisioning, the most that may be allocated.",
    "plannable: usable up to the disable threshold, where placement stops.",
    "Disabled parts, hosts kept free for restarts and local disks count in no line above theirs.",
    "None of them says what is allocated or used: a design runs no VMs.",
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        group: what is counted, with its unit.
        name: which size of it; empty when it has only one.
        text: the cell for the totals of a row.
    """

    group: str
    name: str
    text: Callable[[Totals], str]


def _resource(group: str, attribute: str, size: str, divisor: float) -> Column:
    def text(totals: Totals) -> str:
        value = getattr(getattr(totals, attribute), size) / divisor
        return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"

    return Column(group, size, text)


COLUMNS: Final = (
    Column("hosts", "", lambda totals: f"{totals.hosts:,}"),
    *(_resource("CPU, GHz", "cpu_mhz", size, 1000) for size in SIZES),
    *(_resource("RAM, GiB", "ram_mib", size, units.MIB_PER_GIB) for size in SIZES),
    *(_resource("primary storage, TiB", "storage_mib", size, units.MIB_PER_TIB) for size in SIZES),
    Column("addresses", "", lambda totals: f"{totals.addresses:,}" if totals.addresses else ""),
)
