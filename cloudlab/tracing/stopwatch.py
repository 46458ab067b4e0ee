"""How long steps took: one record for each, and a collection to calibrate a simulator with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one step took.

    Attributes:
        at: when it began, by the clock it was taken with.
        step: port and method, `hypervisor.start`.
        subject: what it was about, as its record calls itself.
        ram_gib: RAM of the VM it handled; 0 where it handled none.
        disk_gib: size of the volume or template it handled; 0 where it handled none.
        seconds: from its call to its end.
        ok: whether it ended well.
        silent: whether the answer was no: nobody answered a ping, say.
    """

    at: float
    step: str
    subject: str
    ram_gib: float
    disk_gib: float
    seconds: float
    ok: bool
    silent: bool = False


class Stopwatch:
    """Keeps every timing it hears.

    `Stopwatch.samples()` is what `simulator.latency.fit` makes a latency profile from.
    """

    def __init__(self) -> None:
        self._timings: list[Timing] = []

    def __call__(self, timing: Timing) -> None:
        """Hear one more."""
        self._timings.append(timing)

    @property
    def timings(self) -> tuple[Timing, ...]:
        """Everything heard, in order of its end."""
        return tuple(self._timings)

    def samples(self) -> dict[str, list[float]]:
        """Return the seconds of every step that ended well: step -> one value each time.

        Questions that nobody answered are left out: they took a time-out.
        """
        samples: dict[str, list[float]] = {}
        for timing in self.timings:
            if timing.ok and not timing.silent:
                samples.setdefault(timing.step, []).append(timing.seconds)
        return samples

    def __repr__(self) -> str:
        samples = self.samples().items()
        means = (f"{step} {len(s)} x {sum(s) / len(s):.3g} s" for step, s in samples)
        return f"Stopwatch({', '.join(means)})"
