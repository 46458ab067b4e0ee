"""INI files, of which many keep their settings."""

from __future__ import annotations

from collections.abc import Mapping
from configparser import ConfigParser
from configparser import Error as NoIni


def ini(text: str) -> Mapping[str, Mapping[str, str]]:
    """Return the sections of an INI file, its keys in lower case; nothing if it is none."""
    parser = ConfigParser(strict=False, interpolation=None, allow_no_value=True)
    try:
        parser.read_string(text)
    except NoIni:
        return {}
    return {
        name: {key: value or "" for key, value in parser.items(name)} for name in parser.sections()
    }
