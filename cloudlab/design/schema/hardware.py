"""Kinds of host one can buy, with the catalogue that is used when a design brings none."""

from __future__ import annotations

from typing import Final

from cloudlab.design.schema.choices import HypervisorName
from cloudlab.design.schema.part import Part
from cloudlab.design.schema.quantities import Cores, Gib, Mhz, Name, Price, Watts

_HOURS_A_MONTH: Final = 730
_PER_CORE_HOUR: Final = 0.025
_PER_GIB_HOUR: Final = 0.0015


class HostType(Part):
    """A kind of host, as the price list has it."""

    name: Name
    """What groups of hosts call it."""
    cpus: Cores
    """Cores."""
    mhz: Mhz
    """Speed of a core."""
    ram_gib: Gib
    """Memory that guests may use, the hypervisor's own share taken off."""
    price_per_month: Price | None = None
    """What one costs a month, in the document's currency; left out: not known."""
    power_idle_watts: Watts | None = None
    """Power of a host that does nothing."""
    power_max_watts: Watts | None = None
    """Power of a host with all cores busy."""
    hypervisor: HypervisorName | None = None
    """The one hypervisor it can run; left out: any."""


def list_price(cpus: int, ram_gib: float) -> float:
    """Return US dollars a month for a host of `cpus` cores and `ram_gib` GiB of RAM.

    It is what the same cores and RAM cost to rent: Oracle's E4 Flex list price of 2026,
    0.025 a core and 0.0015 a GiB an hour, for 730 hours. A price to start from, not an offer.

    Source: SkyPilot catalog, OCI `vms.csv`, rows of series E4.
    """
    hourly = cpus * _PER_CORE_HOUR + ram_gib * _PER_GIB_HOUR
    return round(hourly * _HOURS_A_MONTH, 2)


def _listed(name: str, cpus: int, ram_gib: float, watts: tuple[float, float]) -> HostType:
    return HostType(
        name=name,
        cpus=cpus,
        mhz=2000,
        ram_gib=ram_gib,
        price_per_month=list_price(cpus, ram_gib),
        power_idle_watts=watts[0],
        power_max_watts=watts[1],
    )


HOST_TYPES: Final = (
    _listed("std-64", 64, 256.0, (54.5, 231.0)),
    _listed("ram-64", 64, 512.0, (54.5, 231.0)),
    _listed("std-128", 128, 512.0, (109.0, 468.0)),
)
"""The catalogue of a design that brings none.

Source of the watts: SPECpower_ssj2008, Dell PowerEdge R6515 (EPYC 7702P, 64 cores) and HPE
ProLiant DL365 Gen10 Plus (2 × EPYC 7713, 128 cores); both nominally 2000 MHz. They were
measured with less RAM than listed here."""
