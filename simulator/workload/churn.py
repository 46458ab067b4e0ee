"""The churn scenario: the demand that simulators of clouds are compared on.

VMs arrive over one day as a Poisson process of known count, in four sizes of CPU and three of
memory, and live for an exponential time whose mean loads identical hosts of 64 cores to `rho`.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from cloudlab.errors import InvalidParameter
from cloudlab.units import DAY
from simulator.workload.copies import check_seed, check_size
from simulator.workload.demand import Demand

HOST_CORES: Final = 64
HOST_RAM_MIB: Final = 262_144
"""The hosts that the load is meant for: cores, and memory in MiB."""

_VCPU: Final = (1, 2, 4, 8)
_VCPU_SHARES: Final = (0.4, 0.3, 0.2, 0.1)
_MEAN_VCPU: Final = 2.6
_RAM_PER_VCPU: Final = (2048, 4096, 8192)
_RAM_SHARES: Final = (0.5, 0.3, 0.2)


def churn(hosts: int, vms: int, rho: float = 0.7, seed: int = 42) -> Demand:
    """Return the scenario for `hosts` hosts and `vms` VMs, in every bit as others ran it.

    Args:
        hosts: identical hosts, 1 or more; the load is shared out over them.
        vms: requests over one day, 1 or more.
        rho: share of all cores that is taken in the long run.
        seed: of numpy's default generator. The scenario was published with it, so this is the
            one demand that does not come from a named stream.

    Raises:
        InvalidParameter: if an argument is out of range.
    """
    check_seed(seed)
    if hosts < 1 or vms < 1 or not 0 < rho < np.inf:
        raise InvalidParameter(
            f"churn of {vms} VMs on {hosts} hosts at {rho}; "
            f"allowed: 1 or more of both, at more than 0"
        )
    name = f"churn-{hosts}-{vms}"
    check_size(name, vms, "ask for fewer VMs")
    chance = np.random.Generator(np.random.PCG64(seed))
    arrival_s = np.round(np.sort(chance.uniform(0, DAY, vms)), 2)
    vcpu = chance.choice(_VCPU, size=vms, p=_VCPU_SHARES)
    ram_mib = vcpu * chance.choice(_RAM_PER_VCPU, size=vms, p=_RAM_SHARES)
    mean_s = rho * hosts * HOST_CORES / _MEAN_VCPU / (vms / DAY)
    lifetime_s = np.round(np.maximum(chance.exponential(mean_s, vms), 1.0), 2)
    return Demand.of(name, arrival_s=arrival_s, lifetime_s=lifetime_s, vcpu=vcpu, ram_mib=ram_mib)
