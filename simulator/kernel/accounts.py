"""How many VMs and volumes every account has where: only as far as the algorithm asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from cloudlab.errors import InvalidParameter
from simulator.kernel.tables import Order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.kernel.tables import Choice, Layout

MOST_CELLS: Final = 1 << 30  # 4 GiB of address space; pages never touched cost nothing


class Seats(NamedTuple):
    """Where an account's counts begin in its row: first in all, then place by place."""

    total: int
    cluster: int
    host: int
    pool: int
    pod: int
    end: int


def seats_of(layout: Layout, choice: Choice) -> Seats:
    """Return the columns of the counts that the algorithm reads."""
    disperses = choice.clusters == Order.LEAST_OF_ACCOUNT
    concentrates = choice.clusters == Order.MOST_OF_ACCOUNT
    widths = (
        int(disperses),
        len(layout.cluster_pod) * disperses,
        len(layout.host_cores) * disperses,
        len(layout.pool_room) * disperses,
        layout.pods * concentrates,
    )
    return Seats(*(int(seat) for seat in np.cumsum((0, *widths))))


def counts_of(seats: Seats, accounts: int) -> NDArray[np.int32]:
    """Return the counts, `(accounts, seats.end)`, all 0.

    Raises:
        InvalidParameter: they are more than memory holds.
    """
    if accounts * seats.end > MOST_CELLS:
        message = (
            f"this algorithm counts the VMs of {accounts:,} accounts in {seats.end:,} places; "
            f"accounts times places may be {MOST_CELLS:,}: join small accounts into one, "
            "or choose an algorithm that does not look at accounts"
        )
        raise InvalidParameter(message)
    return np.zeros((accounts, seats.end), np.int32)
