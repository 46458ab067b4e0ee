"""Markup that cannot be broken out of: every text is escaped on its way in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Final, Self

_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML forbids."""
_VOID: Final = frozenset({"br", "col", "hr", "img", "input", "meta"})
"""HTML elements that have no end tag; SVG has none of these."""


class Markup(str):
    """SVG or HTML that is safe to show; a notebook shows it as a picture or table."""

    __slots__ = ()

    def _repr_html_(self) -> Self:
        return self


def tag(name: str, /, *inside: str | float, **attributes: str | float | None) -> Markup:
    """Return the element `name` with `inside` in it; texts that are no `Markup` are escaped.

    Args:
        name: The element, `rect`.
        inside: Texts, numbers and other elements.
        attributes: `data_id=3` becomes `data-id="3"`, `class_="node"` becomes `class="node"`;
            `None` leaves the attribute out.
    """
    written = "".join(
        f' {_attribute(key)}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(inside)}</{name}>")


def join(parts: Iterable[str | float]) -> Markup:
    """Return the parts one after the other, texts escaped."""
    return Markup("".join(map(text, parts)))


def text(value: str | float) -> str:
    """Return `value` as markup: escaped, unless it is `Markup` already; numbers to 2 decimals."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return escape(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(value)))


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")
