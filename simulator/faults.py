"""Things that go wrong on purpose: which step of which object fails, how, and how often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cloudlab.errors import CloudError


@dataclass(slots=True)
class Fault:
    """One planned fault."""

    step: str
    """The port's method, `hypervisor.start`."""
    error: CloudError
    """What the caller gets, as a new one each time."""
    hits: Callable[[object], bool]
    """Which subjects it strikes."""
    times: int
    """How often it still strikes; negative: for ever."""


class Faults:
    """The planned faults, in the order they were planned."""

    def __init__(self, changed: Callable[[], object] = lambda: None) -> None:
        """Plan nothing; call `changed` whenever the plan changes."""
        self.planned: list[Fault] = []
        self._changed = changed

    def plan(
        self,
        step: str,
        error: CloudError,
        *,
        hits: Callable[[object], bool] = lambda _: True,
        times: int = 1,
    ) -> None:
        """Let `step` fail with `error` the next `times` times it is done to what `hits` names."""
        self.planned.append(Fault(step, error, hits, times))
        self._changed()

    def strike(self, step: str, subject: object) -> None:
        """Raise the first planned fault of `step` that hits `subject`, if there is one."""
        for fault in self.planned:
            if fault.step == step and fault.hits(subject):
                fault.times -= 1
                if fault.times == 0:
                    self.planned.remove(fault)
                    self._changed()
                raise type(fault.error)(*fault.error.args)

    def clear(self) -> None:
        """Plan nothing any more."""
        self.planned.clear()
        self._changed()
