"""Whether what is advised to buy suffices for another demand that is as likely."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.placements import Reason
from simulator.planning.recommend.holdable import holdable
from simulator.planning.recommend.trial import (
    judged,
    tried,
    with_hosts,
    with_spares,
    without_other_limits,
)
from simulator.planning.site import HostOffer

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.placements import Placements
    from simulator.planning.recommend.record import Recommendation
    from simulator.planning.site import Site
    from simulator.workload import Demand


def suffices(
    site: Site,
    demand: Demand,
    placements: Placements,
    best: Recommendation | None,
    stop: Callable[[], bool] | None = None,
) -> bool | None:
    """Return whether nothing that hosts could hold is refused, and every cluster survives a loss.

    Storage and addresses count as endless, as in the search. Where nothing is to be bought and
    none of them ran out, that is judged from what became of the demand without.

    Args:
        site: the cloud as it is.
        demand: another demand.
        placements: what became of it on the cloud as it is.
        best: what to buy; None when no number of hosts suffices.
        stop: whether to give up.

    Raises:
        Stopped: it was given up.
    """
    if best is None or best.hosts is None:
        return None
    hopeless = int(np.count_nonzero(~holdable(site, demand, HostOffer(best.kind))))
    lacks = np.isin(placements.reason, (Reason.STORAGE, Reason.ADDRESS)).any()
    if not best.hosts and not lacks:
        return judged(site, demand, placements, hopeless).is_enough
    fleet = without_other_limits(site.fleet)
    for added in best.additions:
        add = with_spares if added.is_spare else with_hosts
        fleet = add(fleet, [added.place.index] * added.hosts, best.kind)
    return tried(site.with_fleet(fleet), demand, hopeless, stop=stop).is_enough
