"""What a what-if panel needs: knobs to turn, and an answer at once and one confirmed later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Protocol

from cloudlab.errors import InvalidParameter

Progress = Callable[[float, str], None]
"""Told how much is done, 0 to 1, and at what the work is."""
Stop = Callable[[], bool]
"""Asked now and then whether to stop."""


@dataclass(frozen=True, slots=True)
class Knob:
    """One number that may be turned, within its range, in steps."""

    name: str
    """The key in the mapping that a study is given."""
    label: str
    low: float
    high: float
    step: float
    value: float
    """Where it stands at first."""
    unit: str = ""

    def __post_init__(self) -> None:
        """Refuse a range that holds no value.

        Raises:
            InvalidParameter: the step is not positive, or the value outside the range.
        """
        if not (self.low <= self.value <= self.high and self.step > 0):
            raise InvalidParameter(
                f"knob {self.name}: {self.value:g} in steps of {self.step:g}; "
                f"allowed: {self.low:g} to {self.high:g} in steps above 0"
            )


def standard_knobs(
    *,
    growth: float = 0.0,
    cpu_overcommit: float = 1.0,
    ram_overcommit: float = 1.0,
    hosts_per_cluster: int = 10,
) -> tuple[Knob, ...]:
    """Return the four knobs of a capacity study, standing at these values."""
    cpu, ram, hosts = cpu_overcommit, ram_overcommit, hosts_per_cluster
    return (
        Knob("growth", "Growth", 0, max(20, growth), 0.5, growth, "% a month"),
        Knob("cpu_overcommit", "CPU over-provisioning", 1, max(8, cpu), 0.25, cpu, "times"),
        Knob("ram_overcommit", "RAM over-provisioning", 1, max(2, ram), 0.05, ram, "times"),
        Knob("hosts_per_cluster", "Hosts in a cluster", 1, max(32, 2 * hosts), 1, hosts),
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of an answer."""

    label: str
    """What it is; the same in the estimate and in the confirmation."""
    value: float | None
    """Infinite: never. `None`: not known."""
    unit: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        """The value with its unit as people read it."""
        return figure_text(self.value, self.unit)


@dataclass(frozen=True, slots=True)
class Figures:
    """An answer: figures in the order they are shown, and perhaps a picture."""

    rows: tuple[Figure, ...]
    svg: str | None = None
    """Markup made by the study itself; shown as it is."""
    note: str = ""
    """What to know about all of them: `stopped after 40 % of the demand`."""

    def __getitem__(self, label: str) -> Figure:
        """Return the figure with this label.

        Raises:
            KeyError: there is none.
        """
        for row in self.rows:
            if row.label == label:
                return row
        raise KeyError(label)

    def get(self, label: str) -> Figure | None:
        """Return the figure with this label, `None` if there is none."""
        return next((row for row in self.rows if row.label == label), None)


class Study(Protocol):
    """Something that answers what would happen if the knobs stood differently."""

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """What may be turned."""

    def estimate(self, knobs: Mapping[str, float]) -> Figures:
        """Return the analytic answer, within half a second."""

    def confirm(self, knobs: Mapping[str, float], progress: Progress, stop: Stop) -> Figures:
        """Return the simulated answer to the same question; called in a thread of its own.

        Once `stop()` says so it ends within a second, with what is known so far and a note
        that says so, or by raising `Cancelled`.
        """


def figure_text(value: float | None, unit: str) -> str:
    """Return a value with its unit as people read it: `12.5 %`, `never`, `–`."""
    if value is None:
        return "–"
    if not isfinite(value):
        return "never" if value > 0 else "already"
    number = f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"
    return f"{number} {unit}".rstrip()
