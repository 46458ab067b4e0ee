"""A refusal as people read it: the steps, the nearest host, and what would fit."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from cloudlab.model import Host
from cloudlab.policy.reason import Reason
from cloudlab.units import size_text


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the planner: what it asked, and how many hosts were left after it."""

    question: str
    before: int
    after: int

    @property
    def removed(self) -> int:
        """How many hosts it removed."""
        return self.before - self.after


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The host that came closest, and what it lacks; 0 where it has enough."""

    host: Host
    missing_cpu_mhz: int
    missing_ram_mib: int
    missing_cores: int = 0
    missing_speed_mhz: int = 0
    """By how much each core is too slow."""
    obstacle: str = ""
    """What else is in the way, in words."""

    def __str__(self) -> str:
        """Say which host and how much."""
        lacks = []
        if self.missing_cores:
            lacks.append(f"{self.missing_cores} core{'s'[: self.missing_cores - 1]}")
        if self.missing_speed_mhz:
            lacks.append(f"{self.missing_speed_mhz} MHz a core")
        if self.missing_cpu_mhz:
            lacks.append(f"{self.missing_cpu_mhz} MHz")
        if self.missing_ram_mib:
            lacks.append(size_text(self.missing_ram_mib))
        if not lacks:
            return f"{self.host.name} has room, but {self.obstacle or 'it was passed over'}"
        also = f", and {self.obstacle}" if self.obstacle else ""
        return f"{self.host.name} lacks {' and '.join(lacks)}{also}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why there is no place: `reason` in a word, the rest for people."""

    reason: Reason
    asked: str
    steps: tuple[Step, ...]
    nearest: NearMiss | None
    would_fit: str

    def __str__(self) -> str:
        """Tell it step by step."""
        lines = [f"No place for {self.asked}: {self.reason.label}."]
        lines += [
            f"  {step.question}: {step.after} of {step.before} hosts left" for step in self.steps
        ]
        if self.nearest is not None:
            lines.append(f"  nearest: {self.nearest}")
        if self.would_fit:
            lines.append(f"  would fit: {self.would_fit}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(step.question)}</td><td>{step.removed}</td><td>{step.after}</td></tr>"
            for step in self.steps
        )
        nearest, fits = escape(str(self.nearest or "none")), escape(self.would_fit or "nothing")
        return (
            f"<p>No place for {escape(self.asked)}: <b>{self.reason.label}</b></p>"
            "<table><tr><th>step</th><th>hosts removed</th><th>left</th></tr>"
            f"{rows}</table><p>Nearest: {nearest}. Would fit: {fits}.</p>"
        )
