"""One request, and what its size takes of every host."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from simulator.kernel.tables import Layout, Requests


class Ask(NamedTuple):
    """A request as plain numbers; `mhz` 0 is the speed of the host."""

    number: int
    vcpu: int
    mhz: int
    ram: int
    disk: int
    account: int


def asks_of(requests: Requests, begin: int, end: int) -> Iterator[Ask]:
    """Yield the requests `begin` up to `end`; lists of a stretch are quicker than arrays."""
    columns = (
        requests.vcpu,
        requests.cpu_mhz,
        requests.ram_mib,
        requests.disk_mib,
        requests.tenant,
    )
    return map(Ask, range(begin, end), *(column[begin:end].tolist() for column in columns))


class Need(NamedTuple):
    """What `vcpu` cores of a speed take.

    Attributes:
        cpu: MHz on every host, `(H,)`, or one number when all hosts are of one speed.
        suits: which hosts have cores enough, each fast enough; None when all have.
        in_cluster: MHz by which every cluster's threshold is judged.
    """

    cpu: NDArray[np.int64] | int
    suits: NDArray[np.bool_] | None
    in_cluster: list[int]


def needs_of(layout: Layout) -> Callable[[int, int], Need]:
    """Return the function (vcpu, mhz) -> `Need`; it remembers the sizes it saw last."""
    host_mhz = layout.host_mhz.astype(np.int64)
    slowest = int(host_mhz.min(initial=0)) if len(host_mhz) else 0
    one_speed = bool(np.all(host_mhz == slowest))

    @lru_cache(maxsize=256)
    def need(vcpu: int, mhz: int) -> Need:
        suits = (layout.host_cores >= vcpu) & (layout.host_mhz >= mhz)
        speeds = layout.first_mhz if mhz == 0 else np.full_like(layout.first_mhz, mhz)
        cpu = vcpu * (mhz or slowest) if mhz or one_speed else vcpu * host_mhz
        return Need(cpu, None if suits.all() else suits, (vcpu * speeds).tolist())

    return need
