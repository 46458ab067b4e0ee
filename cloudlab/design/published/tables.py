"""The reference of fields as Markdown tables, made from the same schema that checks them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from cloudlab.design.grammar import Schema, allowed, document_schema, fields_of, schema_at
from cloudlab.design.problems import Path, path_text
from cloudlab.design.schema.settings import NOT_MODELLED

_CLUSTER: Final[Path] = ("zones", 0, "pods", 0, "clusters", 0)
_SECTIONS: Final[tuple[tuple[str, Path], ...]] = (
    ("The document", ()),
    ("Zones", ("zones", 0)),
    ("Physical networks", ("zones", 0, "physical_networks", 0)),
    ("Labels of a physical network", ("zones", 0, "physical_networks", 0, "labels")),
    ("Public and guest ranges", ("zones", 0, "guest_ranges", 0)),
    ("Secondary storage", ("zones", 0, "secondary_storage", 0)),
    ("Pods", ("zones", 0, "pods", 0)),
    ("Reserved range of a pod", ("zones", 0, "pods", 0, "reserved")),
    ("Clusters", _CLUSTER),
    ("Hosts", (*_CLUSTER, "hosts", 0)),
    ("Primary storage", (*_CLUSTER, "primary_storage", 0)),
    ("Host types", ("host_types", 0)),
    ("Compute offerings", ("compute_offerings", 0)),
    ("Disk offerings", ("disk_offerings", 0)),
    ("System offerings", ("system_offerings", 0)),
    ("Templates", ("templates", 0)),
    ("Settings of the cloud", ("settings",)),
    ("Settings of a zone", ("zones", 0, "settings")),
    ("Settings of a cluster", (*_CLUSTER, "settings")),
)
_GENERATED: Final[tuple[JsonValue, ...]] = (None, "", "0.0.0.0", "0.0.0.0/32")  # noqa: S104


def field_tables() -> str:
    """Return one table for each kind of mapping: field, value with unit, default, meaning."""
    return "\n".join(line for title, path in _SECTIONS for line in _table(title, path)) + "\n"


def _table(title: str, path: Path) -> Iterator[str]:
    yield f"### {title}"
    if path:
        yield ""
        yield f"`{path_text(path).replace('[0]', '[]')}`"
    yield ""
    yield "| field | value | default | meaning |"
    yield "|---|---|---|---|"
    required = _required(path)
    names = fields_of(schema_at(path) if path else document_schema())
    for name in sorted(names, key=lambda name: name != "name"):
        yield _row(name, schema_at((*path, name)), is_required=name in required)
    yield ""


def _row(name: str, schema: Schema, *, is_required: bool) -> str:
    default = schema.get("default")
    shown = "" if default in _GENERATED or isinstance(default, dict | list) else _written(default)
    meaning = " ".join(str(schema.get("description", "")).split())
    if name in NOT_MODELLED:
        meaning += " **No effect yet.**"
    return f"| `{name}` | {_value(schema)} | {'required' if is_required else shown} | {meaning} |"


def _value(schema: Schema) -> str:
    if "mapping" in (words := allowed(schema)):
        return "a mapping"
    return words.replace("|", "/")


def _written(default: JsonValue) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:.10g}" if isinstance(default, float) else str(default)


def _required(path: Path) -> set[str]:
    here = document_schema() if not path else schema_at(path)
    reference = here.get("$ref")
    if isinstance(reference, str):
        parts = document_schema()["$defs"]
        found = parts.get(reference.rpartition("/")[2]) if isinstance(parts, dict) else None
        here = found if isinstance(found, dict) else {}
    names = here.get("required")
    return {str(name) for name in names} if isinstance(names, list) else set()
