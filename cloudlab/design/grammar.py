"""What the published JSON Schema says about one place of a document."""

from __future__ import annotations

from functools import cache
from typing import Final, cast

from pydantic import JsonValue

from cloudlab.design.problems import Path
from cloudlab.design.schema import CloudDocument

Schema = dict[str, JsonValue]

_NUMBERS: Final = {"integer": "a whole number", "number": "a number"}
_TEXTS: Final = {
    "boolean": "true or false",
    "date": "a day, as in 2026-11-01",
}


@cache
def document_schema() -> Schema:
    """Return the JSON Schema of a whole design, with references between its parts."""
    return CloudDocument.model_json_schema(by_alias=True)


def schema_at(path: Path) -> Schema:
    """Return what is allowed at `path`; empty when the path leads to nothing known."""
    here = document_schema()
    for step in path:
        inner = _part_with(here, "items" if isinstance(step, int) else "properties")
        found = inner.get("items") if isinstance(step, int) else fields_of(inner).get(str(step))
        here = found if isinstance(found, dict) else {}
    return here


def fields_of(schema: Schema) -> Schema:
    """Return the fields that the mapping described by `schema` may have."""
    properties = _part_with(schema, "properties").get("properties")
    return properties if isinstance(properties, dict) else {}


def allowed(schema: Schema) -> str:
    """Return in words what `schema` allows: `a whole number from 1 to 4096 (cores)`."""
    variants = [_resolved(variant) for variant in _variants(schema)]
    texts = [_words({**schema, **variant}) for variant in variants if variant.get("type") != "null"]
    return " or ".join(dict.fromkeys(texts)) or "something else"


def unit_of(schema: Schema) -> str:
    """Return the unit of a number, empty when it has none."""
    for variant in (schema, *map(_resolved, _variants(schema))):
        if isinstance(unit := variant.get("unit"), str):
            return unit
    return ""


def _words(schema: Schema) -> str:
    if isinstance(words := schema.get("allowed"), str):
        return words
    if isinstance(choices := schema.get("enum"), list):
        return "one of " + ", ".join(str(choice) for choice in choices)
    kind = str(schema.get("type"))
    if kind in _NUMBERS:
        return _NUMBERS[kind] + _bounds(schema)
    if kind == "array":
        return "a list with at least one entry" if schema.get("minItems") else "a list"
    if kind == "object":
        return "a mapping with fields such as " + ", ".join(list(fields_of(schema))[:4])
    return _TEXTS.get(str(schema.get("format", kind)), "text")


def _bounds(schema: Schema) -> str:
    low, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    high = schema.get("maximum")
    start = f" from {low:,.16g}" if isinstance(low, int | float) else ""
    start = f" above {above:g}" if isinstance(above, int | float) else start
    join = " to" if isinstance(low, int | float) else " up to"
    end = f"{join} {high:,.16g}" if isinstance(high, int | float) else ""
    unit = f" ({unit})" if isinstance(unit := schema.get("unit"), str) else ""
    return start + end + unit


def _resolved(schema: Schema) -> Schema:
    """Return `schema`, or the part of the document it refers to."""
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    parts = cast("Schema", document_schema()["$defs"])
    return cast("Schema", parts[reference.rpartition("/")[2]])


def _variants(schema: Schema) -> list[Schema]:
    """Return the alternatives of `anyOf`, or `schema` alone."""
    if isinstance(schema.get("allowed"), str):
        return [schema]
    options = schema.get("anyOf")
    return cast("list[Schema]", options) if isinstance(options, list) else [schema]


def _part_with(schema: Schema, key: str) -> Schema:
    """Return the alternative of `schema` that has `key`, or an empty one."""
    return next((part for option in _variants(schema) if key in (part := _resolved(option))), {})
