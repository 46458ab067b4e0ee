"""Turns pydantic's complaints into problems that name the value, the range and a way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cloudlab.design.grammar import allowed, fields_of, schema_at, unit_of
from cloudlab.design.problems import Path, Problem

_LONGEST: Final = 60


def problems_in(error: ValidationError) -> list[Problem]:
    """Return what pydantic found, in words of the document."""
    details = error.errors(include_url=False)
    return [_problem(detail) for detail in details if not _is_echo(detail)]


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'hosts'?` for the known word nearest to `word`, or nothing."""
    by_lower = {name.lower(): name for name in known}
    wanted = word.lower().replace("_", ".") if "." in "".join(by_lower) else word.lower()
    near = difflib.get_close_matches(wanted, by_lower, n=1, cutoff=0.6)
    return f"; did you mean {by_lower[near[0]]!r}?" if near else ""


def _is_echo(detail: ErrorDetails) -> bool:
    """Return whether a list counts as too short only because an entry of it is wrong."""
    return detail["type"] == "too_short" and bool(detail["input"])


def _problem(detail: ErrorDetails) -> Problem:
    path: Path = tuple(detail["loc"])
    match detail["type"]:
        case "extra_forbidden":
            return Problem(path, _unknown(path))
        case "missing":
            return Problem(path, f"is missing; give {allowed(schema_at(path))}")
        case "value_error":
            complaint = str(detail.get("ctx", {}).get("error", detail["msg"]))
            return Problem(path, f"is {_shown(detail['input'])}; it {complaint}")
        case _:
            return Problem(path, _not_allowed(path, detail["input"]))


def _unknown(path: Path) -> str:
    known = list(fields_of(schema_at(path[:-1])))
    hint = suggestion(str(path[-1]), known)
    listed = f"; the fields here are {', '.join(known)}" if not hint and len(known) < 25 else ""
    return f"is not a field of a design{hint}{listed}"


def _not_allowed(path: Path, value: object) -> str:
    schema = schema_at(path)
    text = f"is {_shown(value)}; it must be {allowed(schema)}"
    return text + _hint(value, unit_of(schema), allowed(schema))


def _hint(value: object, unit: str, words: str) -> str:
    if unit == "MHz" and isinstance(value, float) and 0 < value < 100:
        return f"; did you mean {round(value * 1000)}?"
    if isinstance(value, str) and words.startswith("one of "):
        return suggestion(value, words.removeprefix("one of ").split(", "))
    if unit and isinstance(value, str) and value[:1].isdigit():
        return f"; write the number alone, the unit is {unit}"
    return ""


def _shown(value: object) -> str:
    """Return a value as the document would write it, shortened."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        kind = "mapping" if isinstance(value, dict) else "list"
        return f"a {kind}" if value else f"an empty {kind}"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " ..."
