"""XML as a table of properties: each row is a place in the document and where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar
from xml.etree import ElementTree as ET

T = TypeVar("T")
Value = str | int | None


@dataclass(frozen=True, slots=True)
class Row(Generic[T]):
    """One property.

    Attributes:
        path: elements from the root down, `cpu/model`; empty for the root itself.
        attribute: its name; empty for the text of the element.
        get: what it is for a subject; `None` leaves it out.
    """

    path: str
    attribute: str
    get: Callable[[T], Value]


def always(value: str) -> Callable[[object], Value]:
    """Return a getter of something that is the same for every subject."""
    return lambda _subject: value


def flag(holds: Callable[[T], bool]) -> Callable[[T], Value]:
    """Return a getter for an element that is there, without text, where something holds."""
    return lambda subject: "" if holds(subject) else None


def built(tag: str, rows: Iterable[Row[T]], subject: T) -> ET.Element:
    """Return the element `tag` with every property that `subject` has."""
    root = ET.Element(tag)
    for row in rows:
        value = row.get(subject)
        if value is not None:
            _place(root, row.path, row.attribute, str(value))
    return root


def read(rows: Iterable[Row[T]], root: ET.Element) -> dict[tuple[str, str], str | None]:
    """Return what stands at the place of each row: the inverse of `built`."""
    return {(row.path, row.attribute): _found(root, row) for row in rows}


def text_of(root: ET.Element) -> str:
    """Return the document, indented."""
    ET.indent(root)
    return ET.tostring(root, encoding="unicode")


def _place(root: ET.Element, path: str, attribute: str, value: str) -> None:
    element = root
    for name in filter(None, path.split("/")):
        found = element.find(name)
        element = ET.SubElement(element, name) if found is None else found
    if attribute:
        element.set(attribute, value)
    elif value:
        element.text = value


def _found(root: ET.Element, row: Row[T]) -> str | None:
    element = root.find(row.path) if row.path else root
    if element is None:
        return None
    return element.get(row.attribute) if row.attribute else (element.text or "").strip()
