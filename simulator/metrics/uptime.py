"""How many hosts are up, and which share of its life each of them was."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudlab.model import Host, HostStatus
from simulator.metrics.labels import labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cloudlab.state import Move


@dataclass(slots=True)
class HostLife:
    """The life of one host.

    Attributes:
        id: of the host.
        name: of the host.
        begun: when it first was up, or was first seen, seconds.
        up_s: seconds it was up, without the present stretch.
        up_since: when it last came up; None while it is not up.
        removed: when it was removed.
    """

    id: int
    name: str
    begun: float
    up_s: float = 0.0
    up_since: float | None = None
    removed: float | None = None

    def share(self, now: float) -> float:
        """Return the share of its life that it was up, 0 to 1."""
        life = (now if self.removed is None else self.removed) - self.begun
        if life <= 0:
            return 0.0 if self.up_since is None else 1.0
        present = 0.0 if self.up_since is None else now - self.up_since
        return (self.up_s + present) / life


class Uptime:
    """Which hosts are up, as they move.

    Attributes:
        up: by row of cluster, how many hosts are up, shape (clusters,).
        lives: by host id.
    """

    def __init__(self, hosts: Iterable[Host], clusters: int, now: float) -> None:
        """Begin with the hosts there are; one that was never up has no life yet."""
        self.up = np.zeros(clusters, dtype=np.int64)
        self.lives: dict[int, HostLife] = {}
        for host in hosts:
            if host.status is HostStatus.UP:
                self._comes(host, now)
            elif host.status is not HostStatus.CREATING:
                self.lives[host.id] = HostLife(host.id, host.name, now)

    def grow(self, clusters: int) -> None:
        """Make room for so many clusters."""
        self.up = np.append(self.up, np.zeros(clusters - len(self.up), dtype=np.int64))

    def heard(self, host: Host, move: Move) -> None:
        """Take a change of a host's status into account."""
        if move.before == move.after:
            return
        if move.after == HostStatus.UP:
            self._comes(host, move.at)
        elif move.before == HostStatus.UP:
            self._goes(host, move.at)
        if move.after == HostStatus.REMOVED and host.id in self.lives:
            self.lives[host.id].removed = move.at

    def _comes(self, host: Host, at: float) -> None:
        row = host.cluster.row
        if row >= len(self.up):
            self.grow(row + 1)
        self.up[row] += 1
        life = self.lives.setdefault(host.id, HostLife(host.id, host.name, at))
        life.up_since, life.removed = at, None

    def _goes(self, host: Host, at: float) -> None:
        self.up[host.cluster.row] -= 1
        life = self.lives[host.id]
        if life.up_since is not None:
            life.up_s += at - life.up_since
            life.up_since = None

    def shares(self, now: float) -> dict[str, float]:
        """Return by name of host which share of its life it was up; ids tell twins apart."""
        lives = list(self.lives.values())
        return dict(zip(labels(lives), (life.share(now) for life in lives), strict=True))

    def state(self) -> list[dict[str, Any]]:
        """Return the lives as plain data that JSON knows."""
        return [asdict(life) for life in self.lives.values()]

    def restore(self, state: Sequence[Mapping[str, Any]]) -> None:
        """Go on with the lives that `state` returned; who is up now stays as it is."""
        self.lives = {life["id"]: HostLife(**life) for life in state}
