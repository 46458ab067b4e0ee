"""Writes a design as YAML that is pleasant to read: short things on one line, with comments."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final

import yaml

from cloudlab.design.grammar import schema_at, unit_of
from cloudlab.design.schema import CloudDocument
from cloudlab.design.source.core import STRING, CoreDumper

_LONGEST_LINE: Final = 116
_NEVER_WRAP: Final = 1_000_000
_HEADER: Final = (
    "# A cloud to build. `cloudlab show` draws it, `cloudlab plan` fills it with demand.",
    "# Units are in the names of the fields; docs/design.md lists every field.",
)
_ABOVE: Final[Mapping[str, str]] = {
    "settings": "Global settings by CloudStack's names; thresholds are shares, or off.",
    "host_types": "Price list of hosts: cores, MHz a core, GiB of RAM, price a month in currency.",
    "compute_offerings": "Sizes of machines users may choose.",
    "disk_offerings": "Sizes of data disks users may choose.",
    "system_offerings": "Sizes of virtual routers, console proxies and secondary storage VMs.",
    "templates": "Images; a request without a disk size gets the size of the first.",
    "zones": "Zone > pod > cluster > host. First fit tries hosts in this order.",
}


def document_yaml(document: CloudDocument) -> str:
    """Return the YAML of a document; reading it gives an equal one.

    What was never written and is not generated (CloudStack's defaults) is left out.
    """
    values = document.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    text = yaml.dump(values, Dumper=_Dumper, sort_keys=False, width=_NEVER_WRAP, allow_unicode=True)
    return "\n".join([*_HEADER, *_commented(text)]) + "\n"


class _Dumper(CoreDumper):
    """Puts short mappings and lists on one line, and text with line breaks in quotes."""

    def ignore_aliases(self, data: object) -> bool:
        """Return that equal values are written out, each in its place."""
        del data
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(STRING, text, style=None if text.isprintable() else '"')


def _number(dumper: _Dumper, number: float) -> yaml.ScalarNode:
    kind, text = ("int", str(int(number))) if number.is_integer() else ("float", repr(number))
    return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", text)


def _mapping(dumper: _Dumper, values: dict[str, object]) -> yaml.MappingNode:
    ordered = {key: values[key] for key in sorted(values, key=lambda key: key != "name")}
    node = dumper.represent_mapping("tag:yaml.org,2002:map", ordered)
    node.flow_style = "." not in "".join(values) and _is_short(node)
    return node


def _list(dumper: _Dumper, values: list[object]) -> yaml.SequenceNode:
    node = dumper.represent_sequence("tag:yaml.org,2002:seq", values)
    has_mappings = any(isinstance(item, yaml.MappingNode) for item in node.value)
    node.flow_style = not has_mappings and _is_short(node)
    return node


_Dumper.add_representer(str, _text)
_Dumper.add_representer(float, _number)
_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(list, _list)


def _is_short(node: yaml.CollectionNode) -> bool:
    """Return whether everything in `node` can stand on one line."""
    return _inner_width(node) <= _LONGEST_LINE


def _inner_width(node: yaml.CollectionNode) -> float:
    """Return about how wide the contents of `node` are; infinite when they take many lines."""
    parts = [part for pair in node.value for part in (pair if isinstance(pair, tuple) else [pair])]
    return sum(_width(part) + 2 for part in parts)


def _width(node: yaml.Node) -> float:
    if isinstance(node, yaml.CollectionNode):
        return _inner_width(node) if node.flow_style else math.inf
    return len(node.value)


def _commented(text: str) -> Iterator[str]:
    """Yield the lines of `text` with comments above sections and settings."""
    section = ""
    for line in text.splitlines():
        key = line.partition(":")[0]
        if line[:1].isalpha():
            section = key
            if section in _ABOVE:
                yield ""
                yield f"# {_ABOVE[section]}"
        elif section == "settings":
            yield f"  # {_meaning(key.strip())}"
        yield line


def _meaning(setting: str) -> str:
    """Return what a global setting is for, with its unit."""
    schema = schema_at(("settings", setting))
    unit = unit_of(schema)
    text = " ".join(str(schema.get("description", setting)).split())
    return f"{text.rstrip('.')} ({unit})." if unit and unit not in {"share", "×"} else text
