"""Reading pictures back: SVG as a tree, HTML as a list of tags."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterator

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "\"><script>alert('x')</script><img src=x onerror=alert(1)>&\x00\x1b'"
"""A name that breaks out of markup that does not escape it."""


def read_svg(picture: str) -> ET.Element:
    """Return the root of a picture; a picture that is no well-formed XML raises."""
    return ET.fromstring(picture)


def nodes(picture: str, kind: str) -> list[ET.Element]:
    """Return the groups of a picture that stand for things of this kind."""
    return [each for each in read_svg(picture).iter(f"{SVG}g") if each.get("data-kind") == kind]


def texts(element: ET.Element) -> list[str]:
    """Return what is written in an element, tooltips included."""
    wanted = (f"{SVG}text", f"{SVG}tspan", f"{SVG}title")
    return ["".join(each.itertext()) for each in element.iter() if each.tag in wanted]


def classes(element: ET.Element) -> Iterator[str]:
    """Yield every class that is used in an element."""
    for each in element.iter():
        yield from each.get("class", "").split()


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.data: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.data.append(data)


def read_html(page: str) -> tuple[list[tuple[str, dict[str, str | None]]], str]:
    """Return the tags of a page with their attributes, and its text."""
    parser = _Tags()
    parser.feed(page)
    return parser.found, " ".join(parser.data)


def is_harmless(page: str) -> bool:
    """Return whether nothing in a page can run: no scripts, no images, no handlers."""
    tags, _ = read_html(page)
    banned = {"script", "img", "iframe", "object", "foreignobject", "a"}
    return not any(
        tag in banned or any(name.startswith("on") for name in attributes)
        for tag, attributes in tags
    )
