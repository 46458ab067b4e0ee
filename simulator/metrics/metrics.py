"""Time-weighted metrics of a cloud: how many VMs ran, how much was allocated, and when."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final

from cloudlab.errors import InvalidParameter
from cloudlab.model import VmState
from cloudlab.units import clock_text
from simulator.metrics import frames
from simulator.metrics.catalog import CLOUD, MEASURES, OF_THE_CLOUD, PER_CLUSTER, Statistic
from simulator.metrics.labels import labels
from simulator.metrics.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from cloudlab.cloud import Cloud

_NAMES: Final = tuple(measure.name for measure in MEASURES)
_STATES: Final = {f"vms_{state.lower()}": state for state in VmState}


class Metrics:
    """Records how the quantities of `MEASURES` change from the moment it is made.

    A value counts for as long as it holds; what holds for no time does not count. What changes
    without any move (a reservation that runs out) is seen at the next one, or at `read`.

    Memory is bounded: when 1,024 buckets of time are full, every two become one of twice the
    width. Means over whole buckets and over everything stay exact, and so do peaks; inside a
    bucket values are taken to be even.

    Moments are seconds; `since` is the begin of the recording if not given, `until` the
    present. `of` is the whole cloud if not given, or the name of a cluster.
    """

    def __init__(self, cloud: Cloud) -> None:
        """Begin to record `cloud`; `close` ends it."""
        self._cloud = cloud
        self._recorder = Recorder(cloud)

    def mean(self, name: str, since: float = -inf, until: float = inf, *, of: str = CLOUD) -> float:
        """Return the time-weighted mean of quantity `name` between two moments.

        Raises:
            InvalidParameter: there is no such quantity or cluster.
        """
        column = self._column(name, of)
        return float(self._recorder.functions().means(since, until)[column])

    def peak(self, name: str, since: float = -inf, until: float = inf, *, of: str = CLOUD) -> float:
        """Return the highest value of quantity `name` in the buckets between two moments.

        Raises:
            InvalidParameter: there is no such quantity or cluster.
        """
        column = self._column(name, of)
        return float(self._recorder.functions().peaks(since, until)[column])

    def low(self, name: str, since: float = -inf, until: float = inf, *, of: str = CLOUD) -> float:
        """Return the lowest value of quantity `name` in the buckets between two moments.

        Raises:
            InvalidParameter: there is no such quantity or cluster.
        """
        column = self._column(name, of)
        return float(self._recorder.functions().lows(since, until)[column])

    def present(self, name: str, *, of: str = CLOUD) -> float:
        """Return what quantity `name` is now.

        Raises:
            InvalidParameter: there is no such quantity or cluster.
        """
        column = self._column(name, of)
        return float(self._recorder.functions().held[column])

    def vm_states(self, since: float = -inf, until: float = inf) -> dict[VmState, float]:
        """Return the share of all VM time spent in each state, adding up to 1; 0 without VMs."""
        means = {state: self.mean(name, since, until) for name, state in _STATES.items()}
        total = sum(means.values())
        return {state: mean / total if total else 0.0 for state, mean in means.items()}

    def availability(self) -> dict[str, float]:
        """Return by name of host the share of its life that it was Up, 0 to 1.

        Its life begins when it first comes up, and ends when it is removed.
        """
        return self._recorder.uptime.shares(self._cloud.now)

    def frame(self, every: float | None = None, show: Statistic = Statistic.MEAN) -> pd.DataFrame:
        """Return all quantities over time as a pandas DataFrame.

        The index is the begin of each stretch of time in seconds; the columns are pairs
        (metric, of): `frame["cpu_allocated_mhz"]` has the cloud and every cluster, and
        `frame["vms_running", "cloud"]` is one series. `MEASURES` has the units.

        Args:
            every: seconds a row, rounded up to whole buckets (see `width_s`); rows begin at
                multiples of it. Without it every bucket is a row.
            show: mean, peak or low of each stretch.

        Raises:
            InvalidParameter: `every` is not more than 0.
        """
        scopes = self._scopes()
        return frames.frame(self._recorder.functions(), scopes, every, Statistic(show))

    @property
    def width_s(self) -> float:
        """Seconds in a bucket of time, from 0.88 s up."""
        return self._recorder.functions().width

    def read(self) -> None:
        """Take down what holds from now on, although nothing moved."""
        self._recorder.read()

    def close(self) -> None:
        """Record no more; what was recorded can still be asked for."""
        self._recorder.close()

    def state(self) -> dict[str, Any]:
        """Return everything recorded as plain data that JSON knows."""
        return self._recorder.state()

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on with what another recording of this cloud returned by `state`.

        Raises:
            InvalidParameter: it has another number of clusters, or reaches past the present.
        """
        self._recorder.restore(state)

    def _scopes(self) -> list[str]:
        return [CLOUD, *labels(self._cloud.ledger.clusters)]

    def _column(self, name: str, of: str) -> int:
        """Return the column of a quantity.

        Raises:
            InvalidParameter: there is no such quantity or cluster.
        """
        scopes = self._scopes()
        if name not in _NAMES:
            raise InvalidParameter(f"nothing called {name!r} is measured, but {', '.join(_NAMES)}")
        if of not in scopes:
            raise InvalidParameter(f"there is no cluster {of!r}, but {', '.join(scopes)}")
        place = _NAMES.index(name)
        if place < len(PER_CLUSTER):
            return len(OF_THE_CLOUD) + len(PER_CLUSTER) * scopes.index(of) + place
        if of != CLOUD:
            raise InvalidParameter(f"{name} is measured of the whole cloud, not of {of}")
        return place - len(PER_CLUSTER)

    def __repr__(self) -> str:
        """Say how long was recorded, and a few figures."""
        functions = self._recorder.functions()
        figures = ", ".join(
            f"{name} {self.mean(name):.6g} (peak {self.peak(name):.6g})"
            for name in ("vms_running", "cpu_allocated_mhz", "ram_allocated_mib")
        )
        span = clock_text(functions.until - functions.start)
        return f"<Metrics of {self._cloud.name!r} over {span}: mean {figures}>"
