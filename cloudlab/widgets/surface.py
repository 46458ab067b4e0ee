"""The one piece of front end: a place for markup that reports clicks, keys and typing."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

import anywidget
from traitlets import Dict, Unicode

from cloudlab.engine.background import mutex
from cloudlab.errors import InvalidParameter
from cloudlab.views.markup import Markup
from cloudlab.widgets.static import SHEET, Static, framed

_MODULE: Final = files(__package__).joinpath("surface.js").read_text(encoding="utf-8")


class Surface(Static, anywidget.AnyWidget):
    """Shows `html` and a `panel`; what people do there arrives in `select` and `hear`.

    Attributes:
        html: The main part.
        panel: What stands beside it; empty hides it.
        selected: What was clicked, `{"kind": "host", "id": 3}`; empty for nothing.
    """

    _esm = _MODULE
    _css = SHEET

    html = Unicode().tag(sync=True)
    panel = Unicode().tag(sync=True)
    selected = Dict().tag(sync=True)

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self._guard = mutex()
        self.observe(self._on_selected, "selected")
        self.on_msg(self._on_message)

    def select(self, kind: str, number: int) -> None:
        """Choose something, as a click does."""
        self.selected = {"kind": kind, "id": number}

    def show_selected(self, kind: str, number: int) -> None:
        """Answer a click; called with what was chosen."""

    def hear(self, action: str, value: str) -> None:
        """Answer a button, a double click or typing."""

    def to_html(self) -> Markup:
        """Return what it shows now, as HTML with its style."""
        return framed(Markup(self.html), Markup(self.panel))

    def _on_selected(self, change: dict[str, object]) -> None:
        match change["new"]:
            case {"kind": str(kind), "id": int(number)}:
                with self._guard:
                    self.show_selected(kind, number)

    def _on_message(self, _widget: object, content: dict[str, object], _buffers: object) -> None:
        match content:
            case {"action": str(action), "value": str(value)}:
                with self._guard:
                    self.hear(action, value)


def parsed(address: str) -> tuple[str, int]:
    """Return kind and id of an address such as `host/3`.

    Raises:
        InvalidParameter: it is no address.
    """
    kind, _, number = address.partition("/")
    if not number.isascii() or not number.isdecimal():
        raise InvalidParameter(f"{address!r} names nothing; an address looks like host/3")
    return kind, int(number)
