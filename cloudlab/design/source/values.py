"""From YAML nodes to plain values, keeping the line of each; what is unsafe is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import yaml

from cloudlab.design.problems import Path, Problem, path_text
from cloudlab.design.source.core import MERGE, STRING, VALUES, Scalar
from cloudlab.errors import InputError

Value = Scalar | list["Value"] | dict[str, "Value"]

_MOST_VALUES: Final = 200_000
_DEEPEST: Final = 50
_COLLECTIONS: Final = {"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}


@dataclass(slots=True)
class Reading:
    """The values of one document, read node by node.

    Attributes:
        name: the file, for messages.
        lines: the line of every value, counted from 1.
        doubles: keys that are written twice in one mapping.
        count: values seen so far; aliases count every time they are used.
    """

    name: str
    lines: dict[Path, int] = field(default_factory=dict)
    doubles: list[Problem] = field(default_factory=list)
    count: int = 0

    def value(self, node: yaml.Node, path: Path = ()) -> Value:
        """Return the value of `node`, which stands at `path`.

        Raises:
            InputError: too many values (aliases of aliases), too deep, or an unknown tag.
        """
        self.count += 1
        if self.count > _MOST_VALUES:
            raise self._refused(node, path, "unfolds into too many values; use fewer aliases (*)")
        if len(path) > _DEEPEST:
            raise self._refused(node, path[:1], "is nested too deeply for a design")
        if isinstance(node, yaml.CollectionNode) and node.tag not in _COLLECTIONS:
            raise self._refused(node, path, f"has the tag {node.tag}; a design uses none")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._item(item, (*path, place)) for place, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _item(self, node: yaml.Node, path: Path) -> Value:
        self.lines[path] = _line(node)
        return self.value(node, path)

    def _scalar(self, node: yaml.Node, path: Path) -> Scalar:
        made = VALUES.get(node.tag)
        if made is None or not isinstance(node.value, str):
            raise self._refused(node, path, f"has the tag {node.tag}; a design uses none")
        return made(node.value)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Value]:
        result: dict[str, Value] = {}
        for key_node, value_node in node.value:
            if key_node.tag == MERGE:
                result = {**self._merged(value_node, path), **result}
        written: set[str] = set()
        for key_node, value_node in node.value:
            if key_node.tag == MERGE:
                continue
            key = self._key(key_node, path)
            if key in written:
                self.doubles.append(self._double((*path, key)))
            written.add(key)
            self.lines[*path, key] = _line(key_node)
            result[key] = self.value(value_node, (*path, key))
        return result

    def _merged(self, node: yaml.Node, path: Path) -> dict[str, Value]:
        """Return what `<<: *anchor` or `<<: [*one, *other]` brings; the first one wins."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        result: dict[str, Value] = {}
        for part in reversed(nodes):
            value = self.value(part, path)
            if not isinstance(value, dict):
                raise self._refused(node, path, "has << before something that is no mapping")
            result.update(value)
        return result

    def _key(self, node: yaml.Node, path: Path) -> str:
        if not isinstance(node, yaml.ScalarNode) or node.tag != STRING:
            shown = node.value if isinstance(node, yaml.ScalarNode) else "a list or mapping"
            raise self._refused(node, path, f"has {shown} as the name of a field; write a word")
        return str(node.value)

    def _double(self, path: Path) -> Problem:
        return Problem(path, f"is given twice, first on line {self.lines[path]}; keep one")

    def _refused(self, node: yaml.Node, path: Path, message: str) -> InputError:
        where = path_text(path) or "the document"
        return InputError(f"{self.name}:{_line(node)}: {where} {message}")


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
