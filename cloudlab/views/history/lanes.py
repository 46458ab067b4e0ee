"""The parts of a timeline: lanes with bars of states and marks of failures."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cloudlab.units import clock_text
from cloudlab.views.places import Level, Place
from cloudlab.views.tones import Tone, tone_of


@dataclass(frozen=True, slots=True)
class Bar:
    """One state of a host or VM, from `start` to `end`, seconds."""

    state: str
    start: float
    end: float
    event: str = ""
    """What led to it; empty if that lies before the journal's memory."""
    is_waiting: bool = False
    """Whether a VM is Stopped though nobody stopped it: it waits to be started again."""

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return self.end - self.start

    @property
    def tone(self) -> Tone:
        """How it looks."""
        return Tone.WARN if self.is_waiting else tone_of(self.state)

    def __str__(self) -> str:
        """Say what and when: `Running for 2 h 00 min, from 5 min`."""
        word = "waiting to be started" if self.is_waiting else self.state
        cause = f", after {self.event}" if self.event else ""
        return f"{word} for {clock_text(self.seconds)}, from {clock_text(self.start)}{cause}"


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment at which something failed or had to be tried again."""

    at: float
    event: str
    tone: Tone

    def __str__(self) -> str:
        """Say what and when."""
        return f"{self.event} at {clock_text(self.at)}"


@dataclass(frozen=True, slots=True)
class Lane:
    """What one host or VM went through."""

    level: Level
    id: int
    name: str
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...] = ()

    @property
    def place(self) -> Place:
        """Whose lane it is."""
        return Place(self.level, self.id, self.name)

    @property
    def waited_s(self) -> float:
        """How long a VM waited to be started again, seconds."""
        return sum(bar.seconds for bar in self.bars if bar.is_waiting)

    @property
    def failures(self) -> int:
        """How often something failed."""
        return sum(mark.tone is Tone.BAD for mark in self.marks)

    def spent(self, state: str) -> float:
        """Return how long it was in `state`, seconds."""
        return sum(bar.seconds for bar in self.bars if bar.state == state)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The lanes of hosts, then of VMs, in order of id, from `since` to `until`, seconds."""

    since: float
    until: float
    lanes: tuple[Lane, ...]

    def named(self, part: str) -> Timeline:
        """Return the lanes whose name contains `part`, upper or lower case."""
        wanted = part.casefold()
        return replace(
            self, lanes=tuple(each for each in self.lanes if wanted in each.name.casefold())
        )

    def busiest(self, most: int) -> Timeline:
        """Return at most `most` lanes: those with failures and waiting first, then the liveliest.

        The order of the lanes stays.
        """

        def dullness(lane: Lane) -> tuple[int, float, int]:
            return -lane.failures, -lane.waited_s, -len(lane.bars)

        chosen = {id(lane) for lane in sorted(self.lanes, key=dullness)[:most]}
        return replace(self, lanes=tuple(lane for lane in self.lanes if id(lane) in chosen))

    def __repr__(self) -> str:
        """Say how much it holds, and how to see it."""
        failures = sum(lane.failures for lane in self.lanes)
        return (
            f"<Timeline from {clock_text(self.since)} to {clock_text(self.until)}: "
            f"{len(self.lanes)} lanes, {failures} failures; show it with draw_timeline(timeline)>"
        )
