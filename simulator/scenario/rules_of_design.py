"""The settings of a design that decide placement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab import units
from cloudlab.errors import InputError
from simulator.placements.rules import Rules

if TYPE_CHECKING:
    from cloudlab.design import Design


def rules_of(design: Design, seed: int = 0) -> Rules:
    """Return how VMs are placed in `design`; `seed` (>= 0) is that of the random algorithms.

    A request that names no disk gets a root disk of the size of the first template.

    Raises:
        InputError: the design orders pods before clusters, which these rules do not know.
    """
    settings = design.settings
    if settings.apply_allocation_algorithm_to_pods:
        raise InputError(
            "apply.allocation.algorithm.to.pods is true; the capacity kernel orders the clusters "
            "of a whole zone: set it to false, or simulate with workflows"
        )
    return Rules(
        algorithm=str(settings.vm_allocation_algorithm),
        order_clusters_by=str(settings.host_capacity_type_to_order_clusters),
        user_dispersion_weight=settings.vm_user_dispersion_weight,
        expunge_delay_s=float(settings.expunge_delay),
        expunge_interval_s=float(settings.expunge_interval),
        default_disk_mib=units.mib(design.templates[0].size_gib),
        seed=seed,
    )
