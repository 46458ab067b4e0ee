"""Files that are not the YAML a design needs: one clear line each, and nothing unsafe."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudlab.design import read_design
from cloudlab.errors import InputError
from tests.design.documents import LEAST, SOUND, changed, complaint, read, written

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdef", "bcdefg", strict=True)
)

NOT_YAML = {
    "empty": ("", "d.yaml: empty; `cloudlab design new` writes a design to start from"),
    "only comments": ("# nothing\n", "d.yaml: empty;"),
    "a list": ("- 1\n", "d.yaml:1: not a design: it must have fields at the top"),
    "one word": ("hello\n", "d.yaml:1: not a design: it must have fields at the top"),
    "tab": ("zones:\n\t- name: z1\n", "d.yaml:2: a tab is used to indent; YAML wants spaces"),
    "open bracket": ("zones: [1, 2\n", "d.yaml:2: not YAML: while parsing a flow sequence"),
    "open quote": ("cloud: 'x\n", "not YAML: while scanning a quoted scalar"),
    "two colons": ("a: b: c\n", "d.yaml:1: not YAML: mapping values are not allowed here"),
    "no such anchor": ("cloud: *x\n", "d.yaml:1: not YAML: found undefined alias 'x'"),
    "two documents": ("a: 1\n---\nb: 2\n", "d.yaml:2: a second document begins; a design is one"),
    "a number for a name": ("1: 2\n", "d.yaml:1: the document has 1 as the name of a field"),
    "a list for a name": ("? [a]\n: 1\n", "has a list or mapping as the name of a field"),
    "an object of Python": (
        "cloud: !!python/object/apply:os.system [ls]\n",
        "d.yaml:1: cloud has the tag tag:yaml.org,2002:python/object/apply:os.system",
    ),
    "an unknown tag": ("cloud: !secret x\n", "d.yaml:1: cloud has the tag !secret"),
    "control character": ("cloud: a\x01b\n", "d.yaml: not YAML: unacceptable character"),
    "field twice": ("cloud: a\ncloud: b\n", "d.yaml:2: cloud is given twice, first on line 1"),
    "many laughs": (LAUGHS, "unfolds into too many values; use fewer aliases (*)"),
    "alias of itself": ("cloud: &a [*a]\n", "d.yaml:1: cloud is nested too deeply for a design"),
    "deep": ("cloud: " + "[" * 80 + "]" * 80 + "\n", "is nested too deeply for a design"),
    "very deep": ("cloud: " + "[" * 2_000, "d.yaml: nested too deeply for a design"),
    "merge of a number": ("cloud: {<<: 5}\n", "cloud has << before something that is no mapping"),
}


@pytest.mark.parametrize(("text", "words"), NOT_YAML.values(), ids=NOT_YAML)
def test_what_is_no_design_at_all_is_said_in_one_line(text: str, words: str):
    """Syntax errors, traps and other kinds of document get one line, with the line number."""
    message = complaint(text)
    assert words in message
    assert "\n" not in message


def test_a_missing_file_is_named(tmp_path: Path):
    """The message names the file and what writes one."""
    with pytest.raises(InputError, match=r"none.yaml: no such file; `cloudlab design new` writes"):
        read_design(tmp_path / "none.yaml")


def test_a_folder_is_no_file(tmp_path: Path):
    """Neither is a folder read."""
    with pytest.raises(InputError, match="cannot be read"):
        read_design(tmp_path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path):
    """A compressed or binary file is told apart from YAML."""
    path = tmp_path / "d.yaml"
    path.write_bytes(b"\x1f\x8b\x08\x00\xff\xfe")
    with pytest.raises(InputError, match="not text in UTF-8"):
        read_design(path)


def test_a_file_of_many_megabytes_is_not_even_parsed(tmp_path: Path):
    """Reading it would take minutes."""
    path = written(tmp_path, "# " + "x" * (17 * 1024 * 1024))
    with pytest.raises(InputError, match="larger than 16 MiB"):
        read_design(path)


def test_the_message_names_the_file_as_it_was_given(tmp_path: Path):
    """An editor finds `path:line`."""
    path = written(tmp_path, changed("count: 4", "count: 0"))
    with pytest.raises(InputError) as caught:
        read_design(path)
    assert str(caught.value).startswith(f"{path}:16: zones[0].pods[0]")


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path):
    """Editors on Windows write one."""
    path = tmp_path / "d.yaml"
    path.write_text(LEAST, encoding="utf-8-sig")
    assert read_design(path) == read(LEAST)


def test_words_of_old_yaml_stay_words():
    """`no` and `off` are text, and understood where a truth value or threshold is asked for."""
    text = changed("cloud: test", "cloud: no")
    text = changed("- name: z1", "- name: off\n  local_storage: yes", text)
    text = changed(
        "vm.allocation.algorithm: firstfit",
        "cluster.cpu.allocated.capacity.disablethreshold: off",
        text,
    )
    design = read(text)
    assert design.cloud == "no"
    assert design.zones[0].name == "off"
    assert design.zones[0].local_storage is True
    assert design.settings.cluster_cpu_allocated_capacity_disablethreshold == float("inf")


def test_equal_racks_are_written_once():
    """Anchors and merge keys work, and what is written beside `<<` wins."""
    text = """\
zones:
- pods:
  - clusters:
    - &rack
      name: c1
      hosts: [{count: 3, cpus: 4, mhz: 2000, ram_gib: 16}]
      primary_storage: [{capacity_gib: 100}]
    - {<<: *rack, name: c2}
    - {name: c3, <<: [{cpu_overcommit: 2}, *rack]}
"""
    clusters = read(text).zones[0].pods[0].clusters
    assert [cluster.name for cluster in clusters] == ["c1", "c2", "c3"]
    assert [cluster.hosts[0].count for cluster in clusters] == [3, 3, 3]
    assert [cluster.cpu_overcommit for cluster in clusters] == [None, None, 2.0]
    bad = text.replace("name: c2", "name: c1")
    assert "d.yaml:8: zones[0].pods[0].clusters[1].name is 'c1'" in complaint(bad)


def test_a_mistake_in_what_was_merged_points_to_where_it_is_written():
    """The line is that of the anchor, where it has to be mended."""
    text = changed("    - name: c1", "    - &rack\n      name: c1").replace("count: 4", "count: 0")
    text = text.replace(
        "    clusters:\n    - name: c2", "    clusters:\n    - <<: *rack\n      name: c2"
    )
    text = text.replace("      hosts: [{cpus: 16, mhz: 2400, ram_gib: 64}]\n", "")
    lines = complaint(text).split("\n")
    assert {line.split(": ")[0] for line in lines} == {"d.yaml:17"}


def test_sound_documents_are_sound():
    """The documents that the tests of mistakes start from have none."""
    for text in (SOUND, LEAST):
        read(text)
