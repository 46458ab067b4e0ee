"""Latency profiles: for every step of the ports, how long it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, cast

from cloudlab.errors import InvalidParameter
from simulator.latency.distribution import ZERO, Constant, Distribution
from simulator.latency.draws import Draws, Kept
from simulator.latency.expression import parse
from simulator.latency.numbers import whole
from simulator.latency.step import Step, step_of
from simulator.latency.steps import SILENCES, STEPS, sizes_of

Timing = Step | Distribution | float | str
"""What may be given for a step: seconds as a number, a distribution, or an expression."""

_Draw = Callable[[], float]
_Clock = tuple[_Draw, _Draw | None, _Draw | None]
"""The draws of a step: its base, and its rates per GiB of RAM and of disk."""

_SILENT: Final = tuple(SILENCES.values())

_NAMES: Final = (*STEPS, *_SILENT)

_PARTS: Final = ("", "/per_ram_gib", "/per_disk_gib")


class LatencyProfile:
    """How long each step takes, and where its draws have got to.

    Every step draws from its own stream (`latency/hypervisor.start`), so that one step taken
    more often never changes how long another takes. Steps that are not given are instant.

    Attributes:
        name: what people call it.
        steps: the steps that take time, in the order of the ports; then what silence costs.
        source: where the figures come from.
        seed: of the streams.
        is_instant: whether no step takes any time.
    """

    __slots__ = ("_clocks", "_draws", "is_instant", "name", "seed", "source", "steps")

    def __init__(
        self,
        name: str,
        steps: Mapping[str, Timing] | None = None,
        source: str = "",
        *,
        seed: int = 0,
    ) -> None:
        """Make a profile that has drawn nothing yet.

        Raises:
            InvalidParameter: a step is unknown or its timing wrong, or the seed is negative.
        """
        given = {step: timing_of(step, timing) for step, timing in (steps or {}).items()}
        self.name: Final = name
        self.source: Final = source
        self.seed: Final = whole(0, f"latency profile {name}", "seed", seed)
        self.steps: Final[Mapping[str, Step]] = MappingProxyType(
            {
                step: given[step]
                for step in _NAMES
                if step in given and (step in _SILENT or not given[step].is_instant)
            }
        )
        self.is_instant: Final = all(step.is_instant for step in self.steps.values())
        self._clocks: dict[str, _Clock | None] = dict.fromkeys(_NAMES)
        self._draws: dict[str, Draws] = {}
        self._wind({})

    def _wind(self, drawn: Mapping[str, Kept]) -> None:
        """Put every stream where `drawn` says it stands, or at its beginning."""
        for step, timing in self.steps.items():
            base, ram, disk = (
                self._drawing(f"latency/{step}{suffix}", part, drawn)
                for suffix, part in zip(_PARTS, timing.parts, strict=True)
            )
            per_ram_gib = None if timing.per_ram_gib == ZERO else ram
            per_disk_gib = None if timing.per_disk_gib == ZERO else disk
            self._clocks[step] = (base, per_ram_gib, per_disk_gib)
        for step, silence in SILENCES.items():
            if silence not in self.steps:
                self._clocks[silence] = self._clocks[step]

    def _drawing(self, name: str, part: Distribution, drawn: Mapping[str, Kept]) -> _Draw:
        draws = self._draws[name] = Draws(part, self.seed, name, drawn.get(name))
        return draws.next

    def takes(self, step: str, *, ram_gib: float = 0.0, disk_gib: float = 0.0) -> float:
        """Return how many seconds `step` takes this time.

        Args:
            step: its name, as in `STEPS` or the values of `SILENCES`.
            ram_gib: RAM of the VM it handles, GiB.
            disk_gib: size of the volume or template it handles, GiB.

        Raises:
            KeyError: there is no such step.
        """
        clock = self._clocks[step]
        if clock is None:
            return 0.0
        base, per_ram_gib, per_disk_gib = clock
        seconds = base()
        if per_ram_gib is not None:
            seconds += per_ram_gib() * ram_gib
        if per_disk_gib is not None:
            seconds += per_disk_gib() * disk_gib
        return seconds

    def seeded(self, seed: int) -> LatencyProfile:
        """Return the same profile at the beginning of the streams of `seed`."""
        return LatencyProfile(self.name, self.steps, self.source, seed=seed)

    def mean(self, step: str, *, ram_gib: float = 0.0, disk_gib: float = 0.0) -> float:
        """Return how many seconds `step` takes on average; see `takes`.

        Raises:
            InvalidParameter: there is no such step.
        """
        sizes_of(step)
        timing = self.steps.get(step)
        return 0.0 if timing is None else timing.mean(ram_gib=ram_gib, disk_gib=disk_gib)

    def expected(self) -> LatencyProfile:
        """Return the profile in which every step takes its mean, always: it predicts, not plays.

        Example:
            twin = lab.twin(latency=profile.expected())
        """
        means = {
            step: Step(*(Constant(part.mean) for part in timing.parts))
            for step, timing in self.steps.items()
        }
        return LatencyProfile(f"{self.name}, expected", means, self.source, seed=self.seed)

    def state(self) -> dict[str, object]:
        """Return where all streams stand, in words that JSON knows."""
        states = {name: draws.state() for name, draws in self._draws.items()}
        drawn = {name: kept for name, kept in states.items() if kept is not None}
        return {"profile": self.name, "seed": self.seed, "drawn": drawn}

    def restore(self, state: Mapping[str, object]) -> None:
        """Go on from where `state` was taken, draw for draw.

        Raises:
            InvalidParameter: it was taken of another profile or under another seed.
        """
        if (state["profile"], state["seed"]) != (self.name, self.seed):
            raise InvalidParameter(
                f"latency profile {self.name} under seed {self.seed} cannot go on from the state "
                f"of {state['profile']} under seed {state['seed']}"
            )
        drawn = cast("dict[str, Kept]", state["drawn"])
        unknown = sorted(drawn.keys() - self._draws.keys())
        if unknown:
            message = f"the state has draws of {', '.join(unknown)}, the profile has none"
            raise InvalidParameter(f"latency profile {self.name}: {message}")
        self._wind(drawn)

    def __reduce__(self) -> tuple[object, ...]:
        """Copy and pickle it together with where its streams stand."""
        return _revived, (self.name, dict(self.steps), self.source, self.seed, self.state())

    def __repr__(self) -> str:
        """List every step that takes time, and name those that take none."""
        instant = [step for step in STEPS if step not in self.steps]
        count = len(STEPS) - len(instant)
        lines = [f"LatencyProfile {self.name!r}: {count} of {len(STEPS)} steps take time"]
        lines += [f"  {step:<23} {timing!r}" for step, timing in self.steps.items()]
        if instant:
            lines.append(f"  instant: {', '.join(instant) if self.steps else 'all'}")
        return "\n".join(lines)


def timing_of(step: str, timing: Timing) -> Step:
    """Return what was given for `step`, read and checked.

    Raises:
        InvalidParameter: the step is unknown, the timing wrong, or it depends on a size that
            is not known when the step is taken.
    """
    known = sizes_of(step)
    try:
        read = parse(timing) if isinstance(timing, str) else step_of(timing)
    except InvalidParameter as error:
        raise InvalidParameter(f"{step} is {_short(timing)}: {error}") from None
    foreign = [size for size in read.sizes if size not in known]
    if foreign:
        knows = f"only {' and '.join(known)} is" if known else "no size is"
        message = f"it depends on {' and '.join(foreign)}; {knows} known when this step is taken"
        raise InvalidParameter(f"{step} is {_short(timing)}: {message}")
    return read


def _short(timing: Timing) -> str:
    """Return what was given for a step, so that it fits into a message."""
    written = timing if isinstance(timing, str) else repr(timing)
    return written if len(written) <= 80 else f"{written[:76]} ..."


def _revived(
    name: str, steps: dict[str, Step], source: str, seed: int, state: dict[str, object]
) -> LatencyProfile:
    """Return a copied or pickled profile."""
    profile = LatencyProfile(name, steps, source, seed=seed)
    profile.restore(state)
    return profile
