"""Names and who stands behind them: our own implementations and other people's.

Ours are in `BUILT_IN`; others register an entry point in the group `cloudlab.plugins`
under `<family>.<name>`, with the same meaning: an importable `module:attribute`.
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from cloudlab.errors import NotFound

GROUP: Final = "cloudlab.plugins"

_ALGORITHMS: Final = "cloudlab.policy.algorithms"

BUILT_IN: Final[dict[str, dict[str, str]]] = {
    "allocation": {
        "random": f"{_ALGORITHMS}:RANDOM",
        "firstfit": f"{_ALGORITHMS}:FIRST_FIT",
        "userdispersing": f"{_ALGORITHMS}:USER_DISPERSING",
        "userconcentratedpod_random": f"{_ALGORITHMS}:USER_CONCENTRATED_POD_RANDOM",
        "userconcentratedpod_firstfit": f"{_ALGORITHMS}:USER_CONCENTRATED_POD_FIRST_FIT",
        "firstfitleastconsumed": f"{_ALGORITHMS}:FIRST_FIT_LEAST_CONSUMED",
    },
    "world": {
        "simulator": "simulator.simulation:Simulation",
    },
    "connect": {
        "lab file": "drivers.world:RealWorlds",
    },
}
"""Family -> name -> `module:attribute`."""


def names(family: str) -> tuple[str, ...]:
    """Return the names known in `family`, ours first."""
    prefix = f"{family}."
    others = (
        each.name.removeprefix(prefix)
        for each in entry_points(group=GROUP)
        if each.name.startswith(prefix)
    )
    return tuple(dict.fromkeys([*BUILT_IN.get(family, {}), *sorted(others)]))


@cache
def load(family: str, name: str) -> object:
    """Return the implementation `name` of `family`.

    Raises:
        NotFound: nobody registered it, and the message lists the known names; or what was
            registered cannot be loaded.
    """
    target = BUILT_IN.get(family, {}).get(name)
    if target is not None:
        module, attribute = target.split(":")
        found: object = getattr(import_module(module), attribute)
        return found
    for each in entry_points(group=GROUP):
        if each.name == f"{family}.{name}":
            return _loaded(family, name, each)
    raise NotFound(f"there is no {family} called {name}: {_hint(family, name)}")


def _loaded(family: str, name: str, announced: EntryPoint) -> object:
    """Return what another distribution announces, or say why it cannot be had."""
    try:
        found: object = announced.load()
    except (ImportError, AttributeError) as error:
        message = f"plug-in {family}.{name} cannot be loaded from {announced.value}: {error}"
        raise NotFound(message) from error
    return found


def _hint(family: str, name: str) -> str:
    known = names(family)
    if not known:
        return "nobody provides any"
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
