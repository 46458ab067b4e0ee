"""Demand: the requests for VMs that a cloud will have to answer, as columns."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cloudlab.errors import InvalidParameter
from cloudlab.units import mib
from simulator.workload import display, growth, scaling, summary
from simulator.workload.invariants import COLUMNS, check_demand, column_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

NOT_GIVEN: Final = -1
"""`disk_mib` of a request that names no disk: the design's default disk is taken."""

HOST_SPEED: Final = 0
"""`cpu_mhz` of a request that names no speed: each vCPU takes one core of its host whole."""

ONE_TENANT: Final = ("default",)
"""Tenant names of a demand that names no tenants."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Demand:
    """Requests for VMs as columns, in order of arrival; time 0 is the start of the run.

    The columns are read-only arrays of one length; row `i` of each belongs to request `i`.

    Attributes:
        name: what the demand is called in reports.
        ids: name of each request; None means they are called 0, 1, 2 ...
        arrival_s: seconds since time 0, never decreasing.
        lifetime_s: seconds from arrival to departure, at least 0.001; inf for a VM that lives on.
        vcpu: virtual CPUs, at least 1.
        ram_mib: memory in MiB, at least 1.
        disk_mib: root disk in MiB; `NOT_GIVEN` where the request names none.
        cpu_mhz: speed of each vCPU in MHz; `HOST_SPEED` means the speed of the host.
        tenant: index into `tenant_names`.
        tenant_names: who asks.

    Raises:
        InvalidParameter: if the columns differ in length, are out of range or not in order.
    """

    name: str
    ids: tuple[str, ...] | None
    arrival_s: NDArray[np.float64]
    lifetime_s: NDArray[np.float64]
    vcpu: NDArray[np.int32]
    ram_mib: NDArray[np.int64]
    disk_mib: NDArray[np.int64]
    cpu_mhz: NDArray[np.int32]
    tenant: NDArray[np.int32]
    tenant_names: tuple[str, ...]

    def __post_init__(self) -> None:
        """Give every column its type, make it read-only and check it."""
        for column, dtype in COLUMNS.items():
            frozen = column_of(self.name, column, getattr(self, column), dtype).view()
            frozen.setflags(write=False)
            object.__setattr__(self, column, frozen)
        check_demand(self)

    def __reduce__(self) -> tuple[type[Demand], tuple[object, ...]]:
        """Travel to another process as arguments, so that it arrives checked and read-only."""
        return Demand, tuple(getattr(self, field.name) for field in fields(self))

    @classmethod
    def of(
        cls,
        name: str,
        *,
        arrival_s: ArrayLike,
        lifetime_s: ArrayLike = np.inf,
        vcpu: ArrayLike = 1,
        ram_mib: ArrayLike = 1024,
        disk_mib: ArrayLike = NOT_GIVEN,
        cpu_mhz: ArrayLike = HOST_SPEED,
        tenant: ArrayLike = 0,
        tenant_names: Iterable[str] = ONE_TENANT,
        ids: Iterable[str] | None = None,
    ) -> Demand:
        """Return a demand from columns, or from single numbers that hold for every request.

        >>> Demand.of("three of a kind", arrival_s=[0, 60, 90], vcpu=2).vcpu.tolist()
        [2, 2, 2]
        """
        arrivals = np.atleast_1d(np.asarray(arrival_s))

        def column(value: ArrayLike) -> NDArray[Any]:
            array = np.asarray(value)
            return np.full(len(arrivals), array) if array.ndim == 0 else array

        return cls(
            name=name,
            ids=None if ids is None else tuple(ids),
            arrival_s=arrivals,
            lifetime_s=column(lifetime_s),
            vcpu=column(vcpu),
            ram_mib=column(ram_mib),
            disk_mib=column(disk_mib),
            cpu_mhz=column(cpu_mhz),
            tenant=column(tenant),
            tenant_names=tuple(tenant_names),
        )

    def __len__(self) -> int:
        """Return the number of requests."""
        return len(self.arrival_s)

    @property
    def departure_s(self) -> NDArray[np.float64]:
        """When each VM is destroyed: the plain double sum of arrival and lifetime, unrounded."""
        return self.arrival_s + self.lifetime_s

    @property
    def span_s(self) -> float:
        """Seconds from time 0 to the last arrival; 0 for an empty demand."""
        return float(self.arrival_s[-1]) if len(self) else 0.0

    def id_of(self, request: int) -> str:
        """Return the name of request number `request`."""
        return str(request) if self.ids is None else self.ids[request]

    def names(self) -> tuple[str, ...]:
        """Return the name of every request."""
        return tuple(map(str, range(len(self)))) if self.ids is None else self.ids

    def take(
        self,
        rows: NDArray[np.intp],
        *,
        arrival_s: NDArray[np.float64] | None = None,
        ids: tuple[str, ...] | None = None,
    ) -> Demand:
        """Return the requests at `rows`, put in order of arrival.

        Args:
            rows: indices of requests in any order; ties in time keep this order.
            arrival_s: new arrival time of each row, instead of the old one.
            ids: new name of each row, instead of the old one; needed where a row repeats.
        """
        arrivals = self.arrival_s[rows] if arrival_s is None else arrival_s
        order = np.argsort(arrivals, kind="stable")
        taken = rows[order]
        if ids is None:
            names = tuple(map(self.names().__getitem__, taken.tolist()))
        else:
            names = tuple(map(ids.__getitem__, order.tolist()))
        columns = {column: getattr(self, column)[taken] for column in COLUMNS}
        return replace(self, ids=names, **(columns | {"arrival_s": arrivals[order]}))

    def until(self, horizon_s: float) -> Demand:
        """Return the requests that arrive before `horizon_s` (seconds since time 0)."""
        count = int(np.searchsorted(self.arrival_s, horizon_s, side="left"))
        columns = {column: getattr(self, column)[:count] for column in COLUMNS}
        return replace(self, ids=None if self.ids is None else self.ids[:count], **columns)

    def scaled(self, factor: float, seed: int) -> Demand:
        """Return `factor` times as many requests with the same statistics.

        The module `simulator.workload.scaling` says how.
        """
        return scaling.scaled(self, factor, seed)

    def grown(
        self, percent_per_month: float, horizon_days: float | None = None, seed: int = 0
    ) -> Demand:
        """Return this demand growing by `percent_per_month`, repeated up to `horizon_days`.

        The module `simulator.workload.growth` gives the formula.
        """
        return growth.grown(self, percent_per_month, horizon_days, seed)

    def with_disk(self, disk_gib: float) -> Demand:
        """Return the same requests with a root disk of `disk_gib` where they named none."""
        if not 0 <= disk_gib < np.inf:
            raise InvalidParameter(
                f"demand {self.name!r}: disk_gib is {disk_gib}; allowed: 0 or more"
            )
        disk_mib = np.where(self.disk_mib == NOT_GIVEN, mib(disk_gib), self.disk_mib)
        return replace(self, disk_mib=disk_mib)

    def summary(self) -> summary.DemandSummary:
        """Return the figures that describe this demand: rates, peaks, sizes, lifetimes."""
        return summary.summarise(self)

    def frame(self) -> pd.DataFrame:
        """Return the requests as a pandas DataFrame, one row a request, indexed by id."""
        import pandas as pd  # half a second that only this method needs

        columns = {column: getattr(self, column) for column in COLUMNS}
        columns["tenant"] = np.array(self.tenant_names, dtype=object)[self.tenant]
        index = pd.RangeIndex(len(self)) if self.ids is None else pd.Index(self.ids)
        return pd.DataFrame(columns, index=index.rename("id"))

    def __repr__(self) -> str:
        """Describe the demand in a few lines that also say what to try next."""
        return display.text(self)

    def _repr_html_(self) -> str:
        """Describe the demand as a small table for a notebook."""
        return display.html(self)
