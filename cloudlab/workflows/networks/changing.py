"""Rules of a network are changed in the books, and its router follows; or all is as before."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

from cloudlab.engine import Rollback
from cloudlab.model import Network, Record
from cloudlab.workflows.networks.checks import check_held
from cloudlab.workflows.presence import check_there
from cloudlab.workflows.undoing import tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.engine import Engine

T = TypeVar("T")
Args = TypeVarTuple("Args")


class Undo(Rollback):
    """Takes what brings the books back to what they were, and what is done when all is well."""

    __slots__ = ("_at_the_end",)

    def __init__(self, engine: Engine) -> None:
        """Have nothing to undo, nor to do at the end."""
        super().__init__(engine)
        self._at_the_end: list[Callable[[], object]] = []

    def then(self, step: Callable[[*Args], object], *args: *Args) -> None:
        """Do `step(*args)` once the router has obeyed: what cannot be undone in order."""
        self._at_the_end.append(partial(step, *args))

    def end(self) -> None:
        """Do what was to be done at the end."""
        for step in self._at_the_end:
            step()


async def change(
    cloud: Cloud, network: Network, act: Callable[[Undo], T], *needed: Record | None
) -> T:
    """Let `act` change the books of `network`, then its router if it runs; return what `act` does.

    Where the router refuses, the books are put back and it is told so: an answer may have been
    lost after it had obeyed.

    Args:
        cloud: where it is.
        network: whose rules.
        act: checks, and changes records, registering how each change is undone.
        needed: what must still be there, once it is this caller's turn.

    Raises:
        NotFound: the network, or something `needed`, was removed, or an address given back.
        Refused: what `act` refuses; nothing was changed.
        CloudError: the router did not do it; nothing was changed.
    """
    async with cloud.engine.lock(("network", network.id)):
        check_there(network, *(each for each in needed if each is not None))
        check_held(network, *needed)
        # The books are put back first, then the router is told what they say again.
        async with Rollback(cloud.engine) as afterwards, Undo(cloud.engine) as undo:
            made = act(undo)
            if network.router_host is not None:
                afterwards(tidy, cloud, network, cloud.ports.router.apply, network)
                await cloud.ports.router.apply(network)
        undo.end()
    return made
