"""A dry run: a verb is tried on a simulated twin, which tells what would be done out there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from cloudlab.ports import LOOKS
from cloudlab.tracing import Stopwatch, Timing, timed
from cloudlab.units import clock_text

if TYPE_CHECKING:
    from types import TracebackType

    from cloudlab.lab.lab import Lab


@dataclass(slots=True)
class DryRun:
    """What verbs would do: `with lab.dry_run() as trial: trial.lab.deploy("web")`.

    The verbs run by the same workflows on a simulated twin of the lab; nothing is sent to any
    host, and the lab itself does not change.

    Attributes:
        lab: the twin, to call verbs on.
        stopwatch: what has been asked of the outside so far.
    """

    lab: Lab
    stopwatch: Stopwatch = field(default_factory=Stopwatch)

    def __post_init__(self) -> None:
        """Listen at the ports of the twin."""
        cloud = self.lab.cloud
        cloud.ports = timed(cloud.ports, lambda: cloud.engine.now, self.stopwatch)

    @property
    def steps(self) -> tuple[Timing, ...]:
        """What would be done, in order of its beginning; questions to hosts are left out."""
        acts = (each for each in self.stopwatch.timings if each.step.split(".")[1] not in LOOKS)
        return tuple(sorted(acts, key=lambda each: each.at))

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the twin's clock; the steps stay to be read."""
        self.lab.world.engine.close()

    def __repr__(self) -> str:
        """List the steps with when each would begin and how long it would take."""
        steps = self.steps
        if not self.stopwatch.timings:
            return "<DryRun: nothing was tried; call verbs on its lab, as trial.lab.migrate('web')>"
        begin = steps[0].at if steps else 0.0
        lines = [
            f"  {clock_text(each.at - begin):>12}  {each.step:<24} {each.subject:<28} "
            f"{each.seconds:8.2f} s{'' if each.ok else '  FAILS'}"
            for each in steps
        ]
        return "\n".join([f"<DryRun: {len(lines)} steps would be taken>", *lines])
