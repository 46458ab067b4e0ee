"""YAML's core schema: `off`, `no` and dates stay text, only `true` and `false` are truth values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

import yaml

Scalar = str | int | float | bool | None

_TAG: Final = "tag:yaml.org,2002:"
STRING: Final = f"{_TAG}str"
MERGE: Final = f"{_TAG}merge"

_FORMS: Final = (
    (f"{_TAG}null", r"~|null|Null|NULL|", "~nN\0"),
    (f"{_TAG}bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    (f"{_TAG}int", r"[-+]?[0-9]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        f"{_TAG}float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan",
        "-+0123456789.",
    ),
    (MERGE, r"<<", "<"),
)


def _integer(text: str) -> int:
    return int(text, 16) if text.startswith("0x") else int(text)


def _number(text: str) -> float:
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


VALUES: Final[Mapping[str, Callable[[str], Scalar]]] = {
    STRING: str,
    f"{_TAG}null": lambda _: None,
    f"{_TAG}bool": lambda text: text.lower() == "true",
    f"{_TAG}int": _integer,
    f"{_TAG}float": _number,
}
"""How the text of a scalar becomes a value, by tag; other tags are refused."""


class CoreLoader(yaml.SafeLoader):
    """Reads YAML with the core schema."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


class CoreDumper(yaml.SafeDumper):
    """Writes YAML that `CoreLoader` reads back as it was."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


for _reader in (CoreLoader, CoreDumper):
    for _tag, _pattern, _first in _FORMS:
        letters = ["" if letter == "\0" else letter for letter in _first]
        _reader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), letters)
