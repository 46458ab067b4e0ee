"""The tree drawn: every node a group that can be pointed at, chosen and read aloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloudlab.units import clock_text
from cloudlab.views.markup import Markup, join, tag
from cloudlab.views.pictures.bars import load_bar, percent, square
from cloudlab.views.pictures.legend import legend
from cloudlab.views.pictures.style import fitted, picture
from cloudlab.views.pictures.topology.boxes import (
    CARD_FOOT,
    CARD_HEAD,
    GAP,
    HEAD,
    IDLE_LABEL,
    PAD,
    SQUARE,
    Box,
    lay_out,
    squares,
    squares_height,
)
from cloudlab.views.pictures.topology.legend import samples
from cloudlab.views.places import Level
from cloudlab.views.tones import Tone

if TYPE_CHECKING:
    from cloudlab.state import Share
    from cloudlab.views.tree import Node, TopologyView

_TITLE: Final = 34.0
_NARROWEST: Final = 320.0
_METER: Final = 108.0
"""Width of one load in the title of a box: word, bar and percentage."""
_BOLD: Final = 6.4
"""Width of a bold letter of small text."""


def draw_topology(view: TopologyView, width: float = 960) -> Markup:
    """Return the tree as SVG: nested boxes, load bars, a square a VM, and a legend.

    Every node is a group with `data-kind` and `data-id` and a tooltip.

    Args:
        view: What to draw.
        width: Pixels, 320 or more.
    """
    wide = max(float(width), _NARROWEST)
    room = wide - 2 * PAD
    boxes, height = lay_out(view.roots, PAD, _TITLE, room)
    drawn = [*map(_draw, boxes)]
    if not drawn:
        height = HEAD
        drawn = [tag("text", "nothing here yet", x=PAD, y=_TITLE + 16, class_="faint")]
    bottom = _TITLE + height + GAP
    explained, more = legend(samples(view), PAD, bottom, room)
    label = f"Topology of {view.name}"
    return picture(wide, bottom + more, label, _title(view, wide), *drawn, explained)


def _title(view: TopologyView, width: float) -> Markup:
    path = " › ".join([view.name, *(place.name for place in view.path)])
    moment = f"at {clock_text(view.at)}"
    return join(
        [
            tag("text", fitted(path, width - 160, 13), x=PAD, y=22, class_="strong"),
            tag("text", moment, x=width - PAD, y=22, class_="faint end"),
        ]
    )


def _draw(box: Box) -> Markup:
    """Return the group of one node with everything in it."""
    shape = _card(box) if box.is_card else _container(box)
    return _group(box.node, *shape)


def _group(node: Node, *inside: Markup) -> Markup:
    words = describe(node)
    return tag(
        "g",
        tag("title", words),
        *inside,
        class_="node",
        data_kind=node.level.value,
        data_id=node.id,
        tabindex="-1",
        role="button",
        aria_label=words,
    )


def describe(node: Node) -> str:
    """Return all that the picture says about `node`, in words."""
    lines = [f"{node.place}: {node.state}", node.label]
    if node.cpu is not None and node.ram is not None:
        lines.append(f"CPU {percent(node.cpu)} and RAM {percent(node.ram)} allocated")
    if node.level is not Level.VM:
        lines.append(str(node.tally))
        lines += [f"{count} {state}" for state, count in node.tally.states]
    return "\n".join(line for line in lines if line)


# --- boxes that hold others ------------------------------------------------------------


def _container(box: Box) -> list[Markup]:
    x, y = box.x, box.y
    outline = tag("rect", class_="box outline", x=x, y=y, width=box.width, height=box.height, rx=7)
    return [outline, _head(box), *map(_draw, box.inside), _idle(box)]


def _head(box: Box) -> Markup:
    """Return the title of a box: its name, what it holds, and its loads at the right."""
    node, baseline = box.node, box.y + 18
    meters = _meters(node, box.x + box.width - PAD, baseline)
    used = _METER * len(meters)
    room = box.width - 2 * PAD - used
    name = fitted(node.name, room, 11.5)
    parts = [tag("text", name, x=box.x + PAD, y=baseline, class_="strong"), *meters]
    left = len(name) * 7.2 + 10
    parts.append(_said(node, box.x + PAD + left, baseline, room - left))
    return join(parts)


def _said(node: Node, x: float, y: float, room: float) -> Markup:
    """Return what stands beside the name of a box: what is amiss, its kind, what it holds."""
    tally = node.tally
    spans: list[Markup] = []
    if node.tone is not Tone.GOOD:
        spans.append(tag("tspan", f"{node.state}  ", class_=f"strong fill-{node.tone}"))
        room -= (len(node.state) + 2) * _BOLD
    if tally.out_of_service:
        words = f"{tally.out_of_service} out of service"
        spans.append(tag("tspan", f"{words}  ", class_=f"strong fill-{Tone.WARN}"))
        room -= (len(words) + 2) * _BOLD
    words = fitted(" · ".join([*filter(None, [node.label]), str(tally)]), room - 6, 10)
    return tag("text", *spans, words, x=x, y=y, class_="faint small")


def _meters(node: Node, right: float, baseline: float) -> list[Markup]:
    """Return the loads of a box, CPU to the left of RAM, ending at `right`."""
    if node.cpu is None or node.ram is None or not node.tally.hosts:
        return []
    left = right - 2 * _METER
    return [
        _meter("CPU", node.cpu, left, baseline),
        _meter("RAM", node.ram, left + _METER, baseline),
    ]


def _meter(word: str, share: Share, x: float, baseline: float) -> Markup:
    return join(
        [
            tag("text", word, x=x + 6, y=baseline, class_="faint small"),
            load_bar(x + 31, baseline - 7, 42, 6, share),
            tag("text", percent(share), x=x + _METER, y=baseline, class_="end small"),
        ]
    )


def _idle(box: Box) -> Markup:
    """Return the VMs of a zone that are on no host, at the bottom of its box."""
    idle = box.node.idle
    if not idle:
        return Markup()
    top = box.y + box.height - PAD - squares_height(len(idle), box.width) - IDLE_LABEL
    words = f"on no host: {Level.VM.counted(len(idle))}"
    label = tag("text", words, x=box.x + PAD, y=top + 11, class_="faint small")
    return join([label, _vms(idle, box, top + IDLE_LABEL)])


# --- cards -----------------------------------------------------------------------------


def _card(box: Box) -> list[Markup]:
    """Return a host, or a place whose inside is only counted."""
    x, y, node = box.x, box.y, box.node
    parts = [
        tag("rect", class_="card outline", x=x, y=y, width=box.width, height=box.height, rx=6),
        tag("rect", class_=f"fill-{node.tone}", x=x, y=y + 6, width=3, height=box.height - 12),
        _card_name(box),
    ]
    if node.cpu is not None and node.ram is not None:
        parts += [_card_load("CPU", node.cpu, box, 33), _card_load("RAM", node.ram, box, 49)]
    if node.level is Level.HOST and node.children:
        parts.append(_vms(node.children, box, y + CARD_HEAD))
    else:
        parts.append(_card_foot(box))
    return parts


def _card_name(box: Box) -> Markup:
    node, baseline = box.node, box.y + 18
    good = node.tone is Tone.GOOD
    word = "" if good else fitted(node.state, box.width / 2, 10)
    room = box.width - 2 * PAD - len(word) * 6.2 - (0 if good else 6)
    parts = [tag("text", fitted(node.name, room, 11.5), x=box.x + PAD, y=baseline, class_="strong")]
    if word:
        right = box.x + box.width - PAD
        paint = f"end small strong fill-{node.tone}"
        parts.append(tag("text", word, x=right, y=baseline, class_=paint))
    return join(parts)


def _card_load(word: str, share: Share, box: Box, down: float) -> Markup:
    x, y, right = box.x + PAD, box.y + down, box.x + box.width - PAD
    return join(
        [
            tag("text", word, x=x, y=y, class_="faint small"),
            load_bar(x + 26, y - 7, box.width - 2 * PAD - 26 - 32, 6, share),
            tag("text", percent(share), x=right, y=y, class_="end small"),
        ]
    )


def _card_foot(box: Box) -> Markup:
    """Return the lines that count what a card hides."""
    node, tally = box.node, box.node.tally
    words = str(tally)
    unwell = [f"{count} {state}" for state, count in tally.states if state != "Running"]
    if node.level is Level.HOST and unwell:
        words += f": {', '.join(unwell)}"
    x, y, room = box.x + PAD, box.y + CARD_HEAD + 6, box.width - 2 * PAD
    parts = [tag("text", fitted(words, room, 10), x=x, y=y, class_="faint small")]
    if tally.out_of_service:
        out = f"{Level.HOST.counted(tally.out_of_service)} out of service"
        paint = f"small strong fill-{Tone.WARN}"
        parts.append(tag("text", fitted(out, room, 10), x=x, y=y + CARD_FOOT, class_=paint))
    return join(parts)


def _vms(nodes: tuple[Node, ...], box: Box, top: float) -> Markup:
    corners = squares(len(nodes), box.x, top, box.width)
    return join(
        _group(node, square(x, y, SQUARE, node.tone))
        for node, (x, y) in zip(nodes, corners, strict=True)
    )
