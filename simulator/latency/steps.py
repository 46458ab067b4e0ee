"""The steps that can take time: every method of every port, as `port.method`."""

from __future__ import annotations

import difflib
from dataclasses import fields
from inspect import iscoroutinefunction, signature
from typing import Final

from cloudlab import ports
from cloudlab.errors import InvalidParameter

_SIZE_OF: Final = {"VirtualMachine": "ram_gib", "Volume": "disk_gib", "Template": "disk_gib"}
"""What a port is given says which size is known: its type as the port's signature writes it."""


def _steps() -> dict[str, tuple[str, ...]]:
    """Return every step with the sizes that are known when it is taken."""
    return {
        f"{port.name}.{name}": tuple(
            _SIZE_OF[given.annotation]
            for given in signature(method).parameters.values()
            if given.annotation in _SIZE_OF
        )
        for port in fields(ports.Ports)
        for name, method in vars(getattr(ports, str(port.type), object)).items()
        if iscoroutinefunction(method)
    }


_SIZES: Final = _steps()

STEPS: Final = tuple(_SIZES)
"""The names of all steps, in the order of the ports."""

SILENCES: Final = {
    step: f"{step}.silent" for step in ("hypervisor.connect", "hypervisor.ping", "probe.reachable")
}
"""Questions that a host may leave unanswered, and what a profile calls it when it does.

That takes as long as is waited, which may be far longer than an answer. In profiles that do not
tell, it takes as long as an answer.
"""


def sizes_of(step: str) -> tuple[str, ...]:
    """Return the sizes that `step` can depend on: `ram_gib`, `disk_gib` or none.

    Raises:
        InvalidParameter: there is no such step; the message names the nearest.
    """
    if step in SILENCES.values():
        return ()
    try:
        return _SIZES[step]
    except KeyError:
        raise InvalidParameter(f"there is no step {step!r}{suggestion(step, STEPS)}") from None


def suggestion(word: str, known: tuple[str, ...]) -> str:
    """Return `; did you mean 'a'?` where one of `known` is near, else what there is."""
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"
