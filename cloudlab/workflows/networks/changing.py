"""Rules of a network are changed in the books, and its router follows; or all is as before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from cloudlab.engine import Rollback
from cloudlab.model import Network, Record
from cloudlab.workflows.presence import check_there
from cloudlab.workflows.undoing import tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

Undo = Rollback
"""Takes what brings the books back to what they were, beside each change of them."""

T = TypeVar("T")


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
        NotFound: the network, or something `needed`, was removed.
        Refused: what `act` refuses; nothing was changed.
        CloudError: the router did not do it; nothing was changed.
    """
    async with cloud.engine.lock(("network", network.id)):
        check_there(network, *(each for each in needed if each is not None))
        # The books are put back first, then the router is told what they say again.
        async with Rollback(cloud.engine) as afterwards, Rollback(cloud.engine) as undo:
            made = act(undo)
            if network.router_host is not None:
                afterwards(tidy, cloud, network, cloud.ports.router.apply, network)
                await cloud.ports.router.apply(network)
    return made
