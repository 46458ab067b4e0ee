"""Demands that Hypothesis makes up, and what makes two of them equal."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from simulator.workload import NOT_GIVEN, Demand

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
LIFETIMES = st.floats(1e-3, 1e7) | st.just(np.inf)


@st.composite
def demands(draw: st.DrawFn, *, least: int = 0, longest_s: float = 1e7) -> Demand:
    """Return a demand of a few requests, with or without names, tenants, disks and speeds."""
    arrivals = st.floats(0, longest_s, allow_nan=False) | st.integers(0, int(longest_s))
    count = draw(st.integers(least, 20))

    def column(values: st.SearchStrategy) -> list:
        return draw(st.lists(values, min_size=count, max_size=count))

    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    return Demand.of(
        "made up",
        ids=draw(
            st.none() | st.lists(NAMES, min_size=count, max_size=count, unique=True).map(tuple)
        ),
        arrival_s=np.array(sorted(column(arrivals)), dtype=np.float64),
        lifetime_s=np.array(column(LIFETIMES), dtype=np.float64),
        vcpu=np.array(column(st.integers(1, 65_536)), dtype=np.int32),
        ram_mib=np.array(column(st.integers(1, 2**40)), dtype=np.int64),
        disk_mib=np.array(column(st.integers(NOT_GIVEN, 2**30)), dtype=np.int64),
        cpu_mhz=np.array(column(st.integers(0, 1_000_000)), dtype=np.int32),
        tenant=np.array(column(st.integers(0, len(names) - 1)), dtype=np.int32),
        tenant_names=names,
    )


def rows(demand: Demand) -> list[tuple]:
    """Return every request as a tuple, with names in place of codes."""
    return list(
        zip(
            demand.names(),
            demand.arrival_s.tolist(),
            demand.lifetime_s.tolist(),
            demand.vcpu.tolist(),
            demand.ram_mib.tolist(),
            demand.disk_mib.tolist(),
            demand.cpu_mhz.tolist(),
            [demand.tenant_names[code] for code in demand.tenant],
            strict=True,
        )
    )
