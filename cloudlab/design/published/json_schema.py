"""The JSON Schema of a design as editors want it: units in the descriptions, nothing of ours."""

from __future__ import annotations

import json
from typing import Final

from pydantic import JsonValue

from cloudlab.design.grammar import document_schema

_OURS: Final = {"unit", "allowed", "title"}
_NO_DEFAULT: Final[tuple[JsonValue, ...]] = (None, "", "0.0.0.0", "0.0.0.0/32")  # noqa: S104
_SAID: Final = {"share", "currency", "×"}
"""Units that the description says already."""


def json_schema_text() -> str:
    """Return the published JSON Schema (draft 2020-12) of a design document."""
    cleaned = _cleaned(document_schema())
    fields = cleaned if isinstance(cleaned, dict) else {}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cloudlab design",
        **fields,
    }
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _cleaned(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept: dict[str, JsonValue] = {
        key: _field_names(item) if key in {"properties", "$defs"} else _cleaned(item)
        for key, item in value.items()
        if not _is_ours(key, item)
    }
    unit = _unit(value)
    if unit and isinstance(text := kept.get("description"), str):
        kept["description"] = f"{text} ({unit})"
    return kept


def _field_names(value: JsonValue) -> JsonValue:
    """Return fields cleaned, each under its own name, be it `title` or `unit`."""
    fields = value if isinstance(value, dict) else {}
    return {name: _cleaned(item) for name, item in fields.items()}


def _is_ours(key: str, value: JsonValue) -> bool:
    is_default = key == "default"
    return key in _OURS or (is_default and (value in _NO_DEFAULT or isinstance(value, dict | list)))


def _unit(schema: dict[str, JsonValue]) -> str:
    options = schema.get("anyOf")
    for part in (schema, *(options if isinstance(options, list) else ())):
        if isinstance(part, dict) and isinstance(unit := part.get("unit"), str):
            return "" if unit in _SAID else unit
    return ""
