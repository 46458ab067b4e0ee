"""The kinds of value a design is made of, each with its unit and its allowed range."""

from __future__ import annotations

import math
from typing import Annotated, Final

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    Strict,
    StringConstraints,
    WithJsonSchema,
)

OFF: Final = "off"
MAX_VLAN: Final = 4094

Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255, pattern=r"^[^/\x00-\x1f]+$"),
    Field(json_schema_extra={"allowed": "a name without '/', at most 255 letters"}),
]
Text = Annotated[str, StringConstraints(max_length=4096)]
Word = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255, pattern=r"^[^\s,]+$"),
    Field(json_schema_extra={"allowed": "one word without blanks or commas"}),
]
Currency = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{3}$"),
    Field(json_schema_extra={"allowed": "three capital letters, as in EUR"}),
]

Count = Annotated[int, Strict(), Field(ge=1, le=100_000)]
Cores = Annotated[int, Strict(), Field(ge=1, le=4096, json_schema_extra={"unit": "cores"})]
Mhz = Annotated[int, Strict(), Field(ge=1, le=100_000, json_schema_extra={"unit": "MHz"})]
RamMib = Annotated[int, Strict(), Field(ge=32, le=2**31 - 1, json_schema_extra={"unit": "MiB"})]
Gib = Annotated[float, Strict(), Field(gt=0, le=1e9, json_schema_extra={"unit": "GiB"})]
Seconds = Annotated[int, Strict(), Field(ge=0, le=10**10, json_schema_extra={"unit": "s"})]
Pause = Annotated[int, Strict(), Field(ge=1, le=10**10, json_schema_extra={"unit": "s"})]
Milliseconds = Annotated[int, Strict(), Field(ge=1000, le=10**13, json_schema_extra={"unit": "ms"})]
Times = Annotated[int, Strict(), Field(ge=0, le=1_000_000)]
Workers = Annotated[int, Strict(), Field(ge=1, le=10_000)]
Multiple = Annotated[float, Strict(), Field(ge=1, le=1000)]
Share = Annotated[float, Strict(), Field(ge=0, le=1)]
Weight = Annotated[float, Strict(), Field(ge=-1e6, le=1e6)]
Factor = Annotated[float, Strict(), Field(ge=1, le=10_000, json_schema_extra={"unit": "×"})]
Watts = Annotated[float, Strict(), Field(ge=0, le=1e6, json_schema_extra={"unit": "W"})]
Price = Annotated[float, Strict(), Field(ge=0, le=1e12, json_schema_extra={"unit": "currency"})]


def _threshold(value: object) -> float:
    """Return a disable or notification threshold; infinity is `off`.

    Raises:
        ValueError: neither `off` nor a share from 0 to 1; the text says what is meant.
    """
    if value is False or value == OFF:
        return math.inf
    number = float(value) if isinstance(value, int | float) and value is not True else math.nan
    if 0 <= number <= 1 or number == math.inf:
        return number
    hint = f"; did you mean {number / 100:g}?" if 1 < number <= 100 else ""
    raise ValueError(f"must be a share from 0 to 1, or {OFF}{hint}")


def _written_threshold(value: float) -> float | str:
    return OFF if math.isinf(value) else value


Threshold = Annotated[
    float,
    PlainValidator(_threshold),
    PlainSerializer(_written_threshold, return_type=float | str),
    WithJsonSchema(
        {
            "anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"const": OFF}],
            "unit": "share",
            "allowed": f"a share from 0 to 1, or {OFF}",
        }
    ),
]


def _tags(value: object) -> object:
    """Return tags given as one text, `ssd` or `ssd, fast`, as the list they stand for."""
    if isinstance(value, str):
        return [tag.strip() for tag in value.split(",") if tag.strip()]
    return value


Tags = Annotated[
    tuple[Word, ...],
    BeforeValidator(_tags),
    WithJsonSchema(
        {
            "anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}],
            "allowed": "a list of words, or words with commas between",
        }
    ),
]


def _vlan(value: object) -> int | None:
    """Return a VLAN number, or `None` for untagged traffic."""
    if value is None or value == "untagged":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_VLAN:
        raise ValueError(f"must be a VLAN number from 1 to {MAX_VLAN}, or untagged")
    return value


Vlan = Annotated[
    int | None,
    PlainValidator(_vlan),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": MAX_VLAN},
                {"const": "untagged"},
            ],
            "allowed": f"a VLAN number from 1 to {MAX_VLAN}, or untagged",
        }
    ),
]


def vlan_bounds(text: str) -> tuple[int, int]:
    """Return the first and last number of a VLAN range such as `500-999`.

    Raises:
        ValueError: the text is no such range, or leaves 1 to 4094.
    """
    first, dash, last = text.partition("-")
    if not first.strip().isdecimal() or (dash and not last.strip().isdecimal()):
        raise ValueError("must be a range of VLAN numbers, as in 500-999")
    low, high = int(first), int(last) if dash else int(first)
    if not 1 <= low <= high <= MAX_VLAN:
        raise ValueError(f"must be a range of VLAN numbers, first <= last, from 1 to {MAX_VLAN}")
    return low, high


def _vlan_range(value: object) -> str:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else "?"
    if not text:
        return ""
    low, high = vlan_bounds(text)
    return f"{low}-{high}"


VlanRange = Annotated[
    str,
    PlainValidator(_vlan_range),
    WithJsonSchema({"type": "string", "allowed": "a range of VLAN numbers, as in 500-999"}),
]
