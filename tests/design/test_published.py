"""The published schema and reference are what the code checks by."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from cloudlab.design import new_design
from cloudlab.design.published import field_tables, json_schema_text, publish, with_tables
from cloudlab.design.source import source_of
from tests.design.documents import SHIPPED, SOUND, changed

DOCS = Path(__file__).parents[2] / "docs"
RENEW = "run `python -m cloudlab.design docs` and look at what changed"

VALIDATOR = jsonschema.Draft202012Validator(json.loads(json_schema_text()))


def test_the_published_schema_is_current():
    """`docs/design.schema.json` is what the models say today."""
    assert (DOCS / "design.schema.json").read_text(encoding="utf-8") == json_schema_text(), RENEW


def test_the_tables_of_fields_are_current():
    """`docs/design.md` lists every field as it is today."""
    page = (DOCS / "design.md").read_text(encoding="utf-8")
    assert with_tables(page) == page, RENEW


def test_publishing_writes_both(tmp_path: Path):
    """What stands around the tables stays."""
    marks = "before\n<!-- fields: begin -->\nold\n<!-- fields: end -->\nafter\n"
    (tmp_path / "design.md").write_text(marks, encoding="utf-8")
    publish(tmp_path)
    page = (tmp_path / "design.md").read_text(encoding="utf-8")
    assert page.startswith("before\n<!-- fields: begin -->\n\n### The document\n")
    assert page.endswith("<!-- fields: end -->\nafter\n")
    assert "old\n" not in page
    assert (tmp_path / "design.schema.json").read_text(encoding="utf-8") == json_schema_text()


def test_the_schema_is_a_schema():
    """It keeps to the draft it names."""
    jsonschema.Draft202012Validator.check_schema(json.loads(json_schema_text()))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_designs_obey_the_schema(path: Path):
    """An editor shows no mistake in them."""
    VALIDATOR.validate(source_of(path.read_text(encoding="utf-8"), path.name).value)


def test_what_is_written_obeys_the_schema():
    """Neither in a new design, nor in the sound document of the tests."""
    text = new_design(network_type="Basic").with_settings({"ha.tag": "spare"}).to_yaml()
    VALIDATOR.validate(source_of(text, "new").value)
    VALIDATOR.validate(yaml.safe_load(SOUND))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cloud: test", "clout: test"),
        ("count: 4", "count: 0"),
        ("cpus: 16", "cpus: sixteen"),
        ("firstfit", "fistfit"),
        ("vm.allocation.algorithm: firstfit", "expunge_delay: 5"),
        ("{name: nfs, capacity_gib: 1024}", "{name: nfs}"),
        ("192.168.0.0/24", "192.168.0.0"),
    ],
)
def test_the_schema_finds_the_mistakes_of_single_fields(old: str, new: str):
    """Unknown names, wrong kinds, values out of range and missing fields show in an editor."""
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(source_of(changed(old, new), "d.yaml").value)


def test_every_field_has_a_meaning_and_every_quantity_a_unit():
    """The reference leaves nothing unexplained; what is named in a unit says the same unit."""
    units = {"_gib": "(GiB)", "_mib": "(MiB)", "mhz": "(MHz)", "_watts": "(W)"}
    rows = [line for line in field_tables().splitlines() if line.startswith("| `")]
    assert len(rows) > 120
    for row in rows:
        name, value, _, meaning = (cell.strip() for cell in row.strip("|").split("|"))
        assert meaning.endswith((".", "...")) or meaning, row
        assert value, row
        for ending, unit in units.items():
            if name.strip("`").endswith(ending):
                assert unit in value, row


def test_no_mark_of_ours_is_left_in_the_schema():
    """`unit` and `allowed` are our words; validators that are strict would refuse them."""
    text = json_schema_text()
    for word in ('"unit":', '"allowed":', '"default": null', "0.0.0.0"):
        assert word not in text
