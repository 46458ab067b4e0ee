"""Where each node goes: boxes laid on shelves, the same for the same tree on every machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Final

from cloudlab.views.places import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloudlab.views.tree import Node

PAD: Final = 10.0
"""Between the edge of a box and what is in it."""
GAP: Final = 8.0
"""Between neighbours."""
HEAD: Final = 28.0
"""Height of the title of a box that holds others."""
SQUARE: Final = 10.0
STEP: Final = 13.0
"""From one VM's square to the next."""
CARD: Final = 138.0
"""Width of a card as long as nothing stretches it."""
WIDEST_CARD: Final = 300.0
CARD_HEAD: Final = 60.0
"""Height of a card's name and its two load bars."""
CARD_FOOT: Final = 15.0
"""Height of a line of text under them."""
NARROWEST: Final = 210.0
"""Width of a box that holds others: its title and its loads fit in."""
IDLE_LABEL: Final = 16.0


@dataclass(slots=True)
class Box:
    """A node and its rectangle, in pixels of the whole picture."""

    node: Node
    x: float
    y: float
    width: float
    height: float
    inside: list[Box] = field(default_factory=list)

    @property
    def is_card(self) -> bool:
        """Whether it is drawn as a card: a host, or something whose inside is only counted."""
        return is_card(self.node)


def is_card(node: Node) -> bool:
    """Return whether `node` is drawn as a card: a host, or one whose inside is only counted."""
    return node.level is Level.HOST or not (node.children or node.idle)


def lay_out(nodes: tuple[Node, ...], x: float, y: float, width: float) -> tuple[list[Box], float]:
    """Place `nodes` on shelves from (x, y) on; return their boxes and how high all are together.

    A shelf holds as many as fit at their natural width, stretched to fill it; all boxes of a
    shelf are equally high.
    """
    boxes: list[Box] = []
    top = y
    for shelf in _shelves(nodes, width):
        left = x
        row = []
        for node, wide in shelf:
            row.append(_box(node, left, top, wide))
            left += wide + GAP
        height = max(box.height for box in row)
        for box in row:
            box.height = height
        boxes += row
        top += height + GAP
    return boxes, max(top - GAP - y, 0.0)


def squares_per_row(width: float) -> int:
    """Return how many squares of VMs fit beside each other in a box of this width."""
    return max(int((width - 2 * PAD + STEP - SQUARE) / STEP), 1)


def squares(node_count: int, x: float, y: float, width: float) -> Iterator[tuple[float, float]]:
    """Yield the corner of each square of `node_count` VMs in a box at x of this width."""
    per_row = squares_per_row(width)
    for place in range(node_count):
        row, column = divmod(place, per_row)
        yield x + PAD + column * STEP, y + row * STEP


def squares_height(count: int, width: float) -> float:
    """Return how high the squares of `count` VMs are in a box of this width."""
    return ceil(count / squares_per_row(width)) * STEP


def _box(node: Node, x: float, y: float, width: float) -> Box:
    """Return the box of `node` with everything in it, as high as it needs to be."""
    if is_card(node):
        return Box(node, x, y, width, _card_height(node, width))
    inside, height = lay_out(node.children, x + PAD, y + HEAD, width - 2 * PAD)
    if node.idle:
        height += (GAP if node.children else 0) + IDLE_LABEL
        height += squares_height(len(node.idle), width)
    return Box(node, x, y, width, HEAD + height + PAD, inside)


def _card_height(node: Node, width: float) -> float:
    if node.level is Level.HOST and node.children:
        return CARD_HEAD + squares_height(len(node.children), width) + PAD - 3
    lines = 2 if node.tally.out_of_service else 1
    return CARD_HEAD + 2 + lines * CARD_FOOT


def _natural(node: Node, room: float) -> float:
    """Return how wide `node` is if it may be as wide as `room`."""
    if is_card(node):
        return min(CARD, room)
    inner = room - 2 * PAD
    total = sum(_natural(child, inner) + GAP for child in node.children) - GAP
    return min(max(total + 2 * PAD, NARROWEST), room)


def _shelves(nodes: tuple[Node, ...], width: float) -> list[list[tuple[Node, float]]]:
    """Return the nodes shelf by shelf, each with its width."""
    if all(map(is_card, nodes)):
        return _grid(nodes, width)
    shelves: list[list[tuple[Node, float]]] = []
    left = 0.0
    for node in nodes:
        wide = _natural(node, width)
        if not shelves or left + wide > width + 0.01:
            shelves.append([])
            left = 0.0
        shelves[-1].append((node, wide))
        left += wide + GAP
    return _stretched(shelves, width)


def _stretched(
    shelves: list[list[tuple[Node, float]]], width: float
) -> list[list[tuple[Node, float]]]:
    """Return the shelves filled; one with fewer boxes than that above is stretched no more."""
    stretched, factor, before = [], float("inf"), 0
    for shelf in shelves:
        room = width - GAP * (len(shelf) - 1)
        fill = room / sum(wide for _, wide in shelf)
        factor = min(factor, fill) if len(shelf) < before else fill
        stretched.append([(node, wide * factor) for node, wide in shelf])
        before = len(shelf)
    return stretched


def _grid(nodes: tuple[Node, ...], width: float) -> list[list[tuple[Node, float]]]:
    """Return cards in even rows, all of one width."""
    if not nodes:
        return []
    most = max(int((width + GAP) / (CARD + GAP)), 1)
    rows = ceil(len(nodes) / most)
    columns = ceil(len(nodes) / rows)
    wide = min((width - GAP * (columns - 1)) / columns, WIDEST_CARD)
    return [
        [(node, wide) for node in nodes[start : start + columns]]
        for start in range(0, len(nodes), columns)
    ]
