"""How pictures look: colours that can be read on white and on black, and one style sheet."""

from __future__ import annotations

from typing import Final

from cloudlab.views.markup import Markup, tag
from cloudlab.views.tones import Tone

MIDDLING_FROM: Final = 0.6
"""Allocated share from which a load is shown in amber."""
HIGH_FROM: Final = 0.8
"""Allocated share from which a load is shown in red, as on CloudStack's dashboard."""

FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"

_TONES: Final = {
    Tone.GOOD: "#2a9d8f",
    Tone.BUSY: "#4a86e8",
    Tone.IDLE: "#8793a3",
    Tone.GONE: "#8793a3",
    Tone.WARN: "#e39a2d",
    Tone.BAD: "#dc4c4c",
}
_LOADS: Final = {"low": "#3b82c4", "middling": "#e39a2d", "high": "#dc4c4c"}

PALETTE: Final = ";".join(
    [
        *(f"--cloudlab-{tone}:{colour}" for tone, colour in _TONES.items()),
        *(f"--cloudlab-{load}:{colour}" for load, colour in _LOADS.items()),
    ]
)

_LIGHT: Final = (
    "--cloudlab-ink:var(--jp-ui-font-color1,#1f2933);"
    "--cloudlab-faint:var(--jp-ui-font-color2,#5f6c7b);"
    "--cloudlab-paper:var(--jp-layout-color1,#ffffff);"
    "--cloudlab-line:var(--jp-border-color2,#d5dbe3)"
)
_DARK: Final = (
    "--cloudlab-ink:var(--jp-ui-font-color1,#e6ebf1);"
    "--cloudlab-faint:var(--jp-ui-font-color2,#a3aebb);"
    "--cloudlab-paper:var(--jp-layout-color1,#12181f);"
    "--cloudlab-line:var(--jp-border-color2,#36414d)"
)
THEME: Final = (
    f".cloudlab{{{PALETTE};{_LIGHT}}}@media (prefers-color-scheme:dark){{.cloudlab{{{_DARK}}}}}"
)
"""Inside Jupyter its theme decides about light and dark, elsewhere the reader's system."""

_RULES: Final = (
    f".cloudlab-picture{{font-family:{FONT};font-size:11px;max-width:100%;height:auto}}"
    ".cloudlab-picture text{fill:var(--cloudlab-ink)}"
    ".cloudlab-picture .paper{fill:var(--cloudlab-paper)}"
    ".cloudlab-picture .faint{fill:var(--cloudlab-faint)}"
    ".cloudlab-picture .strong{font-weight:600}"
    ".cloudlab-picture .large{font-size:20px;font-weight:600}"
    ".cloudlab-picture .small{font-size:10px}"
    ".cloudlab-picture .end{text-anchor:end}"
    ".cloudlab-picture .middle{text-anchor:middle}"
    ".cloudlab-picture .box{fill:var(--cloudlab-ink);fill-opacity:.035;"
    "stroke:var(--cloudlab-line)}"
    ".cloudlab-picture .card{fill:var(--cloudlab-paper);stroke:var(--cloudlab-line)}"
    ".cloudlab-picture .track{fill:var(--cloudlab-ink);fill-opacity:.1}"
    ".cloudlab-picture .ring{fill:none;stroke-width:11}"
    ".cloudlab-picture .ring.track{stroke:var(--cloudlab-ink);stroke-opacity:.1}"
    ".cloudlab-picture .grid{stroke:var(--cloudlab-line)}"
    ".cloudlab-picture .reserved{opacity:.45}"
    ".cloudlab-picture .tick{stroke-width:2}"
    ".cloudlab-picture .waits{fill-opacity:.25;stroke-dasharray:3 2}"
    ".cloudlab-picture .mark{stroke:var(--cloudlab-paper)}"
    ".cloudlab-picture .hollow{fill-opacity:.18}"
    ".cloudlab-picture .node{cursor:pointer}"
    ".cloudlab-picture .node:hover:not(:has(.node:hover))>.outline"
    "{stroke:var(--cloudlab-busy);stroke-width:1.5}"
    ".cloudlab-picture .node:focus{outline:none}"
    ".cloudlab-picture .node:focus-visible>.outline{stroke-width:2.5}"
    ".cloudlab-picture .is-selected>.outline{stroke:var(--cloudlab-busy);stroke-width:2.5}"
)


def _painted(name: str) -> str:
    """Return the rules that paint shapes in one colour of the palette."""
    colour = f"var(--cloudlab-{name})"
    return (
        f".cloudlab-picture .fill-{name}{{fill:{colour}}}"
        f".cloudlab-picture .line-{name}{{stroke:{colour}}}"
    )


STYLE: Final = THEME + _RULES + "".join(_painted(name) for name in (*_TONES, *_LOADS))


def load_class(share: float) -> str:
    """Return the colour of an allocated share: low, middling or high."""
    if share >= HIGH_FROM:
        return "high"
    return "middling" if share >= MIDDLING_FROM else "low"


def picture(width: float, height: float, label: str, *inside: str) -> Markup:
    """Return a whole picture on its own paper; it shrinks to fit a page narrower than itself.

    Args:
        width: Pixels.
        height: Pixels.
        label: What it shows, for who cannot see it.
        inside: The drawing.
    """
    paper = tag("rect", class_="paper", width=width, height=height, rx=6)
    return tag(
        "svg",
        tag("style", Markup(STYLE)),
        paper,
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        class_="cloudlab cloudlab-picture",
        role="group",
        aria_label=label,
    )


def fitted(text: str, room: float, size: float = 11.0) -> str:
    """Return `text`, cut with an ellipsis if it is wider than `room` pixels at this font size."""
    letters = int(room / (size * 0.58))
    if len(text) <= letters:
        return text
    return text[: letters - 1].rstrip() + "…" if letters > 1 else ""
