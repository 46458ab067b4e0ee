"""Widgets without a kernel: what they show, as HTML that opens anywhere."""

from __future__ import annotations

from typing import Final, Protocol

from cloudlab.views.markup import Markup, join, tag
from cloudlab.views.pictures.style import FONT, THEME

_RULES: Final = (
    f".cloudlab-surface{{font-family:{FONT};font-size:13px;line-height:1.35;color:var(--cloudlab-ink);"
    "display:flex;flex-wrap:wrap;gap:12px;align-items:flex-start}"
    ".cloudlab-surface .cloudlab-html{flex:1 1 560px;min-width:0}"
    ".cloudlab-surface .cloudlab-panel{flex:0 1 300px;min-width:240px;max-height:640px;"
    "overflow:auto;border:1px solid var(--cloudlab-line);border-radius:6px;padding:8px 10px}"
    ".cloudlab-surface [hidden]{display:none}"
    ".cloudlab-surface table{border-collapse:collapse;width:100%;font-size:12px;margin:0}"
    ".cloudlab-surface th,.cloudlab-surface td{text-align:left;padding:3px 8px;"
    "border-bottom:1px solid var(--cloudlab-line);vertical-align:top;background:none}"
    ".cloudlab-surface .number{text-align:right;font-variant-numeric:tabular-nums}"
    ".cloudlab-surface .faint{color:var(--cloudlab-faint)}"
    ".cloudlab-surface .bar{display:flex;flex-wrap:wrap;gap:6px;align-items:center;"
    "margin-bottom:6px}"
    ".cloudlab-surface button{font:inherit;color:inherit;background:none;cursor:pointer;"
    "border:1px solid var(--cloudlab-line);border-radius:4px;padding:2px 8px}"
    ".cloudlab-surface th button{border:none;padding:0;font-weight:600}"
    ".cloudlab-surface button:hover{border-color:var(--cloudlab-busy)}"
    ".cloudlab-surface button:focus-visible{outline:2px solid var(--cloudlab-busy)}"
    ".cloudlab-surface input{font:inherit;color:inherit;background:none;min-width:220px;"
    "border:1px solid var(--cloudlab-line);border-radius:4px;padding:3px 8px}"
    ".cloudlab-surface tr[data-id]{cursor:pointer}"
    ".cloudlab-surface tr[data-id]:hover,.cloudlab-surface tr.is-selected"
    "{background:color-mix(in srgb,var(--cloudlab-busy) 16%,transparent)}"
    ".cloudlab-surface tr:focus-visible{outline:2px solid var(--cloudlab-busy)}"
    ".cloudlab-surface .dot{display:inline-block;width:9px;height:9px;border-radius:2px;"
    "margin-right:6px}"
    ".cloudlab-surface .stale{opacity:.45}"
    ".cloudlab-surface h4{margin:0 0 6px;font-size:14px}"
    ".cloudlab-surface .pair{display:flex;flex-wrap:wrap;gap:12px}"
    ".cloudlab-surface .pair>div{flex:1 1 360px;min-width:0}"
    ".cloudlab-surface.is-static .bar{display:none}"
    ".cloudlab-surface.is-static button{pointer-events:none}"
    ".cloudlab-surface svg{max-width:100%;height:auto}"
)
SHEET: Final = THEME + _RULES
"""How the HTML of widgets looks, light and dark."""


class Renderable(Protocol):
    """A widget that can show itself without a kernel."""

    def to_html(self) -> Markup:
        """Return what it shows now, as HTML."""


class Static:
    """Gives a widget a second face: HTML for reports and for viewers without a kernel."""

    def to_html(self) -> Markup:
        """Return what it shows now, as HTML."""
        return Markup()

    def _repr_mimebundle_(
        self, **options: object
    ) -> tuple[dict[str, object], dict[str, object]] | None:
        """Return the live widget, and beside it the HTML for those that cannot run it."""
        shown = super()._repr_mimebundle_(**options)  # type: ignore[misc]
        data, metadata = shown if isinstance(shown, tuple) else (shown, {})
        if data is None:
            return None
        return {**data, "text/html": str(self.to_html())}, metadata


def framed(main: str, panel: str = "") -> Markup:
    """Return a whole surface as it stands, with its style: a picture or table, and a panel."""
    parts = [tag("div", main, class_="cloudlab-html")]
    if panel:
        parts.append(tag("div", panel, class_="cloudlab-panel"))
    sheet = tag("style", Markup(SHEET))
    return join([sheet, tag("div", *parts, class_="cloudlab cloudlab-surface is-static")])


def render(*widgets: Renderable) -> Markup:
    """Return what the widgets show now as one piece of HTML, which opens without a kernel.

    In a notebook the last line `render(widget)` shows it; exported notebooks keep it.
    """
    return tag("div", *(widget.to_html() for widget in widgets), class_="cloudlab-static")
