"""How long a step takes: a base, and so much more for every GiB it handles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cloudlab.errors import InvalidParameter
from simulator.latency.distribution import (
    ONE,
    ZERO,
    Constant,
    Distribution,
    factor_text,
    plain_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """A sum of durations, linear in the sizes: `3 + Gamma(mean=2, shape=4) * disk_gib`.

    Attributes:
        base: seconds, whatever the sizes are.
        per_ram_gib: seconds more for each GiB of RAM; one draw holds for all of them.
        per_disk_gib: seconds more for each GiB of disk; one draw holds for all of them.
    """

    base: Distribution = ZERO
    per_ram_gib: Distribution = ZERO
    per_disk_gib: Distribution = ZERO

    @property
    def parts(self) -> tuple[Distribution, Distribution, Distribution]:
        """Return base and both rates."""
        return self.base, self.per_ram_gib, self.per_disk_gib

    @property
    def sizes(self) -> tuple[str, ...]:
        """Return the sizes it depends on."""
        rates = {"ram_gib": self.per_ram_gib, "disk_gib": self.per_disk_gib}
        return tuple(size for size, rate in rates.items() if rate != ZERO)

    @property
    def is_instant(self) -> bool:
        """Whether it takes no time at all."""
        return self == INSTANT

    def mean(self, *, ram_gib: float = 0.0, disk_gib: float = 0.0) -> float:
        """Return the exact mean in seconds for these sizes."""
        base, per_ram, per_disk = (part.mean for part in self.parts)
        return base + per_ram * ram_gib + per_disk * disk_gib

    def __add__(self, other: Step | Distribution | float) -> Step:
        """Return both, one after the other."""
        return self._with(other, lambda left, right: left + right)

    def __radd__(self, other: Distribution | float) -> Step:
        """Return both, one after the other."""
        return self._with(other, lambda left, right: right + left)

    def __mul__(self, other: Step | Distribution | float) -> Step:
        """Return the product, where that is still linear in the sizes.

        Raises:
            InvalidParameter: sizes times sizes, or one varying factor for several parts.
        """
        return multiplied(self, step_of(other))

    def __rmul__(self, other: Distribution | float) -> Step:
        """Return the product, where that is still linear in the sizes.

        Raises:
            InvalidParameter: one varying factor for several parts.
        """
        return multiplied(step_of(other), self)

    def _with(
        self,
        other: Step | Distribution | float,
        joined: Callable[[Distribution, Distribution], Distribution],
    ) -> Step:
        pairs = zip(self.parts, step_of(other).parts, strict=True)
        return Step(*(joined(left, right) for left, right in pairs))

    def __repr__(self) -> str:
        """Write it as the expression that makes it."""
        terms = [] if self.base == ZERO else [plain_text(self.base)]
        for rate, size in ((self.per_ram_gib, "ram_gib"), (self.per_disk_gib, "disk_gib")):
            if rate != ZERO:
                terms.append(size if rate == ONE else f"{factor_text(rate)} * {size}")
        return " + ".join(terms) or "0"


INSTANT: Final = Step()
"""Takes no time."""

ram_gib: Final = Step(per_ram_gib=ONE)
"""The RAM of the VM in GiB, to be written in expressions."""

disk_gib: Final = Step(per_disk_gib=ONE)
"""The size of the volume or template in GiB, to be written in expressions."""


def step_of(value: Step | Distribution | float) -> Step:
    """Return a distribution or a number of seconds as a step that needs no size."""
    if isinstance(value, Step):
        return value
    return Step(value if isinstance(value, Distribution) else Constant(value))


def multiplied(left: Step, right: Step) -> Step:
    """Return the product of two steps, of which one at least depends on no size.

    Raises:
        InvalidParameter: it would not be linear in the sizes, or one varying factor would
            have to multiply several parts, which are drawn by themselves.
    """
    if left.sizes and right.sizes:
        raise InvalidParameter(f"({left!r}) * ({right!r}): sizes can be added, not multiplied")
    sized, factor = (left, right.base) if left.sizes else (right, left.base)
    several = sum(part != ZERO for part in sized.parts) > 1
    if several and not isinstance(factor, Constant):
        message = "a factor that varies cannot multiply several parts; multiply each of them"
        raise InvalidParameter(f"({left!r}) * ({right!r}): {message}")
    if sized is left:
        return Step(*(part * factor for part in sized.parts))
    return Step(*(factor * part for part in sized.parts))
