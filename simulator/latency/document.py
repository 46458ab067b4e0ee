"""Latency profiles as YAML or JSON files: a name, a source, and seconds by step.

```yaml
name: quick
source: made up
seconds:
  hypervisor.start: LogNormal(median=8, p95=20)
  images.stage: 1 + Gamma(mean=2.5, shape=6) * disk_gib
```
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

from cloudlab.datasets import dataset
from cloudlab.errors import InputError, InvalidParameter
from simulator.latency.profile import LatencyProfile, timing_of
from simulator.latency.step import Step
from simulator.latency.steps import SILENCES, STEPS, suggestion

_FIELDS: Final = ("name", "source", "seconds")
_SUFFIXES: Final = (".yaml", ".yml", ".json")
_MOST_BYTES: Final = 4 * 1024 * 1024
_Pair = tuple[str, yaml.Node, int]
"""A field of a mapping: its name, its value and its line."""


def load_profile(name_or_path: str | Path) -> LatencyProfile:
    """Return a shipped profile by its name, or the one in a file (.yaml, .yml, .json).

    Raises:
        NotFound: no profile of this name is shipped; the message lists them.
        InputError: the file cannot be read as it stands.
    """
    path = Path(name_or_path)
    if isinstance(name_or_path, str) and path.suffix not in _SUFFIXES and len(path.parts) == 1:
        path = dataset("latency", f"{name_or_path}.yaml")
    return read_profile(_text_of(path), str(path))


def save_profile(profile: LatencyProfile, path: str | Path) -> None:
    """Write `profile` to a file that `load_profile` reads."""
    Path(path).write_text(document_text(profile), encoding="utf-8")


def document_text(profile: LatencyProfile) -> str:
    """Return `profile` as a YAML document that `read_profile` reads back."""
    document = {
        "name": profile.name,
        "source": profile.source,
        "seconds": {step: repr(timing) for step, timing in profile.steps.items()},
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=96)


def read_profile(text: str, file: str) -> LatencyProfile:
    """Return the profile that a document describes.

    Args:
        text: YAML or JSON.
        file: where it comes from, for messages.

    Raises:
        InputError: it cannot be read as it stands; the message names file, line and field.
    """
    root = _root(text, file)
    found = dict(_fields(root, file))
    for field in _FIELDS:
        if field not in found and field != "source":
            raise InputError(f"{file}: {field} is missing; a profile has {', '.join(_FIELDS)}")
    steps = {
        step: _timing(step, node, file, line)
        for step, node, line in _pairs(found["seconds"], file, "seconds")
    }
    source = _scalar(found["source"], file, "source") if "source" in found else ""
    return LatencyProfile(_scalar(found["name"], file, "name"), steps, source.strip())


def _timing(step: str, node: yaml.Node, file: str, line: int) -> Step:
    try:
        return timing_of(step, _scalar(node, file, step))
    except InputError:
        raise
    except InvalidParameter as error:
        raise InputError(f"{file}:{line}: {error}") from None


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path}: larger than 4 MiB; that is no latency profile")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not text in UTF-8 (byte {error.start}); is it YAML?") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _root(text: str, file: str) -> yaml.Node:
    """Return the document as a tree that knows its lines."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{file}:{line}: not YAML: {error.problem}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"{file}: not YAML: {' '.join(str(error).split())}") from None
    if root is None:
        raise InputError(f"{file}: empty; a profile has {', '.join(_FIELDS)}")
    return root


def _fields(root: yaml.Node, file: str) -> Iterator[tuple[str, yaml.Node]]:
    for field, node, line in _pairs(root, file, "the document"):
        if field not in _FIELDS:
            steps = (*STEPS, *SILENCES.values())
            known = (*_FIELDS, *steps)
            hint = "; steps stand under seconds" if field in steps else suggestion(field, known)
            raise InputError(f"{file}:{line}: {field} is no field of a latency profile{hint}")
        yield field, node


def _pairs(node: yaml.Node, file: str, what: str) -> Iterator[_Pair]:
    """Yield the fields of a mapping.

    Raises:
        InputError: it is no mapping, or has a field twice.
    """
    if not isinstance(node, yaml.MappingNode):
        line = node.start_mark.line + 1
        raise InputError(f"{file}:{line}: {what} must be a mapping, as in `seconds: {{...}}`")
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        name = _scalar(key, file, f"a name in {what}")
        if name in seen:
            raise InputError(f"{file}:{line}: {name} is given twice, first on line {seen[name]}")
        seen[name] = line
        yield name, value, line


def _scalar(node: yaml.Node, file: str, what: str) -> str:
    """Return the text of a single value, whatever type YAML would make of it."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    line = node.start_mark.line + 1
    raise InputError(f"{file}:{line}: {what} must be a single value, not a list or mapping")
