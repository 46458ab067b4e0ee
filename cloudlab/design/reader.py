"""Reads a design file: every mistake is named with its line, several at once."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from cloudlab.design.checks import problems_of
from cloudlab.design.completion import completed
from cloudlab.design.design import Design
from cloudlab.design.problems import refusal
from cloudlab.design.source import source_of, text_of
from cloudlab.design.wording import problems_in
from cloudlab.errors import InputError


def read_design(path: str | Path) -> Design:
    """Return the design in the YAML file at `path`, completed and checked.

    Raises:
        InputError: not a file, not YAML, or not a sound design; a line for each mistake,
            `file:line: field value range suggestion`, at most ten.
    """
    return design_from_yaml(text_of(Path(path)), str(path))


def design_from_yaml(text: str, name: str = "design") -> Design:
    """Return the design that a YAML text describes, completed and checked.

    Args:
        text: the document.
        name: what messages call it.

    Raises:
        InputError: as for `read_design`.
    """
    source = source_of(text, name)
    try:
        written = Design.model_validate(source.value)
    except ValidationError as error:
        raise refusal(problems_in(error), name, source.line_of) from None
    try:
        design = completed(written)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    problems = problems_of(design)
    if problems:
        raise refusal(problems, name, source.line_of)
    return design
