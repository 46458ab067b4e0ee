"""The parts of the tree: nodes with state and load, and the tally of what they hide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cloudlab.state import Share
from cloudlab.views.places import Level, Place
from cloudlab.views.tones import Tone


@dataclass(frozen=True, slots=True)
class Tally:
    """How much lies inside a node, drawn or not."""

    pods: int = 0
    clusters: int = 0
    hosts: int = 0
    out_of_service: int = 0
    """Hosts that take nothing now: not Up, or not Enabled."""
    states: tuple[tuple[str, int], ...] = ()
    """VMs by state, the most frequent first."""

    @property
    def vms(self) -> int:
        """How many VMs there are in all states."""
        return sum(count for _, count in self.states)

    def __str__(self) -> str:
        """Say what there is, from the top: `2 clusters, 8 hosts, 40 VMs`."""
        levels = ((Level.POD, self.pods), (Level.CLUSTER, self.clusters), (Level.HOST, self.hosts))
        parts = [level.counted(count) for level, count in levels if count]
        return ", ".join([*parts, Level.VM.counted(self.vms)])


@dataclass(frozen=True, slots=True)
class Node:
    """One place of the tree as it is now."""

    level: Level
    id: int
    name: str
    state: str
    tone: Tone
    label: str
    """Its size or kind in few words: `16 cores x 2000 MHz, 64 GiB`."""
    cpu: Share | None = None
    """MHz; of the hosts that are Up and Enabled, a host's own in any state, none of a VM."""
    ram: Share | None = None
    """MiB, likewise."""
    tally: Tally = Tally()
    children: tuple[Node, ...] = ()
    """Empty where nothing is inside, and where the tree was cut: the tally knows."""
    idle: tuple[Node, ...] = ()
    """VMs of a zone that are on no host; empty below the zones, and where the tree was cut."""

    @property
    def place(self) -> Place:
        """What it is, by name."""
        return Place(self.level, self.id, self.name)

    def walk(self) -> Iterator[Node]:
        """Yield this node and all drawn below it, from the top."""
        yield self
        for child in (*self.children, *self.idle):
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class TopologyView:
    """The cloud, or the part of it in focus, as a tree."""

    name: str
    at: float
    """The moment it shows, seconds."""
    roots: tuple[Node, ...]
    path: tuple[Place, ...]
    """What lies above the focus, from its zone down; empty for the whole cloud."""
    deepest: Level
    """The lowest level that is drawn."""
    total: int
    """How many nodes the tree would have if nothing were cut."""

    @property
    def is_collapsed(self) -> bool:
        """Whether something is only counted, not drawn."""
        return self.deepest is not Level.VM

    @property
    def drawn(self) -> int:
        """How many nodes are drawn."""
        return sum(1 for _ in self.walk())

    def walk(self) -> Iterator[Node]:
        """Yield every drawn node, from the top, in the order of the tree."""
        for root in self.roots:
            yield from root.walk()

    def find(self, level: str, number: int) -> Node | None:
        """Return the drawn node of this level and id, `None` if it is not drawn."""
        return next(
            (node for node in self.walk() if node.level == level and node.id == number), None
        )

    def __repr__(self) -> str:
        """Say how much is drawn of how much."""
        return (
            f"<TopologyView of {self.name!r} at {self.at:g} s: {self.drawn} of {self.total} nodes, "
            f"down to the {self.deepest}s; show it with draw_topology(view)>"
        )
