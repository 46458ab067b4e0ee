"""What helps requests that neither more hosts nor more storage do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.units import size_text
from simulator.placements import Reason
from simulator.planning.recommend.holdable import holdable
from simulator.planning.recommend.record import Remedy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.planning.site import Site
    from simulator.workload import Demand

_ADMINISTRATIVE: Final = {
    Reason.TAGS: "give the host tags asked for to some hosts",
    Reason.UNAVAILABLE: "enable or repair the hosts that could take them",
}


def larger_hosts(site: Site, demand: Demand, refused: dict[str, int]) -> Iterator[Remedy]:
    """Yield what hosts would have to be like for requests that no host can hold.

    Where a type of the price list holds them all, its recommendation is the answer.
    """
    if Reason.SIZE.label not in refused:
        return
    held = holdable(site, demand)
    for offer in site.offers:
        held = np.maximum(held, holdable(site, demand, offer))
    rows = np.flatnonzero(~held)
    if not len(rows):
        return
    cores, mhz = int(demand.vcpu[rows].max()), int(demand.cpu_mhz[rows].max())
    ram = math.ceil(int(demand.ram_mib[rows].max()) / float(site.fleet.ram_factor.max()))
    speed = f" of {mhz:,} MHz" if mhz else ""
    plural = "request is" if len(rows) == 1 else "requests are"
    text = (
        f"{len(rows):,} {plural} larger than any host there is or can be bought: a host for all "
        f"of them needs {cores:,} cores{speed} and {size_text(ram)} of RAM"
    )
    yield Remedy(Reason.SIZE.label, None, 0, "", text, verified=False)


def administrative(refused: dict[str, int]) -> Iterator[Remedy]:
    """Yield what to do about refusals that no purchase helps."""
    for reason, advice in _ADMINISTRATIVE.items():
        if reason.label in refused:
            text = f"{refused[reason.label]:,} requests were refused for {reason.label}: {advice}"
            yield Remedy(reason.label, None, 0, "", text, verified=False)
