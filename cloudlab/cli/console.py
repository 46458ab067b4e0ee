"""What is printed: text on stdout, complaints on stderr, in whatever characters there are."""

from __future__ import annotations

import codecs
import io
import sys
from collections.abc import Mapping
from typing import Final, TextIO

NEAREST: Final[Mapping[str, str]] = {
    "│": "|",
    "├": "|",
    "└": "`",
    "─": "-",
    "█": "#",
    "░": ".",
    "×": "x",
    "÷": "/",
    "·": ".",
    "…": "...",
    "–": "-",
    "—": "-",
    "−": "-",
    "≥": ">=",
    "≤": "<=",
    "→": "->",
    "±": "+-",
    "’": "'",
    "“": '"',
    "”": '"',
    "\u00a0": " ",
    "\u202f": " ",
}
"""Characters that our texts use, and what stands for them."""


def say(text: str) -> None:
    """Print `text` on stdout, with an end of line where it has none."""
    _write(sys.stdout, text)


def complain(text: str) -> None:
    """Print `text` on stderr, with an end of line where it has none."""
    _write(sys.stderr, text)


def _write(stream: TextIO, text: str) -> None:
    stream.write(text if text.endswith("\n") else f"{text}\n")
    stream.flush()


def speak_any_encoding() -> None:
    """Let this process print anything: what its terminal lacks becomes the nearest character."""
    codecs.register_error("nearest", nearest)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="nearest")


def nearest(error: UnicodeError) -> tuple[str, int]:
    """Return what to print instead of characters that cannot be encoded, and where to go on.

    Raises:
        UnicodeError: the error was not one of encoding.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(NEAREST.get(letter, "?") for letter in lacking), error.end
