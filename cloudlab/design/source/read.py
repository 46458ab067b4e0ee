"""Reads a YAML file into plain values that remember the line they came from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path as FilePath

import yaml

from cloudlab.design.problems import Path, refusal
from cloudlab.design.source.core import CoreLoader
from cloudlab.design.source.values import Reading, Value
from cloudlab.errors import InputError

_MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """A document as it was written.

    Attributes:
        name: the file, for messages.
        value: what it says.
        lines: the line of every value, counted from 1.
    """

    name: str
    value: dict[str, Value]
    lines: dict[Path, int]

    def line_of(self, path: Path) -> int:
        """Return the line of the value at `path`, or of the nearest thing around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1


def text_of(path: FilePath) -> str:
    """Return the text of a design file.

    Raises:
        InputError: no such file, a folder, too large, not readable, or not UTF-8 text.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path}: larger than 16 MiB; that is no design")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; `cloudlab design new` writes one") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not text in UTF-8 (byte {error.start}); is it YAML?") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def source_of(text: str, name: str) -> Source:
    """Return what the YAML `text` says, with the line of every value.

    Raises:
        InputError: not YAML, empty, no mapping at the top, or a field given twice.
    """
    node = _composed(text, name)
    if node is None:
        raise InputError(f"{name}: empty; `cloudlab design new` writes a design to start from")
    reading = Reading(name)
    value = reading.value(node)
    if not isinstance(value, dict):
        raise InputError(f"{name}:1: not a design: it must have fields at the top, as in `zones:`")
    if reading.doubles:
        raise refusal(reading.doubles, name, lambda path: reading.lines[path])
    return Source(name, value, reading.lines)


def _composed(text: str, name: str) -> yaml.Node | None:
    try:
        return CoreLoader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        raise InputError(_syntax_message(error, name)) from None
    except yaml.YAMLError as error:
        raise InputError(f"{name}: not YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise InputError(f"{name}: nested too deeply for a design") from None


def _syntax_message(error: yaml.MarkedYAMLError, name: str) -> str:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    problem = error.problem or error.context or "it cannot be understood"
    if r"\t" in problem:
        return f"{name}:{line}: a tab is used to indent; YAML wants spaces"
    if "but found another document" in problem:
        return f"{name}:{line}: a second document begins; a design is one"
    context = f" {error.context}" if error.context and error.problem else ""
    return f"{name}:{line}: not YAML:{context and context + ','} {problem}"
