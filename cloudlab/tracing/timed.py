"""Ports that tell how long each of their steps took."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import fields, replace
from functools import wraps
from inspect import iscoroutinefunction
from typing import ParamSpec, TypeVar

from cloudlab.errors import CloudError
from cloudlab.model import Template, VirtualMachine, Volume
from cloudlab.ports import Ports
from cloudlab.tracing.stopwatch import Timing
from cloudlab.units import MIB_PER_GIB

P = ParamSpec("P")
T = TypeVar("T")


def timed(ports: Ports, clock: Callable[[], float], heard: Callable[[Timing], None]) -> Ports:
    """Return `ports` whose every step is reported to `heard`, named and sized as simulators do.

    Args:
        ports: whose steps are timed.
        clock: seconds of any clock that never goes back, such as `engine.clock` or
            `time.monotonic`.
        heard: is given each timing when its step has ended, well or not. What was
            interrupted tells nothing about how long it takes, and is not reported.
    """
    names = [each.name for each in fields(ports) if each.name != "are_instant"]
    far = {name: _Timed(name, getattr(ports, name), clock, heard) for name in names}
    return replace(ports, **far)  # type: ignore[arg-type]  # a stand-in does what its port does


class _Timed:
    """Stands before a port."""

    def __init__(
        self,
        name: str,
        port: object,
        clock: Callable[[], float],
        heard: Callable[[Timing], None],
    ) -> None:
        self._name, self._port, self._clock, self._heard = name, port, clock, heard

    def __getattr__(self, name: str) -> object:
        """Return what the port calls `name`; its coroutines take the time on their way."""
        found = getattr(self._port, name)
        return self._timed(f"{self._name}.{name}", found) if iscoroutinefunction(found) else found

    def _timed(self, step: str, method: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        clock, heard = self._clock, self._heard

        @wraps(method)
        async def sent(*args: P.args, **options: P.kwargs) -> T:
            began = clock()
            given = (*args, *options.values())
            try:
                answer = await method(*args, **options)
            except CloudError:
                heard(_timing(began, step, given, clock() - began, ok=False))
                raise
            silent = answer is False
            heard(_timing(began, step, given, clock() - began, ok=True, silent=silent))
            return answer

        return sent


def _timing(
    at: float,
    step: str,
    given: tuple[object, ...],
    seconds: float,
    *,
    ok: bool,
    silent: bool = False,
) -> Timing:
    """Return the record of one step that was given these arguments."""
    subject = str(given[0]) if given else ""
    return Timing(at, step, subject, _ram_gib(given), _disk_gib(given), seconds, ok, silent)


def _ram_gib(given: tuple[object, ...]) -> float:
    mib = sum(each.offering.ram_mib for each in given if isinstance(each, VirtualMachine))
    return mib / MIB_PER_GIB


def _disk_gib(given: tuple[object, ...]) -> float:
    mib = sum(each.size_mib for each in given if isinstance(each, Volume | Template))
    return mib / MIB_PER_GIB
